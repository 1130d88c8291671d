"""A company that satisfies every rule, as rows of its tables: one live system, one that ended, and all that hangs on them."""

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from django.utils import timezone

from registry import blobs, cards
from registry.audit import log
from registry.cards import schema
from registry.models import (
    Agreement, AgendaItem, AISystem, Artifact, ArtifactVersion, AuditEntry, BusinessUnit, Component, ComponentUse,
    Consumer, Dataset, DatasetVersion, Deployment, Evidence, Intake, LineageLink, Meeting, Model, ModelCard,
    ModelVersion, Release, RetirementPlan, Review, RoleAssignment, SignOff, User, Vendor,
)  # fmt: skip
from registry.vocabulary import vocabulary
from rai.catalogue import CHECKS
from rai.models import CheckRun, MetricBaseline, Predictions, TestPlan
from reports.models import BoardPack, Pack, Report
from risk.models import Acceptance, Assessment, Incident, Reclassification, Risk, Treatment, VendorAssessment
from risk.models.assessments import AssessmentPart, subject_digest
from risk.questionnaires import template
from tests import factories

TEXT = "Written for a test, long enough to count as filled in every field of the schema, whatever its minimum is."
SAID = {"inputs": {"parameters": {}}, "thresholds": [{"rule": "x<=1", "low": 0.1, "high": 0.2}],
        "groups": [{"group": "a", "n": 400}, {"group": "b", "n": 300}]}  # fmt: skip


def keep(row: Any, action: str = "added") -> Any:
    """Store a row and log it, as an action does."""
    row.save()
    log.record(None, f"{row._meta.model_name}.{action}", row)
    return row


@dataclass
class Company:
    """The rows that others are about."""

    cast: factories.Cast
    root: BusinessUnit
    system: AISystem
    ended: AISystem
    rows: dict[str, Any] = field(default_factory=dict)
    now: datetime = field(default_factory=timezone.now)

    def ago(self, days: int) -> datetime:
        """So many days before now."""
        return self.now - timedelta(days=days)

    def day(self, days: int) -> date:
        """The day so many days before today."""
        return self.ago(days).date()


def make(cast: factories.Cast) -> Company:
    """Everything that is a row of a table; entries of registers are added by `entries`."""
    root = BusinessUnit.objects.get(parent=None)
    company = Company(cast, root, system(cast, "Credit scoring", "production"), system(cast, "Old scoring", "retired"))
    for step in (duties, versions, data, evidence, releases, parts, risks, assessments, plans, incidents, meetings, files):
        step(company)
    return company


def system(cast: factories.Cast, name: str, stage: str) -> AISystem:
    """A system of which every field is filled."""
    texts = {
        one.name: TEXT[:60] for one in AISystem._meta.concrete_fields
        if one.get_internal_type() in ("TextField", "CharField") and one.blank and not one.choices and one.editable
    }  # fmt: skip
    flags = dict.fromkeys(
        ("is_generative", "is_agentic", "has_vendor_component", "processes_personal_data", "affects_people",
         "interacts_with_people"), True,
    )  # fmt: skip
    columns = {**texts, **flags, "value_reviewed_at": date.today(), "log_retention_days": 400,
               "build_tune_adopt": "tune", "autonomy_level": "in_the_loop"}  # fmt: skip
    found = factories.make_system(cast, name=name, risk_tier="high", business_owner=cast.risk_officer)
    for key, value in columns.items():
        setattr(found, key, value)
    found.lifecycle_stage = stage
    keep(found, "edited")
    keep(Intake(system=found, answers={}, use="other", fitness="suitable", draft_tier="high", rules=[], asked_by=cast.owner))
    return found


def duties(company: Company) -> None:
    """Every duty of the vocabulary, held by one person for the whole organisation, confirmed long ago."""
    for duty in vocabulary().roles:
        person = User.objects.create(email=f"{duty}@all.example", name=f"Person {duty}")
        company.rows[duty] = person
        keep(RoleAssignment(
            person=person, duty=duty, unit=company.root, starts_on=company.day(400), granted_by=company.cast.administrator,
            confirmed_by=company.cast.risk_officer, confirmed_at=company.ago(300),
        ))  # fmt: skip
    for row in RoleAssignment.objects.filter(confirmed_at=None):
        row.confirmed_at, row.confirmed_by = company.ago(1), company.cast.administrator
        keep(row, "confirmed")


