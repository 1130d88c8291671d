"""Pages of a release after its approval as a browser draws them: axe at zero, nothing wider than the screen."""

import pytest

from registry.actions import deployments, endings, later_decisions, releases, renewals, rollouts
from registry.models import LaterRun, Release
from tests import factories
from tests.browser.test_running_look import CORNERS, test_pages_of_what_runs_meet_wcag_and_fit_the_screen as meets
from tests.browser.test_waivers_look import enter  # noqa: F401  (fixture)
from tests.registry import releasing
from tests.registry.release_life.test_later_runs import alarm, lands
from tests.registry.release_life.test_rollouts import STEPS
from tests.registry.reviews.scenes import under

pytestmark = [pytest.mark.real, pytest.mark.django_db(transaction=True), pytest.mark.timeout(300)]
WHY = "Seen on the rows of this week; the owner was told, and the desk reads each result."


@pytest.fixture
def told(transactional_db, monkeypatch):
    """A release in roll-out that was stopped and goes on, one with an alarm, one suspended, and one being renewed."""
    cast = factories.make_cast()
    under(monkeypatch, rollout=STEPS, immaterial=["notes"])
    first = releasing.published(cast)
    second = releasing.published(cast, releasing.next_version(cast, first), rollback_to=first)
    row = deployments.start_deployment(second, environment="production", region="eu-central", actor=cast.publisher)
    rollouts.halt_rollout(row, reason=WHY, actor=cast.owner)
    rollouts.begin_step(row, reason=WHY, actor=cast.publisher)
    lands(cast, second, "pass")
    alarm(cast, second)
    later = LaterRun.objects.get()
    later_decisions.decide_later_run(later, choice="retrain", reason=WHY, actor=cast.risk_officer)
    suspended = releasing.published(cast)
    endings.suspend(suspended, reason=WHY, actor=cast.risk_officer)
    renewed = releasing.agreed(cast, factories.make_releasable(cast))
    releases.edit_release(renewed, notes="A release of the model; a slip of the pen was mended.", actor=cast.owner)
    releases.publish(renewed, reason=WHY, actor=cast.publisher)
    renewed = Release.objects.get(pk=renewed.pk)
    renewals.renew(renewed, reason=WHY, actor=cast.owner)
    own = [thing.get_absolute_url() for thing in (second, row, suspended, renewed, first.system)]
    return cast, {"owner": own, "publisher": [row.get_absolute_url()],
                  "risk_officer": [later.get_absolute_url(), renewed.review.get_absolute_url()]}  # fmt: skip


@pytest.mark.parametrize("corner", CORNERS, ids=["light", "dark-narrow-chinese"])
def test_pages_of_the_life_of_a_release_meet_wcag_and_fit_the_screen(corner, told, enter, live_server):  # noqa: F811
    """S-023, S-038, S-126 as they are read: a person who may is shown the act, everybody sees what happened."""
    meets(corner, told, enter, live_server)
