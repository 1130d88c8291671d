"""The acts that a page offers beside what it shows: each a form of its own, sent to its own address."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from registry.forms.acts import ActForm, ReasonForm


@dataclass(frozen=True)
class Verb:
    """What may be done to a row of one kind: the action, its words, its form, and whether it takes something away."""

    act: Callable[..., Any]
    title: Any
    said: Any
    form: type[ActForm] = ReasonForm
    danger: bool = False


@dataclass(frozen=True)
class Act:
    """A verb as a page offers it."""

    verb: str
    title: Any
    form: ActForm
    url: str
    danger: bool
    is_open: bool


def offered(verbs: Mapping[str, Verb], names: list[str], row: Any, noun: str, **sent: ActForm) -> list[Act]:
    """The named verbs with empty forms; `sent` are the forms that were refused, which stay open.

    The address of a verb is named `noun-verb`.
    """
    return [
        Act(
            name, verbs[name].title, sent.get(name) or begun(verbs[name].form, name, row),
            reverse(f"{noun}-{name}", args=[row.pk]), verbs[name].danger, name in sent,
        )
        for name in names
    ]  # fmt: skip


def begun(form: type[ActForm], name: str, row: Any) -> ActForm:
    """An empty form that begins with what the row says already; ids of its own, since several stand on one page."""
    said = {field: getattr(row, field) for field in form.base_fields if hasattr(row, field) and field != "reason"}
    return form(auto_id=f"{name}_%s", initial=said)


def done(
    request: HttpRequest, row: Any, verb: Verb, name: str, *, template: str, context: Callable[..., dict[str, Any]]
) -> HttpResponse:
    """Carry a verb out and go back to the row; else its page with the form that was refused."""
    form = verb.form(request.POST, auto_id=f"{name}_%s")
    if form.carry_out(partial(verb.act, row, actor=request.user)):
        messages.success(request, str(verb.said))
        return redirect(row)
    page = context(row, request.user, **{name: form})
    if name not in [act.verb for act in page["acts"]]:
        page["refusal"] = " ".join(form.non_field_errors())
    return render(request, template, page, status=422)
