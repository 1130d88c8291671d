"""Shares of groups in a table, against each other and against reference shares such as those of the people served."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from rai.checks.contract import Group, InputError, Measure
from rai.engine.cube import Cube, Table
from rai.engine.judging import Figure, proportion

CLOSE_TO_ONE = 0.01


@dataclass(frozen=True)
class Shares:
    """The share of every named group among rows whose group is known (weights count), on an effective size.

    `expected` holds reference shares by group value, empty where none were given for this grouping.
    """

    table: Table
    expected: Mapping[str, float]
    sums: np.ndarray
    size: float
    rows: float

    @property
    def total(self) -> float:
        """The weight of all rows whose group is known."""
        return float(self.sums[~self.table.unnamed].sum())

    @property
    def unnamed_share(self) -> float:
        """The share of rows whose group is missing."""
        return float(self.sums[self.table.unnamed].sum() / max(self.sums.sum(), 1e-300))

    def figure(self, place: int) -> Figure:
        """The share of one group; of rows without a group the share of all rows, never judged."""
        about, is_unnamed = self.table.named(place), bool(self.table.unnamed[place])
        total = float(self.sums.sum()) if is_unnamed else self.total
        reason = "missing_values" if is_unnamed else None
        return proportion(about, float(self.sums[place] / total), round(self.rows), self.size, reason=reason)

    def figures(self) -> list[Figure]:
        """All shares of named groups, and of those that only the reference names."""
        named = [self.figure(place) for place in range(len(self.table)) if not self.table.unnamed[place]]
        return named + [proportion(self.about(name), 0.0, round(self.rows), self.size) for name in self.missing_names()]

    def gaps(self) -> list[Figure]:
        """|share − reference share| of every group of the reference; groups that it does not name are not judged."""
        return [absolute(each, self.expected.get(self.key(each.about))) for each in self.figures()]

    def key(self, about: Group) -> str:
        """The value by which reference shares name a group of one column."""
        return next(iter(about.values()), "")

    def about(self, name: str) -> dict[str, str]:
        """A group that only the reference names."""
        return {self.table.by[0]: name}

    def missing_names(self) -> list[str]:
        """Groups that the reference names and no row has."""
        return sorted(set(self.expected) - {group[0] for group in self.table.groups}) if self.expected else []

    def measures(self, place: int, z: float) -> dict[str, Measure]:
        """Share, class imbalance and, with reference shares, the gap to it, of one group."""
        return measures_of(self.figure(place), self.expected.get(self.key(self.table.named(place))), z)

    def absent(self, z: float) -> list[tuple[Group, dict[str, Measure]]]:
        """Groups without rows and their shares."""
        figures = [
            (name, proportion(self.about(name), 0.0, round(self.rows), self.size)) for name in self.missing_names()
        ]
        return [(each.about, measures_of(each, self.expected[name], z)) for name, each in figures]


def measures_of(figure: Figure, expected: float | None, z: float) -> dict[str, Measure]:
    """CI = (n_a − n_d)/(n_a + n_d) = 1 − 2·share, so that its limits are those of the share (Clarify, class imbalance)."""
    share = figure.measure(z)
    value, low, high = (float(end or 0.0) for end in (share.value, share.low, share.high))
    found = {"share": share, "class_imbalance": moved(share, 1 - 2 * value, 1 - 2 * high, 1 - 2 * low)}
    if expected is not None:
        found["share_expected"] = Measure(expected, None, None, "given", 0)
        found["share_gap"] = moved(share, value - expected, low - expected, high - expected)
    return found


def moved(share: Measure, value: float, low: float, high: float) -> Measure:
    """A measure that is a straight line of the share."""
    return Measure(value, low, high, share.method, share.n, share.n_effective, evaluable=share.evaluable)


def absolute(figure: Figure, expected: float | None) -> Figure:
    """The size of the gap between a share and its reference."""
    if expected is None or figure.value is None:
        return Figure(figure.about, None, figure.limits, figure.n, figure.method, "no_reference")
    known = expected

    def limits(z: float) -> tuple[float, float]:
        low, high = figure.limits(z)
        return max(low - known, known - high, 0.0), max(high - known, known - low)

    return Figure(figure.about, abs(figure.value - known), limits, figure.n, figure.method, figure.reason)


def shares_of(table: Table, expected: Mapping[str, float]) -> Shares:
    """The shares of a table's groups; with sampling weights on Kish's effective size (Kish 1965)."""
    sums = (table.weight if table.weight_kind else table.rows).sum(axis=(1, 2))
    named = ~table.unnamed
    rows = float((sums if table.weight_kind == "frequency" else table.rows.sum(axis=(1, 2)))[named].sum())
    if rows == 0:
        raise InputError("No row names its group in {by}; choose another column.", by=", ".join(table.by))
    squares = float(table.square[named].sum())
    size = float(sums[named].sum()) ** 2 / squares if table.weight_kind == "sampling" and squares else rows
    return Shares(table, expected, sums, size, rows)


def expected_of(expected: Mapping[str, Mapping[str, float]], by: tuple[str, ...]) -> Mapping[str, float]:
    """Reference shares of a grouping; only single columns have them."""
    return expected.get(by[0], {}) if len(by) == 1 else {}


def check_expected(cube: Cube, expected: Mapping[str, Mapping[str, float]]) -> None:
    """Refuse reference shares of other columns, outside [0, 1], or that do not add up to 1."""
    for column, shares in expected.items():
        if column not in cube.mapped.sensitive:
            raise InputError(
                'Reference shares name "{column}", which is not among the columns that make groups.', column=column
            )
        wrong = next((name for name, share in shares.items() if not 0 <= share <= 1), None)
        if wrong is not None:
            raise InputError(
                "The reference share of {column}={wrong} is {shares}; shares lie between 0 and 1.",
                column=column,
                wrong=wrong,
                shares=f"{shares[wrong]:g}",
            )
        total = sum(shares.values())
        if abs(total - 1) > CLOSE_TO_ONE:
            raise InputError(
                'The reference shares of "{column}" add up to {total}, not to 1; name every group.',
                column=column,
                total=f"{total:g}",
            )


def read_shares(text: str) -> dict[str, dict[str, float]]:
    """Reference shares as a person writes them: `sex: female=0.51, male=0.49; region: north=0.2, south=0.8`.

    Raises InputError that names the part which cannot be read.
    """
    found: dict[str, dict[str, float]] = {}
    for part in filter(None, (each.strip() for each in text.split(";"))):
        column, colon, groups = part.rpartition(":")
        if not colon or not column.strip():
            raise InputError('"{part}" names no column; write sex: female=0.51, male=0.49.', part=part)
        found[column.strip()] = dict(read_share(each) for each in groups.split(","))
    return found


def read_share(text: str) -> tuple[str, float]:
    """One group and its share."""
    name, _equals, number = text.rpartition("=")
    try:
        return name.strip(), float(number)
    except ValueError as error:
        raise InputError(
            '"{strip}" is no share; write the group, = and a number, such as female=0.51.', strip=text.strip()
        ) from error
