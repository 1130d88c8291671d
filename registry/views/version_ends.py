"""Ends of a version on its page: suspend, deprecate, retire, each with what follows and a reason."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from registry.actions import endings
from registry.forms.acts import ReasonForm
from registry.models import Release
from registry.views.versions import fetched, path_context


@dataclass(frozen=True)
class End:
    """One way in which a version ends: the act, and what the page says once it is done."""

    act: Callable[..., Any]
    done: str | Promise


ENDS = {
    "suspend": End(endings.suspend, _("%s is suspended. Its sign-offs are voided and asked for again.")),
    "deprecate": End(endings.deprecate, _("%s is deprecated. It goes on working; nobody should choose it any more.")),
    "retire": End(endings.retire, _("%s is retired. Its records stay.")),
}


@require_POST
def version_end(request: HttpRequest, pk: UUID, verb: str) -> HttpResponse:
    """Suspend, deprecate or retire the version; a refusal comes back with the reason that was typed."""
    found = fetched(request.user, pk)
    release = get_object_or_404(Release, pk=getattr(found.release, "pk", None))
    form = ReasonForm(request.POST, auto_id=f"{verb}_%s")
    if form.carry_out(partial(ENDS[verb].act, release, actor=request.user)):
        messages.success(request, ENDS[verb].done % found)
        return redirect(found)
    context = path_context(fetched(request.user, pk), request.user) | {"ending": verb, "refused": form}
    context["endings"] |= {verb: form} if verb in context["endings"] else {}
    return render(request, "registry/version_path.html", context, status=422)
