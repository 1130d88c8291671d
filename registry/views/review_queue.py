"""The queue of reviews: which wait for whom, until when, and what their checks said."""

from typing import Any, Final

from django.db.models import OuterRef, Q, QuerySet, Subquery
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _, gettext_lazy

from registry import access
from registry.models import Review, SignOff, User
from registry.views.paging import page_of

FILTERS: Final = {
    "open": gettext_lazy("Open"),
    "mine": gettext_lazy("Waiting for me"),
    "others": gettext_lazy("Waiting for others"),
    "overdue": gettext_lazy("Overdue"),
    "closed": gettext_lazy("Closed"),
}
CAPTIONS: Final = {
    "open": gettext_lazy("Open reviews of your units, the oldest first"),
    "mine": gettext_lazy("Reviews in which your sign-off is asked for now, the oldest first"),
    "others": gettext_lazy("Open reviews in which somebody else is asked, the oldest first"),
    "overdue": gettext_lazy("Open reviews whose day has passed, the oldest first"),
    "closed": gettext_lazy("Closed reviews of your units, the newest first"),
}


def reviews(request: HttpRequest) -> HttpResponse:
    """Open reviews first asked for; others where asked."""
    shown = request.GET.get("show", "open")
    shown = shown if shown in FILTERS else "open"
    rows = chosen(Review.objects.visible_to(request.user), shown, request.user)
    rows = rows.select_related("release__version__model", "release__system__unit", "release__author")
    rows = rows.prefetch_related("sign_offs", "release__evidence")
    page = page_of(request, rows, by="-created_at" if shown == "closed" else "created_at")
    context = {"title": _("Reviews"), "page": page, "shown": shown, "filters": FILTERS, "caption": CAPTIONS[shown]}
    return render(request, "registry/reviews.html", context)


def chosen(rows: QuerySet, shown: str, person: User) -> QuerySet:
    """The rows of a filter."""
    if shown == "closed":
        return rows.exclude(status=Review.Status.OPEN)
    rows = rows.filter(status=Review.Status.OPEN)
    if shown == "overdue":
        late = SignOff.objects.waiting().filter(due_on__lt=timezone.localdate())
        return rows.filter(Q(due_on__lt=timezone.localdate()) | Q(pk__in=late.values("review")))
    if shown == "open":
        return rows
    mine = Q(pk__in=asked_of(person).values("review"))
    return rows.filter(mine if shown == "mine" else ~mine)


def asked_of(person: User) -> QuerySet[Any]:
    """The slots whose turn it is, in duties that the person holds there, where the person has not decided yet."""
    held = Q(pk__in=[])
    for grant in access.grants(person):
        here = Q(duty=grant.duty, review__release__system__unit__path__startswith=grant.unit.path)
        held |= here & Q(review__release__system=grant.system_id) if grant.system_id else here
    waiting = SignOff.objects.waiting()
    turn = waiting.filter(review=OuterRef("review")).order_by("stage").values("stage")[:1]
    decided = SignOff.objects.standing().filter(person=person).values("review")
    return waiting.filter(held, stage=Subquery(turn)).exclude(review__in=decided)
