"""How often to retrain: the cheapest interval against a search, the fall from stored figures, the page, what a plan keeps."""

import json

import numpy as np
import pytest
from django.urls import reverse
from scipy import stats

from rai import actions, retraining
from rai.engine.retraining import Decay, decay_of, given, weigh
from rai.models import TestPlan
from registry.errors import BadInput
from registry.models import AuditEntry
from tests import factories
from tests.rai import plans
from tests.rai.test_field import FIELD, drawn, in_file
from tests.rai.test_score_pages import ran, uploaded
from tests.rai.uploads import text_of

COSTS = {"metric": "accuracy", "retraining_cost": "2400", "point_cost": "100", "money": "EUR"}
WHY = "Labels arrive by the half-year, so a shorter interval would train on little new."
YEARS = 40


@pytest.fixture
def draft(cast):
    """A draft of a plan."""
    return plans.drafted(cast, factories.make_version(cast))


def paid(months, retraining_cost, point_cost, points):
    """Cost a month, counted up day by day over the whole intervals that fit into forty years."""
    whole = int(12 * YEARS / months) * months
    days = np.arange(0, whole, 0.01)
    return (retraining_cost * round(whole / months) + point_cost * points * (days % months).sum() * 0.01) / whole


# ---- the sum


@pytest.mark.parametrize(("cost", "point", "points"), [(2400, 100, 1.2), (50_000, 900, 0.4), (300, 700, 2.0)])
def test_the_cheapest_interval_is_the_one_that_a_search_finds(cost, point, points):
    """S-127. Against days counted one by one, over every interval in steps of a twentieth."""
    found = weigh(retraining=cost, point=point, decay=given(points)).cheapest
    searched = min((found.months * step for step in np.arange(0.4, 2.5, 0.05)), key=lambda one: paid(one, cost, point, points))  # fmt: skip
    assert abs(searched / found.months - 1) < 0.06
    assert found.together == pytest.approx(paid(found.months, cost, point, points), rel=2e-3)


def test_the_worked_case_to_its_digits():
    """T* = √(2·2400/(100·1.2)) = √40, and a month costs √(2·2400·100·1.2)."""
    found = weigh(retraining=2400, point=100, decay=given(1.2))
    assert found.cheapest.months == pytest.approx(6.324555320336759, abs=1e-12)
    assert found.cheapest.together == pytest.approx(758.9466384404111, abs=1e-9)
    assert found.cheapest.retraining == pytest.approx(found.cheapest.lost, rel=1e-12)
    assert found.cheapest in found.curve


def test_the_fall_and_its_limits_are_those_of_scipy():
    """Least squares and Student's limits, within 1e-9 on random histories."""
    draw = np.random.default_rng(5)
    for _try in range(50):
        n = int(draw.integers(3, 40))
        times, values = draw.uniform(0, 24, n), draw.uniform(0.6, 0.9, n)
        line = stats.linregress(times, values)
        reach = stats.t.ppf(0.975, n - 2) * line.stderr
        found = decay_of(list(zip(times, values)))
        expected = (-100 * line.slope, -100 * (line.slope + reach), -100 * (line.slope - reach))
        assert (found.value, found.low, found.high) == pytest.approx(expected, rel=1e-9, abs=1e-9)


def test_an_unsure_fall_makes_an_interval_without_an_upper_end():
    found = weigh(retraining=2400, point=100, decay=Decay(0.5, -0.2, 1.2, 5))
    assert found.high is None
    assert found.low < found.cheapest.months


@pytest.mark.parametrize("points", [0.0, -1.0])
def test_without_a_fall_no_interval_is_the_cheapest(points):
    assert weigh(retraining=2400, point=100, decay=given(points)).cheapest is None


@pytest.mark.parametrize("history", [[], [(0, 0.9), (1, 0.8)], [(1, 0.9), (1, 0.8), (1, 0.7)]])
def test_too_little_history_gives_no_fall(history):
    assert decay_of(history) is None


