"""How much the registry is used: acts and people by week, from the log, without a name."""

from collections import Counter
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Final

from django.db.models import Count, Max
from django.db.models.functions import Substr
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _

from registry import access
from registry.models import AuditEntry, RegisterEntry, Task

WEEKS: Final = 12
NEWEST: Final = 50_000  # so many acts are read; the log grows without end
COMMENTS: Final = "registry_comment"


@dataclass(frozen=True)
class Week:
    """One week: how many acts of how many people."""

    begins: date
    acts: int
    people: int


def weeks(seen: Any, today: date) -> list[Week]:
    """The last weeks, the newest first, of the newest of these entries; the software itself is not counted."""
    last = AuditEntry.objects.aggregate(last=Max("seq"))["last"] or 0
    since = (today - timedelta(weeks=WEEKS)).isoformat()
    rows = seen.filter(seq__gt=last - NEWEST, ts_utc__gte=since, actor__isnull=False).order_by()
    days = rows.annotate(day=Substr("ts_utc", 1, 10)).values_list("day", "actor").annotate(acts=Count("pk"))
    acts: Counter[date] = Counter()
    people: dict[date, set[Any]] = {}
    for text, actor, count in days:
        day = date.fromisoformat(text)
        begins = day - timedelta(days=day.weekday())
        acts[begins] += count
        people.setdefault(begins, set()).add(actor)
    return [Week(begins, acts[begins], len(people[begins])) for begins in sorted(acts, reverse=True)]


def registry_use(request: HttpRequest) -> HttpResponse:
    """Weeks, what waits, and what users say of the registry; of the units whose log one reads."""
    access.require_anywhere(request.user, access.AUDIT_VIEW)
    entries, tasks = AuditEntry.objects.visible_to(request.user), Task.objects.visible_to(request.user)
    today = timezone.localdate()
    waiting = tasks.waiting()
    context = {
        "title": _("Use of the registry"),
        "weeks": weeks(entries, today),
        "waiting": waiting.count(),
        "overdue": waiting.filter(due_on__lt=today).count(),
        "comments": RegisterEntry.objects.visible_to(request.user).filter(kind=COMMENTS).order_by("-created_at")[:20],
    }
    return render(request, "registry/use.html", context)
