"""What every check hands back: measures, comparisons, thresholds and the outcome with its digest."""

import hashlib
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields, is_dataclass, replace
from typing import Any, Literal

import rfc8785

from rai.checks.saying import InputError as InputError

Verdict = Literal["pass", "fail", "insufficient", "recorded"]
Group = Mapping[str, str]

SAFE_INTEGER = 2**53 - 1
DIGITS = 12
# Marks fields that are left out of the JSON when they are None.
OPTIONAL: Mapping[str, bool] = {"optional": True}


@dataclass(frozen=True)
class Measure:
    """One estimate with its interval: `low` and `high` at the confidence of the run, null where undefined.

    `n` counts rows of the metric's own denominator, `n_effective` stands only where weights or clusters change it.
    """

    value: float | None
    low: float | None
    high: float | None
    method: str
    n: int
    n_effective: float | None = field(default=None, metadata=OPTIONAL)
    reason: str | None = field(default=None, metadata=OPTIONAL)
    evaluable: bool | None = field(default=None, metadata=OPTIONAL)
    worst_case: tuple[float, float] | None = field(default=None, metadata=OPTIONAL)


@dataclass(frozen=True)
class Counts:
    """Rows by label and prediction."""

    tp: int
    fp: int
    fn: int
    tn: int


@dataclass(frozen=True)
class Missing:
    """Rows without label or prediction, and their share of the group's rows."""

    rows: int
    share: float


@dataclass(frozen=True)
class GroupResult:
    """Every metric of one group of one grouping `by`, in one control stratum where control columns are used."""

    by: tuple[str, ...]
    group: Group
    n: int
    counts: Counts
    metrics: Mapping[str, Measure]
    evaluable: bool
    missing: Missing
    control: Group | None = field(default=None, metadata=OPTIONAL)


@dataclass(frozen=True)
class Overall:
    """Every metric over all complete rows, or over those of one control stratum."""

    n: int
    counts: Counts
    metrics: Mapping[str, Measure]
    missing: Missing
    control: Group | None = field(default=None, metadata=OPTIONAL)


@dataclass(frozen=True)
class Equality:
    """A test that all groups share one value; shown, never decides."""

    test: str
    statistic: float | None
    degrees: int
    p: float | None
    approximate: bool


@dataclass(frozen=True)
class Pair:
    """One group against the reference."""

    group: Group
    reference: Group
    difference: Measure
    ratio: Measure
    p: float | None
    p_adjusted: float | None


@dataclass(frozen=True)
class Disparity:
    """How one metric differs between the groups of one grouping; small groups included."""

    by: tuple[str, ...]
    metric: str
    difference: float | None
    ratio: float | None
    lowest: Group | None
    highest: Group | None
    reference: Group | None
    equality: Equality
    pairs: tuple[Pair, ...]
    control: Group | None = field(default=None, metadata=OPTIONAL)


@dataclass(frozen=True)
class GroupRows:
    """A number of rows of one group."""

    group: Group
    n: int


@dataclass(frozen=True)
class RowsNeeded:
    """How many further rows of the same mix would probably settle an insufficient entry; null with the reason."""

    rows: int | None
    by_group: tuple[GroupRows, ...]
    chance_to_settle: float
    reason: str | None


@dataclass(frozen=True)
class LeftOut:
    """A group that was not judged, its rows and why."""

    group: Group
    n: int
    reason: str


@dataclass(frozen=True)
class Worst:
    """The pair that decides; `versus` is empty where a group is held against a limit or against all others."""

    group: Group
    versus: Group


@dataclass(frozen=True)
class Threshold:
    """One rule judged for one grouping (and control stratum)."""

    rule: str
    value: float | None
    low: float | None
    high: float | None
    verdict: Verdict
    by: tuple[str, ...]
    comparison: str
    comparisons: int
    groups: int
    attempt: int
    error_per_side: float
    worst: Worst | None
    chance: float | None
    left_out: tuple[LeftOut, ...]
    left_out_share: float
    reasons: tuple[str, ...]
    rows_needed: RowsNeeded | None
    smallest: int | None = None
    control: Group | None = field(default=None, metadata=OPTIONAL)


@dataclass(frozen=True)
class Dropped:
    """Rows that could not be used, and why."""

    reason: str
    rows: int


