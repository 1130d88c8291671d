"""The figures of a version beside those of the release before it: each with the difference and its interval, none judged."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from django.utils.translation import gettext as _

from rai.catalogue import CHECKS
from rai.figures.lines import SHOWN, group_name, metric_label
from rai.figures.sheets import Cell, Sheet
from registry.models import Evidence, ModelVersion, Release
from registry.release_gates import newest_evidence

MOST_GROUPS: Final = 12
# What decides whether two runs measured the same thing.
SAME: Final = ("kind", "target", "prediction", "score", "positive", "sensitive")


@dataclass(frozen=True)
class Regression:
    """The release before, and a table for each check that both were measured by."""

    release: Release
    sheets: tuple[Sheet, ...]


def against_previous(version: ModelVersion) -> Regression | None:
    """The comparison with the release before; None where there is none."""
    release = previous_release(version)
    if release is None:
        return None
    before = {row.check_slug: row for row in release.evidence.all() if row.check_slug}
    pairs = [(before[row.check_slug], row) for row in newest_evidence(version) if row.check_slug in before]
    return Regression(release, tuple(sheet for one, other in pairs if (sheet := sheet_of(one, other)) is not None))


def previous_release(version: ModelVersion) -> Release | None:
    """The newest release of the same model for the home system that was published before this version's own."""
    rows = Release.objects.filter(
        system=version.home_system, version__model=version.model_id, published_at__isnull=False
    ).exclude(version=version)
    own = Release.objects.filter(system=version.home_system, version=version, published_at__isnull=False).first()
    rows = rows.filter(published_at__lt=own.published_at) if own else rows
    return rows.select_related("version__model").order_by("-published_at").first()


def sheet_of(before: Evidence, now: Evidence) -> Sheet | None:
    """The table of one check; None where it has no figures that two runs can share."""
    head = (_("Figure"), _("Release before"), _("This version"), _("Difference, with interval"), _("What can be said"))
    same_rows = data_of(before) == data_of(now)
    rows = tuple(
        (name, (Cell(head[1], measure=old), Cell(head[2], measure=new), *difference_cells(old, new, head, same_rows)))
        for name, old, new in shared(before.outcome, now.outcome)
    )
    if not rows:
        return None
    label = CHECKS[now.check_slug].label if now.check_slug in CHECKS else now.check_slug
    return Sheet(caption(str(label), before, now, same_rows=same_rows), head, rows)


def caption(label: str, before: Evidence, now: Evidence, *, same_rows: bool) -> str:
    """Which check, on which rows, and what the reader must know of the comparison."""
    if asked_of(before) != asked_of(now):
        return _("%s. The two runs were asked with other columns: read the figures with that in mind.") % label
    if same_rows:
        return _("%s, both on the very same rows: the intervals of a difference would need the rows in pairs.") % label
    return _("%s, on different rows: intervals of differences at 95 %% (MOVER).") % label


def data_of(row: Evidence) -> str:
    """The digest of the rows."""
    return str(row.outcome.get("inputs", {}).get("data", ""))


def asked_of(row: Evidence) -> dict[str, Any]:
    """The columns that a run was asked with."""
    given = row.outcome.get("inputs", {}).get("parameters", {})
    return {name: given.get(name) for name in SAME}


def shared(before: dict[str, Any], now: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any], dict[str, Any]]]:
    """Name, earlier and present value of every figure that both outcomes hold, over all rows first, then by group."""
    old, new = metrics_of(before.get("overall")), metrics_of(now.get("overall"))
    yield from ((metric_label(name), old[name], new[name]) for name in new if name in old and name != "count")
    groups = {group_name(one.get("group", {})): metrics_of(one) for one in before.get("groups", [])}
    for one in now.get("groups", [])[:MOST_GROUPS]:
        name, found = group_name(one.get("group", {})), metrics_of(one)
        for metric in SHOWN:
            if metric in found and metric in groups.get(name, {}):
                yield f"{name}: {metric_label(metric)}", groups[name][metric], found[metric]


def metrics_of(part: Any) -> dict[str, dict[str, Any]]:
    """The value objects of a part of an outcome."""
    found = (part or {}).get("metrics") or {}
    return {name: value for name, value in found.items() if isinstance(value, dict)}


def difference_cells(old: dict[str, Any], new: dict[str, Any], head: tuple[str, ...], same_rows: bool) -> list[Cell]:
    """The difference, and what its interval lets one say; a difference without an interval says nothing."""
    found = difference(old, new, same_rows=same_rows)
    if found is None:
        return [Cell(head[3], "–"), Cell(head[4], "–")]
    return [Cell(head[3], measure=found), Cell(head[4], said(found))]


def difference(old: dict[str, Any], new: dict[str, Any], *, same_rows: bool) -> dict[str, Any] | None:
    """Present less earlier value, with MOVER limits where both have an interval and were measured on other rows."""
    if old.get("value") is None or new.get("value") is None:
        return None
    found: dict[str, Any] = {"value": float(new["value"]) - float(old["value"])}
    ends: list[Any] = [one.get(name) for one in (new, old) for name in ("value", "low", "high")]
    if same_rows or None in ends:
        return found
    from rai.engine.intervals import mover_difference

    low, high = mover_difference(*ends)
    return {**found, "low": float(low), "high": float(high), "method": "mover"}


def said(found: dict[str, Any]) -> str:
    """Higher, lower or not to be told apart: by the whole interval, never by the point."""
    if "low" not in found:
        return _("nothing without an interval")
    if found["low"] > 0:
        return _("surely higher")
    return _("surely lower") if found["high"] < 0 else _("cannot be told apart")
