"""What a worker does for a report or a pack: gather, render, hash, store, record."""

import hashlib
import json
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from registry import blobs, jobs
from registry.audit import log
from registry.canonical import canonical
from registry.lineage_graph import joined, picture
from registry.models import BusinessUnit, ModelVersion
from registry.plugins import resolved
from reports import contents, desk, pack, pdf, signing
from reports.board import board_pack
from reports.catalogue import BOARD_PACK, REPORTS, ReportType
from reports.models import BoardPack, Document, Minutes, Pack, Report
from reports.verifier import verify

TRIES = 3


def version_of(document: Document) -> ModelVersion:
    """The version that a document is about."""
    if document.version is None:
        raise ValueError(_("Reports on a system without a version are not built in this installation."))
    return document.version


def build_report(job: Report) -> None:
    """Build the report and finish the job in one transaction."""
    as_of, version = timezone.now(), version_of(job)
    jobs.report_progress(job, 10, _("gathering evidence"))
    data, document = built(REPORTS[job.kind], version, as_of=as_of, language=job.language)
    hand_over(job, data, document, as_of=as_of)


@transaction.atomic
def hand_over(job: Report | BoardPack | Minutes, data: dict[str, Any], document: bytes, *, as_of: datetime) -> None:
    """Store a document and its data, and finish the job that was asked for it."""
    job.blob, job.data = blobs.store(document, "application/pdf"), blobs.store(as_json(data), "application/json")
    job.as_of, job.code = as_of, verification_code(document)
    jobs.finish(job)
    log.record(None, f"{job.noun}.built", job)


def build_board_pack(job: BoardPack) -> None:
    """Build the board pack and finish the job in one transaction."""
    as_of = timezone.now()
    jobs.report_progress(job, 10, _("gathering evidence"))
    data, document = board_document(job.of_unit, as_of=as_of, language=job.language)
    hand_over(job, data, document, as_of=as_of)


def board_document(unit: BusinessUnit, *, as_of: datetime, language: str) -> tuple[dict[str, Any], bytes]:
    """The data of a board pack and its PDF."""
    with translation.override(language):
        data = board_pack(unit, as_of=as_of) | {"title": str(BOARD_PACK.title)}
    digest = hashlib.sha256(canonical(data)).hexdigest()
    context = {"data": data, "digest": digest, "fixed_id": digest, "language": language}
    return data, pdf.render(BOARD_PACK.template, context, language=language)


def built(kind: ReportType, version: ModelVersion, *, as_of: datetime, language: str) -> tuple[dict[str, Any], bytes]:
    """The data of a report and its PDF."""
    data = gathered(kind, version, as_of=as_of, language=language)
    digest = hashlib.sha256(canonical(data)).hexdigest()
    context = {
        "data": data,
        "digest": digest,
        "fixed_id": digest,
        "charts": charts(data, language),
        "lineage_picture": lineage_picture(version, language) if data.get("lineage") else "",
        "language": language,
    }
    return data, pdf.render(kind.template, context, language=language)


def gathered(kind: ReportType, version: ModelVersion, *, as_of: datetime, language: str) -> dict[str, Any]:
    """What the database holds for a report, in the reader's language."""
    with translation.override(language):
        data: dict[str, Any] = resolved(kind.contents)(version, as_of=as_of)
        data["title"] = str(kind.title)
    return data


def charts(data: dict[str, Any], language: str) -> dict[str, str]:
    """The charts of the frozen runs as pictures, by the id of the run."""
    found = {}
    for check in data["checks"]:
        for attachment in contents.charts_of(check["id"], language):
            found[check["id"]] = pdf.picture(attachment.blob.read())
    return found


def lineage_picture(version: ModelVersion, language: str) -> str:
    """What the version came from and what came from it, as on its page; empty where it could not be drawn."""
    try:
        with translation.override(language):
            return pdf.picture(picture.svg(joined.unit_graph(version)))
    except picture.NotDrawn:
        return ""  # the list beside it says the same


def as_json(data: Any) -> bytes:
    """Readable JSON with a fixed order."""
    return json.dumps(data, ensure_ascii=False, indent=1, sort_keys=True, default=str).encode()


def verification_code(content: bytes) -> str:
    """Sixteen hexadecimal digits of the digest in groups of four: what a reader types at /verify/."""
    digits = hashlib.sha256(content).hexdigest()[:16].upper()
    return "-".join(digits[start : start + 4] for start in range(0, 16, 4))


def build_pack(job: Pack) -> None:
    """Build the pack and finish the job in one transaction."""
    jobs.report_progress(job, 10, _("gathering evidence"))
    content, fingerprint, as_of = signed(job)
    with transaction.atomic():
        job.blob = blobs.store(content, "application/zip")
        job.as_of, job.code, job.key_fingerprint = as_of, verification_code(content), fingerprint
        jobs.finish(job)
        log.record(None, "pack.built", job)


def signed(job: Pack) -> tuple[bytes, str, datetime]:
    """The bytes, the key's fingerprint and the moment; built again where the registry changed before it was signed."""
    for tries_left in reversed(range(TRIES)):
        as_of = timezone.now()
        try:
            made = packed(version_of(job), as_of=as_of, language=job.language, key=desk.key_for(job, as_of))
        except signing.Refused:
            if not tries_left:
                raise
            continue
        return *made, as_of
    raise AssertionError("unreachable")


def packed(version: ModelVersion, *, as_of: datetime, language: str, key: signing.Signer) -> tuple[bytes, str]:
    """The bytes of a pack, accepted by the verifier that it carries, and the fingerprint of the key that signed it."""
    data, document = built(REPORTS["compliance"], version, as_of=as_of, language=language)
    members = pack_members(version, data, document, language=language)
    content = pack.write(members, key=key, predicate=predicate(version, data, key.fingerprint))
    problems = verify.problems(content, key.fingerprint)
    if problems:
        raise ValueError(_("The pack was not issued: its own verifier refuses it (%s).") % problems[0])
    return content, key.fingerprint


def pack_members(version: ModelVersion, data: dict[str, Any], document: bytes, *, language: str) -> dict[str, bytes]:
    """Every file of the pack but those that carry its signature."""
    decision = data["decision"]
    members = {
        "report.pdf": document,
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
        members[f"outcomes/{name}.json"] = as_json(check["outcome"])
        for attachment in contents.charts_of(check["id"], language):
            members[f"charts/{name}.svg"] = attachment.blob.read()
    members["pack.json"] = canonical({
        "format": 1, "system": data["system"]["name"], "version": data["version"], "as_of": data["as_of"],
        "counts": {"members": len(members) + 1, "entries": len(data["audit"]), "runs": len(data["runs"])},
        "framework": {"name": data["evaluation"]["framework"], "summary": data["evaluation"]["summary"]},
    })  # fmt: skip
    return members


def predicate(version: ModelVersion, data: dict[str, Any], fingerprint: str) -> dict[str, Any]:
    """What the signature states beyond the files' digests."""
    return {
        "version": str(version.pk),
        "artifact": version.artifact_hash,
        "as_of": data["as_of"],
        "subject_digest": data["decision"].get("subject_digest", ""),
        "key_fingerprint": fingerprint,
    }