def versions(company: Company) -> None:
    """Two versions of the live system, one published before the other, and one of the system that ended."""
    for key, home in (("old", company.system), ("new", company.system), ("gone", company.ended)):
        model = company.rows.get(f"model {home.pk}") or factories.make_model(company.cast, home)
        company.rows[f"model {home.pk}"] = model
        version = factories.make_version(company.cast, model)
        version.status = "retired" if key == "gone" else "published"
        version.base_model, version.provider, version.known_good = "Base 7", "Northlight", True
        version.training_record, version.training_run = {"parameters": {"depth": 3}}, "run 7"
        version.change_note, version.licence = TEXT, "Apache-2.0"
        version.backup_verified_at, version.frozen_at = company.ago(5), company.ago(5)
        company.rows[key] = keep(version, "edited")
    company.rows["card"] = keep(ModelCard(
        version=company.rows["new"], number=50, status="published", edited_by=company.cast.owner, approved_at=company.ago(3),
        fields={one.id: TEXT for one in schema()},
    ))  # fmt: skip


def data(company: Company) -> None:
    """A version of data that the live version was trained on, approved, and its change of class."""
    owner, steward = company.cast.owner, company.rows["data_steward"]
    texts = ("description", "relations", "origin", "source_reputation", "receipt", "format", "intended_use", "storage",
             "residency", "terms", "right_to_process", "access_rules")  # fmt: skip
    dataset = keep(Dataset(
        unit=company.cast.unit, name="Applicants", slug="applicants", steward=steward, classification="confidential",
        special_categories=True, **dict.fromkeys(texts, TEXT[:40]),
    ))  # fmt: skip
    for use in ("training", "test"):
        row = keep(DatasetVersion(
            dataset=dataset, version=f"1 {use}", hash="sha256:" + f"{len(use)}" * 64, status="approved", use=use, provenance=TEXT,
            licence="Own", lawful_basis="Contract", contains_personal_data=True, known_biases=TEXT,
            retention_until=company.day(-900), consent_terms=TEXT, obtained="collected", obtained_terms=TEXT,
            labelled_by="Clerks", labelling_instructions=TEXT, label_agreement=0.9, registered_by=owner,
            approver=steward, approved_at=company.ago(10), asked_uses=["training"], approved_uses=["training"],
            synthetic_share=0.0,
        ))  # fmt: skip
        company.rows[f"data {use}"] = row
        relation = "trained_on" if use == "training" else "evaluated_on"
        link(company, relation, company.rows["new"], row)
    for relation in ("generated_by", "retrieves_from"):
        link(company, relation, company.rows["new"], company.rows["data training"])
    link(company, "fine_tuned_from", company.rows["new"], company.rows["old"])
    described(company)
    company.rows["reclassification"] = keep(Reclassification(
        dataset=dataset, old_class="internal", new_class="confidential", reason=TEXT, effective_at=company.ago(60),
        status="completed", completed_at=company.ago(50), requested_by=steward, counts={"systems": 1},
    ))  # fmt: skip


def described(company: Company) -> None:
    """Steps of preparation, and that the data fit the use."""
    from registry.models import DataUse, PipelineStep

    for use in ("training", "test"):
        row = company.rows[f"data {use}"]
        keep(PipelineStep(data=row, ordinal=1, name="Duplicates removed", code_digest="sha256:1", output_digest="sha256:2", reported_by=company.cast.owner))
        edge = LineageLink.objects.filter(target_id=row.pk).first()
        keep(DataUse(
            link=edge, data=row, system=company.system, purpose=TEXT, asked_by=company.cast.owner, fit="fits", reason=TEXT,
            reviewed_by=company.rows["data_steward"], reviewed_at=company.ago(9),
        ))  # fmt: skip


def link(company: Company, relation: str, source: Any, target: Any) -> None:
    """An edge of lineage."""
    keep(LineageLink(
        unit=company.cast.unit, relation=relation, source_type=source._meta.label, source_id=source.pk,
        source_label=str(source), target_type=target._meta.label, target_id=target.pk, target_label=str(target),
    ))  # fmt: skip


def evidence(company: Company) -> None:
    """One passing run for every check of the vocabulary: computed where the software has it, else reported."""
    built = {name for check in CHECKS.values() for name in check.may_show()}
    for number, name in enumerate(vocabulary().checks):
        kind = Evidence.Kind.CHECK if name in built else Evidence.Kind.REPORTED
        company.rows[name] = factories.make_evidence(
            company.cast, company.rows["new"], kind=kind, check_slug=name, shows=[name],
            outcome={**SAID, "check": name, "n": number},
            valid_until=company.ago(-80), effective_at=company.ago(2),
        )  # fmt: skip


