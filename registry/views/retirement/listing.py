"""What ends: the list with days left and systems touched, the calendar by month, and the same days as a feed."""

import calendar as months
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.db.models import Max
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone, translation
from django.utils.dates import WEEKDAYS_ABBR
from django.utils.formats import date_format, get_format
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe
from rest_framework.exceptions import AuthenticationFailed

from registry import lineage
from registry.models import AuditEntry, Consumer, LineageLink, ModelVersion, Release, RetirementPlan
from registry.retirement import days, ics
from registry.tokens import BearerToken
from registry.views.paging import page_of

FEED_SCOPE = "calendar:read"
FEED_BACK = timedelta(days=365)


@dataclass(frozen=True)
class Ending:
    """A version that ends, with the systems that this touches and how far its end is prepared."""

    version: ModelVersion
    systems: list[Any]
    has_plan: bool
    unaware: int


def retirements(request: HttpRequest) -> HttpResponse:
    """Versions with a retirement date that are not retired yet, the next one first; `?show=vendor` those of vendors."""
    rows = ModelVersion.objects.visible_to(request.user).filter(retirement_date__isnull=False)
    rows = rows.exclude(status__in=days.OVER).select_related("model__system__unit", "successor__model")
    shown = request.GET.get("show", "")
    if shown == "vendor":
        rows = rows.exclude(base_model="", model__system__has_vendor_component=False)
    page = page_of(request, rows, by="retirement_date")
    context = {"title": _("Retirements"), "page": page, "shown": shown, "endings": endings(page.objects, request.user)}
    return render(request, "registry/retirements.html", context)


def endings(versions: list[ModelVersion], person: Any) -> list[Ending]:
    """The rows of the page, by a fixed number of queries."""
    touched = lineage.systems_of_each(versions, LineageLink.objects.visible_to(person), person)
    planned = {*RetirementPlan.objects.filter(version__in=versions).values_list("version", flat=True)}
    unaware: dict[Any, int] = {}
    for row in Consumer.objects.standing().filter(version__in=versions).select_related("version"):
        unaware[row.version_id] = unaware.get(row.version_id, 0) + (not row.has_acknowledged)
    return [Ending(each, touched[each.pk], each.pk in planned, unaware.get(each.pk, 0)) for each in versions]


# ---- the calendar


@dataclass(frozen=True)
class Cell:
    """A day of the month's grid; `day` is None outside the month."""

    day: date | None
    is_today: bool
    ends: list[days.EndDay]


@dataclass(frozen=True)
class Month:
    """A month to show, with the ways to its neighbours."""

    first: date
    weeks: list[list[Cell]]
    ends: list[days.EndDay]

    @property
    def before(self) -> str:
        """The month before, as the address names it."""
        return f"{self.first - timedelta(days=1):%Y-%m}"

    @property
    def after(self) -> str:
        """The month after."""
        return f"{self.first + timedelta(days=32):%Y-%m}"


def retirement_calendar(request: HttpRequest) -> HttpResponse:
    """One month as a grid, and as a list where the page is narrow."""
    first = month_asked(request.GET.get("month", ""))
    last = first.replace(day=months.monthrange(first.year, first.month)[1])
    rows = days.within(days.versions_ending(request.user), first, last)
    ends = [*days.end_days(rows, first, last), *days.approval_days(request.user, first, last)]
    month = month_of(first, sorted(ends, key=lambda end: end.day))
    start = get_format("FIRST_DAY_OF_WEEK")
    context = {
        "title": _("Calendar of retirements"), "month": month,
        "feed_address": request.build_absolute_uri("/calendar/") + "gov_…/retirements.ics",
        "weekdays": [WEEKDAYS_ABBR[(start + number - 1) % 7] for number in range(7)],
    }  # fmt: skip
    return render(request, "registry/retirement_calendar.html", context)


def month_asked(text: str) -> date:
    """The first day of the month that the address names; of this month where it names none."""
    try:
        year, month = map(int, text.split("-"))
        found = date(year, month, 1)
    except ValueError:
        found = timezone.localdate().replace(day=1)
    return found if 1900 < found.year < 9998 else timezone.localdate().replace(day=1)


