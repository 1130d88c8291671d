"""Owners and deputies: who is named, who accepts, what is without an owner, and what that closes."""

import pytest
from django.urls import reverse

from registry import gates, owners
from registry.actions import inventory, owners as acts, people
from registry.errors import BadInput, NotAllowed
from registry.models import Acceptance, AISystem, Duty, Side, Task
from registry.release_gates import preview
from tests import factories
from tests.risk.steps import events

pytestmark = pytest.mark.django_db
REASON = "She leaves the unit at the end of the month."


@pytest.fixture
def successor(cast):
    """Somebody of the unit who may become an owner."""
    return factories.invite("successor", "Sia Successor", Duty.BUSINESS_OWNER, cast.unit, cast.administrator)


@pytest.fixture
def version(cast):
    """A version that passes every gate."""
    return factories.make_releasable(cast)


def gate(version) -> gates.GateResult:
    """What the gate of owners says now, of rows that are read afresh."""
    return gates.answer("owners", preview(type(version).objects.get(pk=version.pk)))


def lost() -> list[AISystem]:
    """The list of systems without an owner."""
    return list(owners.without_owner(AISystem.objects.all()))


def new_system(cast, **changes) -> AISystem:
    return factories.make_system(cast, **changes)


# ---- S-001: no entry without two people who can answer


@pytest.mark.parametrize("side", ["business_owner", "technical_owner"])
def test_no_system_is_entered_without_both_owners(cast, side):
    """S-001: neither of the two may be missing, whoever calls."""
    with pytest.raises(BadInput, match="No system without its two owners") as refused:
        new_system(cast, **{side: None})
    assert refused.value.field == side
    assert not AISystem.objects.exists()


@pytest.mark.parametrize("side", ["business_owner", "technical_owner"])
def test_the_api_enters_no_system_without_both_owners(cast, client, side):
    """S-001: by REST, too."""
    client.force_login(cast.owner)
    payload = {"unit": str(cast.unit.pk), "name": "Sorter", "purpose": "Sorts the mail.", "risk_tier": "minimal",
               "business_owner": cast.owner.email, "technical_owner": cast.owner.email}  # fmt: skip
    del payload[side]
    answer = client.post("/api/v1/systems/", payload, "application/json")
    assert (answer.status_code, side in answer.content.decode()) == (400, True)
    assert not AISystem.objects.exists()


def test_an_owner_without_a_duty_in_the_unit_cannot_be_named(cast):
    """Who cannot see the system cannot answer for it."""
    with pytest.raises(BadInput, match="holds no duty in Lending"):
        new_system(cast, business_owner=cast.outsider)


def test_an_owner_who_has_left_cannot_be_named(cast, successor):
    people.deactivate(successor, reason=REASON, actor=cast.administrator)
    successor.refresh_from_db()
    with pytest.raises(BadInput, match="no longer active"):
        new_system(cast, business_owner=successor)


# ---- accepting


def test_whoever_names_himself_has_accepted(cast, version):
    assert version.home_system.business_acceptance == Acceptance.ACCEPTED
    assert gate(version).is_open


def test_who_is_named_by_another_gets_a_task_and_the_gate_waits_for_the_answer(cast, successor):
    """S-003: until the named person accepts, no release goes through."""
    version = factories.make_releasable(cast, business_owner=successor)
    found = gate(version)
    assert (found.is_open, found.reason) == (False, "Sia Successor has not accepted yet.")
    assert found.place == reverse("system-owners", args=[version.home_system.pk])
    task = Task.objects.visible_to(successor).waiting().get(kind=Task.Kind.ACCEPT_OWNERSHIP)
    acts.accept(version.home_system, side="business", actor=successor)
    task.refresh_from_db()
    assert gate(version).is_open
    assert task.done_at is not None


def test_only_the_named_person_answers(cast, successor):
    system = new_system(cast, business_owner=successor)
    for person in (cast.owner, cast.risk_officer):
        with pytest.raises(NotAllowed, match="Only Sia Successor"):
            acts.accept(system, side="business", actor=person)
    with pytest.raises(NotAllowed, match="Only Olga Owner"):
        acts.decline(system, side="technical", reason=REASON, actor=successor)


