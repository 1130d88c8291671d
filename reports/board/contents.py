"""Gathers the board pack of a unit and all units below it, as plain JSON."""

from collections import Counter
from datetime import date, datetime, timedelta
from typing import Any, Final

from django.conf import settings
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from registry.models import (
    AISystem,
    BusinessUnit,
    ComponentUse,
    Deployment,
    Evidence,
    ModelVersion,
    Release,
    Review,
    Stage,
    Tier,
    VendorEndMatch,
    Verdict,
    VersionStatus,
    Waiver,
)
from reports.board.serving import SHOWN_BY, worst_served
from reports.board.status import framework_status
from reports.contents import label_of
from risk.catalogue import LEVELS
from risk.models import Incident, Risk

AHEAD: Final = timedelta(days=365)
BEHIND: Final = timedelta(days=90)
IN_USE: Final = (VersionStatus.PUBLISHED, VersionStatus.DEPRECATED)
DECIDED: Final = (Review.Status.APPROVED, Review.Status.REJECTED, Review.Status.CHANGES_REQUESTED)


def board_pack(unit: BusinessUnit, *, as_of: datetime) -> dict[str, Any]:
    """Everything that the board pack of a unit prints; times in UTC, days as the installation counts them."""
    today = timezone.localdate(as_of)
    systems = AISystem.objects.filter(unit__path__startswith=unit.path)
    versions = list(in_use(systems))
    runs = standing_runs(versions)
    return {
        "installation": settings.INSTALLATION_NAME,
        "as_of": as_of.isoformat(timespec="seconds"),
        "system": {"name": str(unit)},
        "version": {},
        "counts": counts(systems, versions),
        "waivers": [waiver_facts(row) for row in waivers(systems)],
        "vendor_ends": vendor_ends(systems, today),
        "served": [one.as_json() for one in worst_served(runs)],
        "never_compared": never_compared(versions, runs),
        "due": decisions_due(systems),
        "portfolio": portfolio(systems),
        "framework": framework_status(unit),
        "risks": risks_by_unit(systems, today),
        "worst_risks": [risk_facts(row) for row in open_risks(systems)],
        "breaches": breaches(systems, runs),
        "incidents": [incident_facts(row) for row in incidents(systems)],
        "retirements": retirements(systems, today),
        "decisions": decisions(systems, as_of),
        "not_checked": not_checked(),
    }


def not_checked() -> list[dict[str, str]]:
    """What the board must not take for shown."""
    return [
        {
            "what": _("Systems that nobody registered"),
            "why": _("The pack tells of what is in the registry. What is used without an entry is not seen."),
        },
        {
            "what": _("Biased labels, unlike test samples, proxies"),
            "why": _("Intervals cover sampling error only. Whether labels are biased, whether the test sample is like the people served, and whether other columns stand in for a protected one was not examined."),
        },
    ]  # fmt: skip


def in_use(systems: Any) -> Any:
    """The published versions of the unit, deprecated ones among them."""
    rows = ModelVersion.objects.filter(model__system__in=systems, status__in=IN_USE)
    return rows.select_related("model__system__unit").order_by("model__system__name", "model__name", "version")


def counts(systems: Any, versions: list[ModelVersion]) -> dict[str, Any]:
    """The portfolio in numbers: systems by tier and stage, versions in use, what runs."""
    tiers, stages = (
        Counter(systems.values_list("risk_tier", flat=True)),
        Counter(systems.values_list("lifecycle_stage", flat=True)),
    )
    return {
        "systems": sum(tiers.values()),
        "tiers": [[str(tier.label), tiers[tier.value]] for tier in reversed(Tier)],
        "stages": [[str(stage.label), stages[stage.value]] for stage in Stage if stages[stage.value]],
        "in_use": len(versions),
        "running": Deployment.objects.running().filter(release__system__in=systems).count(),
    }


def waivers(systems: Any) -> Any:
    """The waivers in force for releases that are in use, approved or in review; the first to end first."""
    live = (*IN_USE, VersionStatus.APPROVED, VersionStatus.IN_REVIEW, VersionStatus.SUSPENDED)
    rows = Waiver.objects.in_force().filter(version__model__system__in=systems, version__status__in=live)
    return rows.select_related("version__model__system", "owner").order_by("expires_on", "pk")