def month_of(first: date, ends: list[days.EndDay]) -> Month:
    """The grid of a month, its weeks beginning as the reader's country has it."""
    today, start = timezone.localdate(), (get_format("FIRST_DAY_OF_WEEK") - 1) % 7
    by_day: dict[date, list[days.EndDay]] = {}
    for end in ends:
        by_day.setdefault(end.day, []).append(end)
    weeks = [
        [cell(day if day.month == first.month else None, today, by_day) for day in week]
        for week in months.Calendar(start).monthdatescalendar(first.year, first.month)
    ]
    return Month(first, weeks, ends)


def cell(day: date | None, today: date, by_day: dict[date, list[days.EndDay]]) -> Cell:
    """One day with what ends on it."""
    return Cell(day, day == today, by_day.get(day, []) if day else [])


# ---- the feed


@require_safe
def own_feed(request: HttpRequest) -> HttpResponse:
    """The days as a file, for whoever is signed in."""
    return feed(request, request.user)


@login_not_required
@require_safe
def token_feed(request: HttpRequest, secret: str) -> HttpResponse:
    """The days for a calendar program, which cannot sign in: its address holds a token that reads this and no more."""
    try:
        person, token = BearerToken().authenticate_credentials(secret.encode())
    except AuthenticationFailed as error:
        raise Http404 from error
    if FEED_SCOPE not in token.scopes:
        raise Http404
    with translation.override(person.language):
        return feed(request, person, token)


def feed(request: HttpRequest, person: Any, token: Any = None) -> HttpResponse:
    """The calendar file; with a token also the day on which its address ends."""
    unit, since = getattr(token, "unit", None), timezone.localdate() - FEED_BACK
    ends = [
        *days.end_days(days.versions_ending(person, unit), since), *days.approval_days(person, since, unit=unit)
    ]  # fmt: skip
    events = [*events_of(request, ends), *([token_event(request, token)] if token else [])]
    name = _("Retirements – %s") % settings.INSTALLATION_NAME
    answer = HttpResponse(
        ics.calendar(name, events, product=f"-//{settings.INSTALLATION_NAME}//Attestry//EN"),
        content_type="text/calendar; charset=utf-8",
    )
    answer["Content-Disposition"] = 'inline; filename="retirements.ics"'
    answer["Cache-Control"] = "private, no-store"
    answer["Referrer-Policy"] = "no-referrer"
    return answer


def events_of(request: HttpRequest, ends: list[days.EndDay]) -> list[ics.Event]:
    """The days as events; when each was changed last, and how often, the log says."""
    ids = {end.row.pk for end in ends}
    kinds = (ModelVersion._meta.label, Release._meta.label)
    newest = AuditEntry.objects.filter(object_type__in=kinds, object_id__in=ids).order_by()
    said = {row["object_id"]: row for row in newest.values("object_id").annotate(Max("ts_utc"), Max("object_rev"))}
    return [event_of(request, end, said.get(end.row.pk)) for end in ends]


def event_of(request: HttpRequest, end: days.EndDay, said: Any) -> ics.Event:
    """One day as an event."""
    changed = datetime.fromisoformat(said["ts_utc__max"]) if said else end.row.created_at
    return ics.Event(
        uid=f"{end.key}@attestry", day=end.day, title=end.title, text=text_of(end.version),
        url=request.build_absolute_uri(end.url), changed=changed, sequence=said["object_rev__max"] if said else 0,
    )  # fmt: skip


def text_of(version: ModelVersion) -> str:
    """What stands below the event."""
    lines = [_("System: %s") % version.home_system, _("Status: %s") % version.get_status_display()]
    if version.successor:
        lines.append(_("Successor: %s") % version.successor)
    return "\n".join(lines)


def token_event(request: HttpRequest, token: Any) -> ics.Event:
    """The day on which the address of the calendar ends, so that it does not fall silent unseen."""
    day = timezone.localdate(token.expiry)
    return ics.Event(
        uid=f"{token.token_key}-address@attestry", day=day, title=_("The address of this calendar ends"),
        text=_("Make a new token on %s.") % date_format(day), url=request.build_absolute_uri("/tokens/"),
        changed=token.created,
    )  # fmt: skip
