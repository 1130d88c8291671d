"""The registers by group, the list of one, the form of an entry, and its page."""

from functools import partial
from uuid import UUID

from django.contrib import messages
from django.db.models import Count
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from registry import refusals
from registry.actions import registers as actions
from registry.models import RegisterEntry
from registry.registers import kind_named, kinds, rights, subjects
from registry.registers.forms import EntryForm
from registry.registers.kinds import Kind
from registry.registers.reading import groups
from registry.views import lists
from registry.views.registers.page import TEMPLATE, fetched, page_context


def registers(request: HttpRequest) -> HttpResponse:
    """Every register under its group, with the number of entries that the reader sees."""
    rows = RegisterEntry.objects.visible_to(request.user).standing().order_by()
    numbers = dict(rows.values_list("kind").annotate(found=Count("pk")))
    found = [
        (_(title), [(kind, numbers.get(kind.name, 0)) for kind in kinds().values() if kind.group == group])
        for group, title in groups().items()
    ]
    return render(request, "registry/registers/registers.html", {"groups": [one for one in found if one[1]]})


def known(name: str) -> Kind:
    """The kind, or 404."""
    if name not in kinds():
        raise Http404
    return kind_named(name)


def register(request: HttpRequest, name: str) -> HttpResponse:
    """The list of one register."""
    return lists.page(request, known(name).name)


def register_new(request: HttpRequest, name: str) -> HttpResponse:
    """Write a new entry; the address may say what it is about."""
    kind = known(name)
    rights.require_write_somewhere(kind, request.user)
    form = EntryForm(request.POST or None, kind=kind, person=request.user)
    begin(form, request)
    if request.method == "POST" and form.carry_out(partial(actions.add_entry, kind=kind, actor=request.user)):
        messages.success(request, _("Entered."))
        return redirect(form.result)
    return form_page(request, form, kind, title=_("New entry: %s") % _(kind.one), back=kind.url)


def begin(form: EntryForm, request: HttpRequest) -> None:
    """What the address says of a new entry."""
    sort, _colon, key = request.GET.get("about", "").partition(":")
    if sort not in form.kind.about or not subjects.is_uuid(key):
        return
    row = subjects.rows(sort, request.user, form.kind).filter(pk=key).first()
    if row is not None:
        form.start_with(row)


def form_page(request: HttpRequest, form: EntryForm, kind: Kind, *, title: str, back: str) -> HttpResponse:
    """The page of a form."""
    return refusals.answer(request, "generic/form.html", {
        "form": form, "title": title, "submit": _("Save"), "why": _(kind.what), "parent_label": kind.label,
        "parent_url": kind.url, "cancel": back,
    }, form)  # fmt: skip


def entry(request: HttpRequest, pk: UUID) -> HttpResponse:
    """One entry."""
    return render(request, TEMPLATE, page_context(fetched(request.user, pk), request.user))


def entry_edit(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Change what an entry says; of an approved one, write the next revision."""
    found = fetched(request.user, pk)
    rights.require_write(found.of, request.user, found)
    form = EntryForm(request.POST or None, kind=found.of, person=request.user, entry=found)
    if request.method == "POST" and form.carry_out(partial(actions.edit_entry, found, actor=request.user)):
        told = (
            _("Saved.")
            if form.result.pk == found.pk
            else _("Revision %d is written. It counts once it is approved.") % form.result.revision
        )
        messages.success(request, told)
        return redirect(form.result)
    return form_page(request, form, found.of, title=_("Edit %s") % found, back=found.get_absolute_url())
