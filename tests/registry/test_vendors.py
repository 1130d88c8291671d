"""The register of vendors: who enters, who decides, and terms that are read again when they change."""

from datetime import date, timedelta

import pytest

from registry.actions import vendors
from registry.errors import BadInput, NotAllowed
from registry.models import Agreement, AuditEntry, Task, Vendor
from tests import factories
from tests.registry.supply import NEXT_YEAR, REASON, agreement, approved_vendor, proposed_vendor

pytestmark = pytest.mark.django_db


def test_a_vendor_without_an_accepted_assessment_is_not_approved(cast):
    """S-159: what is not assessed is not approved."""
    vendor = proposed_vendor(cast)
    with pytest.raises(NotAllowed, match="Assess it first"):
        vendors.approve_vendor(vendor, reason=REASON, actor=cast.risk_officer)


def test_a_vendor_that_was_assessed_is_approved_by_a_risk_officer_with_a_reason(cast):
    vendor = approved_vendor(cast)
    assert vendor.status == Vendor.Status.APPROVED
    entry = AuditEntry.objects.get(action="vendor.approved")
    assert (entry.actor, entry.object_id) == (cast.risk_officer, vendor.pk)


def test_who_entered_a_vendor_does_not_decide_on_it(cast):
    factories.grant(cast, cast.owner, "risk_officer")
    vendor = proposed_vendor(cast)
    with pytest.raises(NotAllowed, match="somebody else"):
        vendors.suspend_vendor(vendor, reason=REASON, actor=cast.owner)


def test_who_edited_a_vendor_does_not_decide_on_it(cast):
    vendor = proposed_vendor(cast)
    vendors.edit_vendor(vendor, services="Another service altogether", actor=cast.risk_officer)
    with pytest.raises(NotAllowed, match="somebody else"):
        vendors.suspend_vendor(vendor, reason=REASON, actor=cast.risk_officer)


def test_a_developer_does_not_decide_on_a_vendor(cast):
    with pytest.raises(NotAllowed):
        vendors.suspend_vendor(proposed_vendor(cast), reason=REASON, actor=cast.owner)


def test_an_assessment_with_conditions_wants_them_named(cast):
    vendor = proposed_vendor(cast)
    vendors.record_assessment(
        vendor, result="accepted_with_conditions", score=40, level="medium", practice="", valid_until=NEXT_YEAR,
        actor=cast.risk_officer,
    )  # fmt: skip
    with pytest.raises(BadInput, match="name them"):
        vendors.approve_vendor(vendor, reason=REASON, actor=cast.risk_officer)
    vendors.approve_vendor(vendor, reason=REASON, conditions="No customer data.", actor=cast.risk_officer)
    assert vendor.status == Vendor.Status.CONDITIONAL


def test_terms_that_change_want_to_be_read_again(cast):
    """S-160: new terms have a date, open a task for who answers for the vendor, and reading them closes it."""
    row = agreement(cast)
    assert not row.is_unread
    vendors.edit_agreement(row, terms_version="4", terms_date=date(2026, 11, 1), actor=cast.owner)
    assert row.is_unread
    assert Agreement.objects.unread().get() == row
    task = Task.objects.visible_to(cast.owner).waiting().get(kind=Task.Kind.READ_TERMS)
    assert task.object_id == row.pk
    vendors.read_terms(row, reason=REASON, review_due=NEXT_YEAR, actor=cast.risk_officer)
    assert not row.is_unread
    assert not Task.objects.waiting().filter(kind=Task.Kind.READ_TERMS).exists()
    assert AuditEntry.objects.filter(action="agreement.terms_changed", object_id=row.pk).count() == 1


def test_a_change_of_a_clause_alone_asks_for_no_new_reading(cast):
    row = agreement(cast)
    vendors.edit_agreement(row, liability="Up to a year's fees", actor=cast.owner)
    assert not row.is_unread


def test_terms_whose_review_is_due_count_as_unread(cast):
    """S-160: a date to read them again."""
    row = agreement(cast)
    row.review_due = date.today() - timedelta(days=1)
    row.save()
    assert row.is_unread and Agreement.objects.unread().exists()


def test_people_of_another_unit_see_no_vendor_of_ours(cast):
    vendor = proposed_vendor(cast)
    assert Vendor.objects.visible_to(cast.publisher).get() == vendor
    assert not Vendor.objects.visible_to(cast.outsider).exists()


def test_a_vendor_of_the_whole_organisation_is_seen_in_every_unit(cast):
    root = cast.unit.parent
    head = factories.invite("head", "Hedda Head", "risk_officer", root, cast.administrator)
    vendor = vendors.propose_vendor(root, name="Borealis", services="Hosting", criticality="low", actor=head)
    for person in (cast.owner, cast.outsider):
        assert Vendor.objects.visible_to(person).get() == vendor


def test_agreements_are_not_for_everybody(cast):
    row = agreement(cast)
    assert Agreement.objects.visible_to(cast.risk_officer).get() == row
    assert Agreement.objects.visible_to(cast.owner).get() == row
    assert not Agreement.objects.visible_to(cast.publisher).exists()


def test_a_name_of_ten_thousand_characters_is_refused_with_a_sentence(cast):
    from django.core.exceptions import ValidationError

    with pytest.raises(ValidationError, match="200"):
        proposed_vendor(cast, name="名" * 10_000)
