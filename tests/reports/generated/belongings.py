"""What hangs on the systems of a generated company: parts, risks, assessments, plans, incidents, meetings, files."""

from rai.models import CheckRun, MetricBaseline, Predictions, TestPlan
from registry import blobs
from registry.models import (
    AgendaItem,
    Agreement,
    Artifact,
    ArtifactVersion,
    Component,
    ComponentUse,
    Consumer,
    Meeting,
    RetirementPlan,
    Review,
    Vendor,
)  # fmt: skip
from registry.vocabulary import vocabulary
from reports.models import BoardPack, Pack, Report
from risk.models import Acceptance, Assessment, Incident, Risk, Treatment, VendorAssessment
from risk.models.assessments import AssessmentPart, subject_digest
from risk.questionnaires import template
from tests import factories
from tests.reports.generated.base import SAID, TEXT, Company, keep


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
    checks = [
        {"key": role, "reason": TEXT, "slug": "group_fairness", "role": role, "parameters": {}}
        for role in ("test", "monitoring")
    ]
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
        minutes = {
            "items": [{"title": "AI", "decision": "go"}],
            "attendees": ["A"],
            "units_present": ["B"],
            "disciplines_present": ["C"],
        }
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
    done = {
        "status": "finished",
        "finished_at": company.ago(2),
        "as_of": company.ago(2),
        "requested_by": company.cast.owner,
    }
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
