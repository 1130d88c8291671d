"""Each act decides on the row as it is stored when it acts: never on a page that was read before somebody else acted.

Two browsers, or two people at once, are played here one after the other: `read` is what the later one still has in hand.
"""

from datetime import date, timedelta

import pytest
from django.utils import timezone

from rai import actions as rai_actions
from registry import lifecycle, release_gates
from registry.actions import (
    components,
    data_terms,
    data_use,
    datasets,
    imports,
    inventory,
    people,
    questions,
    register_approval,
    registers,
    rollbacks,
    rounds,
    vendors,
)
from registry.errors import DomainError, NotAllowed
from registry.imports import KINDS
from registry.models import Duty, Import, ModelVersion, RegisterEntry, Review, SignOff
from registry.registers import kind_named
from registry.transactions import retried
from reports import schedules
from tests import factories
from tests.registry import data as data_steps, releasing, supply
from tests.registry.registers import samples
from tests.reviewing import world as worlds
from tests.reviewing.pages import read
from tests.reviewing.world import GOOD, World

pytestmark = pytest.mark.django_db


@pytest.fixture
def world(cast) -> World:
    """A version that passes every gate."""
    return World(cast, factories.make_releasable(cast))


# ---- versions, systems and releases


def test_a_version_that_was_submitted_meanwhile_is_not_changed_as_the_draft_that_it_was(world):
    """P3: what people decide on stays as it was submitted."""
    draft = read(world.version)
    worlds.submit(world, "owner", 0)
    with pytest.raises(NotAllowed, match="submitted"):
        inventory.edit_version(draft, licence="MIT", actor=world.cast.owner)
    assert read(world.version).status == "in_review"


@pytest.mark.both
def test_a_date_set_on_a_page_of_before_does_not_take_a_version_back_to_the_state_of_before(world):
    """P3: a submission is not undone by who writes a date."""
    draft = read(world.version)
    worlds.submit(world, "owner", 0)
    day = date.today() + timedelta(days=300)
    inventory.edit_version(draft, retirement_date=day, actor=world.cast.owner)
    version = read(world.version)
    assert (version.status, version.frozen_at is not None, version.retirement_date) == ("in_review", True, day)


def test_a_description_written_on_a_page_of_before_takes_nothing_back_that_was_decided_on_the_system(cast):
    """P3: neither the stage of a system nor who owns it is written by an edit of its description."""
    system = factories.make_system(cast)
    page = read(system)
    now = read(system)
    now.lifecycle_stage, now.technical_owner = "suspended", cast.risk_officer
    now.save()
    inventory.edit_system(page, purpose="Chooses who gets a letter.", actor=cast.owner)
    system = read(system)
    assert (system.lifecycle_stage, system.technical_owner) == ("suspended", cast.risk_officer)


def test_a_release_that_moves_keeps_the_fall_back_that_was_chosen_meanwhile(cast):
    """P3: what a transition does not set, it does not write."""
    _first, second = releasing.two_published(cast)
    held = read(second)
    chosen = read(second)
    chosen.rollback_to = None
    chosen.save()
    retried(lifecycle.move)(held, "suspend", actor=None, reason=GOOD)
    assert (read(second).status, read(second).rollback_to) == ("in_review", None)


def test_the_review_of_a_release_that_was_taken_back_is_not_opened_again(world):
    """P3: a change that waited for the withdrawal finds nothing to ask again."""
    worlds.submit(world, "owner", 0)
    review = world.review
    worlds.withdraw(world, "owner", 0)
    [review] = rounds.held(Review.objects.filter(pk=review.pk))
    retried(rounds.reopen)(review, reason="the material changed", actor=None)
    assert read(review).status == Review.Status.WITHDRAWN
    assert SignOff.objects.filter(review=review).count() == SignOff.objects.filter(review=review, round=1).count()


def test_nobody_is_asked_in_a_review_that_was_closed_meanwhile(world):
    """A question on a page of before opens no task."""
    worlds.submit(world, "owner", 0)
    review = world.review
    assert review.status == Review.Status.OPEN
    worlds.withdraw(world, "owner", 0)
    with pytest.raises(NotAllowed, match="closed"):
        questions.say(review, text="What is new in it?", asked_of=world.cast.owner, actor=world.cast.risk_officer)


# ---- duties


def test_a_duty_that_is_over_is_not_ended_again_with_a_later_day(cast):
    """R12: when a duty ended stays as it was written down."""
    grant = cast.approver.role_assignments.get()
    people.end_duty(grant, actor=cast.administrator)
    over = read(grant)
    over.starts_on, over.ends_on = date.today() - timedelta(days=90), date.today() - timedelta(days=60)
    over.save()
    with pytest.raises(NotAllowed, match="ended already"):
        people.end_duty(grant, actor=cast.administrator)
    assert read(grant).ends_on == over.ends_on


# ---- what comes from others