@dataclass(frozen=True)
class Outcome:
    """The result of a check in the frame that all checks share; `parts` holds what is the check's own.

    `timings` (seconds) is left out of the digest.
    """

    check: str
    version: str
    rows: int
    dropped: tuple[Dropped, ...]
    parameters: Mapping[str, Any]
    parts: Mapping[str, Any]
    thresholds: tuple[Threshold, ...]
    verdict: Verdict
    data: str = ""
    environment: Mapping[str, Any] = field(default_factory=dict)
    timings: Mapping[str, float] = field(default_factory=dict)

    def bound(self, *, data: str, environment: Mapping[str, Any], timings: Mapping[str, float]) -> "Outcome":
        """The same outcome bound to the digest of its data and to the environment it was computed in."""
        return replace(self, data=data, environment=environment, timings={**self.timings, **timings})

    @property
    def digest(self) -> str:
        """`sha256:` over everything but the timings, in canonical form."""
        return digest_of_value(self.content())

    def content(self) -> dict[str, Any]:
        """The JSON object without digest and timings, in the order of the published frame."""
        inputs = {"data": self.data, "parameters": self.parameters}
        head = {"check": self.check, "version": self.version, "rows": self.rows, "dropped": self.dropped}
        tail = {"thresholds": self.thresholds, "verdict": self.verdict}
        return plain({**head, "inputs": inputs, "environment": self.environment, **self.parts, **tail})

    def to_json(self) -> dict[str, Any]:
        """The whole JSON object that is printed, stored and shown."""
        content = self.content()
        digest = digest_of_plain(content)
        head = {key: content.pop(key) for key in ("check", "version", "rows", "dropped")}
        return {**head, "digest": digest, **content, "timings": plain(self.timings)}


def looked(looks: int | None) -> dict[str, int]:
    """How many looks a year share the budget, as a parameter of the outcome; nothing outside monitoring."""
    return {} if looks is None else {"looks": looks}


def verdict_of(thresholds: Sequence[Threshold]) -> Verdict:
    """Fail if any rule fails, else insufficient if any is, else pass; recorded where no rule was given."""
    verdicts = {threshold.verdict for threshold in thresholds}
    order: tuple[Verdict, ...] = ("fail", "insufficient", "pass")
    return next((verdict for verdict in order if verdict in verdicts), "recorded")


def plain(value: Any) -> Any:
    """Dataclasses, mappings and tuples as JSON values; a NaN or an infinity is a defect and raises ValueError."""
    if is_dataclass(value) and not isinstance(value, type):
        return {key: plain(inner) for key, inner in shown_fields(value)}
    if isinstance(value, Mapping):
        return {str(key): plain(inner) for key, inner in value.items()}
    if isinstance(value, tuple | list):
        return [plain(inner) for inner in value]
    if isinstance(value, float) and not math.isfinite(value):
        raise ValueError("an outcome holds no NaN and no infinity; undefined values are null with a reason")
    return value


def shown_fields(value: Any) -> list[tuple[str, Any]]:
    """Names and values of a dataclass, without optional ones that are None."""
    pairs = [(each, getattr(value, each.name)) for each in fields(value)]
    return [(each.name, inner) for each, inner in pairs if inner is not None or not each.metadata.get("optional")]


def stable(value: Any) -> Any:
    """The value with numbers as decimal strings of 12 significant digits, so that last bits never change a digest."""
    if isinstance(value, dict):
        return {key: stable(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [stable(inner) for inner in value]
    if isinstance(value, float):
        return f"{value + 0.0:.{DIGITS}g}"
    if isinstance(value, int) and abs(value) > SAFE_INTEGER:
        return str(value)
    return value


def digest_of_value(value: Any) -> str:
    """`sha256:` and the hex SHA-256 of the RFC 8785 bytes of the value's stable form."""
    return digest_of_plain(plain(value))


def digest_of_plain(value: Any) -> str:
    """The same of a value that is JSON already: an outcome of many groups is large, and walking it once is enough."""
    return "sha256:" + hashlib.sha256(rfc8785.dumps(stable(value))).hexdigest()


def outward(low: float, high: float, *, digits: int) -> tuple[str, str]:
    """An interval for print, low rounded down and high rounded up, so that print never contradicts the verdict."""
    scale = 10**digits
    return f"{math.floor(low * scale) / scale:.{digits}f}", f"{math.ceil(high * scale) / scale:.{digits}f}"
