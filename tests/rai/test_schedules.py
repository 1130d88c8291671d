"""Plans that run by the calendar: what is due, on which rows, once whoever looks, and what an alarm sets going."""

import threading
from contextlib import contextmanager
from datetime import timedelta

import pytest
from celery import current_app
from django.db import connection
from django.urls import reverse
from django.utils import timezone

from rai import actions
from rai.catalogue import CHECKS
from rai.models import CheckRun, PlanRun, Predictions
from rai.running import judging, runs, schedules
from registry import jobs
from registry.audit import verification
from registry.errors import BadInput, NotAllowed
from registry.models import AuditEntry, JobStatus, LaterRun, SweepLease, Task
from registry.plugins import resolved
from tests import factories
from tests.faults.test_worker_killed import until
from tests.rai import plans
from tests.rai.uploads import text_of
from tests.registry import releasing

TODAY = timezone.localdate()


@pytest.fixture
def version(cast):
    """A version of the owner."""
    return factories.make_version(cast)


def done(run: CheckRun) -> CheckRun:
    """The run as a worker ends it, without the charts."""
    job, check = jobs.claim(CheckRun, run.pk), CHECKS[run.slug]
    runs.record_outcome(job, check, resolved(check.compute)(job), {})
    return CheckRun.objects.get(pk=run.pk)


def days_on(days: int):
    """A day from today."""
    return TODAY + timedelta(days=days)


# ---- what is due


def test_a_plan_in_force_asks_for_its_checks_without_anybody(cast, version):
    """S-124: on the newest rows of the kind; the run names the plan, and the log names no person."""
    plan = plans.in_force(cast, version)
    plans.read(cast, version, plans.rows_of(200, 200))
    newest = plans.read(cast, version, plans.rows_of(210, 200))
    assert schedules.run_due(TODAY) == 1
    run = CheckRun.objects.get()
    assert (run.predictions, run.plan_run.plan, run.planned) == (newest, plan, "group_fairness-1")
    assert AuditEntry.objects.get(action="check.requested", object_id=run.pk).actor is None


def test_a_draft_and_a_plan_that_was_superseded_ask_for_nothing(cast, version):
    plans.drafted(cast, version)
    plans.read(cast, version, plans.rows_of(200, 200))
    assert schedules.run_due(TODAY) == 0


def test_nothing_is_asked_twice_and_the_next_run_comes_after_the_cadence(cast, version):
    plans.in_force(cast, version)
    plans.read(cast, version, plans.rows_of(200, 200))
    assert [schedules.run_due(TODAY) for _ in range(3)] == [1, 0, 0]
    plans.read(cast, version, plans.rows_of(201, 200))
    assert [schedules.run_due(days_on(day)) for day in (29, 30, 30)] == [0, 1, 0]
    assert list(PlanRun.objects.order_by("due_on").values_list("due_on", flat=True)) == [TODAY, days_on(30)]


def test_of_days_that_were_missed_the_latest_alone_is_made_up(cast, version):
    """A worker that was away for a year brings no twelve runs of the same rows."""
    plans.in_force(cast, version)
    plans.read(cast, version, plans.rows_of(200, 200))
    schedules.run_due(TODAY)
    plans.read(cast, version, plans.rows_of(201, 200))
    assert schedules.run_due(days_on(365)) == 1
    assert PlanRun.objects.latest("due_on").due_on == days_on(360)


def test_the_same_rows_are_not_looked_at_twice(cast, version):
    """A look is at new rows; without any the owner is asked for them."""
    plans.in_force(cast, version)
    plans.read(cast, version, plans.rows_of(200, 200))
    schedules.run_due(TODAY)
    assert schedules.run_due(days_on(30)) == 0
    assert Task.objects.waiting().filter(kind="data_needed", person=cast.owner).count() == 1


def test_test_rows_are_judged_again_so_that_their_evidence_stays_fresh(cast, version):
    plans.in_force(cast, version, role="test")
    assert [schedules.run_due(days_on(day)) for day in (0, 30)] == [1, 1]


def test_published_versions_are_looked_at_and_no_others(cast):
    """The versions that serve; a newer draft is none of them."""
    from tests.authz.world import make_deployment

    published = make_deployment(cast).release.version
    draft = factories.make_version(cast, published.model)
    plans.in_force(cast, published, table=plans.read(cast, published, plans.rows_of(200, 200)))
    plans.read(cast, draft, plans.rows_of(201, 200))
    schedules.run_due(TODAY)
    assert [run.version for run in CheckRun.objects.all()] == [published]


