"""The catalogue of components: what is allowed for what, and the gate that holds everything else back."""

from datetime import date, timedelta

import pytest

from registry import gates, release_gates
from registry.actions import components, releases, vendors
from registry.errors import BadInput, NotAllowed
from registry.models import AuditEntry, Component, ComponentUse, Review, Task
from tests import factories
from tests.registry.supply import (
    NEXT_YEAR,
    REASON,
    SCOPE,
    agreement,
    approved_component,
    approved_vendor,
    proposed_component,
    used,
)

pytestmark = pytest.mark.django_db


def asked(version):
    """What the gate says of a version."""
    return gates.answer("components", release_gates.preview(version))


def test_a_component_is_allowed_for_uses_and_classes_of_data(cast):
    """S-009: the catalogue says for which uses and classes of data each entry is approved, by whom and until when."""
    row = approved_component(cast)
    assert (row.status, row.uses, row.valid_until) == ("approved", ["internal", "decisions"], NEXT_YEAR)
    assert row.data_classes == ["public", "internal", "confidential"]
    assert row.reviewed_by == cast.risk_officer
    assert AuditEntry.objects.get(action="component.approved").object_id == row.pk


@pytest.mark.parametrize("verb", ["approve", "restrict", "forbid", "end"])
def test_who_proposed_a_component_does_not_decide_on_it(cast, verb):
    factories.grant(cast, cast.owner, "risk_officer")
    row = proposed_component(cast)
    more = SCOPE if verb in {"approve", "restrict"} else {}
    more = more | {"conditions": "Behind the proxy only."} if verb == "restrict" else more
    with pytest.raises(NotAllowed, match="somebody else"):
        getattr(components, f"{verb}_component")(row, reason=REASON, actor=cast.owner, **more)


def test_a_developer_does_not_approve_a_component(cast):
    with pytest.raises(NotAllowed):
        components.approve_component(proposed_component(cast), reason=REASON, actor=cast.owner, **SCOPE)


def test_a_component_that_was_decided_on_keeps_what_was_decided(cast):
    """What was approved cannot be widened by an edit; later versions and dates can be noted."""
    row = approved_component(cast)
    with pytest.raises(BadInput, match="cannot be set"):
        components.edit_component(row, uses=["customers"], actor=cast.owner)
    components.edit_component(row, newer_version="5", actor=cast.owner)
    assert Component.objects.get(pk=row.pk).newer_version == "5"


def test_a_component_of_a_vendor_that_is_not_approved_is_not_approved(cast):
    vendor = approved_vendor(cast)
    row = proposed_component(cast, vendor=vendor)
    vendors.suspend_vendor(vendor, reason=REASON, actor=cast.risk_officer)
    with pytest.raises(NotAllowed, match="Decide on the vendor first"):
        components.approve_component(row, reason=REASON, actor=cast.risk_officer, **SCOPE)


def test_a_class_that_the_standard_does_not_hold_is_refused(cast):
    with pytest.raises(BadInput, match="no class"):
        proposed_component(cast, data_classes=["secret-ish"])


def test_a_release_that_uses_what_is_allowed_passes(cast):
    """S-010: the gate is open for what stands on the list."""
    version = factories.make_version(cast)
    used(cast, version)
    assert asked(version).result == "passed"


@pytest.mark.parametrize("state", ["proposed", "forbidden", "ended"])
def test_a_component_outside_the_list_closes_the_gate(cast, state):
    """S-010: what was never approved, or is no longer, closes the gate with the place to mend it."""
    version = factories.make_version(cast)
    row = proposed_component(cast) if state == "proposed" else approved_component(cast)
    used(cast, version, row)
    if state != "proposed":
        {"forbidden": components.forbid_component, "ended": components.end_component}[state](
            row, reason=REASON, actor=cast.risk_officer
        )
    answer = asked(version)
    assert (answer.result, answer.place) == ("failed", row.get_absolute_url())
    assert row.name in answer.reason


@pytest.mark.parametrize(("change", "word"), [
    ({"use": "customers"}, "not allowed for"), ({"data_class": "restricted"}, "must not see data"),
])  # fmt: skip
def test_a_use_outside_what_is_allowed_closes_the_gate(cast, change, word):
    """S-010: allowed for another use or on other data is not allowed."""
    version = factories.make_version(cast)
    used(cast, version, **change)
    answer = asked(version)
    assert answer.result == "failed" and word in answer.reason
    assert answer.place == f"/versions/{version.pk}/components/"


def test_a_component_whose_day_has_passed_closes_the_gate(cast):
    """S-010: allowed until a day."""
    version = factories.make_version(cast)
    use = used(cast, version)
    use.component.valid_until = date.today() - timedelta(days=1)
    use.component.save()
    assert "ended on" in asked(version).reason