@pytest.mark.both
def test_an_edit_on_a_page_of_before_does_not_let_a_suspended_vendor_be_used_again(cast):
    """P3, S-159: an approval is not brought back by who writes a telephone number."""
    vendor = supply.approved_vendor(cast)
    page = read(vendor)
    vendors.suspend_vendor(vendor, reason=GOOD, actor=cast.risk_officer)
    vendors.edit_vendor(page, contact="Grace, key account", actor=cast.owner)
    assert (read(vendor).status, read(vendor).contact) == ("suspended", "Grace, key account")


def test_a_vendor_is_approved_on_its_newest_assessment_not_on_the_one_that_a_page_has(cast):
    """P3, S-159."""
    vendor = supply.proposed_vendor(cast)
    supply.assessed(cast, vendor)
    page = read(vendor)
    vendors.record_assessment(
        vendor, result="rejected", score=90, level="high", practice="", valid_until=supply.NEXT_YEAR,
        actor=cast.risk_officer,
    )  # fmt: skip
    with pytest.raises(NotAllowed, match="Assess it first"):
        vendors.approve_vendor(page, reason=GOOD, actor=cast.risk_officer)
    assert read(vendor).status != "approved"


def test_terms_that_ended_are_not_in_force_again_because_somebody_read_them_on_a_page_of_before(cast):
    """P3."""
    terms = supply.agreement(cast)
    page, other_page = read(terms), read(terms)
    vendors.end_agreement(terms, reason=GOOD, actor=cast.risk_officer)
    with pytest.raises(NotAllowed, match="no longer in force"):
        vendors.read_terms(page, reason=GOOD, review_due=supply.NEXT_YEAR, actor=cast.risk_officer)
    vendors.edit_agreement(other_page, title="Terms of 2026", actor=cast.owner)
    assert read(terms).status == "terminated"
    with pytest.raises(NotAllowed, match="no longer in force"):
        vendors.end_agreement(other_page, reason=GOOD, actor=cast.risk_officer)


def test_an_edit_on_a_page_of_before_does_not_bring_back_a_component_that_was_forbidden(cast):
    """P3, S-009."""
    row = supply.approved_component(cast)
    page = read(row)
    components.forbid_component(row, reason=GOOD, actor=cast.risk_officer)
    components.edit_component(page, risk_note="A flaw became known.", actor=cast.owner)
    assert (read(row).status, read(row).risk_note) == ("forbidden", "A flaw became known.")


def test_a_component_that_was_approved_meanwhile_is_not_written_anew_as_a_proposal(cast):
    """P3, S-009: what was decided on stays as it was decided."""
    row = supply.proposed_component(cast)
    page = read(row)
    components.approve_component(row, reason=GOOD, actor=cast.risk_officer, **supply.SCOPE)
    with pytest.raises(DomainError):
        components.edit_component(page, data_classes=["secret"], actor=cast.owner)
    assert (read(row).status, read(row).data_classes) == ("approved", supply.SCOPE["data_classes"])


def test_a_component_is_not_approved_on_an_approval_of_its_vendor_that_is_over(cast):
    """P3, S-009."""
    vendor = supply.approved_vendor(cast)
    page = supply.proposed_component(cast, vendor=vendor)
    assert page.vendor.is_usable
    vendors.suspend_vendor(read(vendor), reason=GOOD, actor=cast.risk_officer)
    with pytest.raises(NotAllowed, match="Decide on the vendor first"):
        components.approve_component(page, reason=GOOD, actor=cast.risk_officer, **supply.SCOPE)


def test_a_use_that_ended_is_not_ended_again(cast):
    """When it ended stays as it was written down."""
    use = supply.used(cast, factories.make_system(cast))
    page = read(use)
    components.end_use(use, reason=GOOD, actor=cast.owner)
    with pytest.raises(NotAllowed, match="no longer already"):
        components.end_use(page, reason=GOOD, actor=cast.owner)


# ---- data


def test_whoever_changed_the_purpose_of_data_does_not_review_it_on_a_page_of_before(cast):
    """Four eyes: who asks for the purpose does not say that the data serve it."""
    data = data_steps.approved(cast, data_steps.version_of(data_steps.described(cast)))
    version = factories.make_version(cast)
    link = inventory.add_link(
        version, relation="trained_on", target=data, purpose="To learn who answered.", actor=cast.owner
    )
    link.data_use.asked_by = cast.risk_officer
    link.data_use.save()
    page = read(link.data_use)
    data_use.change_purpose(read(page), purpose="To set a price for each.", reason=GOOD, actor=cast.owner)
    with pytest.raises(NotAllowed, match="not who made the link"):
        data_use.review_fit(page, fit="fits", reason=GOOD, actor=cast.owner)


def test_whoever_owns_a_system_by_now_does_not_clear_it_for_data_on_a_page_of_before(cast):
    """Four eyes: an owner does not clear the own system."""
    system = factories.make_system(cast)
    page = read(system)
    now = read(system)
    now.technical_owner = cast.risk_officer
    now.save()
    with pytest.raises(DomainError, match="somebody else clears it"):
        data_terms.clear_system(page, clearance="restricted", reason=GOOD, actor=cast.risk_officer)


# ---- registers, sheets, schedules


