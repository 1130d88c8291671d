"""Cells of a summary that may be shown: whatever looks like personal data is named by its kind instead."""

from collections.abc import Iterable

from rai.engine.personal.detectors import BY_PATTERN, hidden
from rai.engine.personal.rules import named_kind, rules

# A date is one of birth where its column says so; everywhere else it is a date.
ANYWHERE = frozenset(kind.slug for kind in BY_PATTERN if not kind.beside_names)


def shown(column: str, values: Iterable[str], *, distinct: int) -> tuple[str, ...]:
    """Values of a column as a page may show them, in their order, each once.

    Whole cells of a column whose name says that it holds people's data (and that has more different values, `distinct`, than
    codes have), and else what a cell's pattern and check digits say.
    """
    named = named_kind(column)
    if named and distinct > rules().most_codes:
        return (f"[masked: {named}]",)
    kinds = ANYWHERE | {named}
    return tuple(dict.fromkeys(hidden(value, kinds=kinds) for value in values))
