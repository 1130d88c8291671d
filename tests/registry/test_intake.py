"""Intake: questions, draft tier, the policy of uses, likely duplicates, and uses found outside the inventory."""

import copy

import pytest
from django.urls import reverse

from registry import duplicates
from registry.actions import intake
from registry.actions.stages import move_system
from registry.errors import BadInput, NotAllowed
from registry.intake import FILE, parsed, questionnaire
from registry.models import AISystem, Duty, FoundUse, Intake, Stage, Task
from registry.vocabulary import read_yaml
from tests import factories
from tests.risk.steps import events

pytestmark = pytest.mark.django_db
REASON = "Looked at with the board on Tuesday; it may go on."
ANSWERS = {
    "use": "marketing", "affects_people": "no", "autonomy_level": "in_the_loop", "processes_personal_data": "no",
    "interacts_with_people": "no", "is_generative": "no", "is_agentic": "no", "build_tune_adopt": "build",
}  # fmt: skip
PURPOSE = "Chooses which parcels go on which lorry, so that fewer lorries drive half empty."


def proposed(cast, **changes):
    """A use taken in by the owner; what is no question is a keyword of the action."""
    answers = {name: changes.pop(name, value) for name, value in ANSWERS.items()}
    told = {"name": "Parcel loader", "purpose": PURPOSE, "business_owner": cast.owner, "technical_owner": cast.owner}
    return intake.take_in(cast.unit, answers=answers, actor=cast.owner, **{**told, **changes})


def typed(cast, **changes) -> dict:
    """The form as a browser sends it."""
    told = {"name": "Parcel loader", "purpose": PURPOSE, "unit": cast.unit.pk, "business_owner": cast.owner.pk,
            "technical_owner": cast.owner.pk}  # fmt: skip
    return {**told, **ANSWERS, **changes}


# ---- the draft tier


@pytest.mark.parametrize(
    ("answers", "tier"),
    [
        ({}, "minimal"),
        ({"processes_personal_data": "yes"}, "limited"),
        ({"interacts_with_people": "yes"}, "limited"),
        ({"is_agentic": "yes"}, "limited"),
        ({"is_agentic": "yes", "autonomy_level": "by_itself"}, "high"),
        ({"affects_people": "yes"}, "limited"),
        ({"affects_people": "yes", "autonomy_level": "on_the_loop"}, "high"),
        ({"affects_people": "yes", "use": "employment"}, "high"),
        ({"affects_people": "yes", "use": "employment", "autonomy_level": "by_itself"}, "critical"),
    ],
)
def test_the_answers_give_the_draft_tier_of_the_table(answers, tier):
    """S-051: rows of the document, written anew here."""
    assert questionnaire().draft({**ANSWERS, **answers}).tier == tier


def test_a_table_with_a_rule_that_never_holds_is_refused_by_name():
    broken = copy.deepcopy(read_yaml(FILE))
    broken["tiers"][0]["when"] = {"affects_people": ["maybe"]}
    with pytest.raises(BadInput, match=r"intake.yaml, tiers, rule 1: “affects_people: maybe”"):
        parsed(broken)
    broken["tiers"] = broken["tiers"][1:-1]
    with pytest.raises(BadInput, match="last rule must hold always"):
        parsed(broken)


# ---- taking in


def test_intake_makes_the_record_with_its_answers_tier_and_owners(cast):
    """S-001, S-006: a proposed use is in the inventory at once, in the first stage, with what was answered."""
    system = proposed(cast, affects_people="yes", is_generative="yes")
    assert (system.lifecycle_stage, system.risk_tier, system.build_tune_adopt) == (Stage.INTAKE, "limited", "build")
    assert (system.affects_people, system.is_generative, system.is_agentic) == (True, True, False)
    row = Intake.objects.get(system=system)
    assert (row.use, row.fitness, row.draft_tier, row.asked_by) == ("marketing", "suitable", "limited", cast.owner)
    assert row.answers["affects_people"] == "yes"
    assert events(row) == ["intake.answered"]


@pytest.mark.parametrize(("name", "answer"), [("use", "flying"), ("is_agentic", "perhaps"), ("use", "")])
def test_an_answer_that_is_none_is_refused_by_its_question(cast, name, answer):
    with pytest.raises(BadInput) as refused:
        proposed(cast, **{name: answer})
    assert refused.value.field == name
    assert not AISystem.objects.exists()