def releases(company: Company) -> None:
    """Both versions were reviewed by three people, published by a fourth, and the newer one runs."""
    for key, days in (("old", 200), ("new", 4)):
        version = company.rows[key]
        release = keep(Release(
            system=company.system, version=version, notes=TEXT, status="rolled_back" if key == "old" else "published",
            components=["base 7"], card=company.rows["card"] if key == "new" else None, author=company.cast.owner,
            publisher=company.cast.publisher, published_at=company.ago(days), quality_thresholds="x<=1",
            rai_documents="Card", rollback_to=company.rows.get("release old"),
        ))  # fmt: skip
        company.rows[f"release {key}"] = release
        review = keep(Review(
            release=release, status="approved", policy={}, policy_digest="sha256:" + "0" * 64, subject_digest="sha256:" + "0" * 64,
            material={"card": "x", "assessments": ["x"], "baselines": [{"rule": "x<=1"}], "open_risks": []}, closed_at=company.ago(days + 1),
            gates_at_decision=[{"gate": "card", "title": "Card", "result": "passed"}],
        ))  # fmt: skip
        for ordinal, duty in enumerate(("approver", "risk_officer", "executive", "business_owner")):
            keep(SignOff(
                review=review, stage=1, duty=duty, ordinal=ordinal, person=company.rows[duty], decision="approve", reason=TEXT,
                subject_digest=review.subject_digest, decided_at=company.ago(days + 1),
            ))  # fmt: skip
        keep(Deployment(
            release=release, environment="production", region="EU", residency="EU", endpoint="https://score.example",
            log_store="s3://logs", log_write_once=True, rate_limit="10/s", failover_region="EU-2",
            status="running" if key == "new" else "stopped", started_at=company.ago(days), ended_at=company.ago(4) if key == "old" else None,
        ))  # fmt: skip


def parts(company: Company) -> None:
    """A critical vendor with agreement and assessment, components of each sort, artefacts, and the end of a version."""
    owner = company.cast.owner
    vendor = keep(Vendor(
        unit=company.root, name="Northlight", services=TEXT, contact="desk@northlight.example", criticality="critical",
        owner=owner, status="approved", proposed_by=owner, review_due=company.day(-200), last_reviewed_at=company.day(20),
        assessment_result="accepted", rai_practice=TEXT,
    ))  # fmt: skip
    company.rows["vendor"] = vendor
    terms = [one.name for one in Agreement._meta.concrete_fields if one.get_internal_type() == "TextField"]
    keep(Agreement(
        vendor=vendor, title="Terms", kind="contract", status="active", terms_date=company.day(100), reviewed_at=company.day(20),
        reviewed_by=company.rows["legal_compliance"], expires_on=company.day(-300), terms_version="2", **dict.fromkeys(terms, TEXT),
    ))  # fmt: skip
    form = template("vendor_assessment")
    answers = {question.id: ["yes", TEXT] for section in form.sections for question in section.questions}
    keep(VendorAssessment(
        vendor=vendor, use=TEXT, template=form.slug, template_version=form.version, answers=answers, status="decided", score=10,
        level="low", result="accepted", reason=TEXT, filled_by=owner, decided_by=company.rows["procurement"],
        assessed_at=company.day(20), valid_until=company.day(-300),
    ))  # fmt: skip
    for kind in ("model", "library", "service", "dataset", "tool"):
        part = keep(Component(
            unit=company.root, vendor=vendor, component_type=kind, provider="Northlight", name=f"Base {kind}", version="7",
            licence="Apache-2.0", hash="sha256:" + "b" * 64, criticality="high", risk_note=TEXT, status="approved",
            end_of_life=company.day(-400), proposed_by=owner, reviewed_by=company.rows["security_officer"],
            reviewed_at=company.ago(20), uses=["decisions"],
        ))  # fmt: skip
        version = company.rows["new"] if kind == "model" else None
        keep(ComponentUse(
            system=company.system, version=version, component=part, use="decisions", data_class="confidential", region="EU",
            modifications=TEXT, conditions_kept=TEXT, added_by=owner,
        ))  # fmt: skip
    artefacts(company)
    endings(company)