@pytest.mark.parametrize(
    ("period", "day"), [("2026-03-05", "2026-03-05"), ("2026-03", "2026-03-15"), ("2026-Q2", "2026-05-15"), ("2026", "2026-07-01"), ("north", None), ("2026-13", None)],
)  # fmt: skip
def test_a_period_is_where_its_middle_is(period, day):
    found = retraining.middle(period)
    assert (found and found.date().isoformat()) == day


# ---- from stored figures


def test_the_fall_is_read_from_the_periods_of_a_look_at_the_running_system(cast, tmp_path):
    """S-127. The months of one field check, their digest kept with the plan."""
    version = factories.make_version(cast)
    path = in_file(tmp_path / "field.csv", drawn(3, 2400))
    run = ran(cast, version, uploaded(cast, version, path.read_text().splitlines(), role="monitoring"), "field", FIELD)
    found = retraining.history(version.home_system, "accuracy")
    shown = {group["group"]["at"]: group["metrics"]["accuracy"]["value"] for group in run.evidence.outcome["groups"]}
    assert [value for _months, value in found.points] == [shown[month] for month in sorted(shown)]
    assert found.evidence == (run.evidence.digest,)
    asked = retraining.Asked("accuracy", 2400.0, 100.0, "EUR")
    assert retraining.answer(version.home_system, asked).decay.points == 4


def test_without_figures_the_person_is_asked_for_the_fall(draft):
    with pytest.raises(BadInput, match="Fewer than three figures"):
        retraining.answer(draft.system, retraining.Asked("accuracy", 2400.0, 100.0, "EUR"))


# ---- the page and the plan


def test_the_answer_is_shown_before_anything_is_kept(client, cast, draft):
    """S-127. Without JavaScript: the costs travel in the address."""
    client.force_login(cast.owner)
    address = reverse("plan-retraining", args=[draft.pk])
    assert "Keep this with the plan" not in text_of(client.get(address))
    page = text_of(client.get(address, COSTS | {"decay": "1.2"}))
    assert "Retraining about every 6.3 months costs least: about 759 EUR a month in all." in page
    assert "was given, not measured" in page
    refused = client.get(address, COSTS)
    assert refused.status_code == 422
    assert "Fewer than three figures" in text_of(refused)
    assert TestPlan.objects.get().retraining == {}


def test_the_choice_and_its_reason_are_kept_with_the_revision(client, cast, draft):
    """S-127. On the page, in the log, in JSON, and in the next revision."""
    client.force_login(cast.owner)
    address = reverse("plan-retraining", args=[draft.pk], query=COSTS | {"decay": "1.2"})
    assert client.post(address, {"months": "6", "reason": "too short"}).status_code == 422
    assert client.post(address, {"months": "6", "reason": WHY}).status_code == 302
    kept = TestPlan.objects.get().retraining
    assert (kept["months"], kept["reason"], kept["person"]) == (6, WHY, str(cast.owner.pk))
    assert kept["cheapest"]["months"] == pytest.approx(6.3245553)
    page = text_of(client.get(draft.get_absolute_url()))
    assert WHY in page
    assert "Every 6 months." in page
    assert AuditEntry.objects.filter(action="plan.retraining_chosen", object_id=draft.pk, actor=cast.owner).exists()
    answer = json.loads(client.get(f"/api/v1/plans/{draft.pk}/").content)
    assert answer["retraining"]["months"] == 6
    actions.approve_plan(draft, reason="It covers what matters here.", actor=cast.risk_officer)
    assert actions.draft_plan(draft.system, actor=cast.owner).retraining == kept


def test_a_plan_in_force_takes_no_other_interval(cast):
    plan = plans.in_force(cast, factories.make_version(cast))
    asked = retraining.Asked("accuracy", 2400.0, 100.0, "EUR", 1.2)
    with pytest.raises(Exception, match="no draft any more"):
        actions.record_retraining(plan, asked=asked, months=6, reason=WHY, actor=cast.owner)
