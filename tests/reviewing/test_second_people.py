"""Acts of a second person: each holds its duty to the moment of the act, and no deputy does what the delegator may not."""

import ast
from datetime import timedelta
from pathlib import Path

import pytest
from django.utils import timezone

from rai.actions.limits import approve_baseline, propose_baseline
from registry import access, separation
from registry.actions import (
    data_use,
    delegations,
    inventory,
    people,
    policies,
    proposals,
    register_approval,
    registers,
    releases,
    retirement,
    waivers,
)
from registry.actions.conditions import Asked, say_met, verify
from registry.errors import NotAllowed
from registry.models import Condition, DataUse, Duty, RoleAssignment, SignOff
from registry.registers import kind_named
from risk import actions as risks
from tests import factories
from tests.policies.writing import governors, proposed, text
from tests.registry import data, ending
from tests.registry.registers.samples import written
from tests.registry.reviews.scenes import decide
from tests.risk import steps
from tests.risk.replies import Reply, benign

ROOT = Path(separation.__file__).parents[1]
WHY = "Looked at with care; nothing stands against it."
# Asked after `separation.keep_duties` by the acts of the same file: pages and other questions go before it.
AFTERWARDS = {("registry/actions/reviews.py", "require_may_decide"), ("risk/actions/erasures.py", "require_verifier")}


def binding_questions(path: Path):
    """Every function of a file that asks for the right to an act that binds by `access.require` alone."""
    people = access.STEP_UP - {access.SETTINGS_CHANGE}  # which is no word of a second person
    binding = {name for name, value in vars(access).items() if isinstance(value, str) and value in people}
    for function in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if not isinstance(function, ast.FunctionDef):
            continue
        for call in ast.walk(function):
            named = isinstance(call, ast.Call) and ast.unparse(call.func) == "access.require"
            if named and any(f"access.{name}" in map(ast.unparse, call.args) for name in binding):
                yield path.relative_to(ROOT).as_posix(), function.name


def test_every_act_that_binds_holds_the_duty_until_it_is_done():
    """R12: `separation.require_now` begins each of them; a new act that forgets it is named here."""
    files = [path for app in ("registry", "rai", "risk") for path in (ROOT / app / "actions").rglob("*.py")]
    assert {found for path in files for found in binding_questions(path)} <= AFTERWARDS
    assert all(
        "separation.keep_duties(actor)" in (ROOT / name).read_text(encoding="utf-8") for name, _act in AFTERWARDS
    )


# ---- a duty that ends in the moment of the act


@pytest.fixture
def ends_at_once(monkeypatch):
    """Ends all duties of a person when the act begins: after the page was drawn, before anything is decided."""

    def prepare(person, administrator) -> None:
        before = separation.keep_duties

        def late(actor) -> None:
            for row in RoleAssignment.objects.current().filter(person=person):
                people.end_duty(row, actor=administrator)
            before(actor)

        monkeypatch.setattr(separation, "keep_duties", late)

    return prepare


def a_condition(cast) -> Condition:
    """A condition that its owner says is met."""
    review = releases.submit_for_review(factories.make_releasable(cast), notes="First release.", actor=cast.owner)
    wanted = Asked("Publish the list of excluded groups.", cast.owner, timezone.localdate() + timedelta(days=9))
    decide(review, cast.risk_officer, "risk_officer", SignOff.Decision.CONDITIONAL, conditions=[wanted])
    return say_met(Condition.objects.get(), reason=WHY, actor=cast.owner)


def verifying(cast):
    """A condition that is said to be met."""
    row = a_condition(cast)
    return cast.risk_officer, lambda: verify(row, reason=WHY, actor=cast.risk_officer)


def accepting_a_risk(cast):
    """A risk that waits."""
    row = steps.registered(cast, factories.make_system(cast))
    return cast.risk_officer, lambda: risks.accept_risk(row, reason=WHY, actor=cast.risk_officer)


def signing_an_assessment(cast):
    """An assessment that waits for the privacy officer."""
    row = steps.submitted(cast, factories.make_system(cast))
    return cast.privacy_officer, lambda: risks.approve_assessment(
        row, opinion=steps.OPINION, actor=cast.privacy_officer
    )


def approving_a_limit(cast):
    """A limit that waits."""
    row = propose_baseline(
        factories.make_system(cast), slug="group_fairness", rule="selection_rate_difference<=0.1", rationale=WHY,
        actor=cast.risk_officer,
    )  # fmt: skip
    return cast.approver, lambda: approve_baseline(row, reason=WHY, actor=cast.approver)


def approving_a_policy(cast):
    """A policy that waits for two people."""
    crowd = governors(cast)
    row = proposed(crowd, text())
    return crowd["first"], lambda: proposals.approve(row, reason=WHY, actor=crowd["first"])


def accepting_a_waiver(cast):
    """A waiver that waits."""
    row = factories.make_waiver(cast)
    return cast.approver, lambda: waivers.accept_waiver(row, reason=WHY, actor=cast.approver)