def test_a_suitable_use_goes_on_by_its_owner(cast):
    """S-051."""
    moved = move_system(proposed(cast), verb="assess", reason=REASON, actor=cast.owner)
    assert moved.lifecycle_stage == Stage.ASSESSMENT


def test_a_use_that_needs_the_board_waits_for_somebody_of_the_board(cast):
    """S-051: the owner cannot take it further; whoever decides for the unit can, and has a task."""
    system = proposed(cast, use="credit_insurance")
    with pytest.raises(NotAllowed):
        move_system(system, verb="assess", reason=REASON, actor=cast.owner)
    task = Task.objects.visible_to(cast.approver).waiting().get(kind=Task.Kind.JUDGE_USE)
    assert move_system(system, verb="assess", reason=REASON, actor=cast.approver).lifecycle_stage == Stage.ASSESSMENT
    task.refresh_from_db()
    assert task.done_at is not None


def test_an_owner_who_sits_on_the_board_does_not_judge_the_own_use(cast):
    factories.grant(cast, cast.owner, Duty.APPROVER)
    system = proposed(cast, use="credit_insurance")
    with pytest.raises(NotAllowed, match="somebody else of the board"):
        move_system(system, verb="assess", reason=REASON, actor=cast.owner)


@pytest.mark.parametrize("part", ["owner", "risk_officer", "approver"])
def test_a_use_that_is_not_suitable_stays_in_intake(cast, part):
    """S-051: nobody moves it on; it can only end."""
    system = proposed(cast, use="social_score")
    with pytest.raises(NotAllowed):
        move_system(system, verb="assess", reason=REASON, actor=getattr(cast, part))
    if part == "owner":
        retired = move_system(system, verb="retire", reason=REASON, actor=cast.owner)
        assert retired.lifecycle_stage == Stage.RETIRED


# ---- duplicates


@pytest.mark.parametrize(
    ("name", "purpose", "is_alike"),
    [
        ("Parcel loader", "Something else altogether.", True),
        ("Parcel-Loader 2", "Something else altogether.", True),
        ("Lorry planner", "Chooses which parcels go on which lorry so that fewer lorries drive half empty.", True),
        ("Complaint reader", "Sorts complaints of customers by how soon somebody must answer.", False),
    ],
)
def test_systems_alike_by_name_or_purpose_are_found(cast, name, purpose, is_alike):
    system = proposed(cast)
    assert [row.id for row in duplicates.likely(name, purpose, person=cast.owner)] == ([system.pk] if is_alike else [])


def test_alike_is_found_in_scripts_without_spaces(cast):
    system = proposed(cast, name="包裹装车助手", purpose="选择哪些包裹装上哪辆货车,以减少半空行驶。")
    found = duplicates.likely("装车", "为每辆货车选择包裹,减少半空行驶。", person=cast.owner)
    assert [row.id for row in found] == [system.pk]


def test_a_likely_duplicate_is_entered_only_when_somebody_says_that_it_is_none(cast):
    proposed(cast)
    with pytest.raises(BadInput, match="none of them"):
        proposed(cast, name="Parcel loader two")
    proposed(cast, name="Parcel loader two", is_none_of_these=True)
    assert AISystem.objects.count() == 2


def test_another_units_system_is_never_offered(cast, client):
    """P11: the same name elsewhere changes nothing of the answer."""
    theirs = factories.invite("theirs", "Theo Theirs", Duty.TECHNICAL_OWNER, cast.other_unit, cast.administrator)
    intake.take_in(
        cast.other_unit, name="Parcel loader", purpose=PURPOSE, business_owner=theirs, technical_owner=theirs,
        answers=ANSWERS, actor=theirs,
    )  # fmt: skip
    assert duplicates.likely("Parcel loader", PURPOSE, person=cast.owner) == []
    client.force_login(cast.owner)
    assert client.post(reverse("intake"), typed(cast)).status_code == 302


# ---- the page


