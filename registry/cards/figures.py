"""Numbers as a card writes them: one line a figure, with its interval, its group and the run that it comes from."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

# So many lines of a run stand in what is exported, and so many where people read.
MOST: Final = 60
SHOWN: Final = 6
DIGITS: Final = 4
NUMBER: Final = r"[-+]?\d+(?:\.\d+)?(?:[eE][-+]?\d+)?"
LINE: Final = re.compile(
    rf"(?:\[(?P<slice>[^\]\n]+)\] )?(?P<name>[^=\n\[\]]+?) = (?P<value>{NUMBER})"
    rf"(?: \((?P<low>{NUMBER})–(?P<high>{NUMBER})\))?(?P<rest>(?:[,;] .*)?)"
)


@dataclass(frozen=True)
class Figure:
    """A number of a metric; the texts are kept as they were written. `rest` is what follows, such as the source."""

    name: str
    value: str
    low: str = ""
    high: str = ""
    slice: str = ""
    rest: str = ""

    def __str__(self) -> str:
        group = f"[{self.slice}] " if self.slice else ""
        interval = f" ({self.low}–{self.high})" if self.low and self.high else ""
        return f"{group}{self.name} = {self.value}{interval}{self.rest}"


def read_line(line: str) -> Figure | None:
    """The figure that a line holds, or None for other text."""
    found = LINE.fullmatch(line)
    if found is None:
        return None
    parts = {name: text or "" for name, text in found.groupdict().items()}
    return Figure(**parts) if parts["name"].strip() == parts["name"] else None


def of_outcome(outcome: dict[str, Any], *, by_group: bool) -> list[Figure]:
    """The figures of a check's outcome: over all rows, or of every group."""
    if by_group:
        rows = outcome.get("groups") or outcome.get("slices") or ()
        return [figure for row in rows if isinstance(row, dict) for figure in of_row(row, named(row.get("group")))]
    return list(of_row(outcome.get("overall") or {}, ""))


def of_row(row: Any, group: str) -> Iterator[Figure]:
    """The figures of one row of an outcome; what could not be computed is left out."""
    metrics = row.get("metrics") if isinstance(row, dict) else None
    for name, measure in (metrics if isinstance(metrics, dict) else {}).items():
        if isinstance(measure, dict) and measure.get("value") is not None:
            low, high, n = measure.get("low"), measure.get("high"), measure.get("n")
            yield Figure(
                name=str(name),
                value=shown(measure["value"]),
                low=shown(low) if low is not None and high is not None else "",
                high=shown(high) if low is not None and high is not None else "",
                slice=group,
                rest=f", n = {n}" if n is not None else "",
            )


def judged(outcome: dict[str, Any]) -> list[str]:
    """One line a rule, those that were not kept first: the limit, what was seen, the verdict."""
    rules = [rule for rule in outcome.get("thresholds") or () if isinstance(rule, dict)]
    rules.sort(key=lambda rule: rule.get("verdict") == "pass")
    return [line for line in (judged_line(rule) for rule in rules) if line]


def judged_line(rule: dict[str, Any]) -> str:
    """A rule with its value and interval."""
    name, verdict = str(rule.get("rule", "")), str(rule.get("verdict", ""))
    value, low, high = rule.get("value"), rule.get("low"), rule.get("high")
    seen = "" if value is None else f": {shown(value)}"
    interval = f" ({shown(low)}–{shown(high)})" if seen and low is not None and high is not None else ""
    return f"{name}{seen}{interval}{f', {verdict}' if verdict else ''}" if name else ""


def shown(value: Any) -> str:
    """A number to four significant digits, the same in every language, so that it reads and compares everywhere."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return str(value)
    return str(value) if isinstance(value, int) else f"{value:.{DIGITS}g}"


def named(group: Any) -> str:
    """A group as `column=value, …`."""
    if not isinstance(group, dict):
        return ""
    return ", ".join(f"{column}={value}" for column, value in group.items()).replace("[", "(").replace("]", ")")
