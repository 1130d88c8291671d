"""What the values of target and prediction mean: positive, negative or missing, and what is said of all others."""

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable

from rai.checks.saying import InputError, Said
from rai.engine.places import rows_of
from rai.engine.sources import listed

MISSING_LABELS = {"", "nan", "null", "none", "na", "n/a", "<na>", "nat"}
TRUTH = {"true": "1", "false": "0"}
WHOLE = re.compile(r"^([+-]?\d+)\.0*$")

# Column and label → in which row the label stands first, in words.
Place = Callable[[str, str], Said | str]


def canonical(text: str | None) -> str | None:
    """One spelling a label: `1.0` and `true` are `1`; None where nothing is said."""
    if text is None or text.strip().lower() in MISSING_LABELS:
        return None
    text = TRUTH.get(text.strip().lower(), text.strip())
    whole = WHOLE.match(text)
    return whole[1] if whole else text


def check_labels(found: Iterable[tuple[str, str | None, int]], *, positive: str, label: str, place: Place) -> None:
    """Refuse labels that are not binary: `found` holds (column, canonical value, rows); None is missing.

    Raises InputError that names the column, the values and in how many rows they stand.
    """
    by_column: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for column, value, rows in found:
        if value is not None:
            by_column[column][value] += rows
    for column, values in by_column.items():
        check_column(column, values, positive=positive, label=label, place=place)
    others = {value for values in by_column.values() for value in values if value != positive}
    if len(others) > 1:
        each = " and ".join(f'"{column}" holds {shown(values)}' for column, values in by_column.items())
        raise InputError(
            "The columns of {label} do not speak of the same two labels: {each}. Write them alike.",
            label=label,
            each=each,
        )


def check_column(column: str, values: Counter[str], *, positive: str, label: str, place: Place) -> None:
    """At most two labels, one of them the positive one or all of them its plain opposite."""
    if len(values) > 2:
        raise InputError(
            'Column "{column}" of {label} holds {values} different labels: {shown}.{stands} Two are needed; '
            "if they are scores, predict by a cut-off such as '{column}>=0.5'.",
            column=column,
            label=label,
            values=f"{len(values):,}",
            shown=shown(values),
            stands=stands(column, values, place),
        )
    if positive not in values and set(values) != {"0"} and set(values) != {"-1"}:
        raise InputError(
            'Column "{column}" of {label} holds {shown} and never the positive label "{positive}". Name one '
            "of them as the positive value (measure: --positive).",
            column=column,
            label=label,
            shown=shown(values),
            positive=positive,
        )


def stands(column: str, values: Counter[str], place: Place) -> Said | str:
    """Where the rarest label stands first: most likely it is the one that should not be there."""
    rarest = ranked(values)[-1][0]
    row = place(column, rarest)
    return Said(' "{value}" stands first in {row}.', value=rarest, row=row) if row else ""


def ranked(values: Counter[str]) -> list[tuple[str, int]]:
    """Values with their rows, most frequent first; equally frequent ones in order of text, since a table's rows have none."""
    return sorted(values.items(), key=lambda item: (-item[1], item[0]))


def shown(values: Counter[str]) -> str:
    """Values with their rows, most frequent first."""
    texts = [f'"{value}" ({rows_of(rows)})' for value, rows in ranked(values)[:5]]
    more = [f"{len(values) - 5:,} more"] if len(values) > 5 else []
    return ", ".join([*texts, *more])


def too_many(column: str, values: Iterable[object], label: str) -> InputError:
    """The sentence for a column that holds scores or texts where labels are due."""
    return InputError(
        'Column "{column}" of {label} holds many different values such as {listed}. Two labels are '
        "needed; if they are scores, predict by a cut-off such as '{column}>=0.5'.",
        column=column,
        label=label,
        listed=listed(list(values), most=4),
    )
