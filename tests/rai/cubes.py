"""Count cubes made by hand, for tests of what is computed on them."""

import json
from pathlib import Path

from rai.engine.cube import Cell, Cube, Mapped

FIXTURES = Path(__file__).parent / "fixtures"


def cube_of(counts, *, sensitive=("g",), control=(), **mapped):
    """A cube from (values, label, prediction, rows) tuples; values is one text or a tuple of them."""
    cells = []
    for values, label, prediction, rows in counts:
        values = (values,) if isinstance(values, str) else tuple(values)
        cells.append(Cell(values, label, prediction, rows, float(rows), float(rows)))
    columns = Mapped("y", "yhat", tuple(sensitive), tuple(control), **mapped)
    return Cube(columns, sum(cell.rows for cell in cells), tuple(cells))


def selected(*groups):
    """A cube of groups with x selected of n rows, all with label 0: selection and false positive rates are x/n."""
    names = [f"g{place:04}" for place in range(len(groups))]
    counts = [(name, 0, 1, x) for name, (x, _) in zip(names, groups)]
    counts += [(name, 0, 0, n - x) for name, (x, n) in zip(names, groups)]
    return cube_of(counts)


def compas(*races):
    """ProPublica's counts, of all groups or of these."""
    rows = json.loads((FIXTURES / "compas_counts.json").read_text())["counts"]
    return cube_of([row for row in rows if not races or row[0] in races], sensitive=("race",))


def rows_of(cube):
    """The cube's complete rows one by one: group values, label, prediction."""
    return [
        (cell.values, cell.label, cell.prediction)
        for cell in cube.cells
        if cell.label is not None and cell.prediction is not None
        for _ in range(cell.rows)
    ]
