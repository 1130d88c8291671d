"""Standings in their table: believed only as the program left them, in step with the log, the rules and the day."""

from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from registry.models import SweepLease
from reports.evaluation import evaluate
from reports.framework_files import SLUGS, load
from reports.models import Standing, StandingHead
from reports.sources import DjangoFacts
from reports.standings import keeping, kept
from tests import factories

SLUG = "nist_ai_rmf"


@pytest.fixture(autouse=True)
def nothing_in_memory():
    keeping._live.clear()
    yield
    keeping._live.clear()


@pytest.fixture
def system(cast):
    found = factories.make_system(cast)
    keeping.renew()
    return found


def stands(system):
    return kept.current(load(SLUG), str(system.pk) if system else "")


def write(sql, *values):
    with connection.cursor() as cursor:
        cursor.execute(sql, values)


def test_what_is_kept_is_what_an_evaluation_says(system):
    """P6: of every framework, for a system, its unit and the organisation."""
    for slug in SLUGS:
        now = timezone.now()
        for subject, facts, named in (
            (str(system.pk), DjangoFacts(None, system, now), {"system": str(system.pk)}),
            (str(system.unit.pk), DjangoFacts(None, None, now, unit=system.unit), {"unit": str(system.unit.pk)}),
            ("", DjangoFacts(None, None, now), {}),
        ):
            found = evaluate(load(slug), facts, as_of=now, **named)
            told = {key: cell.result for key, cell in kept.current(load(slug), subject).items()}
            assert told == {entry.requirement.id: entry.result for entry in found.requirements}


@pytest.mark.both
def test_after_a_change_nothing_is_believed_until_it_was_taken_in(cast, system):
    factories.make_risk(cast, system)
    assert stands(system) is None
    keeping.renew()
    assert stands(system) is not None


def test_a_change_is_taken_in_by_what_it_touches_alone(cast, system):
    other = factories.make_system(cast)
    keeping.renew()
    before = dict(Standing.objects.values_list("pk", "seal"))
    factories.make_risk(cast, other)
    keeping.renew()
    changed = {row.subject for row in Standing.objects.all() if before.get(row.pk) != row.seal}
    assert str(other.pk) in changed and changed <= {str(other.pk), str(other.unit.pk), ""}


def test_a_row_changed_by_sql_is_not_believed_and_is_found_by_night(system, monkeypatch, caplog):
    """P6: an edited standing is never shown as current."""
    row = Standing.objects.get(framework=SLUG, subject=str(system.pk))
    results = {key: ["met", "measured", "", 1, 1] for key in row.results}
    Standing.objects.filter(pk=row.pk).update(results=results)
    assert stands(system) is None
    tomorrow = timezone.now() + timedelta(days=1)
    monkeypatch.setattr(keeping.timezone, "now", lambda: tomorrow)
    keeping.renew()
    assert stands(system)["GOVERN 1.1"].result != "met"
    assert "was changed by something else than the program" in caplog.text


@pytest.mark.both
def test_a_row_cannot_be_put_back_or_taken_away(cast, system):
    """An older row with its own good seal is not believed beside the others of today."""
    table = Standing._meta.db_table
    old = Standing.objects.get(framework=SLUG, subject=str(system.pk))
    factories.make_risk(cast, system)
    keeping.renew()
    Standing.objects.filter(pk=old.pk).update(results=old.results, seal=old.seal)
    assert kept.is_whole(Standing.objects.get(pk=old.pk)) and stands(None) is None
    keeping.renew()
    assert stands(None) is not None
    write(f"DELETE FROM {table} WHERE framework = %s AND subject = %s", SLUG, str(system.pk))
    assert stands(None) is None


def test_a_head_set_forward_is_not_believed(cast, system):
    factories.make_risk(cast, system)
    StandingHead.objects.update(seq=kept.logged())
    assert stands(system) is None


def test_other_rules_are_not_believed(system, monkeypatch):
    monkeypatch.setattr(kept, "program", lambda: "sha256:of another release")
    assert stands(system) is None


def test_yesterdays_standing_is_not_todays(system):
    assert kept.current(load(SLUG), str(system.pk), now=timezone.now() + timedelta(days=1)) is None


def test_a_day_without_a_change_makes_the_row_longer_and_a_change_begins_another(cast, system, monkeypatch):
    tomorrow = timezone.now() + timedelta(days=1)
    monkeypatch.setattr(keeping.timezone, "now", lambda: tomorrow)
    keeping.renew()
    [row] = kept.said(SLUG, str(system.unit.pk))
    assert (row.until - row.since).days == 1
    for _ in range(3):
        factories.fill_card(cast, factories.make_version(cast, factories.make_model(cast, system)))
    monkeypatch.setattr(keeping.timezone, "now", lambda: tomorrow + timedelta(days=1))
    keeping.renew()
    assert len(kept.said(SLUG, str(system.pk))) == 2


def test_past_days_that_were_changed_are_told_apart(system):
    Standing.objects.filter(framework=SLUG, subject="").update(since=timezone.now().date() - timedelta(days=9))
    [row] = kept.said(SLUG, "")
    assert not row.is_whole and row.cells == {}


def test_the_bell_rings_once_the_log_is_calm(system, cast, monkeypatch):
    rung = []
    monkeypatch.setattr(keeping.current_app, "send_task", lambda name, **_: rung.append(name))
    keeping._seen.clear()
    factories.make_risk(cast, system)
    for _ in range(3):
        SweepLease.objects.filter(pk=keeping.LEASE).update(until=None)
        keeping.ring()
    assert rung == ["reports.renew_standings"] * 2
    keeping.renew_logged()
    SweepLease.objects.filter(pk=keeping.LEASE).update(until=None)
    keeping.ring()
    assert len(rung) == 2
