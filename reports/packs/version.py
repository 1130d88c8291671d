"""What a pack of one version holds: the compliance report with the data behind it, runs, decisions and the log."""

from array import array
from datetime import datetime
from typing import Any

from registry.models import ModelVersion
from reports import building, contents
from reports.catalogue import REPORTS
from reports.models import Pack
from reports.pack import Draft
from reports.packs import frameworks
from reports.packs.crate import DRAWN
from reports.packs.told import Told
from reports.printing import as_json


def fill(draft: Draft, pack: Pack, *, as_of: datetime, drawn: bool = True) -> Told:
    """Put the members into a draft, the PDF empty where it is not `drawn`; what is told of them."""
    version, kind = building.version_of(pack), REPORTS["compliance"]
    if drawn:
        data, document = building.built(kind, version, as_of=as_of, language=pack.language)
    else:
        data, document = building.gathered(kind, version, as_of=as_of, language=pack.language), b""
    draft.put(DRAWN, document)
    for name, content in members(version, data, language=pack.language).items():
        draft.put(name, content)
    systems = [str(version.home_system.pk)]
    for name, content in frameworks.members(systems, lambda told: told, as_of=as_of, language=pack.language):
        draft.put(name, content)
    return Told(
        title=f"{version.home_system} – {version}",
        index={
            "system": data["system"]["name"], "version": data["version"],
            "counts": {"entries": len(data["audit"]), "runs": len(data["runs"])},
            "framework": {"name": data["evaluation"]["framework"], "summary": data["evaluation"]["summary"]},
        },
        predicate=predicate(version, data),
        entries=array("q", [entry["seq"] for entry in data["audit"]]),
    )  # fmt: skip


def members(version: ModelVersion, data: dict[str, Any], *, language: str) -> dict[str, bytes]:
    """The files made from the data of the report."""
    decision = data["decision"]
    found = {
        "report.json": as_json(data),
        "evaluation.json": as_json(data["evaluation"]),
        "card.json": as_json(data["card"]),
        "runs.json": as_json(data["runs"]),
        "assessments.json": as_json(data["assessments"]),
        "risks.json": as_json(data["risks"]),
        "waivers.json": as_json(data["waivers"]),
        "incidents.json": as_json(data["incidents"]),
        "gates.json": as_json({"now": data["gates"], "at_decision": decision.get("gates_at_decision", [])}),
        "signoffs.json": as_json(decision.get("sign_offs", [])),
        "material.json": as_json({
            "parts": decision.get("material", {}),
            "digest": decision.get("subject_digest", ""),
            "values": decision.get("material_values", {}),
        }),
        "audit.jsonl": contents.log_slice(version),
    }  # fmt: skip
    for check in data["checks"]:
        name = f"{check['check'] or 'evidence'}-{check['digest'][7:19]}"
        found[f"outcomes/{name}.json"] = as_json(check["outcome"])
        for attachment in contents.charts_of(check["id"], language):
            found[f"charts/{name}.svg"] = attachment.blob.read()
    return found


def predicate(version: ModelVersion, data: dict[str, Any]) -> dict[str, Any]:
    """What the signature states beyond the files' digests."""
    return {
        "version": str(version.pk),
        "artifact": version.artifact_hash,
        "as_of": data["as_of"],
        "subject_digest": data["decision"].get("subject_digest", ""),
    }