def test_the_page_asks_explains_the_tier_and_makes_the_record(cast, client):
    client.force_login(cast.owner)
    page = client.get(reverse("intake")).content.decode()
    for question in questionnaire().questions:
        assert f'name="{question.id}"' in page
    assert "How the draft tier comes about" in page
    assert "It is used in decisions about people in a field where their rights hang on it." in page
    answer = client.post(reverse("intake"), typed(cast, use="employment", affects_people="yes"))
    shown = client.get(answer["Location"]).content.decode()
    assert "What decides on people&#x27;s work is decided with the board." in shown
    assert "It is used in decisions about people in a field where their rights hang on it." in shown


def test_the_page_shows_what_looks_alike_before_anything_is_stored(cast, client):
    proposed(cast)
    client.force_login(cast.owner)
    refused = client.post(reverse("intake"), typed(cast, name="Parcel loader two"))
    page = refused.content.decode()
    assert (refused.status_code, "Is it one of these?" in page, AISystem.objects.count()) == (422, True, 1)
    again = client.post(reverse("intake"), typed(cast, name="Parcel loader two", is_none_of_these="on"))
    assert again.status_code == 302


def test_a_missing_answer_is_said_at_its_question(cast, client):
    client.force_login(cast.owner)
    given = typed(cast)
    del given["affects_people"]
    refused = client.post(reverse("intake"), given)
    assert refused.status_code == 422
    assert "id_affects_people_error" in refused.content.decode()


# ---- found outside the inventory


def found_use(cast) -> FoundUse:
    return intake.note_uses(
        cast.unit, names="Chat by a vendor", source="cost_line", note="120 a month since May.", actor=cast.owner
    )[0]


def test_a_use_found_outside_is_noted_and_becomes_an_intake(cast, client):
    """S-012: found in a cost line, taken in by one click and one form, and then settled."""
    found = found_use(cast)
    client.force_login(cast.owner)
    listed = client.get(reverse("found-uses")).content.decode()
    way = f"{reverse('intake')}?found={found.pk}"
    assert ("Cost line" in listed, way in listed) == (True, True)
    begun = client.get(way).content.decode()
    assert 'value="Chat by a vendor"' in begun
    assert client.post(way, typed(cast, name=found.name)).status_code == 302
    found.refresh_from_db()
    assert (found.status, found.system.name, found.decided_by) == ("taken_in", "Chat by a vendor", cast.owner)
    assert found.name in client.get(reverse("found-uses") + "?show=closed").content.decode()


def test_a_finding_is_dismissed_with_a_reason_by_a_controlling_duty_alone(cast, client):
    """S-012: whoever builds does not wave the own find away."""
    found = found_use(cast)
    with pytest.raises(NotAllowed):
        intake.dismiss(found, reason=REASON, actor=cast.owner)
    with pytest.raises(BadInput, match="at least 10"):
        intake.dismiss(found, reason="no", actor=cast.risk_officer)
    client.force_login(cast.risk_officer)
    assert client.post(reverse("found-use-dismiss", args=[found.pk]), {"reason": REASON}).status_code == 302
    found.refresh_from_db()
    assert (found.status, found.reason) == ("dismissed", REASON)
    with pytest.raises(NotAllowed, match="settled already"):
        intake.dismiss(found, reason=REASON, actor=cast.risk_officer)
    assert events(found) == ["found_use.noted", "found_use.dismissed"]


def test_a_list_is_noted_line_by_line_and_no_open_find_twice(cast):
    """S-012: a list of the network, with a line that was noted before."""
    found_use(cast)
    rows = intake.note_uses(
        cast.unit, names="api.model.example\n\n  Chat by a vendor \napi.model.example\n智能客服\n", source="network_list",
        actor=cast.owner,
    )  # fmt: skip
    assert [row.name for row in rows] == ["api.model.example", "智能客服"]
    with pytest.raises(BadInput, match="Line 2 is longer than 160"):
        intake.note_uses(cast.unit, names="a\n" + "x" * 10_000, source="import", actor=cast.owner)


def test_what_was_found_in_another_unit_is_not_there_for_a_stranger(cast, client):
    """S-012, P11."""
    found = found_use(cast)
    client.force_login(cast.outsider)
    assert "Chat by a vendor" not in client.get(reverse("found-uses")).content.decode()
    assert client.post(reverse("found-use-dismiss", args=[found.pk]), {"reason": REASON}).status_code == 404
    assert "Chat by a vendor" not in client.get(f"{reverse('intake')}?found={found.pk}").content.decode()
