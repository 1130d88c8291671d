"""Acts on a version that has served: mark it as known to be good, read its stored bytes again."""

from functools import partial
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from registry.actions import observing
from registry.forms.acts import ReasonForm
from registry.views.versions import fetched, path_context


@require_POST
def version_known_good(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Say that it is known to be good, or take that back."""
    found = fetched(request.user, pk)
    form = ReasonForm(request.POST, auto_id="good_%s")
    act = partial(observing.mark_known_good, found, good=not found.known_good, actor=request.user)
    if form.carry_out(act):
        said = _("%s is marked as known to be good.") if form.result.known_good else _("The mark of %s is taken back.")
        messages.success(request, said % found)
        return redirect(found)
    context = path_context(found, request.user) | {"good_form": form}
    return render(request, "registry/version_path.html", context, status=422)


@require_POST
def version_verify_backup(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Read the stored bytes and compare them with their digest."""
    found = fetched(request.user, pk)
    broken = observing.verify_backup(found, actor=request.user)
    if broken:
        messages.error(
            request,
            _("These stored bytes are missing or differ from their digest: %s. Restore them from a backup.")
            % ", ".join(broken),
        )
    else:
        messages.success(request, _("The stored bytes were read; each has the digest that it was registered with."))
    return redirect(found)
