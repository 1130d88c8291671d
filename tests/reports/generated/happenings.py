"""Things that happen to a company, one logged change each, drawn at random."""

import copy
import random
import uuid
from datetime import timedelta
from typing import Any

from registry import blobs, policy
from registry.actions import people
from registry.models import (
    AISystem,
    BusinessUnit,
    DatasetVersion,
    Evidence,
    LineageLink,
    Model,
    ModelVersion,
    RegisterEntry,
    Release,
    ReviewPolicy,
    RoleAssignment,
    User,
    Vendor,
    Waiver,
)
from registry.registers import kinds
from risk.models import Incident, Risk
from tests import factories
from tests.reports.generated.base import TEXT, Company, keep
from tests.reports.generated.company import system
from tests.reports.generated.entries import entry


def some(draw: random.Random, rows: Any) -> Any:
    """One of the rows."""
    return draw.choice(list(rows.order_by("pk")))


def another_risk(company: Company, draw: random.Random) -> None:
    keep(Risk(
        system=some(draw, AISystem.objects), title="New", component="model", category="safety", likelihood=3, impact=3,
        inherent_level="high", residual_likelihood=2, residual_impact=2, residual_level=draw.choice(("low", "high")),
        owner=company.cast.owner, reviewed_at=company.ago(draw.choice((1, 400))), registered_by=company.cast.owner,
        rated_by=company.cast.owner,
    ))  # fmt: skip


def a_risk_moves(company: Company, draw: random.Random) -> None:
    row = some(draw, Risk.objects)
    row.status, row.residual_level = draw.choice(("open", "treated", "closed")), draw.choice(("low", "high"))
    keep(row, "rated")


def a_system_changes(company: Company, draw: random.Random) -> None:
    row = some(draw, AISystem.objects)
    row.risk_tier = draw.choice(("minimal", "high", "critical"))
    row.is_generative, row.affects_people = draw.random() < 0.5, draw.random() < 0.5
    row.lifecycle_stage = draw.choice(("production", "production", "retired", "pilot"))
    row.stop_mechanism = draw.choice(("", TEXT))
    keep(row, "edited")


def another_system(company: Company, draw: random.Random) -> None:
    system(company.cast, f"System {draw.randrange(10**9)}", draw.choice(("production", "development")))


def an_entry(company: Company, draw: random.Random) -> None:
    kind = draw.choice(list(kinds().values()))
    about = some(draw, AISystem.objects) if "system" in kind.about else company.root
    if kind.name not in ("data_description",):
        entry(company, kind, about)


def an_entry_goes(company: Company, draw: random.Random) -> None:
    row = some(
        draw, RegisterEntry.objects.filter(kind__in=("policy_document", "control", "exercise", "signed_statement"))
    )
    row.status = "withdrawn"
    keep(row, "withdrawn")


def a_run(company: Company, draw: random.Random) -> None:
    row = some(draw, Evidence.objects.filter(kind__in=("check", "reported")))
    factories.make_evidence(
        company.cast, row.version, kind=row.kind, check_slug=row.check_slug, shows=row.shows,
        outcome={**row.outcome, "again": draw.random()}, verdict=draw.choice(("pass", "fail", "insufficient")),
        effective_at=company.now - timedelta(hours=draw.randrange(200)),
    )  # fmt: skip


def a_run_goes(company: Company, draw: random.Random) -> None:
    row = some(draw, Evidence.objects.filter(withdrawn_at=None))
    row.withdrawn_at, row.withdrawn_reason = company.now, TEXT
    keep(row, "withdrawn")


def a_version_moves(company: Company, draw: random.Random) -> None:
    row = some(draw, ModelVersion.objects)
    row.status = draw.choice(("published", "retired", "suspended"))
    keep(row, "moved")


def a_release_moves(company: Company, draw: random.Random) -> None:
    row = some(draw, Release.objects)
    row.status = draw.choice(("published", "rolled_back", "withdrawn"))
    keep(row, "moved")


def a_duty_ends(company: Company, draw: random.Random) -> None:
    row = some(draw, RoleAssignment.objects.filter(ends_on=None, starts_on__lt=company.day(2)))
    row.ends_on = company.day(1)
    keep(row, "ended")


def a_vendor_moves(company: Company, draw: random.Random) -> None:
    row = some(draw, Vendor.objects)
    row.status, row.criticality = draw.choice(("approved", "exited")), draw.choice(("low", "critical"))
    keep(row, "moved")


def an_incident(company: Company, draw: random.Random) -> None:
    keep(Incident(
        system=some(draw, AISystem.objects), title="New", kind="other", description=TEXT, severity="high", serious=draw.random() < 0.5,
        detected_at=company.ago(draw.choice((1, 40))), reporter=company.cast.owner, impacts=TEXT,
    ))  # fmt: skip


