"""What a release is asked about the data from which its version came."""

from django.urls import reverse
from django.utils.translation import gettext as _, gettext_lazy

from registry.datasets.fitness import asks_approval, unfit, used_by
from registry.gates import GateResult, gate
from registry.models import DatasetVersion, Release


@gate("data", gettext_lazy("Data may be used for this"))
def data_may_be_used(release: Release) -> GateResult:
    """Nothing that was withdrawn, or is not approved for that use, stands behind the version or in its release."""
    used = used_by(release.version) + parts_of(release)
    asks = asks_approval(release.system)
    problems = [problem for relation, data in used if (problem := unfit(data, relation, asks=asks))]
    place = reverse("version-lineage", args=[release.version_id])
    if problems:
        return GateResult.failed(problems[0], place)
    if not used:
        return GateResult.passed(_("No data are linked to it."), place)
    return GateResult.passed(_("Versions of data that may be used so: %d.") % len(used), place)


def parts_of(release: Release) -> list[tuple[str, DatasetVersion]]:
    """The versions of data that a release carries as parts; no relation says for which use, so only withdrawal counts."""
    if release._state.adding:
        return []
    return [("", data) for data in release.dataset_versions.select_related("dataset")]
