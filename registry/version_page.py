"""What the head of every version page shows: release path, gates, tabs and the acts open to the reader."""

from dataclasses import dataclass
from typing import Final

from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext_lazy as _

from registry import fallback, gates
from registry.gates import GateResult
from registry.models import Deployment, ModelVersion, VersionStatus
from registry.release_gates import preview

# Tabs by URL name, each with the version's id as its argument; what no app serves is left out.
TABS: Final = (
    (_("Release path"), "version"),
    (_("Card"), "version-card"),
    (_("Evidence"), "version-evidence"),
    (_("Lineage"), "version-lineage"),
    (_("Components"), "version-components"),
    (_("Risks and privacy"), "version-risks"),
    (_("Decisions"), "version-decisions"),
    (_("Releases"), "version-releases"),
    (_("Retirement"), "version-retirement"),
    (_("Reports and packs"), "version-reports"),
    (_("History"), "version-history"),
)
STEPS: Final = (
    _("Draft"), _("Checks"), _("Assessments"), _("Review"), _("Approved"), _("Published"), _("Retired"),
)  # fmt: skip
DRAFT, CHECKS, ASSESSMENTS, REVIEW, APPROVED, PUBLISHED, RETIRED = range(7)
REACHED: Final = {
    VersionStatus.DRAFT: DRAFT,
    VersionStatus.CHANGES_REQUESTED: DRAFT,
    VersionStatus.REJECTED: REVIEW,
    VersionStatus.IN_REVIEW: REVIEW,
    VersionStatus.APPROVED: APPROVED,
    VersionStatus.SUSPENDED: PUBLISHED,
    VersionStatus.PUBLISHED: PUBLISHED,
    VersionStatus.DEPRECATED: PUBLISHED,
    VersionStatus.RETIRED: RETIRED,
}
STOPPED: Final = frozenset({VersionStatus.REJECTED, VersionStatus.CHANGES_REQUESTED, VersionStatus.SUSPENDED})
# The step that a gate belongs to; what other apps ask about people and harm are assessments.
STEP_OF_GATE: Final = {
    "owners": DRAFT,
    "card": DRAFT,
    "dates": DRAFT,
    "notes": DRAFT,
    "evidence": CHECKS,
    "baselines": CHECKS,
    "binding": REVIEW,
}


@dataclass(frozen=True)
class Tab:
    """One tab: a page of its own."""

    label: str
    url: str
    is_current: bool


@dataclass(frozen=True)
class Step:
    """One step of the release path: done, current, ahead or stopped."""

    label: str
    state: str
    note: str = ""


@dataclass(frozen=True)
class Alarm:
    """Something wrong with what runs or is kept of the version, and the page where it is looked into."""

    tone: str
    words: str
    place: str = ""
    url: str = ""


def alarms(version: ModelVersion) -> list[Alarm]:
    """Deployments that serve other bytes, and stored bytes that nobody read in time."""
    rows = Deployment.objects.drifting().filter(release__version=version).select_related("release__version__model")
    found = [
        Alarm("error", str(_("A deployment serves other bytes than were released:")), str(row), row.get_absolute_url())
        for row in rows
    ]
    if fallback.is_overdue(version):
        found.append(Alarm("warning", str(_("Its stored bytes were not read again in time; read them below."))))
    return found


def tabs(version: ModelVersion, path: str) -> list[Tab]:
    """The tabs that are served, with the one whose page is shown."""
    found = [(label, address(name, version)) for label, name in TABS]
    return [Tab(str(label), url, is_current(url, name, path)) for (label, url), (_l, name) in zip(found, TABS) if url]


def is_current(url: str, name: str, path: str) -> bool:
    """The page shown is the tab's page or lies below it; the first tab's address is the beginning of all others."""
    return path == url if name == "version" else path.startswith(url)


def address(name: str, version: ModelVersion) -> str:
    """The tab's address, or an empty string where no app serves it."""
    try:
        return reverse(name, args=[version.pk])
    except NoReverseMatch:
        return ""


def steps(version: ModelVersion, answers: list[GateResult]) -> list[Step]:
    """The release path: a step is done when the version is past it and, until it is approved, its gates are open."""
    reached = REACHED[VersionStatus(version.status)]
    closed = {STEP_OF_GATE.get(answer.slug, ASSESSMENTS) for answer in answers if not answer.is_open}
    if reached >= APPROVED:
        closed = set()
    if version.status == VersionStatus.DRAFT:
        reached = min(closed - {REVIEW}, default=REVIEW)
    return [
        Step(str(label), *state_of(number, reached, number in closed, version)) for number, label in enumerate(STEPS)
    ]


def state_of(number: int, reached: int, is_closed: bool, version: ModelVersion) -> tuple[str, str]:
    """State and note of one step."""
    if number == reached:
        return ("stopped" if version.status in STOPPED else "current"), note_of(version)
    if number > reached:
        return "ahead", ""
    return ("stopped", str(_("a gate is closed"))) if is_closed else ("done", "")


def note_of(version: ModelVersion) -> str:
    """What the step's own name does not say of the status."""
    said = {VersionStatus.DRAFT, VersionStatus.IN_REVIEW, VersionStatus.APPROVED, VersionStatus.PUBLISHED}
    return "" if version.status in said | {VersionStatus.RETIRED} else version.get_status_display()


def asked_steps(version: ModelVersion, answers: list[GateResult] | None) -> list[Step]:
    """The release path; gates are asked here where they still count and the page has not their answers already."""
    if answers is None:
        is_past = REACHED[VersionStatus(version.status)] >= APPROVED
        answers = [] if is_past else gates.evaluate(preview(version))
    return steps(version, answers)
