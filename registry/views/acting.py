"""Pages of one thing with the acts that are open on it: each act is an entry of a table, with its form beside the facts."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from registry.forms.acts import ActForm


@dataclass(frozen=True)
class Act:
    """An act on a thing: words for heading, button and answer; its form, what it does, and to whom it is open now.

    `address` is the name of its URL pattern; `form` takes the thing and keywords of a form.
    """

    address: str
    title: Any
    submit: Any
    said: Any
    form: Callable[..., ActForm]
    do: Callable[..., Any]
    is_open: Callable[[Any, Any], bool]


def open_acts(acts: Mapping[str, Act], found: Any, person: Any, **sent: ActForm) -> list[tuple[Any, ...]]:
    """The acts open to the person, as `registry/parts/acts.html` draws them; `sent` replace the blank forms."""
    return [
        (name, act.title, act.submit, reverse(act.address, args=[found.pk]),
         sent.get(name) or act.form(found, auto_id=f"{name}_%s"))
        for name, act in acts.items() if act.is_open(found, person)
    ]  # fmt: skip


def acted(
    request: HttpRequest, found: Any, acts: Mapping[str, Act], name: str, page: Callable[..., Any]
) -> HttpResponse:
    """Do an act with what was sent; where it is refused, the `page` (template, context) comes back with the sentence."""
    act = acts[name]
    form = act.form(found, data=request.POST, auto_id=f"{name}_%s")
    if form.carry_out(partial(act.do, found, actor=request.user)):
        messages.success(request, str(act.said))
        return redirect(found.get_absolute_url())
    found.refresh_from_db()  # what refused it may be that somebody was faster
    template, context = page(found, request.user, **{name: form})
    if name not in [offered for offered, *_rest in context["acts"]]:
        context["refusal"] = " ".join(form.non_field_errors()) or _("This cannot be done to it now.")
    return render(request, template, context, status=422)