def test_declining_needs_a_reason_and_asks_for_another_owner(cast, successor):
    """S-003: a system whose named owner says no stands in the list, and whoever names owners is asked."""
    system = new_system(cast, business_owner=successor)
    with pytest.raises(BadInput, match="at least 10 characters"):
        acts.decline(system, side="business", reason="No.", actor=successor)
    acts.decline(system, side="business", reason="I know nothing of letters.", actor=successor)
    assert lost() == [system]
    assert Task.objects.visible_to(cast.risk_officer).waiting().filter(kind=Task.Kind.NAME_OWNER).count() == 1
    with pytest.raises(NotAllowed, match="answered already"):
        acts.accept(system, side="business", actor=successor)
    assert events(system)[-1] == "system.ownership_declined"


# ---- an owner who leaves


@pytest.mark.both
def test_a_deactivated_owner_closes_the_gate_until_a_new_one_accepts(cast, version, successor):
    """S-003: the systems of who left are listed, and releases wait for the acceptance of another."""
    assert (lost(), gate(version).is_open) == ([], True)
    left = people.deactivate(cast.owner, reason=REASON, actor=cast.administrator)
    assert left == lost() == [version.home_system]
    assert gate(version).reason == "Olga Owner is no longer active; name another owner."
    for side in Side:
        acts.assign_owner(version.home_system, side=side, person=successor, reason=REASON, actor=cast.risk_officer)
    assert "has not accepted yet" in gate(version).reason
    acts.accept(version.home_system, side="business", actor=successor)
    assert not gate(version).is_open, "the other side still waits"
    acts.accept(version.home_system, side="technical", actor=successor)
    assert (lost(), gate(version).is_open) == ([], True)
    assert not Task.objects.waiting().filter(kind__in=["name_owner", "accept_ownership"]).exists()


def test_an_owner_who_loses_the_duty_is_as_good_as_gone(cast, version):
    """S-003: ending the last duty in the unit lists the system and asks for an owner."""
    people.end_duty(cast.owner.role_assignments.get(), actor=cast.administrator)
    assert lost() == [version.home_system]
    assert "holds no duty for this unit any more" in gate(version).reason
    assert Task.objects.visible_to(cast.risk_officer).waiting().filter(kind=Task.Kind.NAME_OWNER).exists()


@pytest.mark.both
def test_an_owner_with_a_duty_above_or_for_the_system_alone_is_none_of_them(cast, successor):
    below = people.add_unit("Cards", parent=cast.unit, actor=cast.administrator)
    system = inventory.register_system(
        below, name="Below", purpose="A system of a unit below.", business_owner=cast.owner, risk_tier="minimal",
        technical_owner=cast.owner, actor=cast.owner,
    )  # fmt: skip
    assert lost() == []
    alone = factories.invite("alone", "Alma Alone", Duty.AUTHOR, cast.other_unit, cast.administrator)
    people.grant_duty(alone, duty=Duty.TECHNICAL_OWNER, unit=below, system=system, actor=cast.administrator)
    acts.assign_owner(system, side="technical", person=alone, reason=REASON, actor=cast.risk_officer)
    acts.accept(system, side="technical", actor=alone)
    assert lost() == []


def test_only_a_controlling_duty_hands_a_system_over(cast, version, successor):
    for person in (cast.owner, cast.approver, cast.administrator):
        with pytest.raises(NotAllowed):
            acts.assign_owner(version.home_system, side="business", person=successor, reason=REASON, actor=person)


def test_nobody_deactivates_himself(cast):
    with pytest.raises(NotAllowed):
        people.deactivate(cast.administrator, reason=REASON, actor=cast.administrator)


def test_a_handed_over_system_is_no_longer_the_old_owners(cast, version, successor):
    acts.assign_owner(version.home_system, side="business", person=successor, reason=REASON, actor=cast.risk_officer)
    acts.assign_owner(version.home_system, side="technical", person=successor, reason=REASON, actor=cast.risk_officer)
    with pytest.raises(NotAllowed):
        inventory.edit_system(AISystem.objects.get(pk=version.home_system.pk), purpose="Mine still.", actor=cast.owner)


# ---- deputies


