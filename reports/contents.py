"""Gathers what a document says, as plain JSON: the same data is printed, packed and hashed."""

import base64
import json
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db.models import Q
from django.utils.translation import gettext as _

from rai.catalogue import CHECKS
from rai.models import CheckRun, MetricBaseline
from rai.wording import sentences
from registry import cards, gates, material, record_checks, release_notes
from registry.models import (
    Attachment,
    AuditEntry,
    Deployment,
    Evidence,
    LineageLink,
    ModelVersion,
    Release,
    SignOff,
    Waiver,
)
from registry.release_gates import evidence_of, preview
from reports.areas import by_area
from reports.evaluation import Evaluation, evaluate
from reports.framework_files import load
from reports.not_checked import not_checked
from reports.plan_contents import plan_facts
from reports.sources import DjangoFacts
from risk.models import Assessment, Incident, Risk


def compliance(version: ModelVersion, *, as_of: datetime) -> dict[str, Any]:
    """Everything that the compliance report on a version prints."""
    system = version.home_system
    release = preview(version)
    facts = DjangoFacts(user=None, system=system, as_of=as_of)
    evaluation = evaluate(load("nist_ai_rmf"), facts, system=str(system.pk), as_of=as_of)
    return {
        "installation": settings.INSTALLATION_NAME,
        "small_organisation": settings.SMALL_ORG,
        "as_of": as_of.isoformat(timespec="seconds"),
        "system": system_facts(version),
        "version": version_facts(version),
        "evaluation": evaluation.to_json(),
        "functions": by_function(evaluation),
        "overrides": overrides_of(evaluation),
        "areas": by_area(evaluation),
        "checks": [check_facts(row) for row in sorted(evidence_of(release), key=by_catalogue)],
        "runs": [run_facts(run) for run in CheckRun.objects.filter(version=version).order_by("created_at")],
        "limits": [limit_facts(row) for row in MetricBaseline.objects.filter(system=system)],
        "plan": plan_facts(system),
        "card": card_facts(version),
        "assessments": [
            assessment_facts(row) for row in Assessment.objects.filter(system=system).order_by("created_at")
        ],
        "risks": [risk_facts(row) for row in Risk.objects.filter(system=system).order_by("created_at")],
        "waivers": [waiver_facts(row) for row in Waiver.objects.filter(version=version).order_by("created_at")],
        "incidents": [
            incident_facts(row) for row in Incident.objects.filter(system=system).order_by("detected_at", "pk")
        ],
        "lineage": [str(link) for link in LineageLink.objects.of(version)],
        "gates": [found.as_json() for found in gates.evaluate(release)],
        "decision": decision_facts(release),
        "deployments": [
            {"environment": row.get_environment_display(), "region": row.region, "status": row.get_status_display()}
            for row in Deployment.objects.filter(release__version=version)
        ],
        "audit": [entry_facts(entry) for entry in entries_of(version)],
        "not_checked": not_checked(evaluation, facts),
    }


def system_facts(version: ModelVersion) -> dict[str, Any]:
    """What the report says of the system."""
    system = version.home_system
    return {
        "id": str(system.pk),
        "name": system.name,
        "unit": str(system.unit),
        "purpose": system.purpose,
        "tier": system.get_risk_tier_display(),
        "stage": system.get_lifecycle_stage_display(),
        "business_owner": str(system.business_owner),
        "technical_owner": str(system.technical_owner),
    }


def version_facts(version: ModelVersion) -> dict[str, Any]:
    """What the report says of the version."""
    return {
        "id": str(version.pk),
        "model": version.model.name,
        "version": version.version,
        "status": version.get_status_display(),
        "artifact": version.artifact_hash,
        "artifact_name": version.artifact_name,
        "registered_by": str(version.registered_by),
        "registered_at": version.created_at.isoformat(timespec="seconds"),
        "deprecation_date": str(version.deprecation_date or ""),
        "retirement_date": str(version.retirement_date or ""),
    }


def by_function(evaluation: Evaluation) -> list[dict[str, Any]]:
    """The results of each function of the framework, counted."""
    found: dict[str, dict[str, int]] = {}
    for entry in evaluation.requirements:
        row = found.setdefault(entry.requirement.id.split()[0], {})
        row[entry.result] = row.get(entry.result, 0) + 1
    order = ("met", "partly", "not_met", "not_applicable")
    return [
        {"function": name, "total": sum(row.values()), **{result: row.get(result, 0) for result in order}}
        for name, row in found.items()
    ]


def overrides_of(evaluation: Evaluation) -> list[dict[str, Any]]:
    """What people set in place of the evidence, for a table of its own: an override is printed as one everywhere."""
    found = [(entry.requirement.id, entry.override) for entry in evaluation.requirements if entry.override]
    return [{"id": key, **override.to_json()} for key, override in found]


