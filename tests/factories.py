"""Makes the rows that tests begin with, through the actions that people use."""

import hashlib
import itertools
import json
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.utils import timezone

from registry.actions import cards, inventory, people
from registry.cards import schema
from registry.models import AISystem, BusinessUnit, Duty, Evidence, Model, ModelVersion, RoleAssignment, User

numbers = itertools.count(1)
PASSWORD = "a long passphrase for tests"


@dataclass(frozen=True)
class Cast:
    """The people of every story. The owner owns; the others each hold one duty; the outsider belongs elsewhere."""

    unit: BusinessUnit
    other_unit: BusinessUnit
    owner: User
    risk_officer: User
    privacy_officer: User
    approver: User
    second_approver: User
    publisher: User
    auditor: User
    administrator: User
    outsider: User

    def everyone(self) -> dict[str, User]:
        """All people by their part."""
        return {name: person for name, person in vars(self).items() if isinstance(person, User)}


def make_cast() -> Cast:
    """An organisation with two units and ten people."""
    administrator = people.make_first_administrator("administrator@bank.example", installation="Example Bank")
    root = BusinessUnit.objects.get(parent=None)
    unit = people.add_unit("Lending", parent=root, actor=administrator)
    other = people.add_unit("Insurance", parent=root, actor=administrator)
    second = invite("second.administrator", "Second Administrator", Duty.ADMINISTRATOR, root, administrator)
    parts = {
        "owner": invite("owner", "Olga Owner", Duty.TECHNICAL_OWNER, unit, administrator),
        "risk_officer": invite("risk", "Rita Risk", Duty.RISK_OFFICER, unit, administrator),
        "privacy_officer": invite("privacy", "Priya Privacy", Duty.PRIVACY_OFFICER, unit, administrator),
        "approver": invite("approver", "Aron Approver", Duty.APPROVER, unit, administrator),
        "second_approver": invite("approver2", "Ada Approver", Duty.APPROVER, unit, administrator),
        "publisher": invite("publisher", "Pavel Publisher", Duty.PUBLISHER, unit, administrator),
        "auditor": invite("auditor", "Ines Auditor", Duty.AUDITOR, unit, administrator),
        "outsider": invite("outsider", "Otto Outsider", Duty.RISK_OFFICER, other, administrator),
    }
    for person in (*parts.values(), administrator, second):
        person.set_password(PASSWORD)
        person.save(update_fields=["password"])
    return Cast(unit=unit, other_unit=other, administrator=administrator, **parts)


def invite(short: str, name: str, duty: str, unit: BusinessUnit, actor: User) -> User:
    """A person with one duty, confirmed where a second person must confirm it and somebody is there to do so."""
    person = people.invite(f"{short}@bank.example", name=name, unit=unit, duty=duty, actor=actor)
    for row in person.role_assignments.waiting():
        confirm(row)
    return person


def confirm(row: RoleAssignment) -> None:
    """Confirmation by whoever may: neither the giver nor the receiver; nothing where there is nobody."""
    above = [pk for pk in row.unit.path.split("/") if pk]
    may = [Duty.RISK_OFFICER, *([Duty.ADMINISTRATOR] if row.duty == Duty.ADMINISTRATOR else [])]
    rows = RoleAssignment.objects.current().filter(duty__in=may, unit__in=above, system=None)
    second = rows.exclude(person=row.person).exclude(person=row.granted_by).first()
    if second is not None:
        people.confirm_duty(row, actor=second.person)


def grant(cast: Cast, person: User, duty: str, *, unit: BusinessUnit | None = None) -> RoleAssignment:
    """One more duty, confirmed by a risk officer; by a second one where the first gets it."""
    where = unit or cast.unit
    row = people.grant_duty(person, duty=duty, unit=where, actor=cast.administrator)
    if row.is_waiting and person == cast.risk_officer:
        invite(f"risk{next(numbers)}", "Rolf Risk", Duty.RISK_OFFICER, where, cast.administrator)
    if row.is_waiting:
        confirm(row)
        row.refresh_from_db()
    return row


def make_system(cast: Cast, **changes: Any) -> AISystem:
    """A limited-tier system of the lending unit, owned by the owner."""
    fields: dict[str, Any] = {
        "name": f"Card offer {next(numbers)}",
        "business_owner": cast.owner,
        "technical_owner": cast.owner,
        "risk_tier": "limited",
        "purpose": "Chooses which existing customers receive a card offer by post; no credit is decided.",
        "intended_uses": "Monthly selection of addressees by the marketing team.",
        "out_of_scope_uses": "Credit decisions, prices, employment.",
        "intended_users": "Marketing analysts",
        "affected_groups": "Existing customers",
        "human_oversight_design": "An analyst releases every mailing list and can strike names.",
        "task_type": "binary classification",
        "method_type": "gradient-boosted trees",
        "applicable_law": "Data protection and consumer law",
        "non_ai_alternatives": "A rule on tenure alone was tried and found fewer takers; bought scores know no tenure.",
    }
    return inventory.register_system(cast.unit, actor=cast.owner, **{**fields, **changes})