def artefacts(company: Company) -> None:
    """A frozen version of each kind of artefact in the live release."""
    for kind in vocabulary().entities["artifact_version"].values["artifact_type"]:
        artefact = keep(Artifact(
            unit=company.cast.unit, artifact_type=kind, name=f"A {kind}", slug=kind.replace("_", "-"), owner=company.cast.owner,
            description=TEXT,
        ))  # fmt: skip
        version = keep(ArtifactVersion(
            artifact=artefact, version="1", status="frozen", form="text", content=blobs.store(kind.encode(), "text/plain"),
            change_note=TEXT, registered_by=company.cast.owner, frozen_at=company.ago(6),
        ))  # fmt: skip
        version.releases.add(company.rows["release new"])


def endings(company: Company) -> None:
    """How the ended version was taken out of use, and how the live one will be."""
    for key, status in (("gone", "completed"), ("new", "in_progress")):
        keep(RetirementPlan(
            version=company.rows[key], reason=TEXT, plan=TEXT, user_communication=TEXT, data_disposition=TEXT, residual_risks=TEXT,
            status=status, written_by=company.cast.owner, completed_at=company.ago(30) if key == "gone" else None,
        ))  # fmt: skip
        keep(Consumer(
            version=company.rows[key], person=company.cast.approver, use=TEXT, acknowledged_by=company.cast.approver,
            acknowledged_at=company.ago(31), acknowledged_date=company.day(-900), answer=TEXT,
        ))  # fmt: skip


def risks(company: Company) -> None:
    """Risks of every category that rules ask for, with their treatments and acceptances."""
    wanted = [("safety", "closed", "low", "assessment"), ("systemic", "treated", "medium", "incident"),
              ("transparency", "treated", "low", "feedback"), ("accountability", "accepted", "high", "monitoring"),
              ("fairness", "treated", "high", "red_team"), ("security", "open", "medium", "threat_intelligence")]  # fmt: skip
    for number, (category, status, level, source) in enumerate(wanted):
        risk = keep(Risk(
            system=company.system, title=f"Risk {number}", description=TEXT, catalogue_ref="R-1", component="model",
            category=category, likelihood=3, impact=3, inherent_level="high", residual_likelihood=2, residual_impact=2,
            residual_level=level, owner=company.cast.owner, status=status, source=source, identified_at=company.day(90),
            reviewed_at=company.ago(5), measurable=number != 5, unmeasured_reason=TEXT, tracking_method=TEXT, benefit_note=TEXT,
            residual_disclosed_to=TEXT, registered_by=company.cast.risk_officer, rated_by=company.cast.risk_officer,
        ))  # fmt: skip
        company.rows[f"risk {number}"] = risk
        keep(Treatment(
            risk=risk, option="mitigate", plan=TEXT, owner=company.cast.owner, due_on=company.day(-60), status="done", priority="high",
            resources=TEXT, outcome_note=TEXT, finished_at=company.ago(3),
        ))  # fmt: skip
        for duty in ("risk_officer", "executive"):
            keep(Acceptance(risk=risk, person=company.rows[duty], level="high", reason=TEXT))


def assessments(company: Company) -> None:
    """An approved privacy impact assessment of all three components."""
    form = template("pia")
    row = keep(Assessment(
        template=form.slug, template_version=form.version, system=company.system, bound_digest=subject_digest(company.system, None),
        status="approved", overall_level="low", started_by=company.cast.owner, submitted_by=company.cast.owner,
        submitted_at=company.ago(12), opinion=TEXT, opinion_by=company.rows["privacy_officer"], decided_at=company.ago(10),
        approved_at=company.ago(10), authority_consultation=TEXT, review_due=company.day(-200),
    ))  # fmt: skip
    for component in ("input", "model", "output"):
        keep(AssessmentPart(
            assessment=row, component=component, inherent_score=20.0, control_score=0.5, residual_score=10.0, dpo_required=True,
            inherent_level="low", residual_level="low",
        ))  # fmt: skip


def plans(company: Company) -> None:
    """A limit for every principle, the plan of tests, and a look at the running system whose alarm was answered."""
    for principle in vocabulary().entities["metric_baseline"].values["principle"]:
        keep(MetricBaseline(
            system=company.system, slug="group_fairness", rule=f"selection_rate_difference<=0.{len(principle)}", principle=principle,
            rationale=TEXT, baseline_value=0.02, business_kpi="Share of good loans", status="approved", owner=company.cast.owner,
            approved_by=company.cast.approver, approved_at=company.ago(20),
        ))  # fmt: skip
    checks = [{"key": role, "reason": TEXT, "slug": "group_fairness", "role": role, "parameters": {}} for role in ("test", "monitoring")]
    texts = [one.name for one in TestPlan._meta.concrete_fields if one.get_internal_type() == "TextField"]
    keep(TestPlan(
        system=company.system, revision=1, status="approved", cadence="monthly", owner=company.cast.owner, author=company.cast.owner,
        checks=checks, approved_by=company.cast.approver, approved_at=company.ago(20), **dict.fromkeys(texts, TEXT),
    ))  # fmt: skip
    look(company)