def waiver_facts(row: Waiver) -> dict[str, Any]:
    """One waiver: what is let through, until when, who carries it, what is done instead."""
    return {
        "system": row.home_system.name,
        "version": str(row.version),
        "status": row.version.get_status_display(),
        "waives": row.title,
        "until": row.expires_on.isoformat(),
        "owner": str(row.owner),
        "instead": row.compensating_controls,
    }


def vendor_ends(systems: Any, today: date) -> list[dict[str, Any]]:
    """What vendors end next, the first day first: components in use, and models that a vendor's list names."""
    found: dict[tuple[str, str], dict[str, Any]] = {}
    uses = ComponentUse.objects.filter(system__in=systems, ended_at__isnull=True, component__end_of_life__gte=today)
    for use in uses.select_related("component", "system").order_by("component__end_of_life", "system__name"):
        named = str(use.component)
        row = found.setdefault(
            (named, str(use.component.end_of_life)), ended(named, use.component.provider, use.component.end_of_life)
        )
        row["systems"].append(use.system.name)
    matches = VendorEndMatch.objects.filter(version__model__system__in=systems, end__retirement_date__gte=today)
    matches = matches.exclude(status=VendorEndMatch.Status.DISMISSED)
    for match in matches.select_related("end", "version__model__system").order_by("end__retirement_date"):
        end = match.end
        row = found.setdefault(
            (end.model, str(end.retirement_date)), ended(end.model, end.provider, end.retirement_date)
        )
        row["systems"].append(match.version.home_system.name)
        row["instead"] = end.replacement
    rows = sorted(found.values(), key=lambda row: (row["day"], row["model"]))
    return [row | {"systems": sorted(set(row["systems"]))} for row in rows]


def ended(model: str, provider: str, day: date | None) -> dict[str, Any]:
    """A row of what ends, before its systems are known."""
    return {"model": model, "provider": provider, "day": str(day), "systems": [], "instead": ""}


def standing_runs(versions: list[ModelVersion]) -> list[Evidence]:
    """The evidence that stands for these versions, the oldest first."""
    rows = Evidence.objects.filter(version__in=versions).standing().select_related("version__model__system")
    return list(rows.order_by("effective_at", "received_at"))


def never_compared(versions: list[ModelVersion], runs: list[Evidence]) -> list[str]:
    """The versions in use whose system affects people and of which no run compares groups."""
    compared = {run.version_id for run in runs if SHOWN_BY in run.shows}
    return [str(row) for row in versions if row.home_system.affects_people and row.pk not in compared]


def decisions_due(systems: Any) -> list[dict[str, Any]]:
    """What waits for a decision: open reviews and waivers that are asked for; the first due first."""
    reviews = Review.objects.open().filter(release__system__in=systems)
    rows = [
        {
            "what": _("Release of %s") % row.release.version,
            "system": row.release.system.name,
            "tier": row.release.system.get_risk_tier_display(),
            "due": str(row.due_on or ""),
            "who": str(row.release.author),
        }
        for row in reviews.select_related("release__version__model", "release__system", "release__author")
    ]
    asked = Waiver.objects.filter(version__model__system__in=systems, status=Waiver.Status.REQUESTED)
    rows += [
        {
            "what": _("Waiver of “%s”") % row.title,
            "system": row.home_system.name,
            "tier": row.home_system.get_risk_tier_display(),
            "due": "",
            "who": str(row.requested_by),
        }
        for row in asked.select_related("version__model__system", "requested_by")
    ]
    return sorted(rows, key=lambda row: (row["due"] or "9999", row["what"]))


def portfolio(systems: Any) -> list[dict[str, Any]]:
    """Every system with its tier, stage and owner; the highest tier first."""
    order = {tier.value: -place for place, tier in enumerate(Tier)}
    rows = systems.exclude(lifecycle_stage=Stage.RETIRED).select_related("unit", "business_owner")
    return [
        {
            "name": row.name,
            "unit": str(row.unit),
            "tier": row.get_risk_tier_display(),
            "stage": row.get_lifecycle_stage_display(),
            "owner": str(row.business_owner or _("nobody")),
        }
        for row in sorted(rows, key=lambda row: (order[row.risk_tier], row.name))
    ]


def risks_by_unit(systems: Any, today: date) -> list[dict[str, Any]]:
    """Accepted, untreated and overdue risks by unit."""
    rows = list(
        Risk.objects.live().filter(system__in=systems).select_related("system__unit").prefetch_related("treatments")
    )
    found: dict[str, Counter[str]] = {}
    for row in rows:
        found.setdefault(str(row.system.unit), Counter()).update(standing_of(row, today))
    return [
        {"unit": unit, **{name: tally[name] for name in ("live", "accepted", "untreated", "overdue")}}
        for unit, tally in sorted(found.items())
    ]


