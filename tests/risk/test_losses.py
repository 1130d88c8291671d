"""Risks in money: the simulation against values worked out otherwise, estimates that do not hold, limits of the appetite."""

import math

import pytest
from django.test import Client
from django.utils import timezone

from registry import gates
from registry.actions import register_approval as approval
from registry.errors import BadInput, NotAllowed
from registry.models import Duty
from registry.registers import kind_named, subjects
from registry.release_gates import preview
from risk import actions, board
from risk.loss import appetite, reading
from risk.loss.simulation import Estimate, simulated
from risk.models import LossRange
from tests import factories
from tests.registry import releasing
from tests.registry.registers import samples
from tests.risk.steps import events, registered, reported

SAID = {"per_year": 2, "least": 1000, "likely": 4000, "most": 13_000, "currency": "eur",
        "assumptions": "Three cases in the last eighteen months."}  # fmt: skip


def estimated(cast, risk, **said) -> LossRange:
    return actions.estimate_loss(risk, actor=cast.owner, **{**SAID, **said})


# ---- the simulation


def test_a_certain_loss_follows_the_poisson_distribution_alone():
    """Cases of 1,000 each, two a year: shares of years worked out by the formula of the distribution."""
    curve = simulated((Estimate(2, 1000, 1000, 1000),), 20_000, 7)
    share_above_three = 1 - sum(math.exp(-2) * 2**n / math.factorial(n) for n in range(4))
    assert curve.mean == pytest.approx(2000, rel=0.02)
    assert next(share for loss, share in curve.points if 3000 <= loss < 4000) == pytest.approx(
        share_above_three, abs=0.01
    )
    assert (curve.at(50), curve.at(95)) == (2000, 5000)


def test_the_mean_is_that_of_the_beta_pert_distribution():
    """(least + 4 likely + most) / 6 a case."""
    each = Estimate(0.5, 100, 400, 1300)
    assert each.mean == 0.5 * (100 + 1600 + 1300) / 6
    assert simulated((each,), 40_000, 3).mean == pytest.approx(each.mean, rel=0.03)


def test_the_same_seed_gives_the_same_years_and_another_others():
    one = (Estimate(1, 10, 20, 60),)
    assert simulated(one, 500, 1) == simulated.__wrapped__(one, 500, 1) != simulated(one, 500, 2)


def test_the_curve_falls_and_no_percentile_is_below_the_one_before():
    curve = simulated((Estimate(3, 1, 5, 50), Estimate(0.1, 100, 500, 5000)), 2000, 5)
    shares = [share for _loss, share in curve.points]
    losses = [loss for _share, loss in curve.percentiles]
    assert shares == sorted(shares, reverse=True) and losses == sorted(losses)
    assert all(0 <= share <= 1 for share in shares)


def test_no_years_are_refused():
    with pytest.raises(ValueError, match="at least one year"):
        simulated((Estimate(1, 1, 1, 1),), 0, 1)


# ---- estimates


@pytest.mark.django_db
def test_the_newest_estimate_of_a_risk_counts_and_amounts_of_two_currencies_are_never_added(cast):
    system = factories.make_system(cast)
    first, second = registered(cast, system), registered(cast, system, title="Another risk")
    row = estimated(cast, first, per_year=1)
    newest = estimated(cast, first, per_year=3)
    other = estimated(cast, second, currency="USD")
    money = reading.by_currency(reading.newest([first, second]))
    assert [(one.currency, one.rows) for one in money] == [("EUR", (newest,)), ("USD", (other,))]
    assert events(row) == ["loss.estimated"]


@pytest.mark.django_db
@pytest.mark.parametrize(("said", "field"), [
    ({"per_year": 0}, "per_year"), ({"per_year": 51}, "per_year"), ({"likely": 1}, "likely"),
    ({"most": 3999}, "likely"), ({"currency": "12"}, "currency"), ({"assumptions": "So."}, "assumptions"),
])  # fmt: skip
def test_an_estimate_that_cannot_be_is_refused_at_its_field(cast, said, field):
    with pytest.raises(BadInput) as refusal:
        estimated(cast, registered(cast, factories.make_system(cast)), **said)
    assert refusal.value.field == field