def by_catalogue(row: Evidence) -> int:
    """The place of a run's check in the catalogue, which is the order of importance; strangers come last."""
    order = list(CHECKS)
    return order.index(row.check_slug) if row.check_slug in order else len(order)


def check_facts(row: Evidence) -> dict[str, Any]:
    """One frozen run with its outcome, its sentences, its charts."""
    return {
        "id": str(row.pk),
        "check": row.check_slug,
        "label": label_of(row.check_slug),
        "verdict": row.verdict,
        "digest": row.digest,
        "effective_at": row.effective_at.isoformat(timespec="seconds"),
        "valid_until": row.valid_until.isoformat(timespec="seconds") if row.valid_until else "",
        "standing": row.is_standing,
        "outcome": row.outcome,
        "sentences": sentences(row.outcome),
    }


def label_of(slug: str) -> str:
    """What people call a check; its slug where this installation knows it no more."""
    return str(CHECKS[slug].label) if slug in CHECKS else record_checks.label_of(slug) or slug


def run_facts(run: CheckRun) -> dict[str, Any]:
    """One line of the list of all runs, whatever became of them."""
    return {
        "id": str(run.pk),
        "check": run.slug,
        "label": label_of(run.slug),
        "requested_by": str(run.requested_by),
        "requested_at": run.created_at.isoformat(timespec="seconds"),
        "status": run.get_status_display(),
        "verdict": run.verdict,
        "attempts": run.attempts,
        "reason": run.reason,
        "predictions": run.predictions.blob.digest,
        "evidence": run.evidence.digest if run.evidence else "",
    }


def limit_facts(row: MetricBaseline) -> dict[str, Any]:
    """One limit."""
    return {
        "check": row.slug,
        "rule": row.rule,
        "rationale": row.rationale,
        "status": row.get_status_display(),
        "owner": str(row.owner),
        "approved_by": str(row.approved_by or ""),
    }


def card_facts(version: ModelVersion) -> dict[str, Any]:
    """The card as it reads, by section; fields that nobody filled and nobody asks for are left out."""
    release = preview(version)
    values = cards.values(version, release.card)
    shown = [value for value in values if value.is_filled or value.required]
    return {
        "revision": release.card.number if release.card else 0,
        "sections": [
            {"title": title, "fields": [field_facts(value) for value in shown if value.field.section == title]}
            for title in dict.fromkeys(value.field.section for value in shown)
        ],
        "filled": cards.completeness(version, release.card).filled,
        "required": cards.completeness(version, release.card).required,
    }


def field_facts(value: cards.Value) -> dict[str, Any]:
    """One field of the card."""
    return {"id": value.field.id, "title": value.field.title, "text": value.shown, "automatic": value.automatic}


def assessment_facts(row: Assessment) -> dict[str, Any]:
    """One assessment with its parts and outcomes."""
    return {
        "id": str(row.pk),
        "template": row.template,
        "status": row.get_status_display(),
        "opinion": row.opinion,
        "opinion_by": str(row.opinion_by or ""),
        "review_due": str(row.review_due or ""),
        "parts": [
            {
                "component": part.get_component_display(),
                "inherent": part.inherent_score,
                "residual": part.residual_score,
                "level": part.residual_level,
            }
            for part in row.parts.all()
        ],
    }


def risk_facts(row: Risk) -> dict[str, Any]:
    """One line of the risk register."""
    return {
        "id": str(row.pk),
        "title": row.title,
        "component": row.component,
        "likelihood": row.likelihood,
        "impact": row.impact,
        "inherent": row.inherent_level,
        "residual": row.residual_level,
        "status": row.get_status_display(),
        "owner": str(row.owner or ""),
    }


def waiver_facts(row: Waiver) -> dict[str, Any]:
    """One waiver of the version, whatever became of it."""
    return {
        "id": str(row.pk),
        "waives": row.title,
        "gate": row.gate,
        "check": row.check_name,
        "status": row.status_label,
        "reason": row.reason,
        "instead": row.compensating_controls,
        "owner": str(row.owner),
        "until": row.expires_on.isoformat(),
        "requested_by": str(row.requested_by),
        "requested_at": row.created_at.isoformat(timespec="seconds"),
        "accepted_by": str(row.accepted_by or ""),
        "accepted_at": row.accepted_at.isoformat(timespec="seconds") if row.accepted_at else "",
        "acceptance_reason": row.acceptance_reason,
        "ended_by": str(row.ended_by or ""),
        "ended_at": row.ended_at.isoformat(timespec="seconds") if row.ended_at else "",
        "end_reason": row.end_reason,
    }


