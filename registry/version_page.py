"""What the head of every version page shows: release path, gates, tabs and the acts open to the reader."""

from dataclasses import dataclass
from typing import Any, Final

from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext_lazy as _

from registry.models import ModelVersion, VersionStatus

# Tabs by URL name, each with the version's id as its argument; what no app serves is left out.
TABS: Final = (
    (_("Release path"), "version"),
    (_("Card"), "version-card"),
    (_("Checks"), "version-checks"),
    (_("Evidence"), "version-evidence"),
    (_("Lineage"), "version-lineage"),
    (_("Risks and privacy"), "version-risks"),
    (_("Decisions"), "version-decisions"),
    (_("Releases"), "version-releases"),
    (_("Reports and packs"), "version-reports"),
    (_("History"), "version-history"),
)
STEPS: Final = (
    _("Draft"), _("Checks"), _("Assessments"), _("Review"), _("Approved"), _("Published"), _("Retired"),
)  # fmt: skip
REACHED: Final = {
    VersionStatus.DRAFT: 0,
    VersionStatus.CHANGES_REQUESTED: 0,
    VersionStatus.REJECTED: 3,
    VersionStatus.IN_REVIEW: 3,
    VersionStatus.APPROVED: 4,
    VersionStatus.SUSPENDED: 5,
    VersionStatus.PUBLISHED: 5,
    VersionStatus.DEPRECATED: 5,
    VersionStatus.RETIRED: 6,
}
STOPPED: Final = frozenset({VersionStatus.REJECTED, VersionStatus.CHANGES_REQUESTED, VersionStatus.SUSPENDED})


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


def steps(version: ModelVersion) -> list[Step]:
    """The release path with the place where the version stands; what stopped it is named by its status."""
    reached = REACHED[VersionStatus(version.status)]
    return [Step(str(label), *state_of(number, reached, version)) for number, label in enumerate(STEPS)]


def state_of(number: int, reached: int, version: ModelVersion) -> tuple[str, str]:
    """State and note of one step."""
    if number < reached:
        return "done", ""
    if number > reached:
        return "ahead", ""
    if version.status in STOPPED:
        return "stopped", version.get_status_display()
    if version.status == VersionStatus.DEPRECATED:
        return "current", version.get_status_display()
    return "current", ""


@dataclass(frozen=True)
class Frame:
    """Everything that registry/version.html draws around a tab's content."""

    tabs: list[Tab]
    steps: list[Step]


def frame(version: ModelVersion, person: Any, path: str) -> Frame:
    """The frame for this reader."""
    return Frame(tabs(version, path), steps(version))
