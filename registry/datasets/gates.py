"""What a release is asked about the data from which its version came."""

from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _, gettext_lazy

from registry.datasets import asked
from registry.datasets.fitness import asks_approval, is_use, no_access, unfit, used_by
from registry.gates import GateResult, gate
from registry.models import DatasetVersion, DataUse, ModelVersion, Release


@gate("data", gettext_lazy("Data may be used for this"))
def data_may_be_used(release: Release) -> GateResult:
    """Nothing that was withdrawn, or is not approved for that use, stands behind the version or in its release."""
    used = used_by(release.version) + parts_of(release)
    asks, reviewed = asks_approval(release.system), reviewed_uses(release.version)
    problems = [
        problem
        for relation, data in used
        if (problem := closed_by(release, relation, data, reviewed.get(data.pk, []), asks=asks))
    ]
    place = reverse("version-lineage", args=[release.version_id])
    if problems:
        return GateResult.failed(problems[0], place)
    if not used:
        return GateResult.passed(_("No data are linked to it."), place)
    return GateResult.passed(_("Versions of data that may be used so: %d.") % len(used), place)


def closed_by(release: Release, relation: str, data: DatasetVersion, uses: list[DataUse], *, asks: bool) -> str:
    """Why a version of data stands against the release; empty where it does not. `uses` are those of the data by it.

    Access, type and a review that found no fit hold in every tier; where approval is asked, so are answers to all that
    the standard asks about the data, and a review of their fit for the goal of today.
    """
    return (
        unfit(data, relation, asks=asks)
        or (no_access(release.system, release.system.unit, data) if not relation or is_use(relation, data) else "")
        or unserving(data, uses, asks=asks)
        or (unanswered(data) if asks else "")
    )


def unanswered(data: DatasetVersion) -> str:
    """The first thing that the standard asks about the data and nobody has answered."""
    return next((f"{data}: {question}" for question in asked.open_questions(data)), "")


def reviewed_uses(version: ModelVersion) -> dict[Any, list[DataUse]]:
    """What a version does with data, by the id of the version of the data."""
    uses: dict[Any, list[DataUse]] = {}
    for use in DataUse.objects.filter(link__source_id=version.pk).select_related("system"):
        uses.setdefault(use.data_id, []).append(use)
    return uses


def unserving(data: DatasetVersion, uses: list[DataUse], *, asks: bool) -> str:
    """Why the data are not known to serve the goal; empty where somebody found that they do."""
    for use in uses:
        if use.fit == DataUse.Fit.UNFIT:
            return _("%(data)s does not serve the goal: %(reason)s") % {"data": data, "reason": use.reason}
        if asks and (use.fit == DataUse.Fit.OPEN or use.is_stale):
            return _("Nobody has reviewed whether %s serves the goal as it is today.") % data
    return ""


def parts_of(release: Release) -> list[tuple[str, DatasetVersion]]:
    """The versions of data that a release carries as parts; no relation says for which use, so only withdrawal counts."""
    if release._state.adding:
        return []
    return [("", data) for data in release.dataset_versions.select_related("dataset")]