@pytest.mark.django_db
def test_who_may_not_write_risks_estimates_none(cast):
    risk = registered(cast, factories.make_system(cast))
    with pytest.raises(NotAllowed):
        actions.estimate_loss(risk, actor=cast.publisher, **SAID)


# ---- the appetite


def in_force(cast, *limits):
    """A statement of the group, approved by an executive."""
    chief = factories.invite("chief", "Cleo Chief", Duty.EXECUTIVE, subjects.root(), cast.administrator)
    row = samples.written(
        kind_named("risk_appetite"), cast, subjects.root(), actor=samples.writer(cast), limits="\n".join(limits)
    )
    approval.submit_entry(row, actor=samples.writer(cast))
    approval.approve_entry(row, reason="The board agreed on it.", actor=chief)
    return row


@pytest.mark.parametrize(("line", "told"), [
    ("privacy, 250000", "a loss of at most 250,000 in 95 of 100 years"), ("all, medium", "no risk above “Medium”"),
    ("moon, 3", None), ("fairness", None), ("fairness, some", None),
])  # fmt: skip
def test_a_line_of_the_statement_is_a_limit_where_it_says_a_number_or_a_level(line, told):
    found = appetite.parsed(line)
    assert (found.told if found else None) == told


@pytest.mark.django_db
def test_the_pages_tell_which_limits_are_kept(cast, client):
    """G 3: appetite with limits in numbers, the curve as a picture and as a table, with seed and assumptions."""
    system = factories.make_system(cast)
    risk = registered(cast, system, category="financial")
    estimated(cast, risk)
    page = {}
    for path in (f"/risks/losses/?system={system.pk}", "/board/risk/", risk.get_absolute_url()):
        client.force_login(cast.risk_officer)
        page = client.get(path).content.decode()
        assert "loss-line" in page and "The same as a table" in page
        assert "10,000 years were simulated with the seed 20260101" in page
        assert "Three cases in the last eighteen months." in page


@pytest.mark.django_db
def test_limits_stand_against_levels_and_losses(cast):
    system = factories.make_system(cast)
    risk = registered(cast, system, category="financial")
    row = estimated(cast, risk)
    limits = [appetite.parsed(line) for line in ("financial, 1", "financial, 1000000", "all, low", "privacy, 5")]
    loss = reading.curve_of([row]).at(95)
    found = [appetite.against(limit, [risk], loss if limit.category != "privacy" else None).is_kept for limit in limits]
    assert found == [False, True, False, True]


# ---- the board


@pytest.mark.django_db
def test_the_board_reads_what_incidents_suspended_what_runs_out_and_which_risk_waivers_carry(cast):
    """S-025, G must show: the board's page says so; when the waiver ends the gate fails again."""
    version = factories.make_releasable(cast, verdict="fail")
    waiver = factories.accept_waiver(cast, factories.make_waiver(cast, version))
    risk = registered(cast, version.home_system)
    estimated(cast, risk)
    release = releasing.published(cast)
    reported(cast, release.system, version=release.version, serious=True)
    client = Client()
    client.force_login(cast.approver)
    page = client.get("/board/risk/").content.decode()
    assert str(release.version) in page and "Article 73(2)" in page
    assert waiver.title in page and risk.title in page
    told = board.as_json(board.read(cast.unit, cast.approver))
    assert [one["version"] for one in told["suspended"]] == [str(release.version)]
    assert risk.title in told["waivers"][0]["risks"] and told["money"][0]["currency"] == "EUR"
    assert gates.answer(waiver.gate, preview(version)).is_open
    waiver.expires_on = timezone.localdate().replace(year=2020)
    waiver.save()
    assert not gates.answer(waiver.gate, preview(version)).is_open


@pytest.mark.django_db
def test_nobody_reads_the_board_of_another_unit(cast, client):
    client.force_login(cast.outsider)
    assert client.get(f"/board/risk/?unit={cast.unit.pk}").status_code == 404
    assert client.get("/board/risk/?unit=nonsense").status_code == 404
