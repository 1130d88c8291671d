"""The bill of materials of a version, as CycloneDX 1.6: the model with its card, and everything that it was made from."""

import json
import uuid
from collections.abc import Iterable
from datetime import UTC
from typing import Any, Final

from django.utils import translation

from registry import lineage
from registry.canonical import digest
from registry.cards.formats import cyclonedx
from registry.cards.values import texts
from registry.models import ArtifactVersion, Component, ComponentUse, DatasetVersion, LineageLink, ModelVersion
from registry.supply import bill_parts as parts
from registry.supply.allowed import uses_of
from registry.supply.bill_parts import Part

MEDIA_TYPE: Final = "application/vnd.cyclonedx+json; version=1.6"
KINDS: Final = {
    "registry.ModelVersion": "version",
    "registry.DatasetVersion": "data",
    "registry.ArtifactVersion": "artifact",
}


def document(version: ModelVersion, person: Any) -> dict[str, Any]:
    """The bill as this person may see it; the same bytes for the same record, whenever and in whatever language."""
    with translation.override("en"):
        bill = body(version, person)
    serial = uuid.uuid5(uuid.NAMESPACE_URL, digest(bill))
    head = {
        "$schema": "http://cyclonedx.org/schema/bom-1.6.schema.json",
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
    }
    return {**head, "serialNumber": f"urn:uuid:{serial}", "version": 1, **bill}


def written(version: ModelVersion, person: Any) -> bytes:
    """The bill as a file."""
    text = json.dumps(document(version, person), ensure_ascii=False, indent=1, sort_keys=True, default=float)
    return text.encode("utf-8", "replace")


def body(version: ModelVersion, person: Any) -> dict[str, Any]:
    """Everything that the serial number is made from."""
    above = lineage.came_from(version.pk, LineageLink.objects.visible_to(person))
    rows = visible(above, person) + artifacts(version, person)
    uses = each_once(uses_of(lineage_release(version)))
    services = [parts.of_service(use) for use in uses if use.component.component_type == Component.Kind.SERVICE]
    others = [parts.of_use(use) for use in uses if use.component.component_type != Component.Kind.SERVICE]
    data = [row for row in rows if isinstance(row, DatasetVersion)]
    subject, told = model(version, data)
    components = [*map(of_row, rows), *others, *told]
    stamp = version.created_at.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
    bill = {
        "metadata": {"timestamp": stamp, "component": subject},
        "components": sorted(components, key=lambda part: part["bom-ref"]),
        "dependencies": dependencies(subject, [*components, *services], above),
    }
    return bill | ({"services": sorted(services, key=lambda part: part["bom-ref"])} if services else {})


def lineage_release(version: ModelVersion) -> Any:
    """The release that the bill speaks of: the one that is stored, or the one that would be."""
    from registry.release_gates import preview

    return preview(version)


def each_once(uses: Iterable[ComponentUse]) -> list[ComponentUse]:
    """One use of each component: the first; a component that is used for two things stands in the bill once."""
    found: dict[Any, ComponentUse] = {}
    for use in uses:
        found.setdefault(use.component_id, use)
    return list(found.values())


def visible(above: list[lineage.Reached], person: Any) -> list[Any]:
    """The rows that the version came from, as far as the person may see them."""
    found: list[Any] = []
    for table, fetched in ((ModelVersion, ("model", "artifact")), (DatasetVersion, ("dataset__steward",))):
        ids = [each.id for each in above if each.type == table._meta.label]
        found += table.objects.visible_to(person).filter(pk__in=ids).select_related(*fetched)
    return found


def artifacts(version: ModelVersion, person: Any) -> list[ArtifactVersion]:
    """The artefacts that its release consists of, and those that its links name."""
    release, near = version.release, LineageLink.objects.visible_to(person).filter(source_id=version.pk)
    ids = {link.target_id for link in near if link.target_type == ArtifactVersion._meta.label}
    if release is not None:
        ids |= set(release.artifact_versions.values_list("pk", flat=True))
    rows = ArtifactVersion.objects.visible_to(person).filter(pk__in=ids)
    return list(rows.select_related("artifact", "content").order_by("pk"))


def of_row(row: Any) -> Part:
    """A row as a part, by its kind."""
    if isinstance(row, ModelVersion):
        return parts.of_model(row)
    return parts.of_data(row) if isinstance(row, DatasetVersion) else parts.of_artifact(row)


def model(version: ModelVersion, data: list[DatasetVersion]) -> tuple[Part, list[Part]]:
    """The subject with its card, and the components that the card itself names."""
    card = cyclonedx.document(texts(version, version.card))
    subject = {
        **card["component"],
        **parts.of_model(version),
        "hashes": parts.hashes(version.artifact_hash),
        "description": version.change_note or version.home_system.purpose,
    }
    datasets = subject["modelCard"].setdefault("modelParameters", {}).setdefault("datasets", [])
    datasets += [{"ref": parts.ref("data", row.pk)} for row in data]
    if not datasets:
        del subject["modelCard"]["modelParameters"]["datasets"]
    named = [{**part, "bom-ref": f"card:{number}"} for number, part in enumerate(card.get("components", ()))]
    return subject, named


def dependencies(subject: Part, all_parts: list[Part], above: list[lineage.Reached]) -> list[Part]:
    """Who rests on whom: the subject on everything named for it, each part on what its own links lead to."""
    known = {part["bom-ref"] for part in all_parts}
    rests_on: dict[str, set[str]] = {name: set() for name in (subject["bom-ref"], *known)}
    rests_on[subject["bom-ref"]] = {name for name in known if not name.startswith(("version:", "data:"))}
    for each in above:
        taker, giver = ends(each.link)
        if taker in rests_on and giver in known:
            rests_on[taker].add(giver)
    return [said_to_rest(name, rests_on[name]) for name in sorted(rests_on)]


def said_to_rest(name: str, on: set[str]) -> Part:
    """One line of the graph."""
    return {"ref": name, "dependsOn": sorted(on)} if on else {"ref": name}


def ends(link: lineage.Link) -> tuple[str, str]:
    """The references of what came and of what it came from."""
    source = named(link.source_type, link.source_id)
    target = named(link.target_type, link.target_id)
    return (target, source) if link.relation in lineage.GIVES else (source, target)


def named(kind: str, pk: Any) -> str:
    """The reference of a row in the bill."""
    return parts.ref(KINDS.get(kind, kind), lineage.uuid_of(pk))
