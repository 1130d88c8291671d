"""Reports by schedule: set by who may ask, made when the day has come, told of to whom they are for."""

from datetime import date, timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from registry import jobs
from registry.errors import BadInput, NotAllowed
from registry.models import AuditEntry, Task
from reports import actions, building, printing, schedules, told
from reports.models import BoardPack, Report, ReportSchedule
from tests import factories

pytestmark = pytest.mark.django_db
DAY = date(2027, 1, 31)


@pytest.fixture(autouse=True)
def no_broker(monkeypatch):
    """Nothing is rung for."""
    monkeypatch.setattr("registry.jobs.enqueue", lambda row: None)


@pytest.fixture
def version(cast):
    """A version of a system."""
    return factories.make_version(cast)


def schedule(cast, system, **changes) -> ReportSchedule:
    """The compliance report every quarter from the end of January."""
    given = {"kind": "compliance", "cadence": "quarterly", "begins_on": DAY, "actor": cast.risk_officer}
    return schedules.set_schedule(system, **{**given, **changes})


def test_a_report_is_asked_for_on_its_day_once_and_again_after_the_months(cast, version):
    """S-185: reports are made by schedule."""
    row = schedule(cast, version.home_system)
    assert schedules.ask_due(DAY - timedelta(days=1)) == 0
    assert [schedules.ask_due(DAY), schedules.ask_due(DAY)] == [1, 0]
    asked = Report.objects.get()
    assert (asked.schedule, asked.version, asked.requested_by, asked.kind) == (
        row,
        version,
        cast.risk_officer,
        "compliance",
    )
    row.refresh_from_db()
    assert row.next_on == date(2027, 4, 30)
    assert schedules.ask_due(date(2027, 4, 30)) == 1


def test_of_days_that_were_missed_one_report_is_made(cast, version):
    row = schedule(cast, version.home_system, cadence="monthly")
    assert schedules.ask_due(date(2027, 5, 2)) == 1
    row.refresh_from_db()
    assert row.next_on == date(2027, 5, 31)


@pytest.mark.parametrize(("cadence", "following"), [
    ("monthly", date(2027, 2, 28)), ("quarterly", date(2027, 4, 30)),
    ("half_yearly", date(2027, 7, 31)), ("yearly", date(2028, 1, 31)),
])  # fmt: skip
def test_the_day_of_a_shorter_month_is_its_last_and_the_next_is_the_old_one_again(cadence, following):
    row = ReportSchedule(begins_on=DAY, cadence=cadence)
    assert schedules.day_after(row, DAY) == following
    assert schedules.day_after(ReportSchedule(begins_on=DAY, cadence="monthly"), date(2027, 2, 28)) == date(2027, 3, 31)


def test_the_board_pack_of_a_unit_is_made_by_schedule_too(cast):
    """S-188."""
    schedules.set_schedule(cast.unit, kind="board_pack", cadence="monthly", begins_on=DAY, actor=cast.auditor)
    assert schedules.ask_due(DAY) == 1
    assert BoardPack.objects.get().of_unit == cast.unit


def test_a_schedule_whose_owner_may_no_longer_ask_ends_with_the_reason(cast, version):
    row = schedule(cast, version.home_system)
    cast.risk_officer.is_active = False
    cast.risk_officer.save()
    assert schedules.ask_due(DAY) == 0
    row.refresh_from_db()
    assert row.ended_at and "report.generate" in row.end_reason
    assert AuditEntry.objects.filter(object_id=row.pk, action="report_schedule.ended", actor=None).exists()
    assert not Report.objects.exists()


def test_whoever_it_is_for_is_told_with_the_address_until_the_file_is_taken(cast, version):
    schedule(cast, version.home_system)
    schedules.ask_due(DAY)
    told.tell_owner(Report.objects.get())
    task = Task.objects.waiting().get(kind=Task.Kind.READ_REPORT)
    assert (task.person, task.url) == (cast.risk_officer, Report.objects.get().get_absolute_url())
    actions.note_download(Report.objects.get(), actor=cast.risk_officer)
    assert not Task.objects.waiting().filter(kind=Task.Kind.READ_REPORT).exists()


def test_a_report_that_somebody_asked_for_is_told_to_nobody(cast, version, monkeypatch):
    monkeypatch.setattr(building.formats, "written", lambda document: {})
    row = actions.request_report(version, kind="compliance", actor=cast.risk_officer)
    job = jobs.claim(Report, row.pk)
    building.hand_over(job, printing.Printed({"a": 1}, "", b"%PDF", "0000-0000-0000-0001", ""), as_of=timezone.now())
    assert not Task.objects.filter(kind=Task.Kind.READ_REPORT).exists()


def test_who_may_not_ask_for_reports_sets_none_and_what_is_no_report_is_refused(cast, version):
    with pytest.raises(NotAllowed):
        schedule(cast, version.home_system, actor=cast.approver)
    for wrong in ({"kind": "incident"}, {"kind": "board_pack"}, {"begins_on": date(2020, 1, 1)}, {"language": "xx"}):
        with pytest.raises(BadInput):
            schedule(cast, version.home_system, **wrong)


def test_the_first_day_is_filled_in_for_a_chinese_reader_too(cast, version, client):
    """A browser's own picker takes days in one form only, whatever the language."""
    client.force_login(cast.risk_officer)
    client.cookies["django_language"] = "zh-hans"
    page = client.get(reverse("report-schedules")).content.decode()
    assert f'value="{timezone.localdate().isoformat()}"' in page


def test_the_pages_set_show_and_end_a_schedule(cast, version, client):
    client.force_login(cast.risk_officer)
    sent = {
        "about": f"system:{version.home_system.pk}", "kind": "audit", "cadence": "yearly", "language": "en",
        "begins_on": str(timezone.localdate()),
    }  # fmt: skip
    assert client.post(reverse("report-schedules"), sent).status_code == 302
    row = ReportSchedule.objects.get()
    assert version.home_system.name in client.get(reverse("report-schedules")).content.decode()
    client.force_login(cast.outsider)
    assert client.get(reverse("report-schedule-end", args=[row.pk])).status_code == 404
    client.force_login(cast.risk_officer)
    client.post(reverse("report-schedule-end", args=[row.pk]), {"reason": "The audit is over."})
    row.refresh_from_db()
    assert row.end_reason == "The audit is over."
