"""Duties of approvers, publishers and administrators hold only when a second person has agreed, by the pages."""

import pytest
from django.urls import reverse

from registry import access
from registry.actions import people
from registry.models import AuditEntry, Duty, RoleAssignment
from tests import factories

REASON = "She left the credit department only last week."


@pytest.fixture
def waiting(cast) -> RoleAssignment:
    """The owner of another system is to approve; nobody has agreed yet."""
    person = people.invite("new@bank.example", name="Nia New", unit=cast.unit, duty=Duty.APPROVER,
                           actor=cast.administrator)  # fmt: skip
    return person.role_assignments.get()


@pytest.fixture
def as_person(client):
    """A client signed in as somebody."""

    def sign_in(person):
        client.force_login(person)
        return client

    return sign_in


def post(client, verb, row, **data):
    """The act on the page of the duty."""
    return client.post(reverse(f"duty-{verb}", args=[row.pk]), data)


def test_a_waiting_duty_stands_in_my_work_of_whoever_may_confirm_it_and_of_nobody_else(waiting, cast, as_person):
    for person in cast.everyone().values():
        shown = str(waiting.get_absolute_url()) in as_person(person).get(reverse("home")).content.decode()
        assert shown == (person == cast.risk_officer), person


def test_a_risk_officer_confirms_and_the_duty_holds_from_then_on(waiting, cast, as_person):
    assert not access.allowed(waiting.person, access.APPROVAL_DECIDE, cast.unit)
    client = as_person(cast.risk_officer)
    assert "Confirm the duty" in client.get(waiting.get_absolute_url()).content.decode()
    assert post(client, "confirm", waiting)["Location"] == waiting.get_absolute_url()
    assert access.allowed(waiting.person, access.APPROVAL_DECIDE, cast.unit)
    entry = AuditEntry.objects.get(action="duty.confirmed", object_id=waiting.pk)
    assert entry.actor_id == cast.risk_officer.pk
    assert "Confirm the duty" not in client.get(waiting.get_absolute_url()).content.decode()
    assert waiting.get_absolute_url() not in client.get(reverse("home")).content.decode()


def test_a_declined_duty_never_holds_and_the_page_names_who_declined(waiting, cast, as_person):
    client = as_person(cast.risk_officer)
    assert post(client, "decline", waiting, reason=REASON).status_code == 302
    assert not access.allowed(waiting.person, access.APPROVAL_DECIDE, cast.unit)
    assert AuditEntry.objects.filter(action="duty.declined", object_id=waiting.pk).count() == 1
    page = client.get(waiting.get_absolute_url()).content.decode()
    assert "nobody; Rita Risk declined it" in page
    assert post(client, "confirm", waiting).status_code == 422
    assert not access.allowed(waiting.person, access.APPROVAL_DECIDE, cast.unit)


def test_declining_without_a_reason_is_refused_and_keeps_what_was_typed(waiting, cast, as_person):
    page = post(as_person(cast.risk_officer), "decline", waiting, reason="No.")
    assert page.status_code == 422
    assert "Say in at least ten characters why not" in page.content.decode()
    assert ">\nNo.</textarea>" in page.content.decode()
    assert RoleAssignment.objects.waiting().filter(pk=waiting.pk).exists()


@pytest.mark.parametrize("who", ["administrator", "privacy_officer", "approver", "auditor", "owner"])
def test_nobody_else_confirms_by_the_page_or_by_posting(who, waiting, cast, as_person):
    client = as_person(getattr(cast, who))
    assert "Confirm the duty" not in client.get(waiting.get_absolute_url()).content.decode()
    assert post(client, "confirm", waiting).status_code == 422
    assert post(client, "decline", waiting, reason=REASON).status_code == 422
    assert RoleAssignment.objects.waiting().filter(pk=waiting.pk).exists()


def test_who_receives_a_duty_sees_that_it_waits_and_does_not_confirm_it(waiting, cast, as_person):
    """R5, two duties in one person: the risk officer herself is to publish."""
    own = people.grant_duty(cast.risk_officer, duty=Duty.PUBLISHER, unit=cast.unit, actor=cast.administrator)
    client = as_person(cast.risk_officer)
    assert own.get_absolute_url() not in client.get(reverse("home")).content.decode()
    page = client.get(own.get_absolute_url()).content.decode()
    assert "waits for a second person" in page
    assert "Confirm the duty" not in page
    answer = post(client, "confirm", own)
    assert answer.status_code == 422
    assert "Nobody confirms his or her own duties." in answer.content.decode()
    assert RoleAssignment.objects.waiting().filter(pk=own.pk).exists()


def test_a_second_administrator_confirms_an_administrator_and_the_giver_does_not(cast, as_person):
    third = people.invite("third@bank.example", name="Third Administrator", unit=cast.unit.parent,
                          duty=Duty.ADMINISTRATOR, actor=cast.administrator)  # fmt: skip
    row = third.role_assignments.get()
    assert row.get_absolute_url() not in as_person(cast.administrator).get(reverse("home")).content.decode()
    refused = post(as_person(cast.administrator), "confirm", row)
    assert (refused.status_code, row.is_waiting) == (422, True)
    assert "You granted this duty, so somebody else must confirm it." in refused.content.decode()
    fourth = people.invite("fourth@bank.example", name="Fourth", unit=cast.unit.parent, duty=Duty.ADMINISTRATOR,
                           actor=cast.administrator)  # fmt: skip
    factories.invite("group.risk", "Gina Group", Duty.RISK_OFFICER, cast.unit.parent, cast.administrator)
    factories.confirm(fourth.role_assignments.get())
    assert post(as_person(fourth), "confirm", row).status_code == 302
    assert access.is_administrator(third)


def test_an_administrator_ends_a_duty_that_waits(waiting, cast, as_person):
    assert post(as_person(cast.administrator), "end", waiting).status_code == 302
    assert not RoleAssignment.objects.waiting().filter(pk=waiting.pk).exists()
    assert post(as_person(cast.risk_officer), "confirm", waiting).status_code == 422
