"""From rows of counts to the cells of a cube, whichever engine counted them: one spelling a value, labels checked."""

import math
import re
from collections.abc import Iterator, Sequence

from rai.checks.saying import InputError, Said
from rai.engine.cube import MISSING, Cell, Mapped
from rai.engine.labels import Place, canonical, check_labels
from rai.engine.places import rows_of

NOT_A_NUMBER = re.compile(r"^[+-]?(nan|inf|infinity)$", re.IGNORECASE)

Row = tuple


def check_group_values(mapped: Mapped, rows: Sequence[Row], *, label: str, place: Place) -> None:
    """Refuse NaN and infinity as groups: they are failed computations, not people."""
    for spot, name in enumerate(mapped.keys):
        broken = {text for text in {row[spot] for row in rows} if text and NOT_A_NUMBER.match(text)}
        if broken:
            found = [(row[spot], row[len(mapped.keys) + 2]) for row in rows if row[spot] in broken]
            row = place(name, found[0][0])
            first = f", first in {row}" if row else ""
            raise InputError(
                'Group column "{name}" of {label} holds {found} in {rows_of}{first}; leave the field empty where '
                "the value is unknown.",
                name=name,
                label=label,
                found=found[0][0],
                rows_of=rows_of(sum((n for _, n in found))),
                first=first,
            )


def merged(rows: Sequence[Row], mapped: Mapped, *, label: str, place: Place, is_cut: bool) -> tuple[Cell, ...]:
    """Cells summed over the spellings of one value; labels checked to be binary.

    A row of counts is the texts of the group columns, label, prediction, n and, with weights, Σw and Σw². `label` names
    the table in messages, and `place` says where in it a text of a column stands first.
    """
    check_group_values(mapped, rows, label=label, place=place)
    width = len(mapped.keys)
    positive = canonical(mapped.positive)
    if positive is None:
        raise InputError("The positive label cannot be empty; name it with --positive.")
    found = list(labelled(rows, mapped, positive, label=label, place=place, is_cut=is_cut))
    sums: dict[tuple, list[list[float]]] = {}
    for row, (truth, guess) in zip(rows, found, strict=True):
        values = tuple(value if value and value.strip() else MISSING for value in row[:width])
        n = row[width + 2]
        weight, square = (row[width + 3], row[width + 4]) if mapped.weight else (n, n)
        sums.setdefault((values, truth, guess), []).append([n, weight, square])
    cells = [(key, [math.fsum(column) for column in zip(*parts, strict=True)]) for key, parts in sums.items()]
    ordered = sorted(cells, key=lambda cell: str(cell[0]))
    return tuple(
        Cell(values, truth, guess, int(n), weight, square) for (values, truth, guess), (n, weight, square) in ordered
    )


def labelled(
    rows: Sequence[Row], mapped: Mapped, positive: str, *, label: str, place: Place, is_cut: bool
) -> Iterator[tuple[int | None, int | None]]:
    """Label and prediction of each row of counts as 1, 0 or None."""
    width = len(mapped.keys)
    texts = {text for row in rows for text in row[width : width + 2]}
    spelled = {text: canonical(text) for text in texts}
    truths = [spelled[row[width]] for row in rows]
    guesses = [spelled[row[width + 1]] for row in rows]
    found = [(mapped.target, truth, row[width + 2]) for truth, row in zip(truths, rows, strict=True)]
    if not is_cut:
        found += [(mapped.prediction, guess, row[width + 2]) for guess, row in zip(guesses, rows, strict=True)]
    check_labels(found, positive=positive, label=label, place=finder(place, mapped, rows))
    for truth, guess in zip(truths, guesses, strict=True):
        yield binary(truth, positive), binary(guess, "1" if is_cut else positive)


def finder(place: Place, mapped: Mapped, rows: Sequence[Row]) -> Place:
    """Finds the first row of a label by one of its spellings in the file."""
    width = len(mapped.keys)
    spots = {mapped.prediction: width + 1, mapped.target: width}

    def spelled(column: str, value: str) -> Said | str:
        return place(column, next(row[spots[column]] for row in rows if canonical(row[spots[column]]) == value))

    return spelled


def binary(value: str | None, positive: str) -> int | None:
    """1 for the positive label, 0 for the other, None for a missing one."""
    return None if value is None else int(value == positive)