def standing_of(row: Risk, today: date) -> list[str]:
    """How a risk counts."""
    treatments = list(row.treatments.all())
    late = any(one.is_live and one.due_on < today for one in treatments)
    said = ["live"]
    said += ["accepted"] if row.status == Risk.Status.ACCEPTED else []
    said += ["untreated"] if row.status == Risk.Status.OPEN and not treatments else []
    return said + (["overdue"] if late else [])


def open_risks(systems: Any) -> Any:
    """High and critical risks that nobody has accepted, the worst first."""
    rows = Risk.objects.unaccepted().filter(system__in=systems, residual_level__in=LEVELS[-2:])
    return sorted(
        rows.select_related("system", "owner"), key=lambda row: (-LEVELS.index(row.residual_level), row.title)
    )


def risk_facts(row: Risk) -> dict[str, Any]:
    """One risk."""
    return {
        "title": row.title,
        "system": row.system.name if row.system else "",
        "level": row.residual_level,
        "status": row.get_status_display(),
        "owner": str(row.owner or ""),
    }


def breaches(systems: Any, runs: list[Evidence]) -> list[dict[str, Any]]:
    """Limits that the newest run of a version in use does not keep, and bytes that are not the released ones."""
    newest = {(run.version_id, run.check_slug): run for run in runs}
    found = [
        {
            "system": row.version.home_system.name,
            "version": str(row.version),
            "what": label_of(row.check_slug),
            "since": str(timezone.localdate(row.effective_at)),
        }
        for row in newest.values()
        if row.verdict == Verdict.FAIL
    ]
    drifting = (
        Deployment.objects.drifting()
        .filter(release__system__in=systems)
        .select_related("release__version__model", "release__system")
    )
    found += [
        {
            "system": row.release.system.name,
            "version": str(row.release.version),
            "what": _("what runs is not what was released"),
            "since": str(timezone.localdate(row.drift_since)),
        }
        for row in drifting
    ]
    return sorted(found, key=lambda row: (row["system"], row["version"], row["what"]))


def incidents(systems: Any) -> Any:
    """Incidents that are not closed, the serious ones first."""
    rows = Incident.objects.live().filter(system__in=systems).select_related("system")
    return rows.order_by("-serious", "detected_at", "pk")


def incident_facts(row: Incident) -> dict[str, Any]:
    """One incident; what happened to whom is read where incidents are."""
    return {
        "system": row.system.name,
        "kind": row.get_kind_display(),
        "severity": row.get_severity_display(),
        "serious": row.serious,
        "since": str(timezone.localdate(row.detected_at)),
    }


def retirements(systems: Any, today: date) -> list[dict[str, Any]]:
    """Versions that retire within a year, with successor and whether a plan is written."""
    rows = ModelVersion.objects.filter(model__system__in=systems, retirement_date__range=(today, today + AHEAD))
    rows = rows.filter(status__in=IN_USE).select_related("model__system", "successor__model", "retirement_plan")
    return [
        {
            "version": str(row),
            "system": row.home_system.name,
            "day": str(row.retirement_date),
            "successor": str(row.successor or ""),
            "has_plan": hasattr(row, "retirement_plan"),
        }
        for row in rows.order_by("retirement_date", "pk")
    ]


def decisions(systems: Any, as_of: datetime) -> list[dict[str, Any]]:
    """What was decided in the last ninety days: reviews that ended and releases that were published."""
    since = as_of - BEHIND
    ended_then = Q(review__closed_at__range=(since, as_of), review__status__in=DECIDED)
    rows = Release.objects.filter(ended_then | Q(published_at__range=(since, as_of)), system__in=systems)
    found = [
        decided(row, as_of - BEHIND) for row in rows.select_related("version__model", "system", "review").distinct()
    ]
    return sorted(found, key=lambda row: (row["day"], row["version"]), reverse=True)


def decided(row: Release, since: datetime) -> dict[str, Any]:
    """What became of a release last: that it was published, or how its review ended."""
    is_published = row.published_at is not None and row.published_at >= since
    what = Release.Status.PUBLISHED.label if is_published else row.review.get_status_display()
    when = row.published_at if is_published else row.review.closed_at
    return {
        "version": str(row.version),
        "system": row.system.name,
        "what": str(what),
        "day": str(timezone.localdate(when)),
    }