# ---- what is missing


def test_the_owner_is_asked_for_rows_and_the_run_goes_on_when_they_come(cast, version, client):
    """Issue C 4: a task that leads to the plan, which says what is missing; the upload ends the task."""
    plan = plans.in_force(cast, version)
    assert schedules.run_due(TODAY) == 0
    client.force_login(cast.owner)
    assert plan.get_absolute_url() in text_of(client.get(reverse("home")))
    assert "No rows of the running system" in text_of(client.get(plan.get_absolute_url()))
    plans.read(cast, version, plans.rows_of(200, 200))
    assert not Task.objects.waiting().filter(kind="data_needed").exists()
    assert schedules.run_due(days_on(1)) == 1
    assert CheckRun.objects.get().plan_run.due_on == TODAY


def test_rows_of_another_kind_do_not_end_the_task(cast, version):
    """Test rows do not stand for those of the running system."""
    plans.in_force(cast, version)
    schedules.run_due(TODAY)
    plans.read(cast, version, plans.rows_of(200, 200), role="test")
    assert Task.objects.waiting().filter(kind="data_needed").exists()


def test_rows_without_a_planned_column_are_not_run_and_the_plan_says_why(cast, version, client):
    plan = plans.in_force(cast, version)
    plans.read(cast, version, b"y,yhat\n1,1\n0,1\n", name="short.csv")
    assert schedules.run_due(TODAY) == 0
    client.force_login(cast.owner)
    assert "short.csv: The table has no column “sex”." in text_of(client.get(plan.get_absolute_url()))
    assert Task.objects.waiting().filter(kind="data_needed").count() == 1


def test_rows_posted_by_a_pipeline_are_the_ones_that_are_looked_at(cast, version, client):
    """S-124: monitoring data by REST."""
    from django.core.files.uploadedfile import SimpleUploadedFile

    plans.in_force(cast, version)
    client.force_login(cast.owner)
    file = SimpleUploadedFile("may.csv", plans.rows_of(200, 200))
    answer = client.post("/api/v1/predictions", {"version": version.pk, "file": file, "role": "monitoring"})
    assert (answer.status_code, answer.json()["role"]) == (202, "monitoring")
    row = Predictions.objects.get(pk=answer.json()["id"])
    runs.read_columns(jobs.claim(Predictions, row.pk))
    assert schedules.run_due(TODAY) == 1


def test_a_check_that_is_no_longer_offered_is_told_and_stops_no_other(cast, version, client):
    """A plan outlives the catalogue; the plans of other systems go on."""
    plan = plans.in_force(cast, version)
    plans.read(cast, version, plans.rows_of(200, 200))
    other = factories.make_version(cast)
    table = plans.read(cast, other, plans.rows_of(200, 200))
    draft = plans.drafted(cast, other, table=table)
    draft = actions.add_planned_check(
        draft,
        slug="data_quality",
        role="monitoring",
        reason=plans.WHY,
        predictions=table,
        parameters={},
        actor=cast.owner,
    )
    actions.approve_plan(draft, reason="It covers what matters here.", actor=cast.risk_officer)
    with offered_without("group_fairness"):
        assert schedules.run_due(TODAY) == 1
        assert CheckRun.objects.get().version == other
        client.force_login(cast.owner)
        assert "no longer offers the check" in text_of(client.get(plan.get_absolute_url()))


@contextmanager
def offered_without(slug):
    """The installation offers this check no more; afterwards all stand in their order again."""
    kept = dict(CHECKS)
    del CHECKS[slug]
    try:
        yield
    finally:
        CHECKS.clear()
        CHECKS.update(kept)


def test_a_plan_that_cannot_be_run_keeps_no_other_from_being_run(cast, version, monkeypatch):
    """One row that nobody foresaw does not stop the calendar of the house."""
    broken = plans.in_force(cast, version)
    plans.read(cast, version, plans.rows_of(200, 200))
    other = factories.make_version(cast)
    plans.in_force(cast, other, table=plans.read(cast, other, plans.rows_of(200, 200)))
    broken.checks[0].pop("role")
    broken.save()
    assert schedules.run_due(TODAY) == 1
    assert CheckRun.objects.get().version == other


