"""Stages of a system: the table of moves, what each needs, what deployments do, and what a closed stage closes."""

import pytest
from django.urls import reverse

from registry import gates, stages
from registry.access import MATRIX
from registry.actions import deployments, inventory
from registry.actions.stages import move_system
from registry.errors import BadInput, NotAllowed
from registry.models import AISystem, AuditEntry, Deployment, Release, Stage
from registry.release_gates import preview
from tests import factories
from tests.authz.world import make_deployment

pytestmark = pytest.mark.django_db
REASON = "Agreed in the weekly meeting of the unit."
# The document: from which stage a person may move a system where, written anew here.
DOCUMENT = {
    "intake": {"assessment", "retired"},
    "assessment": {"development", "retired"},
    "development": {"validation", "assessment", "suspended", "retired"},
    "validation": {"development", "assessment", "suspended", "retired"},
    "pilot": {"suspended"},
    "production": {"suspended"},
    "suspended": {"validation", "retired"},
    "retired": set(),
}


def at(cast, stage) -> AISystem:
    """A system in a stage."""
    return inventory.register_system(
        cast.unit, name=f"In {stage}", purpose="A system for this test.", business_owner=cast.owner,
        technical_owner=cast.owner, risk_tier="minimal", actor=cast.owner, stage=stage,
    )  # fmt: skip


def mover(cast, move):
    """Somebody whom the permission document lets make the move."""
    people = {"DEV": cast.owner, "RISK": cast.risk_officer}
    return next(person for role, person in people.items() if MATRIX[move.permission][role] != "-")


@pytest.mark.parametrize("stage", Stage.values)
def test_from_each_stage_only_the_moves_of_the_table_are_made_and_each_is_logged(cast, stage):
    """S-006: every verb is tried from every stage; what is refused changes nothing."""
    reached = set()
    for verb, move in stages.MOVES.items():
        system = AISystem.objects.filter(slug=f"in-{stage}", lifecycle_stage=stage).first() or at(cast, stage)
        before = AuditEntry.objects.count()
        try:
            moved = move_system(system, verb=verb, reason=REASON, actor=mover(cast, move))
        except NotAllowed as refusal:
            assert "from there this is no move" in str(refusal)
            assert AuditEntry.objects.count() == before
            continue
        reached.add(str(moved.lifecycle_stage))
        entry = AuditEntry.objects.filter(object_id=system.pk).order_by("-seq").first()
        assert (entry.action, entry.actor_id) == ("system.moved", mover(cast, move).pk)
        rename(system)
    assert reached == DOCUMENT[stage]


def rename(system) -> None:
    """Out of the way of the next try, which wants its own in the first stage."""
    system = AISystem.objects.get(pk=system.pk)
    system.slug = str(system.pk)
    system.save()


def test_no_table_of_ours_leads_a_person_into_pilot_or_production():
    """S-006: only what runs does."""
    assert {move.target for move in stages.MOVES.values()} & {Stage.PILOT, Stage.PRODUCTION} == set()


def test_a_move_wants_a_reason_and_a_verb_of_the_table(cast):
    system = at(cast, Stage.DEVELOPMENT)
    with pytest.raises(BadInput, match="at least 10 characters"):
        move_system(system, verb="validate", reason="ok", actor=cast.owner)
    with pytest.raises(BadInput, match="no move"):
        move_system(system, verb="fly", reason=REASON, actor=cast.owner)


def test_only_who_may_makes_a_move(cast):
    system = at(cast, Stage.VALIDATION)
    for verb, person in (("suspend", cast.approver), ("rework", cast.auditor), ("retire", cast.publisher)):
        with pytest.raises(NotAllowed, match="You may not do this"):
            move_system(system, verb=verb, reason=REASON, actor=person)
    system = move_system(system, verb="suspend", reason=REASON, actor=cast.risk_officer)
    with pytest.raises(NotAllowed):
        move_system(system, verb="resume", reason=REASON, actor=cast.owner)


def test_development_does_not_begin_before_both_owners_have_accepted(cast):
    """S-003, S-006."""
    other = factories.invite("second", "Sam Second", "business_owner", cast.unit, cast.administrator)
    system = factories.make_system(cast, business_owner=other, stage=Stage.ASSESSMENT)
    with pytest.raises(NotAllowed, match="Sam Second has not accepted yet"):
        move_system(system, verb="develop", reason=REASON, actor=cast.owner)


@pytest.mark.parametrize("stage", sorted(stages.CLOSED))
def test_nothing_is_released_in_a_closed_stage(cast, stage):
    """S-006: the gate of the stage."""
    version = factories.make_version(cast, factories.make_model(cast, at(cast, stage)))
    assert not gates.answer("stage", preview(version)).is_open


def test_suspending_stops_what_runs_and_no_deployment_lifts_it(cast):
    """S-006: pilot is entered by a deployment; a suspension ends it and only a controlling duty lifts that."""
    running = make_deployment(cast)
    system = AISystem.objects.get(pk=running.release.system_id)
    assert system.lifecycle_stage == Stage.PILOT
    with pytest.raises(NotAllowed, match="from there this is no move"):
        move_system(system, verb="retire", reason=REASON, actor=cast.owner)
    system = move_system(system, verb="suspend", reason=REASON, actor=cast.risk_officer)
    running.refresh_from_db()
    assert (system.lifecycle_stage, running.status) == (Stage.SUSPENDED, Deployment.Status.STOPPED)
    with pytest.raises(NotAllowed, match="is suspended; nothing of it is started"):
        deployments.start_deployment(
            Release.objects.get(pk=running.release_id), environment="pilot", region="eu", actor=cast.publisher
        )
    with pytest.raises(NotAllowed, match="retire or withdraw it first"):
        move_system(system, verb="retire", reason=REASON, actor=cast.owner)
    assert move_system(system, verb="resume", reason=REASON, actor=cast.approver).lifecycle_stage == Stage.VALIDATION


def test_the_page_offers_the_moves_that_are_open_and_makes_them(cast, client):
    system = at(cast, Stage.DEVELOPMENT)
    url = reverse("system-stage", args=[system.pk])
    client.force_login(cast.auditor)
    assert "No move is open to you" in client.get(url).content.decode()
    assert client.post(url, {"verb": "validate", "reason": REASON}).status_code == 422
    client.force_login(cast.owner)
    page = client.get(url).content.decode()
    assert ("Hand to validation" in page, "Lift the suspension" in page) == (True, False)
    assert client.post(url, {"verb": "validate", "reason": REASON}).status_code == 302
    system.refresh_from_db()
    assert system.lifecycle_stage == Stage.VALIDATION


def test_the_api_moves_a_system_by_the_same_table(cast, client):
    system = at(cast, Stage.DEVELOPMENT)
    client.force_login(cast.owner)
    url = f"/api/v1/systems/{system.pk}/move/"
    assert client.post(url, {"verb": "resume", "reason": REASON}, "application/json").status_code in {403, 409}
    answer = client.post(url, {"verb": "validate", "reason": REASON}, "application/json")
    assert (answer.status_code, answer.json()["lifecycle_stage"]) == (200, "validation")
