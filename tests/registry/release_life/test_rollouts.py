"""Production is given step by step where the policy says so."""

import pytest

from registry.actions import deployments, endings, rollouts
from registry.errors import BadInput, GateClosed, NotAllowed
from registry.models import AuditEntry, Deployment, GateRecord
from registry.release_life import due
from registry.release_life.rollouts import of
from tests import factories
from tests.registry import releasing
from tests.registry.reviews.scenes import under

STEPS = [{"share": 5, "days": 2}, {"share": 25, "days": 5}, {"share": 100, "days": 0}]
WHY = "Figures of the step before are as on the test data."


@pytest.fixture
def deployment(cast, monkeypatch) -> Deployment:
    """A deployment at its first step."""
    under(monkeypatch, rollout=STEPS)
    release = releasing.published(cast)
    return deployments.start_deployment(release, environment="production", region="eu", actor=cast.publisher)


def test_a_deployment_to_production_begins_with_the_first_share(cast, deployment):
    found = of(deployment)
    assert (found.serves, found.next_share, found.last.person) == (5, 25, cast.publisher)


def test_trial_and_policies_without_steps_are_given_everything_at_once(cast, monkeypatch):
    release = releasing.published(cast)
    assert (
        of(deployments.start_deployment(release, environment="production", region="eu", actor=cast.publisher)) is None
    )
    under(monkeypatch, rollout=STEPS)
    other = releasing.published(cast)
    assert of(deployments.start_deployment(other, environment="pilot", region="eu", actor=cast.publisher)) is None


def test_the_next_step_waits_until_the_one_before_has_baked(cast, deployment, clock):
    """Refused to the second before; the gates are asked anew and their answers kept at each step."""
    asked = GateRecord.objects.filter(moment="deployment:production").count()
    for days, share in ((2, 25), (5, 100)):
        clock.on(days=days, seconds=-60)
        with pytest.raises(NotAllowed, match="bakes until"):
            rollouts.begin_step(deployment, reason=WHY, actor=cast.publisher)
        clock.on(seconds=120)
        assert rollouts.begin_step(deployment, reason=WHY, actor=cast.publisher).share == share
        asked += 1
        assert GateRecord.objects.filter(moment="deployment:production").count() == asked
    with pytest.raises(NotAllowed, match="last step"):
        rollouts.begin_step(deployment, reason=WHY, actor=cast.publisher)
    assert AuditEntry.objects.filter(action="rollout.step_begun").count() == 3


def test_a_step_is_begun_by_who_may_deploy_and_stopped_by_who_may_stop(cast, deployment, clock):
    """S-038: the owner may stop, and may not go on."""
    clock.on(days=3)
    for person in (cast.owner, cast.approver, cast.risk_officer, cast.outsider):
        with pytest.raises(NotAllowed):
            rollouts.begin_step(deployment, reason=WHY, actor=person)
    with pytest.raises(NotAllowed):
        rollouts.halt_rollout(deployment, reason=WHY, actor=cast.auditor)
    with pytest.raises(BadInput):
        rollouts.halt_rollout(deployment, reason="why", actor=cast.owner)
    rollouts.halt_rollout(deployment, reason=WHY, actor=cast.owner)
    assert of(deployment).serves == 0
    with pytest.raises(NotAllowed, match="already"):
        rollouts.halt_rollout(deployment, reason=WHY, actor=cast.owner)


def test_what_was_stopped_begins_the_same_step_anew_and_bakes_anew(cast, deployment, clock):
    clock.on(days=3)
    rollouts.halt_rollout(deployment, reason=WHY, actor=cast.risk_officer)
    assert rollouts.begin_step(deployment, reason=WHY, actor=cast.publisher).share == 5
    with pytest.raises(NotAllowed, match="bakes until"):
        rollouts.begin_step(deployment, reason=WHY, actor=cast.publisher)


def test_an_alarm_stops_the_roll_out_and_holds_it(cast, deployment, clock):
    """S-125: set beforehand, carried out without a person; going on asks the gate, which is red."""
    from tests.registry.release_life.test_later_runs import alarm

    clock.on(days=3)
    alarm(cast, deployment.release)
    assert due.look() == 1
    assert of(deployment).last.is_halted
    assert due.look() == 0
    with pytest.raises(GateClosed, match="later run"):
        rollouts.begin_step(deployment, reason=WHY, actor=cast.publisher)


def test_a_suspended_release_is_given_no_further(cast, deployment, clock):
    clock.on(days=3)
    endings.suspend(deployment.release, reason=WHY, actor=cast.risk_officer)
    assert of(deployment).last.is_halted
    with pytest.raises(NotAllowed):
        rollouts.begin_step(deployment, reason=WHY, actor=cast.publisher)


def test_moving_a_deployment_does_not_skip_steps(cast, deployment, clock):
    """Redeployed at 5 per cent it begins anew; once it serves all, it need not."""
    moved = deployments.redeploy(deployment, region="us", reason=WHY, actor=cast.publisher)
    assert of(moved).serves == 5
    for days in (3, 6):
        clock.on(days=days)
        rollouts.begin_step(moved, reason=WHY, actor=cast.publisher)
    assert of(deployments.redeploy(moved, region="eu", reason=WHY, actor=cast.publisher)) is None


def test_a_pilot_that_moves_to_production_begins_with_the_first_share(cast, monkeypatch):
    under(monkeypatch, rollout=STEPS)
    release = releasing.published(cast, factories.make_releasable(cast))
    pilot = deployments.start_deployment(release, environment="pilot", region="eu", actor=cast.publisher)
    moved = deployments.redeploy(pilot, environment="production", reason=WHY, actor=cast.publisher)
    assert of(moved).serves == 5