# ---- two at once


@pytest.mark.both
@pytest.mark.django_db(transaction=True)
def test_two_workers_at_once_ask_once(transactional_db, monkeypatch):
    """Issue C 4: the day of a system is taken by a unique row, whoever looks and whatever its clock."""
    monkeypatch.setattr(current_app, "send_task", lambda *args, **more: None)  # no worker is to be rung here
    cast = factories.make_cast()
    version = factories.make_version(cast)
    plans.in_force(cast, version, table=plans.read(cast, version, plans.rows_of(200, 200)))
    barrier, asked = threading.Barrier(4), []

    def look() -> None:
        try:
            barrier.wait(timeout=20)
            asked.append(schedules.run_due(TODAY))
        finally:
            connection.close()

    threads = [threading.Thread(target=look) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    assert sorted(asked) == [0, 0, 0, 1]
    assert (PlanRun.objects.count(), CheckRun.objects.count()) == (1, 1)
    assert list(verification.findings()) == []


@pytest.mark.django_db
def test_one_worker_looks_in_a_minute(cast, version):
    """The lease row of the schedule is another than that of the sweep."""
    plans.in_force(cast, version)
    plans.read(cast, version, plans.rows_of(200, 200))
    assert [schedules.tick(TODAY), schedules.tick(TODAY)] == [1, 0]
    assert SweepLease.objects.filter(pk=schedules.LEASE).exists()
    assert jobs.take_sweep_lease()


@pytest.mark.real
@pytest.mark.timeout(180)
@pytest.mark.django_db(transaction=True)
def test_a_real_worker_runs_a_due_plan_by_itself(transactional_db, start_worker):
    """S-124: two workers run, rows come, nobody asks: one look, its evidence and its alarm."""
    cast = factories.make_cast()
    version = factories.make_version(cast)
    plans.limited(cast, version)
    plans.in_force(cast, version, table=plans.read(cast, version, plans.rows_of(400, 100)))
    for _ in range(2):
        start_worker()
    finished = CheckRun.objects.filter(status=JobStatus.FINISHED)
    assert until(finished.exists, 60), list(CheckRun.objects.values("status", "reason"))
    run = finished.get()
    assert (run.verdict, run.evidence.outcome["inputs"]["parameters"]["looks"]) == ("fail", 13)
    assert {task.duty or task.person.name for task in Task.objects.filter(kind="alarm")} == {
        "risk_officer",
        "Olga Owner",
    }
    assert PlanRun.objects.count() == 1
    assert list(verification.findings()) == []


# ---- the budget of a year, and alarms


def looked(cast, version, women: int, men: int, each: int = 500) -> CheckRun:
    """One look at new rows, asked for by hand and ended by a worker."""
    table = plans.read(cast, version, plans.rows_of(women, men, each=each))
    run = actions.request_check(
        version, slug="group_fairness", predictions=table, parameters=plans.FAIRNESS, actor=cast.owner
    )
    return done(run)


def test_a_look_shares_the_budget_of_the_year(cast, version):
    """statistics 8: z at 1 − 0.025/(13·1) for an alarm, as the plan's cadence has it; a test run has z = 1.96."""
    plans.limited(cast, version)
    plans.in_force(cast, version)
    (entry,) = looked(cast, version, 300, 200).evidence.outcome["thresholds"]
    assert entry["error_per_side"] == pytest.approx(0.025 / 13)
    assert entry["attempt"] == 1


def test_alarm_watch_and_within_are_stored_as_fail_insufficient_and_pass(cast, version):
    """S-143: and only an alarm acts: tasks for the owner and the risk officers."""
    plans.limited(cast, version)
    verdicts, tasks = [], []
    for women, men in ((205, 200), (250, 200), (350, 150)):
        verdicts.append(looked(cast, version, women, men).verdict)
        tasks.append(Task.objects.filter(kind="alarm").count())
    assert verdicts == ["pass", "insufficient", "fail"]
    assert tasks == [0, 0, 2]


def test_an_alarm_speaks_against_the_release_that_is_published(cast, version):
    """S-125, S-126: a decision to retrain, fall back or accept is opened by the worker's own entry; a watch opens none."""
    plans.limited(cast, version)
    release = releasing.served(cast, version)
    looked(cast, version, 250, 200)
    assert not LaterRun.objects.exists()
    run = looked(cast, version, 350, 150)
    row = LaterRun.objects.get()
    assert (row.release, row.evidence, row.is_alarm) == (release, run.evidence, True)
    assert set(Task.objects.filter(object_id=row.pk).values_list("duty", flat=True)) == {"", "risk_officer"}


def test_looks_beyond_those_planned_are_further_attempts(cast, version):
    """Looking more often must not pay: the looks of a year are counted, whoever asks for them."""
    plans.limited(cast, version)
    plan = plans.in_force(cast, version, cadence="half_yearly")
    assert plan.looks == 3
    attempts = []
    for women in (201, 202, 203, 204, 205):
        (entry,) = looked(cast, version, women, 200).evidence.outcome["thresholds"]
        attempts.append(entry["attempt"])
    assert attempts == [1, 1, 1, 2, 3]


def test_a_look_is_computed_again_with_its_budget(cast, version):
    """P6: a replay takes looks and attempt from the outcome, whatever the plan says by then."""
    from rai.running.replaying import replayed

    plans.limited(cast, version)
    plans.in_force(cast, version)
    run = looked(cast, version, 300, 200)
    actions.draft_plan(version.home_system, actor=cast.owner)
    assert replayed(run.evidence).is_same


def test_a_look_at_rows_of_the_running_system_leaves_test_runs_alone(cast, version):
    """The attempts of a release are counted on test rows only by what shares version or rows and was no look."""
    plans.limited(cast, version)
    looked(cast, version, 300, 200)
    table = plans.read(cast, version, plans.rows_of(205, 200), role="test")
    run = actions.request_check(
        version, slug="group_fairness", predictions=table, parameters=plans.FAIRNESS, actor=cast.owner
    )
    assert (judging.attempt(run), judging.looks(run)) == (1, None)


def test_an_alarm_is_answered_with_what_was_found(cast, version, client):
    """It waits in the work of both, with a page to answer on; the answer stands in the log."""
    plans.limited(cast, version)
    run = looked(cast, version, 350, 150)
    client.force_login(cast.risk_officer)
    assert run.get_absolute_url() in text_of(client.get(reverse("home")))
    page = text_of(client.get(run.get_absolute_url()))
    assert "Alarm" in page
    address = reverse("alarm-answer", args=[run.pk])
    assert address in page
    assert client.post(address, {"reason": "too short"}).status_code == 422
    assert client.post(address, {"reason": "A campaign changed who applies; rows are split anew."}).status_code == 302
    assert not Task.objects.waiting().filter(kind="alarm").exists()
    assert AuditEntry.objects.filter(action="alarm.answered", object_id=run.pk, actor=cast.risk_officer).exists()
    with pytest.raises(NotAllowed, match="waits for an answer"):
        actions.answer_alarm(run, reason="Once more, for good measure of it.", actor=cast.risk_officer)


def test_an_approver_answers_no_alarm(cast, version):
    plans.limited(cast, version)
    run = looked(cast, version, 350, 150)
    with pytest.raises(NotAllowed):
        actions.answer_alarm(run, reason="It is nothing, surely nothing.", actor=cast.approver)


def test_every_check_is_judged_as_a_look_where_it_can_be(cast, version):
    """Parameters of the outcome say so; a check that knows no looks would silently judge at the full level."""
    table = plans.read(cast, version, plans.rows_of(205, 200))
    asked = {"group_fairness": plans.FAIRNESS, "representation": {"target": "y", "sensitive": ["sex"]},
             "data_quality": {}, "performance": plans.FAIRNESS}  # fmt: skip
    for slug, chosen in asked.items():
        run = actions.request_check(version, slug=slug, predictions=table, parameters=chosen, actor=cast.owner)
        outcome = done(run).evidence.outcome
        assert outcome["inputs"]["parameters"]["looks"] == 3, slug


def test_a_plan_of_another_system_is_not_run_on_this_table(cast, version):
    plan = plans.in_force(cast, version)
    other = plans.read(cast, factories.make_version(cast), plans.rows_of(200, 200))
    with pytest.raises(BadInput, match="another system"):
        actions.run_plan(plan, predictions=other, actor=cast.owner)