def incident_facts(row: Incident) -> dict[str, Any]:
    """One incident by kind, severity and standing; what happened to whom is read where incidents are, by fewer people."""
    return {
        "id": str(row.pk),
        "kind": row.get_kind_display(),
        "severity": row.get_severity_display(),
        "serious": row.serious,
        "near_miss": row.near_miss,
        "status": row.get_status_display(),
        "version": str(row.version_id or ""),
        "detected_at": row.detected_at.isoformat(timespec="seconds"),
        "closed_at": row.closed_at.isoformat(timespec="seconds") if row.closed_at else "",
    }


# What a pack calls an approval that stands while its renewal is decided: it is about the material of its own round.
EARLIER = "approved_before_renewal"


def decision_facts(release: Release) -> dict[str, Any]:
    """The review with its sign-offs, voided ones among them, and the digest that they carry."""
    review = None if release._state.adding else getattr(release, "review", None)
    if review is None:
        return {}
    return {
        "release": str(release.pk),
        "status": release.get_status_display(),
        "notes": release.notes,
        "thresholds": release_notes.thresholds(release),
        "documents": [document.title for document in release_notes.documents(release)],
        "components": release.components,
        "approval_ends_on": release.approval_ends_on.isoformat() if release.approval_ends_on else "",
        "suspension_reason": release.suspension_reason,
        "immaterial_changes": release.immaterial_changes,
        "author": str(release.author),
        "publisher": str(release.publisher or ""),
        "published_at": release.published_at.isoformat(timespec="seconds") if release.published_at else "",
        "review_status": review.get_status_display(),
        "policy": review.policy,
        "policy_digest": review.policy_digest,
        "subject_digest": review.subject_digest,
        "material": material.part_digests(review.material),
        "material_values": review.material,
        "gates_at_decision": review.gates_at_decision,
        "sign_offs": [sign_off_facts(row) for row in review.sign_offs.select_related("person")],
    }


def sign_off_facts(row: SignOff) -> dict[str, Any]:
    """One slot: who decided what on which digest, and what voided it."""
    return {
        "round": row.round,
        "stage": row.stage,
        "duty": row.get_duty_display(),
        "person": str(row.person or ""),
        "decision": EARLIER if stands_from_before(row) else row.decision,
        "decision_label": str(row.get_decision_display()) if row.decision else _("waiting"),
        "reason": row.reason,
        "decided_at": row.decided_at.isoformat(timespec="seconds") if row.decided_at else "",
        "subject_digest": row.subject_digest,
        "voided_at": row.voided_at.isoformat(timespec="seconds") if row.voided_at else "",
        "void_reason": row.void_reason,
    }


def stands_from_before(row: SignOff) -> bool:
    """It was given in the round before a renewal that is not decided yet: it stands, on the material of its own round."""
    return row.decision in SignOff.YES and row.voided_at is None and row.round != row.review.round


def entries_of(version: ModelVersion) -> Iterator[AuditEntry]:
    """The log of a version and of its system, oldest first."""
    system = version.home_system
    here = Q(about_id__in=[version.pk, system.pk]) | Q(object_id__in=[version.pk, system.pk])
    return AuditEntry.objects.filter(here).select_related("actor", "body").order_by("seq").iterator(500)


def entry_facts(entry: AuditEntry) -> dict[str, Any]:
    """One entry as a reader sees it."""
    return {
        "seq": entry.seq,
        "at": entry.ts_utc[:19],
        "actor": str(entry.actor) if entry.actor else _("the software"),
        "action": entry.action,
        "object": f"{entry.object_type.split('.')[-1]} {str(entry.object_id)[:8]}",
        "hash": bytes(entry.entry_hash).hex(),
    }


def log_slice(version: ModelVersion) -> bytes:
    """The entries with their exact bytes, one JSON object a line, for a verifier that has nothing else."""
    return b"".join(json.dumps(slice_line(entry), sort_keys=True).encode() + b"\n" for entry in entries_of(version))


def slice_line(entry: AuditEntry) -> dict[str, Any]:
    """One entry's bytes; body and salt are left out when the body was erased."""
    line: dict[str, Any] = {
        "seq": entry.seq,
        "header": base64.b64encode(bytes(entry.header)).decode(),
        "prev": bytes(entry.prev_hash).hex(),
        "leaf": bytes(entry.leaf_hash).hex(),
        "hash": bytes(entry.entry_hash).hex(),
    }
    body = getattr(entry, "body", None)
    if body is not None and body.body is not None:
        line["body"] = base64.b64encode(bytes(body.body)).decode()
        line["salt"] = bytes(body.salt).hex()
    return line


def charts_of(row_id: str, language: str) -> list[Attachment]:
    """The charts of a run in a language, drawn when it ran."""
    return list(Attachment.objects.filter(object_id=row_id, role=f"chart:{language}").select_related("blob"))