def make_model(cast: Cast, system: AISystem | None = None) -> Model:
    """A model at home in a system."""
    return inventory.register_model(system or make_system(cast), name=f"Offer model {next(numbers)}", actor=cast.owner)


def make_version(cast: Cast, model: Model | None = None, **changes: Any) -> ModelVersion:
    """A draft version with bytes of its own and a retirement date."""
    number = next(numbers)
    fields: dict[str, Any] = {
        "version": f"1.{number}",
        "artifact": f"bytes of version {number}".encode(),
        "artifact_name": "model.txt",
        "provider": "In-house",
        "retirement_date": date.today() + timedelta(days=700),
    }
    return inventory.register_version(model or make_model(cast), actor=cast.owner, **{**fields, **changes})


def fill_card(cast: Cast, version: ModelVersion) -> None:
    """Every field that the tier asks for, with text long enough to count."""
    text = "Written for a test, long enough to count as filled in every field of the schema, whatever its minimum is."
    fields = {field.id: text for field in schema() if field.is_required(version)}
    cards.save_card(version, fields=fields, actor=cast.owner)


def make_evidence(cast: Cast, version: ModelVersion, *, verdict: str = "pass", **changes: Any) -> Evidence:
    """Evidence of a fairness run, stored as a worker stores it but without computing."""
    from django.db import transaction

    from registry.audit import log

    outcome = {"check": "group_fairness", "verdict": verdict, "thresholds": [], "n": next(numbers)}
    fields: dict[str, Any] = {
        "version": version,
        "kind": Evidence.Kind.CHECK,
        "check_slug": "group_fairness",
        "shows": ["fairness.group_metrics"],
        "digest": "sha256:" + hashlib.sha256(json.dumps(outcome).encode()).hexdigest(),
        "outcome": outcome,
        "verdict": verdict,
        "valid_until": timezone.now() + timedelta(days=90),
        "requested_by": cast.owner,
    }
    with transaction.atomic():
        row = Evidence(**{**fields, **changes})
        row.save()
        log.record(None, "evidence.recorded", row)
    return row


def make_submittable(cast: Cast, **system: Any) -> ModelVersion:
    """A version that lacks nothing the registry itself asks for: card filled, evidence passing."""
    version = make_version(cast, make_model(cast, make_system(cast, **system)))
    fill_card(cast, version)
    make_evidence(cast, version)
    return version


def make_releasable(cast: Cast, *, verdict: str = "pass", **system: Any) -> ModelVersion:
    """A version that passes every gate of every app: card, limits, evidence that judged them, privacy and risks."""
    version = make_version(cast, make_model(cast, make_system(cast, processes_personal_data=False, **system)))
    fill_card(cast, version)
    rule = "selection_rate_difference<=0.1"
    make_limit(cast, version.home_system, rule=rule)
    make_evidence(cast, version, verdict=verdict, outcome={"verdict": verdict, "thresholds": [{"rule": rule}]})
    make_risk(cast, version.home_system)
    return version


def make_limit(cast: Cast, system: AISystem, *, rule: str, slug: str = "group_fairness") -> Any:
    """A limit set by the risk officer and approved by the second approver."""
    from rai import actions

    limit = actions.propose_baseline(
        system, slug=slug, rule=rule, rationale="A tenth is what the unit has found bearable.",
        actor=cast.risk_officer,
    )  # fmt: skip
    actions.approve_baseline(limit, reason="The unit can bear a tenth and no more.", actor=cast.second_approver)
    return limit


def make_risk(cast: Cast, system: AISystem, **changes: Any) -> Any:
    """A medium risk on the register."""
    from risk import actions

    fields: dict[str, Any] = {
        "title": "Offers reach some groups less often", "component": "output", "category": "fairness",
        "likelihood": 3, "impact": 2, "owner": cast.owner,
    }  # fmt: skip
    return actions.register_risk(system, actor=cast.risk_officer, **{**fields, **changes})


def make_waiver(cast: Cast, version: ModelVersion | None = None, *, actor: User | None = None, **changes: Any) -> Any:
    """A waiver that the owner asks for, of the check that a version does not pass."""
    from registry.actions import waivers

    fields: dict[str, Any] = {
        "gate": "evidence", "check": "fairness.group_metrics", "owner": cast.owner,
        "reason": "Too few people of one group were written to this spring.",
        "compensating_controls": "An analyst reads every list before it is posted.",
        "expires_on": date.today() + timedelta(days=30),
    }  # fmt: skip
    subject = version or make_releasable(cast, verdict="fail")
    return waivers.request_waiver(subject, actor=actor or cast.owner, **{**fields, **changes})


def accept_waiver(cast: Cast, waiver: Any) -> Any:
    """The second approver, who has no part in anything else, accepts it."""
    from registry.actions import waivers

    return waivers.accept_waiver(
        waiver, reason="Bearable for a month with a person reading.", actor=cast.second_approver
    )
