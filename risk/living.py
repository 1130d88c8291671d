"""What an assessment is bound to, what of it has changed since, and whether one is needed at all."""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from django.utils import timezone
from django.utils.translation import gettext as _, gettext_noop

from registry import moment
from registry.canonical import digest
from registry.datasets.fitness import is_use, linked_to, used_by
from registry.models import AISystem, DatasetVersion, Deployment, LineageLink, ModelVersion, VersionStatus
from risk.residency import outside

if TYPE_CHECKING:
    from risk.models import Assessment

# What can make an approved assessment one about something else; a template names those that it asks about.
CHANGES: Final = ("purpose", "artifact", "data", "region", "retention")
EVENTS: Final = ("incident", "reclassification", "date")


@dataclass(frozen=True)
class Change:
    """Something that differs from what was assessed: its kind, and a sentence with what stands in it."""

    kind: str
    words: str
    named: dict[str, str] = field(default_factory=dict)

    @property
    def said(self) -> str:
        """The sentence in the language of now."""
        return _(self.words) % self.named

    def as_cause(self, *, by: str, on: str) -> dict[str, Any]:
        """What an assessment keeps of it: read again in the language of each reader."""
        return {"kind": self.kind, "said": self.said, "words": self.words, "named": self.named, "by": by, "on": on}


def cause_said(cause: dict[str, Any]) -> str:
    """A kept cause in the language of now; one that was kept without its parts, as it was written."""
    return Change(cause["kind"], cause["words"], cause["named"]).said if "words" in cause else str(cause["said"])


def subject(system: AISystem, version: ModelVersion | None, regions: tuple[str, ...] = ()) -> dict[str, Any]:
    """What an assessment made now is about; `regions` are those that its answers name."""
    return {
        "purpose": digest(system.purpose),
        "artifact": version.artifact_hash if version else None,
        "data": {str(row.pk): row.hash for row in data_of(system, version)},
        "regions": sorted({*regions, *running_in(system)}),
    }


def data_of(system: AISystem, version: ModelVersion | None) -> list[DatasetVersion]:
    """The data that a version uses, or all versions of the system that are not retired."""
    if version is None:
        standing = ModelVersion.objects.filter(model__system=system).exclude(status=VersionStatus.RETIRED)
        links = linked_to(standing.values_list("pk", flat=True))
    else:
        links = used_by(version)
    return sorted({data for relation, data in links if is_use(relation, data)}, key=str)


def running_in(system: AISystem) -> list[str]:
    """The regions in which it runs now."""
    return list(Deployment.objects.running().filter(release__system=system).values_list("region", flat=True).distinct())


def changes(assessment: "Assessment", version: ModelVersion | None = None) -> tuple[Change, ...]:
    """What differs from what was assessed, among what its questionnaire asks about.

    Data are those of `version`, or of all versions of the system where none is given. Data that are used no more, and
    regions that were left, ask for nothing.
    """
    system, bound = assessment.system, assessment.bound
    about = assessment.version
    found = []
    if not bound:  # from before it was written down what one is about
        return ()
    if bound.get("purpose") != digest(system.purpose):
        found.append(Change("purpose", gettext_noop("The purpose of the system has changed since it was approved.")))
    if about is not None and bound.get("artifact") != about.artifact_hash:
        found.append(Change("artifact", gettext_noop("The bytes of the version are others than those assessed.")))
    found += [
        Change("data", gettext_noop("%(data)s was not assessed: it has come to the data since."), {"data": str(row)})
        for row in data_of(system, about or version)
        if row.hash not in bound.get("data", {}).values()
    ]
    found += [
        Change(
            "region",
            gettext_noop("It runs in “%(place)s” now, which is in no region that was assessed."),
            {"place": place},
        )
        for place in outside(running_in(system), bound.get("regions", ()))
    ]
    found += [
        Change(
            "retention",
            gettext_noop("%(data)s was to be kept until %(day)s."),
            {"data": str(row), "day": str(row.retention_until)},
        )
        for row in data_of(system, about or version)
        if has_outlived(row, assessment)
    ]
    return tuple(change for change in found if change.kind in assessment.form.reopens_on)


def has_outlived(data: DatasetVersion, assessment: "Assessment") -> bool:
    """Its time has ended since the assessment was approved, and it is still in use."""
    end, approved = data.retention_until, assessment.approved_at
    if end is None or approved is None or data.status == DatasetVersion.Status.WITHDRAWN:
        return False
    return timezone.localdate(approved) <= end < moment.today()


def why_outgrown(assessment: "Assessment", version: ModelVersion | None) -> tuple[str, ...]:
    """Why an approved assessment says nothing any more of a version, or of the system where none is given."""
    events = tuple(
        cause_said(cause)
        for later in assessment.reopened_by.filter(status__in=type(assessment).OPEN)
        for cause in later.causes
        if cause["kind"] in EVENTS
    )
    found = changes(assessment, version)
    if version is None and assessment.version is None:
        found = tuple(change for change in found if change.kind != "data")
    return tuple(change.said for change in found) + events


def why_needed(system: AISystem, version: ModelVersion | None = None) -> tuple[str, ...]:
    """The reasons for which personal data has to be assessed; none when nothing known speaks for it."""
    reasons = []
    if system.processes_personal_data:
        reasons.append(_("Its owners say that it processes personal data."))
    for row in data_of(system, version):
        if row.contains_personal_data or row.dataset.special_categories:
            reasons.append(_("%s is marked to hold personal data.") % row)
    return tuple(reasons)


def systems_using(datasets: Any, *, versions: Any = None) -> list[AISystem]:
    """The systems of which a version that is not retired uses data of these data sets, or these versions of them."""
    data = versions or DatasetVersion.objects.filter(dataset__in=datasets)
    links = LineageLink.objects.filter(target_id__in=[row.pk for row in data]).values("source_id")
    users = ModelVersion.objects.filter(pk__in=links).exclude(status=VersionStatus.RETIRED)
    return list(AISystem.objects.filter(models__versions__in=users).distinct())
