"""The auditor's desk: the list, a form for each kind of item, the page of one with what may be done to it."""

from functools import partial
from typing import Any, Final
from uuid import UUID

from django.contrib import messages
from django.db.models import Q
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _, gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from registry import access, refusals
from registry.errors import NotAllowed
from registry.forms.acts import ReasonForm
from registry.models import Attachment, AuditEntry, User
from registry.views.acting import Act, acted, open_acts
from registry.views.downloads import saved
from registry.views.engagements import taken
from registry.views.paging import page_of
from reports.audits import actions, sampling
from reports.audits.forms import FORMS, AnswerForm, FileForm
from reports.models import DeskItem

SHOWN: Final = 50


def desk(request: HttpRequest) -> HttpResponse:
    """Requests, notes, samples and findings that the reader may see, and what was taken in the reader's engagements."""
    rows = DeskItem.objects.visible_to(request.user).select_related("system", "unit", "owner", "engagement__person")
    kind = request.GET.get("kind", "")
    own = list(actions.own_engagements(request.user))
    context = {
        "title": _("Auditor’s desk"),
        "page": page_of(request, rows.filter(kind=kind) if kind in DeskItem.Kind.values else rows, by="-created_at"),
        "kinds": DeskItem.Kind.choices, "kind": kind, "may_add": bool(own), "taken": downloads(own, request.user),
    }  # fmt: skip
    return render(request, "reports/pages/desk.html", context)


def downloads(engagements: list[Any], reader: User) -> list[AuditEntry]:
    """What was carried away in these engagements, the newest first."""
    found = AuditEntry.objects.none()
    for duty in engagements:
        found = found | taken(duty, reader=reader)
    return list(found.order_by("-seq")[:SHOWN]) if engagements else []


def desk_new(request: HttpRequest, kind: str) -> HttpResponse:
    """The form for one more item of a kind."""
    if kind not in FORMS:
        raise Http404
    access.require_anywhere(request.user, access.DESK_WRITE)
    form = FORMS[kind](request.POST or None, person=request.user)
    if request.method == "POST" and form.carry_out(partial(added, kind, request.user)):
        messages.success(request, _("It is on the desk."))
        return redirect(form.result)
    label = DeskItem.Kind(kind).label
    context = {
        "form": form, "title": label, "submit": _("Put it on the desk"), "cancel": reverse("desk"),
        "parent_label": _("Auditor’s desk"), "parent_url": reverse("desk"),
    }  # fmt: skip
    return refusals.answer(request, "generic/form.html", context, form)


def added(kind: str, actor: User, *, engagement: Any, **given: Any) -> DeskItem:
    """What the form says, done."""
    if kind == DeskItem.Kind.SAMPLE:
        return sampling.draw_sample(engagement, actor=actor, **given)
    return actions.add_item(engagement, kind=kind, actor=actor, **given)


def may_answer(found: DeskItem, person: User) -> bool:
    """It waits for this person's answer."""
    return found.status == DeskItem.Status.OPEN and found.owner_id == person.pk


def may_judge(found: DeskItem, person: User) -> bool:
    """It is answered, and this person may say whether that suffices."""
    try:
        actions.require_judge(found, person)
    except NotAllowed:
        return False
    return found.status == DeskItem.Status.ANSWERED


def may_withdraw(found: DeskItem, person: User) -> bool:
    """It is the person's own question, and not over."""
    is_open = found.status in {DeskItem.Status.OPEN, DeskItem.Status.ANSWERED}
    return is_open and found.engagement.person_id == person.pk


def reason_form(_found: DeskItem, **form: Any) -> ReasonForm:
    """The form of an act that wants a reason and nothing else."""
    return ReasonForm(**form)


ACTS: Final = {
    "answer": Act(
        "desk-answer", gettext_lazy("Answer"), gettext_lazy("Answer"), gettext_lazy("The auditor looks at it now."),
        lambda _found, **form: AnswerForm(**form), actions.answer_item, may_answer,
    ),
    "close": Act(
        "desk-close", gettext_lazy("The answer suffices"), gettext_lazy("Close it"), gettext_lazy("It is closed."),
        reason_form, actions.close_item, may_judge,
    ),
    "return": Act(
        "desk-return", gettext_lazy("The answer does not suffice"), gettext_lazy("Send it back"),
        gettext_lazy("Whoever was asked goes on with it."), reason_form, actions.return_item, may_judge,
    ),
    "withdraw": Act(
        "desk-withdraw", gettext_lazy("Withdraw it"), gettext_lazy("Withdraw it"), gettext_lazy("It is withdrawn."),
        reason_form, actions.withdraw_item, may_withdraw,
    ),
}  # fmt: skip


def fetched(person: User, pk: UUID) -> DeskItem:
    """The item with what its page names, or 404."""
    rows = DeskItem.objects.visible_to(person).select_related(
        "system__unit", "unit", "owner", "answered_by", "closed_by", "engagement__person", "engagement__unit"
    )
    return get_object_or_404(rows, pk=pk)


@require_safe
def desk_item(request: HttpRequest, pk: UUID) -> HttpResponse:
    """One item."""
    return render(request, *page(fetched(request.user, pk), request.user))


def page(found: DeskItem, person: User, **sent: Any) -> tuple[str, dict[str, Any]]:
    """Template and context: the item, its files, the sample, and the acts that are open."""
    is_sample = found.kind == DeskItem.Kind.SAMPLE
    entries = AuditEntry.objects.visible_to(person).filter(Q(object_id=found.pk)).select_related("actor")
    return "reports/pages/desk_item.html", {
        "object": found, "parent_label": _("Auditor’s desk"), "parent_url": reverse("desk"),
        "files": Attachment.objects.of(found).select_related("blob"),
        "file_form": FileForm(auto_id="file_%s") if may_answer(found, person) else None,
        "sampled": sampling.sampled(found, person) if is_sample else [],
        "repeated": is_sample and sampling.is_repeated(found, person),
        "entries": entries.order_by("seq"), "acts": open_acts(ACTS, found, person, **sent),
    }  # fmt: skip


@require_POST
def desk_act(request: HttpRequest, pk: UUID, verb: str) -> HttpResponse:
    """Answer, close, send back or withdraw."""
    return acted(request, fetched(request.user, pk), ACTS, verb, page)


@require_POST
def desk_attach(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Keep a file with the answer."""
    found = fetched(request.user, pk)
    form = FileForm(request.POST, request.FILES, auto_id="file_%s")
    if form.carry_out(partial(actions.attach_evidence, found, actor=request.user)):
        messages.success(request, _("The file is kept with it."))
        return redirect(found)
    template, context = page(found, request.user)
    return refusals.answer(request, template, {**context, "file_form": form}, form)


@require_safe
def desk_file(request: HttpRequest, pk: UUID, file: UUID) -> FileResponse:
    """A file of an item; who may see the item may take it."""
    kept = get_object_or_404(Attachment.objects.of(fetched(request.user, pk)).select_related("blob"), pk=file)
    return saved(kept.blob, name=kept.name)
