"""A company that satisfies every rule, as rows of its tables: one live system, one that ended, and all that hangs on them."""

from datetime import date
from typing import Any

from rai.catalogue import CHECKS
from registry.cards import schema
from registry.models import (
    AISystem,
    BusinessUnit,
    Dataset,
    DatasetVersion,
    Deployment,
    Evidence,
    Intake,
    LineageLink,
    ModelCard,
    Release,
    Review,
    RoleAssignment,
    SignOff,
    User,
)  # fmt: skip
from registry.vocabulary import vocabulary
from risk.models import Reclassification
from tests import factories
from tests.reports.generated.base import SAID, TEXT, Company, keep
from tests.reports.generated.belongings import assessments, files, incidents, meetings, parts, plans, risks


def make(cast: factories.Cast) -> Company:
    """Everything that is a row of a table; entries of registers are added by `entries`."""
    root = BusinessUnit.objects.get(parent=None)
    company = Company(cast, root, system(cast, "Credit scoring", "production"), system(cast, "Old scoring", "retired"))
    for step in (
        duties,
        versions,
        data,
        evidence,
        releases,
        parts,
        risks,
        assessments,
        plans,
        incidents,
        meetings,
        files,
    ):
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
    keep(
        Intake(
            system=found, answers={}, use="other", fitness="suitable", draft_tier="high", rules=[], asked_by=cast.owner
        )
    )
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
        keep(
            PipelineStep(
                data=row,
                ordinal=1,
                name="Duplicates removed",
                code_digest="sha256:1",
                output_digest="sha256:2",
                reported_by=company.cast.owner,
            )
        )
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
