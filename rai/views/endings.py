"""All evidence that the reader may see, with what ends soon and what has ended."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _

from registry.models import Evidence
from registry.models.evidence import SOON
from registry.views.paging import page_of


def evidence_list(request: HttpRequest) -> HttpResponse:
    """Evidence, the newest first; `?ends=soon` and `?ends=past` by the day on which it ends."""
    rows, now, ends = Evidence.objects.visible_to(request.user), timezone.now(), request.GET.get("ends", "")
    ending = {"soon": rows.ending_before(now + SOON).filter(valid_until__gt=now), "past": rows.ending_before(now)}
    chosen = ending.get(ends, rows).select_related("version__model__system", "run")
    context = {
        "title": _("Evidence"),
        "page": page_of(request, chosen, by="-received_at"),
        "ends": ends,
        "days": SOON.days,
        "counts": {name: found.count() for name, found in ending.items()},
    }
    return render(request, "rai/evidence_list.html", context)
