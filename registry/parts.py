"""What a release consists of: the exact version of the model, of every artefact and of every data set, with digests."""

from dataclasses import dataclass
from typing import Any, Final

from django.utils.translation import gettext_lazy as _

from registry.models import ArtifactType, ArtifactVersion, DatasetVersion, LineageLink, ModelVersion, Release

MODEL, DATASET = "model", "dataset"
KINDS: Final = {MODEL: _("Model"), DATASET: _("Data set"), **dict(ArtifactType.choices)}
# Where two applications share an endpoint, these are what should not differ between them.
RULES: Final = (ArtifactType.GUARDRAIL, ArtifactType.AGENT_CONFIG, ArtifactType.INFERENCE_PARAMETERS)


@dataclass(frozen=True)
class Choice:
    """The versions beside the model's that a release is to consist of."""

    artifact_versions: tuple[ArtifactVersion, ...] = ()
    dataset_versions: tuple[DatasetVersion, ...] = ()


def listed(version: ModelVersion, choice: Choice) -> list[dict[str, Any]]:
    """The parts as a release keeps them: kind, id, name, version, digest."""
    artifacts = [entry(row.artifact.artifact_type, row, row.artifact.name) for row in choice.artifact_versions]
    data = [entry(DATASET, row, row.dataset.name) for row in choice.dataset_versions]
    model = {**entry(MODEL, version, version.model.name, version.artifact_hash)}
    return [model, *sorted([*artifacts, *data], key=lambda part: (part["kind"], part["name"], part["version"]))]


def entry(kind: str, row: Any, name: str, digest: str = "") -> dict[str, Any]:
    """One part."""
    return {"kind": str(kind), "id": str(row.pk), "name": name, "version": row.version, "digest": digest or row.hash}


def suggested(version: ModelVersion, person: Any) -> Choice:
    """What the version's links name, and the artefacts of the system's newest release, as far as the person sees them."""
    links = LineageLink.objects.visible_to(person).of(version).values_list("source_id", "target_id")
    near = {end for pair in links for end in pair} - {version.pk}
    newest = Release.objects.filter(system=version.home_system).order_by("-created_at").first()
    before = set() if newest is None else set(newest.artifact_versions.values_list("pk", flat=True))
    artifacts = ArtifactVersion.objects.visible_to(person).on_offer().select_related("artifact", "content")
    data = DatasetVersion.objects.visible_to(person).exclude(status=DatasetVersion.Status.WITHDRAWN)
    return Choice(
        tuple(artifacts.filter(pk__in=near | before)), tuple(data.filter(pk__in=near).select_related("dataset"))
    )


def digests(release: Release, *, of: tuple[str, ...] = ()) -> dict[str, str]:
    """The digests of its parts with what each is called; of some kinds, or of all."""
    chosen = [part for part in release.components if not of or part.get("kind") in of]
    return {part["digest"]: f"{part['name']} {part['version']}" for part in chosen}


def served(release: Release) -> dict[str, str]:
    """The parts that a running instance loads: all but data sets."""
    return digests(release, of=tuple(kind for kind in KINDS if kind != DATASET))