def test_a_component_past_its_end_of_life_closes_the_gate(cast):
    version = factories.make_version(cast)
    used(cast, version, approved_component(cast, end_of_life=date.today() - timedelta(days=1)))
    assert "ended on" in asked(version).reason


def test_a_component_that_may_run_in_one_region_only_closes_the_gate_elsewhere(cast):
    version, row = factories.make_version(cast), proposed_component(cast)
    components.approve_component(row, reason=REASON, actor=cast.risk_officer, regions=["eu"], **SCOPE)
    used(cast, version, row, region="us")
    assert "may run in eu only" in asked(version).reason


def test_conditions_want_somebody_who_says_how_they_are_kept(cast):
    version, row = factories.make_version(cast), proposed_component(cast)
    components.restrict_component(
        row, reason=REASON, conditions="Behind the proxy only.", actor=cast.risk_officer, **SCOPE
    )
    use = used(cast, version, row)
    assert "nobody says how they are kept" in asked(version).reason
    components.end_use(use, reason="Entered anew with the conditions.", actor=cast.owner)
    used(cast, version, row, conditions_kept="All calls pass the proxy.")
    assert asked(version).result == "passed"


def test_terms_that_nobody_has_read_close_the_gate(cast):
    """S-160: changed terms hold releases back until somebody has read them."""
    vendor = approved_vendor(cast)
    terms = agreement(cast, vendor)
    version = factories.make_version(cast)
    used(cast, version, approved_component(cast, vendor=vendor))
    assert asked(version).result == "passed"
    vendors.edit_agreement(terms, terms_date=date(2026, 11, 1), actor=cast.owner)
    assert "Nobody has read" in asked(version).reason


def test_a_system_that_builds_on_a_vendor_and_names_nothing_is_held_back(cast):
    """S-010: a model of others that stands in no catalogue cannot be used by not naming it."""
    version = factories.make_version(
        cast, factories.make_model(cast, factories.make_system(cast, has_vendor_component=True))
    )
    assert "no component is named" in asked(version).reason
    used(cast, version)
    assert asked(version).result == "passed"


def test_a_use_by_the_system_as_a_whole_bears_on_its_versions(cast):
    version = factories.make_version(cast)
    used(cast, version.home_system, use="customers")
    assert asked(version).result == "failed"


def test_adding_a_component_to_what_is_under_review_voids_what_was_signed(cast):
    """What is used is part of what is decided on."""
    version = factories.make_releasable(cast)
    review = releases.submit_for_review(version, notes="First release of the model.", actor=cast.owner)
    used(cast, version.home_system)
    review = Review.objects.get(pk=review.pk)
    assert review.round == 2


def test_a_release_that_uses_nothing_of_others_is_bound_as_before(cast):
    """The new part of the material says nothing where there is nothing, so that older reviews stand."""
    from registry.supply.allowed import component_uses

    assert component_uses(release_gates.preview(factories.make_version(cast))) is None


def test_a_component_that_falls_opens_a_task_for_each_system(cast):
    version, row = factories.make_version(cast), approved_component(cast)
    used(cast, version, row)
    components.forbid_component(row, reason=REASON, actor=cast.risk_officer)
    task = Task.objects.get(kind=Task.Kind.COMPONENT_FELL)
    assert (task.system, task.person) == (version.home_system, cast.owner)


def test_a_component_of_another_unit_cannot_be_used(cast):
    there = factories.invite("their", "Theo Their", "technical_owner", cast.other_unit, cast.administrator)
    row = components.propose_component(
        cast.other_unit, component_type="library", provider="X", name="x", version="1", actor=there
    )
    with pytest.raises(BadInput, match="does not hold for"):
        used(cast, factories.make_version(cast), row)


def test_a_use_that_ended_stays_on_record(cast):
    version = factories.make_version(cast)
    use = used(cast, version)
    components.end_use(use, reason="Replaced by one of our own.", actor=cast.owner)
    assert ComponentUse.objects.count() == 1 and not ComponentUse.objects.live().exists()
    assert AuditEntry.objects.filter(action="component_use.ended").count() == 1


def test_a_family_shows_whether_a_newer_version_exists(cast):
    """S-163: family, release date and the later versions of the same provider, typed in or known by the catalogue."""
    old = approved_component(cast, version="4", released_on=date(2026, 1, 15))
    new = proposed_component(cast, version="5", released_on=date(2026, 9, 1))
    proposed_component(cast, version="6", released_on=date(2026, 10, 1), provider="Somebody else")
    assert list(Component.objects.visible_to(cast.owner).newer_than(old)) == [new]
