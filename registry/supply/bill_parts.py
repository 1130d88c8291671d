"""The parts of a bill of materials: each row of the registry as a component or service of CycloneDX."""

import re
from typing import Any, Final

from registry.models import ArtifactType, ArtifactVersion, Component, ComponentUse, DatasetVersion, ModelVersion

Part = dict[str, Any]
MODEL, DATA, LIBRARY = "machine-learning-model", "data", "library"
TYPES: Final = {
    Component.Kind.MODEL: MODEL,
    Component.Kind.DATASET: DATA,
    Component.Kind.LIBRARY: LIBRARY,
    Component.Kind.TOOL: "application",
    Component.Kind.HARDWARE: "device",
}
# What an artefact is in the words of the format; every other kind is configuration.
ARTIFACTS: Final = {ArtifactType.RAG_INDEX: "dataset", ArtifactType.TOOL: "source-code"}
DIGEST: Final = re.compile(r"sha256:([0-9a-f]{64})")


def said(**fields: Any) -> Part:
    """The fields that say something; names of the format are written with `_` for a hyphen."""
    return {name.replace("_", "-"): value for name, value in fields.items() if value not in ("", None, [], {})}


def ref(kind: str, pk: Any) -> str:
    """The reference by which other parts of the bill name this one."""
    return f"{kind}:{pk}"


def hashes(*digests: str) -> list[Part]:
    """Digests in the format's way; a text that is none is left out."""
    found = (DIGEST.fullmatch(digest) for digest in digests)
    return [{"alg": "SHA-256", "content": match[1]} for match in found if match]


def licences(text: str) -> list[Part]:
    """A licence by its SPDX id, as an SPDX expression, or by the name that it was given."""
    from cyclonedx.spdx import is_expression, is_supported_id

    text = text.strip()
    if not text:
        return []
    if is_supported_id(text):
        return [{"license": {"id": text}}]
    return [{"expression": text}] if is_expression(text) else [{"license": {"name": text}}]


def properties(**values: Any) -> list[Part]:
    """Facts that the format has no field for, under a name of our own."""
    return [
        {"name": f"attestry:{name}", "value": str(value)} for name, value in values.items() if value not in ("", None)
    ]


def of_model(version: ModelVersion) -> Part:
    """A version of one of our own models, as something that another came from."""
    return said(
        type=MODEL, bom_ref=ref("version", version.pk), name=version.model.name, version=version.version,
        supplier=said(name=version.provider), hashes=hashes(version.artifact_hash),
        properties=properties(status=version.status, base_model=version.base_model),
    )  # fmt: skip


def of_data(row: DatasetVersion) -> Part:
    """A version of a data set: what it holds, how sensitive it is and who answers for it, never the data."""
    dataset = row.dataset
    told = said(
        type="dataset", name=dataset.name, description=dataset.description, classification=dataset.classification,
        sensitiveData=["personal data"] if row.contains_personal_data else [],
        governance={"stewards": [{"contact": {"name": dataset.steward.name}}]},
    )  # fmt: skip
    return said(
        type=DATA, bom_ref=ref("data", row.pk), name=dataset.name, version=row.version, description=row.provenance,
        hashes=hashes(row.hash), licenses=licences(row.licence), data=[told], properties=properties(use=row.use),
    )  # fmt: skip


def of_artifact(row: ArtifactVersion) -> Part:
    """A prompt, guardrail, index or other artefact by its bytes' digest."""
    artifact = row.artifact
    kind = ArtifactType(artifact.artifact_type)
    is_model = kind == ArtifactType.EMBEDDING_MODEL
    told = said(type=ARTIFACTS.get(kind, "configuration"), name=artifact.name, description=artifact.description)
    return said(
        type=MODEL if is_model else DATA, bom_ref=ref("artifact", row.pk), name=artifact.name, version=row.version,
        description=row.change_note, hashes=hashes(row.hash), data=[] if is_model else [told],
        properties=properties(kind=kind.value),
    )  # fmt: skip


def of_use(use: ComponentUse) -> Part:
    """A component of others, with what it is used for here."""
    component = use.component
    told = said(type="dataset", name=component.name, classification=use.data_class)
    return said(
        type=TYPES[Component.Kind(component.component_type)], bom_ref=ref("component", component.pk),
        supplier=said(name=component.vendor.name if component.vendor else component.provider),
        publisher=component.provider, name=component.name, version=component.version, description=component.risk_note,
        hashes=hashes(component.hash), licenses=licences(component.licence),
        data=[told] if component.component_type == Component.Kind.DATASET else [],
        properties=facts(use),
    )  # fmt: skip


def of_service(use: ComponentUse) -> Part:
    """A service of others; data go to it, of the class that was said."""
    component = use.component
    return said(
        bom_ref=ref("component", component.pk), name=component.name, version=component.version,
        provider=said(name=component.vendor.name if component.vendor else component.provider),
        description=component.risk_note, licenses=licences(component.licence),
        data=[{"flow": "bi-directional", "classification": use.data_class}], properties=facts(use),
    ) | {"x-trust-boundary": True}  # fmt: skip


def facts(use: ComponentUse) -> list[Part]:
    """For what it is used, on which data, where, and how it stands in the catalogue."""
    component = use.component
    return properties(
        use=use.use, data_class=use.data_class, region=use.region, modifications=use.modifications,
        catalogue=component.status, family=component.family, released=component.released_on,
        end_of_life=component.end_of_life,
    )  # fmt: skip