def look(company: Company) -> None:
    """One look with an alarm that was answered."""
    from registry.models import Task

    table = keep(Predictions(
        version=company.rows["new"], requested_by=company.cast.owner, blob=blobs.store(b"rows", "text/csv"), name="rows.csv",
        role="monitoring", status="finished",
    ))  # fmt: skip
    seen = factories.make_evidence(
        company.cast, company.rows["new"], check_slug="population_drift", shows=["drift.data"], verdict="pass",
        effective_at=company.ago(9), outcome={**SAID, "look": 1, "thresholds": [
            {"rule": "psi<=0.2", "value": 0.3, "verdict": "fail", "low": 0.1, "high": 0.2}]},
    )  # fmt: skip
    run = keep(CheckRun(
        version=company.rows["new"], requested_by=company.cast.owner, slug="population_drift", predictions=table,
        status="finished", evidence=seen, verdict="pass", finished_at=company.ago(9),
    ))  # fmt: skip
    keep(Task(
        kind=Task.Kind.ALARM, object_type="rai.CheckRun", object_id=run.pk, label="Alarm", url="/", done_at=company.ago(8),
        system=company.system, person=company.cast.owner,
    ))  # fmt: skip


def incidents(company: Company) -> None:
    """A serious incident that came from a supplier, closed with its cause and what was learnt."""
    company.rows["incident"] = keep(Incident(
        system=company.system, version=company.rows["new"], title="Wrong limits", kind="wrong_output", description=TEXT,
        detected_at=company.ago(40), aware_at=company.ago(40), severity="high", impacts=TEXT, groups_affected=TEXT, serious=True,
        consequence="rights", third_party_origin=True, status="closed", owner=company.cast.owner, reporter=company.cast.owner,
        recovery_minutes=20, root_cause=TEXT, remedy=TEXT, lessons=TEXT, closed_by=company.rows["incident_lead"],
        closed_at=company.ago(20),
    ))  # fmt: skip


def meetings(company: Company) -> None:
    """Three meetings of the board with decisions on the organisation and on the release."""
    for number, days in enumerate((10, 60, 110)):
        minutes = {"items": [{"title": "AI", "decision": "go"}], "attendees": ["A"], "units_present": ["B"], "disciplines_present": ["C"]}
        meeting = keep(Meeting(
            unit=company.root, title=f"Board {number}", held_on=company.day(days), chair=company.rows["board_chair"],
            secretary=company.cast.owner, status="approved", minutes=minutes, minutes_digest="sha256:" + "c" * 64,
            closed_at=company.ago(days), approved_by=company.rows["board_chair"], approved_at=company.ago(days),
        ))  # fmt: skip
        for position, review in enumerate((None, Review.objects.get(release=company.rows["release new"]))):
            keep(AgendaItem(
                meeting=meeting, position=position, title="AI", note=TEXT, review=review, decision="no_go" if number else "go", rationale=TEXT,
                conditions=TEXT, decided_at=company.ago(days),
            ))  # fmt: skip


def files(company: Company) -> None:
    """Reports of each kind and packs."""
    done = {"status": "finished", "finished_at": company.ago(2), "as_of": company.ago(2), "requested_by": company.cast.owner}
    for number, kind in enumerate(vocabulary().entities["report"].values["kind"]):
        keep(Report(
            system=company.system, version=company.rows["new"], kind=kind, framework="nist_ai_rmf", code=f"R-{number}",
            blob=blobs.store(kind.encode(), "application/pdf"), **done,
        ))  # fmt: skip
    keep(BoardPack(of_unit=company.root, code="B-1", blob=blobs.store(b"board", "application/pdf"), **done))
    keep(Pack(
        system=company.system, version=company.rows["new"], code="P-1", blob=blobs.store(b"pack", "application/zip"),
        key_fingerprint="d" * 64, **done,
    ))  # fmt: skip
    assert AuditEntry.objects.exists() and cards.schema()
