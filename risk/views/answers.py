"""One question of an assessment with its files and remarks; sections handed out; newer questions; the whole as a file."""

from functools import partial
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from registry import access
from registry.errors import DomainError
from registry.models import Attachment
from risk import actions
from risk.exports import FORMATS, exported
from risk.forms import AssignForm, CommentForm, EvidenceForm
from risk.models import Answer, Assessment
from risk.questionnaires import BLANK
from risk.reading import Said
from risk.views.assessments import fetched, page_context


def assessment_question(request: HttpRequest, pk: UUID, question: str) -> HttpResponse:
    """A question with its answer, who gave it, its files and what was remarked."""
    return question_page(request, fetched(request.user, pk), question)


def question_page(request: HttpRequest, found: Assessment, name: str, **forms: Any) -> HttpResponse:
    """The page, with a form that was refused where there is one."""
    question = found.form.question(name)
    if question is None:
        raise Http404
    row = found.answers.filter(question=name).select_related("answered_by").first()
    may_edit = access.allowed(request.user, access.PIA_EDIT, found) and found.status != Assessment.Status.SUPERSEDED
    context = {
        "object": found,
        "said": Said(question, found.replies().get(name, BLANK), True),
        "section": next(part for part in found.form.sections if question in part.questions),
        "row": row,
        "files": Attachment.objects.of(row).select_related("blob") if row else (),
        "comments": found.comments.filter(question=name).select_related("person"),
        "comment": CommentForm(),
        "evidence": EvidenceForm() if may_edit else None,
        **forms,
    }
    return render(request, "risk/assessment_question.html", context, status=422 if forms else 200)


@require_POST
def assessment_comment(request: HttpRequest, pk: UUID, question: str) -> HttpResponse:
    """Remark on a question."""
    found = fetched(request.user, pk)
    form = CommentForm(request.POST)
    if form.carry_out(partial(actions.comment, found, question=question, actor=request.user)):
        return redirect("assessment-question", pk=pk, question=question)
    return question_page(request, found, question, comment=form)


@require_POST
def assessment_attach(request: HttpRequest, pk: UUID, question: str) -> HttpResponse:
    """Keep a file beside an answer."""
    found = fetched(request.user, pk)
    access.require(request.user, access.PIA_EDIT, found)
    form = EvidenceForm(request.POST, request.FILES)
    if form.carry_out(partial(actions.attach_evidence, found, question=question, actor=request.user)):
        messages.success(request, _("Saved."))
        return redirect("assessment-question", pk=pk, question=question)
    return question_page(request, found, question, evidence=form)


def assessment_file(request: HttpRequest, pk: UUID, file: UUID) -> FileResponse:
    """One file of an answer, always as a download."""
    found = fetched(request.user, pk)
    answers = found.answers.values("pk")
    kept = get_object_or_404(
        Attachment.objects.filter(object_type=Answer._meta.label, object_id__in=answers).select_related("blob"), pk=file
    )
    return FileResponse(kept.blob.path.open("rb"), as_attachment=True, filename=kept.name)


@require_POST
def assessment_assign(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Ask somebody to answer a section."""
    found = fetched(request.user, pk)
    access.require(request.user, access.PIA_EDIT, found)
    form = AssignForm(request.POST, assessment=found, person=request.user)
    if form.carry_out(partial(actions.assign_section, found, actor=request.user)):
        messages.success(request, _("Asked; the section stands in that person’s list of tasks."))
        return redirect(found)
    return render(request, "risk/assessment.html", page_context(found, request.user) | {"assign": form}, status=422)


@require_POST
def assessment_upgrade(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Take an open one over into the version of the questionnaire that is in use."""
    found = fetched(request.user, pk)
    try:
        actions.upgrade(found, actor=request.user)
    except DomainError as refusal:
        context = page_context(found, request.user) | {"refusal": refusal}
        return render(request, "risk/assessment.html", context, status=422)
    messages.success(request, _("Taken over. Read what is new, and what no longer fitted."))
    return redirect(found)


def assessment_export(request: HttpRequest, pk: UUID, form: str) -> HttpResponse:
    """The whole assessment as a document, a sheet or JSON."""
    found = fetched(request.user, pk)
    if form not in FORMATS:
        raise Http404
    answer = HttpResponse(exported(found, form), content_type=FORMATS[form])
    answer["Content-Disposition"] = f'attachment; filename="{found.template}-{found.pk}.{form}"'
    return answer
