"""Books of scores and tables of rows made by hand, for tests of what is computed on them."""

import numpy as np

from rai.engine.rows import Asked, Rows
from rai.engine.scores import book


def rows_of(label, score, groups=None, *, positive="1", missing=None):
    """Rows from arrays; `groups` maps a column to the texts of its rows."""
    groups = groups or {}
    values = {name: tuple(sorted({str(text) for text in texts})) for name, texts in groups.items()}
    codes = {
        name: np.searchsorted(np.array(values[name]), np.array(texts, dtype=str)).astype(np.int32)
        for name, texts in groups.items()
    }
    asked = Asked("y", "s", tuple(groups), positive)
    return Rows(asked, np.asarray(label, float), np.asarray(score, float), codes, values, missing or {})


def book_of(label, score, groups=None, *, positive="1", intersections=1, searched=2, missing=None):
    """A book from arrays."""
    return book(
        rows_of(label, score, groups, positive=positive, missing=missing),
        intersections=intersections,
        searched=searched,
    )


def drawn(generator, rows=2_000, groups=("a", "b", "c")):
    """Labels, scores of some quality and groups, drawn at random."""
    score = generator.random(rows)
    if generator.random() < 0.5:
        score = np.round(score, int(generator.integers(1, 4)))
    label = (generator.random(rows) < score ** generator.uniform(0.5, 2)).astype(float)
    return label, score, np.array(groups)[generator.integers(len(groups), size=rows)]
