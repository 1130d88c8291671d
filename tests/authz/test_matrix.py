"""The access table says what the permission document says, cell by cell, and the questions asked of it obey it."""

import csv
from pathlib import Path

import pytest
from django.contrib.auth.models import AnonymousUser

from registry import access
from registry.actions import inventory, people, releases
from registry.models import Duty, ModelVersion
from tests import factories

FILE = Path(__file__).parent / "expected.csv"
DUTIES = {
    "DEV": Duty.AUTHOR,
    "RISK": Duty.RISK_OFFICER,
    "PRIV": Duty.PRIVACY_OFFICER,
    "APPR": Duty.APPROVER,
    "PUB": Duty.PUBLISHER,
    "AUD": Duty.AUDITOR,
    "ADM": Duty.ADMINISTRATOR,
}
# What a cell permits on a version, by (the person's own, a draft) where the unit is in scope.
MEANING = {
    "●": lambda own, draft: True,
    "S": lambda own, draft: True,
    "○": lambda own, draft: own,
    "D": lambda own, draft: draft,
    "○D": lambda own, draft: own and draft,
    "F": lambda own, draft: False,
    "-": lambda own, draft: False,
}


def expected() -> dict[str, dict[str, str]]:
    """The permission document, written by hand and by nobody's code."""
    with FILE.open(encoding="utf-8", newline="") as file:
        return {row.pop("action"): row for row in csv.DictReader(file)}


def test_the_table_has_the_actions_of_the_document_and_no_other():
    assert sorted(access.MATRIX) == sorted(expected())


@pytest.mark.parametrize("action", expected())
def test_every_cell_is_as_the_document_says(action):
    row = expected()[action]
    assert {role: access.MATRIX[action][role] for role in access.ROLES} == {role: row[role] for role in access.ROLES}


def test_every_constant_names_an_action_of_the_table():
    """A gate that asks for an action which is not there would refuse everybody with an error."""
    names = {
        value for name, value in vars(access).items() if name.isupper() and isinstance(value, str) and "." in value
    }
    assert names - {access.TABLE} <= set(access.MATRIX)
    assert {access.PUBLISH, access.UNPUBLISH} <= set(access.MATRIX)


def test_every_duty_that_decides_has_a_role():
    """R-roles: those without one (end users, vendors' contacts) may do nothing by their duty."""
    powerless = {duty for duty in Duty.values if duty not in access.DUTY_ROLE}
    assert powerless == {
        "incident_lead", "human_reviewer", "domain_expert", "procurement", "finance", "vendor_contact", "end_user",
    }  # fmt: skip


@pytest.fixture
def holders(cast):
    """One person for each role, with the duty in the lending unit, beside the owner of what is asked about."""
    return {
        role: factories.invite(f"holder.{role.lower()}", f"Holder {role}", duty, cast.unit, cast.administrator)
        for role, duty in DUTIES.items()
    }


@pytest.fixture
def objects(cast, holders):
    """Versions in every relation to a holder: own or not, draft or not, in the unit, below it, beside it."""
    below = people.add_unit("Cards", parent=cast.unit, actor=cast.administrator)
    draft = factories.make_version(cast)
    submitted = factories.make_submittable(cast)
    releases.submit_for_review(submitted, notes="First release of the model.", actor=cast.owner)
    submitted.refresh_from_db()
    developer = holders["DEV"]
    mine = factories.make_system(cast, business_owner=developer, technical_owner=developer)
    own = inventory.register_version(
        inventory.register_model(mine, name="Own model", actor=developer), version="1", artifact=b"own",
        artifact_name="m.txt", actor=developer,
    )  # fmt: skip
    steward = factories.invite("below", "Bea Below", Duty.AUTHOR, cast.unit, cast.administrator)
    system = inventory.register_system(
        below, name="Below", purpose="A system of a unit below the one of the duty.", business_owner=steward,
        technical_owner=steward, risk_tier="limited", actor=steward,
    )  # fmt: skip
    lower = inventory.register_version(
        inventory.register_model(system, name="Below model", actor=steward), version="1", artifact=b"below",
        artifact_name="m.txt", actor=steward,
    )  # fmt: skip
    other = factories.invite("beside", "Ben Beside", Duty.AUTHOR, cast.other_unit, cast.administrator)
    beside = inventory.register_version(
        inventory.register_model(
            inventory.register_system(
                cast.other_unit, name="Beside", purpose="A system of the unit beside that of the duty.",
                business_owner=other, technical_owner=other, risk_tier="limited", actor=other,
            ), name="Beside model", actor=other,
        ), version="1", artifact=b"beside", artifact_name="m.txt", actor=other,
    )  # fmt: skip
    return {"draft": draft, "submitted": submitted, "own": own, "below": lower, "beside": beside}


def test_every_role_may_do_on_every_relation_what_its_cell_says(holders, objects):
    """Product of 7 roles, all actions and 5 relations against the document; no other unit's object ever."""
    cells, wrong = 0, []
    for action, row in expected().items():
        for role, person in holders.items():
            for relation, version in objects.items():
                own = relation == "own" and role == "DEV"
                want = relation != "beside" and MEANING[row[role]](own, relation != "submitted")
                cells += 1
                if access.allowed(person, action, version) != want:
                    wrong.append(f"{role} {action} {relation}: should be {want}")
    assert wrong == []
    assert cells == len(expected()) * 7 * 5


def test_who_is_inactive_or_not_signed_in_may_do_nothing(holders, objects):
    person = holders["RISK"]
    person.is_active = False
    for action in access.MATRIX:
        for nobody in (person, AnonymousUser()):
            assert not access.allowed(nobody, action, objects["draft"]), action
            assert not access.may_anywhere(nobody, action), action


def test_a_list_holds_exactly_the_rows_that_may_be_seen(holders, objects):
    """`reach`, from which the lists are made, agrees with `allowed`, which guards each object."""
    for person in holders.values():
        seen = set(ModelVersion.objects.visible_to(person))
        assert seen == {v for v in objects.values() if access.allowed(person, access.MODEL_VIEW, v)}, person


def test_a_duty_for_one_system_reaches_no_other(cast, objects):
    system = objects["draft"].home_system
    person = factories.invite("narrow", "Nora Narrow", Duty.END_USER, cast.unit, cast.administrator)
    people.grant_duty(person, duty=Duty.RISK_OFFICER, unit=cast.unit, system=system, actor=cast.administrator)
    assert access.allowed(person, access.CHECK_RUN, objects["draft"])
    assert not access.allowed(person, access.CHECK_RUN, objects["own"])
    assert list(ModelVersion.objects.visible_to(person)) == [objects["draft"]]