def a_waiver(company: Company, draw: random.Random) -> None:
    keep(Waiver(
        version=company.rows["new"], gate="evidence", check_name=f"check {draw.randrange(10**9)}", reason=TEXT,
        owner=company.cast.owner, compensating_controls=TEXT, expires_on=company.day(-30), requested_by=company.cast.owner,
    ))  # fmt: skip


def a_tier_changes(company: Company, draw: random.Random) -> None:
    row = some(draw, AISystem.objects)
    row.risk_tier = draw.choice(("minimal", "limited", "high", "critical"))
    keep(row, "edited")


def a_system_retires(company: Company, draw: random.Random) -> None:
    row = some(draw, AISystem.objects)
    row.lifecycle_stage = "retired"
    keep(row, "edited")


def a_system_moves(company: Company, draw: random.Random) -> None:
    row = some(draw, AISystem.objects)
    row.unit = some(draw, BusinessUnit.objects)
    keep(row, "moved")


def a_unit_is_added(company: Company, draw: random.Random) -> None:
    people.add_unit(
        f"Unit {draw.randrange(10**9)}", parent=some(draw, BusinessUnit.objects), actor=company.cast.administrator
    )


def a_name_changes(company: Company, draw: random.Random) -> None:
    row = some(draw, draw.choice((AISystem, BusinessUnit, Model, User)).objects)
    row.name = f"Renamed {draw.randrange(10**9)}"
    keep(row, "edited")


def a_duty_begins(company: Company, draw: random.Random) -> None:
    given = {
        "person": some(draw, User.objects), "duty": draw.choice(("risk_officer", "privacy_officer", "auditor")),
        "unit": some(draw, BusinessUnit.objects), "starts_on": company.day(3),
    }  # fmt: skip
    if not RoleAssignment.objects.filter(**given).exists():
        keep(RoleAssignment(**given, confirmed_at=company.ago(2)))


def a_policy_changes(company: Company, draw: random.Random) -> None:
    kind = next(kind for kind in kinds().values() if kind.name == "policy_document")
    entry(company, kind, some(draw, AISystem.objects) if draw.random() < 0.3 else company.root)


def the_release_policy_changes(company: Company, draw: random.Random) -> None:
    body = copy.deepcopy({key: value for key, value in policy.shipped().items() if key != "number"})
    for tier in body["tiers"].values():
        tier["card_completeness"] = draw.choice((0.0, 0.5, 1.0))
    for row in ReviewPolicy.objects.in_force():
        row.status = "superseded"
        keep(row, "superseded")
    keep(ReviewPolicy(
        unit=company.root, number=draw.randrange(1, 10**6), source="", body=body, status="in_force", author=company.cast.owner,
    ))  # fmt: skip


def a_link(company: Company, draw: random.Random) -> None:
    version, data = some(draw, ModelVersion.objects), some(draw, DatasetVersion.objects)
    relation = draw.choice(("trained_on", "evaluated_on"))
    if not LineageLink.objects.filter(source_id=version.pk, target_id=data.pk, relation=relation).exists():
        keep(LineageLink(
            unit=company.root, source_type="registry.ModelVersion", source_id=version.pk, source_label=str(version),
            relation=relation, target_type="registry.DatasetVersion", target_id=data.pk, target_label=str(data),
        ))  # fmt: skip


def data_change(company: Company, draw: random.Random) -> None:
    row = some(draw, DatasetVersion.objects)
    row.status = draw.choice(("draft", "approved", "restricted"))
    keep(row, "moved")


def another_version(company: Company, draw: random.Random) -> None:
    row = some(draw, ModelVersion.objects)
    row.pk, row.version, row.status = uuid.uuid4(), f"{draw.randrange(10**9)}", "draft"
    row.artifact = blobs.store(row.version.encode(), "application/octet-stream")
    row._state.adding = True
    keep(row)


def the_framework_is_set_aside(company: Company, draw: random.Random) -> None:
    kind = next(kind for kind in kinds().values() if kind.name == "status_override")
    entry(company, kind, some(draw, AISystem.objects) if draw.random() < 0.5 else company.root)


HAPPENINGS = (
    a_tier_changes, a_system_retires, a_system_moves, a_unit_is_added, a_name_changes, a_duty_begins, a_policy_changes,
    the_release_policy_changes, a_link, data_change, another_version, the_framework_is_set_aside,
    another_risk, a_risk_moves, a_system_changes, another_system, an_entry, an_entry, an_entry_goes, a_run, a_run_goes,
    a_version_moves, a_release_moves, a_duty_ends, a_vendor_moves, an_incident, a_waiver,
)  # fmt: skip