@pytest.mark.both
@pytest.mark.parametrize(
    "scene",
    [verifying, accepting_a_risk, signing_an_assessment, approving_a_limit, approving_a_policy, accepting_a_waiver],
)
def test_whoever_loses_the_duty_while_the_page_is_open_decides_nothing(cast, ends_at_once, scene):
    """R12, S-037: a role revoked in mid-review; the duty is read again, and held, by every second person's act."""
    person, act = scene(cast)
    ends_at_once(person, cast.administrator)
    with pytest.raises(NotAllowed):
        act()


# ---- what the delegator may not do, the deputy does not do for him


def deputy_of(cast, person, *, duty=""):
    """Somebody without a duty of his own who stands in for the person since two days."""
    deputy = factories.invite("stand.in", "Dora Deputy", Duty.END_USER, cast.unit, cast.administrator)
    handed_to(cast, deputy, person, duty=duty)
    return deputy


def handed_to(cast, deputy, person, *, duty="") -> None:
    """The duty of a person, in the hands of a deputy since two days."""
    held = RoleAssignment.objects.current().filter(person=person)
    row = delegations.delegate(
        held.get(duty=duty) if duty else held.get(), to_person=deputy, starts_on=timezone.localdate(),
        ends_on=timezone.localdate() + timedelta(days=9), reason=WHY, actor=person,
    )  # fmt: skip
    row = delegations.accept(row, actor=deputy)
    row.accepted_at -= timedelta(days=2)
    row.save()


def test_a_line_of_the_checklist_is_not_signed_in_the_place_of_who_did_it(cast):
    version = factories.make_version(cast)
    version.retirement_date = timezone.localdate() + timedelta(days=40)
    version.save()
    ending.planned(cast, version)
    item = retirement.do_line(version, key="records_kept", evidence=ending.SHOWN, actor=cast.risk_officer)
    with pytest.raises(NotAllowed, match="in the place of Rita Risk"):
        retirement.sign_line(item, actor=deputy_of(cast, cast.risk_officer))


def test_data_that_somebody_linked_are_not_found_fit_in_his_place(cast):
    version, rows = factories.make_version(cast), data.version_of(data.described(cast))
    inventory.add_link(version, relation="trained_on", target=rows, purpose="Trains the model.", actor=cast.owner)
    use = DataUse.objects.get()
    use.asked_by = cast.risk_officer
    use.save()
    deputy = deputy_of(cast, cast.risk_officer)
    assert not data_use.may_review(use, deputy)
    with pytest.raises(NotAllowed, match="not who made the link"):
        data_use.review_fit(use, fit="fits", reason=WHY, actor=deputy)


def test_an_owner_gives_no_opinion_on_his_system_through_a_deputy_who_has_a_duty_too(cast):
    """The deputy's own duty suffices for the page, but the opinion is given in the duty that was handed over."""
    legal = factories.invite("legal", "Lara Legal", Duty.LEGAL_COMPLIANCE, cast.unit, cast.administrator)
    system = factories.make_system(cast, technical_owner=legal)
    handed_to(cast, cast.risk_officer, legal)
    given = {"verb": "develop", "is_favourable": True, "reason": WHY, "actor": cast.risk_officer}
    with pytest.raises(NotAllowed, match="in the place of Lara Legal"):
        policies.give_opinion(system, duty="legal_compliance", **given)
    assert policies.give_opinion(system, duty="risk_officer", **given).is_favourable


def test_a_high_risk_is_not_talked_down_in_the_place_of_the_owner(cast):
    """R7: an owner who is a risk officer as well hands that duty over in vain."""
    system = factories.make_system(cast, business_owner=cast.risk_officer)
    risk = steps.registered(cast, system, likelihood=5, impact=5)
    deputy = deputy_of(cast, cast.risk_officer)
    with pytest.raises(NotAllowed, match="in the place of Rita Risk"):
        risks.close_risk(risk, reason=WHY, actor=deputy)


def test_an_assessment_is_not_signed_in_the_place_of_who_answered_it(cast):
    """R1 of assessments, for the delegator."""
    assessment = steps.answered(cast, factories.make_system(cast))
    risks.save_answers(
        assessment,
        answers=benign(PIA_G_01=Reply("", "Read in the contract, and once more with the owner.")),
        actor=cast.privacy_officer,
    )
    risks.submit_assessment(assessment, actor=cast.owner)
    with pytest.raises(NotAllowed, match="in the place of Priya Privacy"):
        risks.approve_assessment(assessment, opinion=steps.OPINION, actor=deputy_of(cast, cast.privacy_officer))


def test_an_entry_of_a_register_is_not_approved_in_the_place_of_who_wrote_it(cast):
    """Four eyes, by whatever action the entry is decided on."""
    said = {"parties": "Lending\nThe bureau", "purpose": "Rates by region."}
    row = written(kind_named("sharing_agreement"), cast, cast.unit, actor=cast.owner, **said)
    registers.edit_entry(
        row, title=row.title, fields={**row.fields, "purpose": "Rates by age."}, due_on=row.due_on,
        actor=cast.privacy_officer,
    )  # fmt: skip
    register_approval.submit_entry(row, actor=cast.owner)
    with pytest.raises(NotAllowed, match="in the place of Priya Privacy"):
        register_approval.approve_entry(row, reason=WHY, actor=deputy_of(cast, cast.privacy_officer))