def test_an_entry_that_was_approved_meanwhile_is_withdrawn_only_by_who_may_approve(cast):
    """S-041: a page that still shows the draft does not take what is in force out of it."""
    chair = factories.invite("chair", "Carla Chair", Duty.BOARD_CHAIR, cast.unit, cast.administrator)
    row = samples.written(kind_named("policy_document"), cast, cast.unit, actor=cast.owner, title="Use of AI")
    page = read(row)
    register_approval.submit_entry(row, actor=cast.owner)
    register_approval.approve_entry(row, reason=GOOD, actor=chair)
    with pytest.raises(NotAllowed):
        registers.withdraw_entry(page, reason=GOOD, actor=cast.owner)
    assert read(row).status == "approved"


def test_after_a_draft_of_a_revision_was_withdrawn_another_one_can_be_written(cast):
    """S-041: a withdrawn draft is no revision that is being written."""
    chair = factories.invite("chair", "Carla Chair", Duty.BOARD_CHAIR, cast.unit, cast.administrator)
    row = samples.written(kind_named("policy_document"), cast, cast.unit, actor=cast.owner, title="Use of AI")
    register_approval.submit_entry(row, actor=cast.owner)
    register_approval.approve_entry(row, reason=GOOD, actor=chair)
    row = read(row)
    said = {"fields": row.fields, "title": row.title, "due_on": row.due_on, "actor": cast.owner}
    second = registers.edit_entry(row, **said)
    registers.withdraw_entry(second, reason=GOOD, actor=cast.owner)
    third = registers.edit_entry(row, **said)
    assert (third.revision, third.status) == (3, "draft")
    assert RegisterEntry.objects.get(number=row.number, kind=row.kind, status="approved") == row


def test_a_sheet_is_not_entered_twice_by_two_browsers(cast):
    """One sheet, one import."""
    content = (
        "name,unit,purpose,business_owner,technical_owner,risk_tier\n"
        "One,lending,Sorts letters.,owner@bank.example,owner@bank.example,limited\n"
    )
    row = imports.check_sheet(KINDS["systems"], name="one.csv", content=content.encode(), actor=cast.owner)
    page = read(row)
    imports.carry_out(row, actor=cast.owner)
    with pytest.raises(NotAllowed, match="imported already"):
        imports.carry_out(page, actor=cast.owner)
    assert read(row).status == Import.Status.IMPORTED


def test_a_schedule_that_ended_is_not_ended_again(cast):
    """Why it ended stays as it was written down."""
    row = schedules.set_schedule(
        cast.unit, kind="board_pack", cadence="monthly", begins_on=timezone.localdate(), actor=cast.risk_officer
    )
    page = read(row)
    schedules.end_schedule(row, reason="It is read no more.", actor=cast.risk_officer)
    with pytest.raises(DomainError, match="ended already"):
        schedules.end_schedule(page, reason="Another reason.", actor=cast.risk_officer)


def test_a_limit_that_was_approved_meanwhile_keeps_its_approval_in_the_log_and_ends_once(cast):
    """P3, R6: a page that still shows the draft does not write the draft back."""
    system = factories.make_system(cast)
    row = rai_actions.propose_baseline(
        system, slug="group_fairness", rule="selection_rate_difference<=0.1", rationale=GOOD, actor=cast.risk_officer
    )
    page = read(row)
    rai_actions.approve_baseline(row, reason=GOOD, actor=cast.approver)
    rai_actions.supersede_baseline(page, reason=GOOD, actor=cast.risk_officer)
    assert (read(row).status, read(row).approved_by) == ("superseded", cast.approver)
    with pytest.raises(NotAllowed, match="ended already"):
        rai_actions.supersede_baseline(read(row), reason=GOOD, actor=cast.risk_officer)


def test_a_steward_who_wrote_a_version_of_data_and_handed_it_over_does_not_approve_it(cast):
    """Four eyes: what somebody wrote does not become somebody else's by a new steward."""
    dataset = data_steps.described(cast)
    data = data_steps.version_of(dataset)
    factories.grant(cast, cast.approver, Duty.TECHNICAL_OWNER)
    datasets.change_steward(dataset, steward=cast.approver, reason=GOOD, actor=cast.owner)
    datasets.edit_dataset_version(read(data), provenance="From the branch system.", actor=cast.approver)
    datasets.change_steward(read(dataset), steward=cast.owner, reason=GOOD, actor=read(cast.approver))
    asked = datasets.ask_approval(read(data), uses=["training"], approver=cast.approver, actor=cast.owner)
    with pytest.raises(NotAllowed, match="wrote"):
        datasets.decide_source(asked, decision="approved", reason=GOOD, actor=cast.approver)


def test_what_is_asked_of_a_version_after_a_roll_back_is_not_asked_of_the_release_that_was_rolled_back(cast):
    """P3: card and evidence of the older release are not those that a waiver or the next submission is about."""
    _first, second = releasing.two_published(cast)
    rollbacks.roll_back_release(second, reason=GOOD, actor=cast.risk_officer)
    version = ModelVersion.objects.get(pk=second.version_id)
    assert release_gates.preview(version)._state.adding