def test_a_deputy_may_do_what_the_owner_may(cast, successor):
    """S-055: a system survives the loss of a person."""
    system = new_system(cast)
    with pytest.raises(NotAllowed):
        inventory.edit_system(system, value_metric="Letters saved", actor=successor)
    system = acts.name_deputy(system, side="business", person=successor, actor=cast.owner)
    assert inventory.edit_system(system, value_metric="Letters saved", actor=successor).value_metric == "Letters saved"


def test_a_deputy_does_not_approve_the_release(cast, successor):
    """S-023: whoever stands in for an owner counts among those who made it."""
    from registry import separation

    version = factories.make_submittable(cast)
    acts.name_deputy(version.home_system, side="business", person=cast.approver, actor=cast.owner)
    assert cast.approver.pk in separation.contributors(type(version).objects.get(pk=version.pk))


def test_nobody_is_his_own_deputy(cast):
    with pytest.raises(BadInput, match="somebody else"):
        acts.name_deputy(new_system(cast), side="business", person=cast.owner, actor=cast.owner)
    with pytest.raises(BadInput, match="somebody else"):
        new_system(cast, technical_deputy=cast.owner)


def test_the_page_says_who_fills_in_what_is_missing(cast, client, successor):
    """S-055: every field that is asked for and empty names the owner who answers for it and the deputy."""
    system = new_system(cast, business_deputy=successor)
    client.force_login(cast.owner)
    page = client.get(system.get_absolute_url()).content.decode()
    assert "Still open: Problem, Expected value, How value is measured, Technical metric behind it." in page
    assert "Olga Owner fills it in, or Sia Successor as deputy." in page
    assert "Olga Owner fills it in; there is no deputy." in page


# ---- pages


def test_owners_answer_and_are_named_on_the_page(cast, client, successor):
    system = new_system(cast, business_owner=successor)
    url = reverse("system-owners", args=[system.pk])
    client.force_login(successor)
    page = client.get(url).content.decode()
    assert ("accept_business_side" in page, "assign_business" in page) == (True, False)
    client.post(reverse("owner-accept", args=[system.pk]), {"side": "business"})
    client.force_login(cast.risk_officer)
    refused = client.post(reverse("owner-accept", args=[system.pk]), {"side": "business"})
    assert refused.status_code == 422
    named = {"side": "technical", "person": successor.pk, "reason": REASON}
    assert client.post(reverse("owner-assign", args=[system.pk]), named).status_code == 302
    system.refresh_from_db()
    assert (system.business_acceptance, system.technical_acceptance) == ("accepted", "waiting")
    assert system.technical_owner == successor


def test_a_refused_hand_over_comes_back_with_what_was_typed(cast, client, successor):
    system = new_system(cast)
    client.force_login(cast.risk_officer)
    url = reverse("owner-assign", args=[system.pk])
    answer = client.post(url, {"side": "business", "person": successor.pk, "reason": "short"})
    assert answer.status_code == 422
    assert "at least 10 characters" in answer.content.decode()


def test_the_list_of_what_is_without_owner_says_why_and_shows_the_readers_units_alone(cast, client, version):
    """S-003, P11."""
    people.end_duty(cast.owner.role_assignments.get(), actor=cast.administrator)
    url = reverse("systems-without-owner")
    client.force_login(cast.risk_officer)
    assert "Olga Owner holds no duty for this unit any more" in client.get(url).content.decode()
    client.force_login(cast.outsider)
    assert "Every system has its two owners" in client.get(url).content.decode()


def test_the_list_needs_no_query_for_systems_that_are_not_on_it(cast, client, django_assert_max_num_queries):
    for _number in range(3):
        new_system(cast)
    client.force_login(cast.risk_officer)
    with django_assert_max_num_queries(12):
        client.get(reverse("systems-without-owner"))


def test_an_administrator_deactivates_an_account_on_its_page(cast, client, version):
    client.force_login(cast.administrator)
    answer = client.post(reverse("person-deactivate", args=[cast.owner.pk]), {"reason": REASON})
    assert answer.status_code == 302
    cast.owner.refresh_from_db()
    assert not cast.owner.is_active
    assert lost() == [version.home_system]
