"""The card of a version: read, written, compared, taken out in other formats, and brought in from them."""

from functools import partial
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.db.models import QuerySet
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.http import content_disposition_header
from django.utils.text import get_valid_filename
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from registry import access, cards, refusals
from registry.actions import card_imports, cards as actions
from registry.cards.formats import FORMATS
from registry.errors import BadInput
from registry.forms.cards import CardForm, ImportForm
from registry.models import Attachment, ModelCard, ModelVersion
from registry.views.downloads import saved
from registry.views.versions import fetched


@require_safe
def version_card(request: HttpRequest, pk: UUID) -> HttpResponse:
    """The card as it reads now, with how complete it is for the tier."""
    found = fetched(request.user, pk)
    card = found.card
    form = CardForm(version=found)
    context = {
        "version": found,
        "card": card,
        "sections": form.sections(),
        "completeness": cards.counted(form.values),
        "formats": FORMATS.items(),
        "files": imported_files(found),
        "may_edit": access.allowed(request.user, access.CARD_EDIT, found),
        "before": None if card else actions.card_before(found),
    }
    return render(request, "registry/cards/card.html", context)


@require_POST
def version_card_begin(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Begin with the card of the version before."""
    found = fetched(request.user, pk)
    actions.begin_card(found, actor=request.user)
    messages.success(request, _("The texts of the version before are taken; measurements are left out."))
    return redirect("version-card-edit", pk=found.pk)


def version_card_edit(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Write the card; it may be kept half written."""
    found = fetched(request.user, pk)
    access.require(request.user, access.CARD_EDIT, found)
    form = CardForm(request.POST or None, version=found)
    if request.method == "POST" and form.carry_out(partial(actions.save_card, found, actor=request.user)):
        state = cards.completeness(found, form.result)
        messages.success(
            request,
            _("Saved as revision %(number)d: %(filled)d of %(required)d needed fields are filled.")
            % {"number": form.result.number, "filled": state.filled, "required": state.required},
        )
        return redirect("version-card", pk=found.pk)
    page = refusals.answer(request, "registry/cards/edit.html", {"version": found, "form": form}, form)
    if form.clashes:
        page.status_code = 409
    return page


@require_safe
def version_card_compare(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Two revisions of this version's card, or of another version's, field by field."""
    found = fetched(request.user, pk)
    rows = list(
        ModelCard.objects.visible_to(request.user).filter(version__model=found.model_id).select_related("version__model")
        .order_by("-version__created_at", "-number")
    )  # fmt: skip
    own = [row for row in rows if row.version_id == found.pk]
    after = chosen(rows, request.GET.get("after", "")) or (own[0] if own else None)
    before = chosen(rows, request.GET.get("before", "")) or next(
        (row for row in rows if after and row is not after), None
    )
    context = {
        "version": found,
        "revisions": rows,
        "before": before,
        "after": after,
        "changes": cards.changes(cards.reading(before), cards.reading(after)) if before and after else [],
    }
    return render(request, "registry/cards/compare.html", context)


def chosen(rows: list[ModelCard], pk: str) -> ModelCard | None:
    """The revision that the address names; a stranger's is as good as none."""
    found = next((row for row in rows if str(row.pk) == pk), None)
    if pk and found is None:
        raise Http404
    return found


@require_safe
def version_card_export(request: HttpRequest, pk: UUID) -> HttpResponseBase:
    """The card as a file of the format that `as` names; with `file`, what was imported, as it came."""
    found = fetched(request.user, pk)
    if "file" in request.GET:
        return imported_file(found, request.GET["file"])
    form = FORMATS.get(request.GET.get("as", "markdown"))
    if form is None:
        raise Http404
    try:
        content = form.export(found, found.card)
    except BadInput as refusal:
        messages.error(request, str(refusal))
        return redirect("version-card", pk=found.pk)
    answer = HttpResponse(content, content_type=form.media_type)
    name = get_valid_filename(f"{found.model.slug}-{found.version}-card") + form.ending
    answer["Content-Disposition"] = content_disposition_header(as_attachment=True, filename=name) or "attachment"
    answer["Cache-Control"] = "private, no-store"
    return answer


def version_card_import(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Bring a card of another format into a draft, then say what was mapped and what was not."""
    found = fetched(request.user, pk)
    access.require(request.user, access.CARD_EDIT, found)
    form = ImportForm(request.POST or None, request.FILES or None)
    context: dict[str, Any] = {"version": found, "form": form}
    if request.method == "POST" and form.carry_out(partial(card_imports.import_card, found, actor=request.user)):
        context = {"version": found, "brought": form.result}
    return refusals.answer(request, "registry/cards/import.html", context, form)


def imported_file(version: ModelVersion, pk: str) -> FileResponse:
    """A file that was imported into a card of the version, as it came."""
    row = next((row for row in imported_files(version) if str(row.pk) == pk), None)
    if row is None:
        raise Http404
    return saved(row.blob, name=row.name)


def imported_files(version: ModelVersion) -> QuerySet[Attachment]:
    """The files that were imported into the revisions of a version's card."""
    cards_of = version.cards.values("pk")
    rows = Attachment.objects.filter(object_type=ModelCard._meta.label, object_id__in=cards_of)
    return rows.select_related("blob").order_by("created_at")
