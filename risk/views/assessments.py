"""Assessments: list, start, the questionnaire section by section, the result, submission and signature."""

from functools import partial
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from registry import access, refusals
from registry.errors import BadInput, DomainError, NotAllowed
from registry.models import AISystem, Duty, User
from registry.views.paging import page_of
from risk import actions, living, words
from risk.forms import AnswersForm, AssignForm, SignForm, StartForm, systems_where, text_name
from risk.models import Assessment
from risk.questionnaires import OF_SYSTEMS, Reply, template
from risk.reading import Reading, reading
from risk.template_parts import Section, Template


def assessments(request: HttpRequest) -> HttpResponse:
    """The assessments that the reader may see, by status where asked."""
    rows = Assessment.objects.visible_to(request.user)
    shown = request.GET.get("status", "")
    if shown in Assessment.Status.values:
        rows = rows.filter(status=shown)
    rows = rows.select_related("system__unit", "version__model", "opinion_by")
    return render(
        request,
        "risk/assessments.html",
        {
            "title": _("Assessments"),
            "page": page_of(request, rows, by="-created_at"),
            "statuses": Assessment.Status.choices,
            "shown": shown,
            "may_start": access.may_anywhere(request.user, access.PIA_EDIT),
        },
    )


def assessment_new(request: HttpRequest) -> HttpResponse:
    """Choose the system to assess."""
    access.require_anywhere(request.user, access.PIA_EDIT)
    rows = systems_where(request.user, access.PIA_EDIT).select_related("unit")
    chosen = request.GET.get("template", OF_SYSTEMS[0])
    context = {
        "title": _("Which system is assessed?"), "page": page_of(request, rows, by="name"),
        "forms": [template(slug) for slug in OF_SYSTEMS], "chosen": chosen if chosen in OF_SYSTEMS else OF_SYSTEMS[0],
    }  # fmt: skip
    return render(request, "risk/assessment_new.html", context)


def assessment_start(request: HttpRequest, pk: UUID, slug: str = OF_SYSTEMS[0]) -> HttpResponse:
    """Start a questionnaire about a system or one of its versions; the privacy one where none is named."""
    system = get_object_or_404(AISystem.objects.visible_to(request.user).select_related("unit"), pk=pk)
    access.require(request.user, access.PIA_EDIT, system)
    if slug not in OF_SYSTEMS:
        raise Http404
    asked, form = template(slug), StartForm(request.POST or None, system=system)
    act = partial(actions.start_assessment, system, template=slug, actor=request.user)
    if request.method == "POST" and form.carry_out(act):
        messages.success(request, _("Started. You may save at any time and go on later."))
        return redirect("assessment-section", pk=form.result.pk, section=form.result.form.sections[0].id)
    context = {
        "form": form,
        "title": _("%(questionnaire)s of %(subject)s") % {"questionnaire": _(asked.name), "subject": system},
        "submit": _("Start"),
        "why": why_started(asked, system),
        "parent_label": _("Assessments"),
        "parent_url": reverse("assessments"),
        "cancel": system.get_absolute_url(),
    }
    return refusals.answer(request, "generic/form.html", context, form)


def why_started(asked: Template, system: AISystem) -> str:
    """What the questionnaire holds, who decides on it, and for the privacy one whether it is needed."""
    sections = ", ".join(_(section.title) for section in asked.sections)
    said = _("Sections: %(sections)s. Somebody who wrote none of it decides on it.") % {"sections": sections}
    if not asked.is_privacy:
        return said
    needed = " ".join(living.why_needed(system)) or _("Nothing on record says that one is needed.")
    return f"{needed} {said}"


def fetched(person: User, pk: UUID) -> Assessment:
    """The assessment with what its pages name, or 404 when this person may not see it."""
    rows = Assessment.objects.visible_to(person).select_related(
        "system__unit", "system__business_owner", "version__model", "version__artifact", "started_by", "submitted_by",
        "opinion_by",
    )  # fmt: skip
    return get_object_or_404(rows, pk=pk)


def assessment(request: HttpRequest, pk: UUID) -> HttpResponse:
    """The result: scores, outcomes with their reasons, what is missing, and the next act."""
    found = fetched(request.user, pk)
    return render(request, "risk/assessment.html", page_context(found, request.user))


def page_context(found: Assessment, person: User, form: SignForm | None = None) -> dict[str, Any]:
    """What the page shows and what it offers to this person."""
    read = reading(found)
    why_not = may_not_sign(found, person)
    if form is None and not why_not:
        form = sign_form(found)
    may_edit = access.allowed(person, access.PIA_EDIT, found)
    return {
        "object": found,
        "reading": read,
        "form": None if why_not else form,
        "why_not": why_not,
        "may_edit": may_edit and found.status != Assessment.Status.SUPERSEDED,
        "may_upgrade": may_edit and found.is_open and found.template_version != found.form.version,
        "assign": AssignForm(assessment=found, person=person) if may_edit and found.is_open else None,
        "assigned": found.assignments.filter(done_at__isnull=True).select_related("person"),
        "formats": ("json", "xlsx", "docx"),
        "reasons": found.why_outgrown(found.version) if found.status == Assessment.Status.APPROVED else (),
        "comments": found.comments.select_related("person"),
        "may_submit": may_edit and found.status == Assessment.Status.DRAFT,
        "may_reassess": may_edit and found.status == Assessment.Status.APPROVED,
    }


def may_not_sign(found: Assessment, person: User) -> str:
    """Why this person does not decide on it now, or who may; empty when the person does."""
    if found.status != Assessment.Status.IN_REVIEW:
        return _("Nothing waits for a decision.")
    if not access.allowed(person, actions.sign_action(found), found):
        duty = dict(Duty.choices)[Duty(found.form.signed_by)]
        return _("Waiting for a decision: %(duty)s of %(unit)s.") % {"duty": duty, "unit": found.system.unit}
    try:
        actions.require_independent(found, person)
    except NotAllowed as refusal:
        return str(refusal)
    return ""


def sign_form(found: Assessment, data: Any = None) -> SignForm:
    """The form for the decision, with the fields that the outcomes ask for."""
    return SignForm(
        data,
        initial={"seen_digest": found.answers_digest},
        wants_authority="prior_consultation" in found.outcomes,
        wants_opinion="dpo_review" in found.outcomes or not found.form.is_privacy,
    )


def assessment_section(request: HttpRequest, pk: UUID, section: str) -> HttpResponse:
    """Fill one section; it may be kept half filled."""
    found = fetched(request.user, pk)
    part = found.form.section(section)
    if part is None:
        raise Http404
    access.require(request.user, access.PIA_EDIT, found)
    form = AnswersForm(request.POST or None, form=found.form, section=part, replies=found.replies())
    is_kept = request.method == "POST" and kept(found, form, request)
    if request.method == "POST" and request.htmx:  # type: ignore[attr-defined]
        return kept_line(request, found, form)
    return redirect(after(found, part, request)) if is_kept else section_page(request, found, part, form)


def kept_line(request: HttpRequest, found: Assessment, form: AnswersForm) -> HttpResponse:
    """What the form says after it saved itself: that it did, or why not; with the digest of what is stored now."""
    seen = request.POST.get("seen", "") if form.errors else Assessment.objects.get(pk=found.pk).answers_digest
    faults = [error for errors in form.errors.values() for error in errors]
    return render(request, "risk/parts/kept.html", {"seen": seen, "faults": faults, "at": timezone.localtime()})


def kept(found: Assessment, form: AnswersForm, request: HttpRequest) -> bool:
    """Save what was typed; False with the reasons in the form, and everything typed still in it."""
    if not form.is_valid():
        return False
    if request.POST.get("seen") != found.answers_digest and told_apart(found, form, request.user):
        return False
    try:
        actions.save_answers(found, answers=form.replies(), actor=request.user)
    except BadInput as refusal:
        form.take_refusal(refusal)
    except DomainError as refusal:
        form.add_error(None, str(refusal))
    return not form.errors


def told_apart(found: Assessment, form: AnswersForm, person: User) -> bool:
    """Somebody else saved meanwhile: say at each question what is stored now; saving again keeps what was typed."""
    others = found.answers.exclude(answered_by=person)
    stored = {row.question: Reply(row.answer, row.text) for row in others}
    for question_id, typed in form.replies().items():
        now = stored.get(question_id, typed)
        if typed != now:
            question = found.form.by_id[question_id]
            name = question_id if typed.answer != now.answer else text_name(question)
            form.add_error(
                name,
                _("Answers were saved by somebody else meanwhile; here stands “%s” now. Save again to keep yours.")
                % (words.answer_word(now.answer) if name == question_id and now.answer else now.text or _("nothing")),
            )
    return bool(form.errors)


def after(found: Assessment, part: Section, request: HttpRequest) -> str:
    """Where a save leads: the next section, or the result."""
    messages.success(request, _("Saved."))
    ids = [section.id for section in found.form.sections]
    place = ids.index(part.id) + 1
    if "next" in request.POST and place < len(ids):
        return section_url(found, ids[place])
    return section_url(found, part.id) if "stay" in request.POST else found.get_absolute_url()


def section_url(found: Assessment, section: str) -> str:
    """The address of a section."""
    return reverse("assessment-section", args=[found.pk, section])


def section_page(request: HttpRequest, found: Assessment, part: Section, form: AnswersForm) -> HttpResponse:
    """The section with its progress."""
    fresh = Assessment.objects.get(pk=found.pk)
    read: Reading = reading(fresh)
    context = {
        "object": found,
        "section": part,
        "form": form,
        "reading": read,
        "seen": fresh.answers_digest,
        "is_last": part.id == found.form.sections[-1].id,
        "current": next(one for one in read.sections if one.section.id == part.id),
    }
    return render(request, "risk/assessment_section.html", context, status=422 if form.errors else 200)


@require_POST
def assessment_submit(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Put it before the privacy officer."""
    found = fetched(request.user, pk)
    try:
        actions.submit_assessment(found, actor=request.user)
    except DomainError as refusal:
        return render(
            request, "risk/assessment.html", page_context(found, request.user) | {"refusal": refusal}, status=422
        )
    messages.success(request, _("Submitted; whoever decides on it finds it in the list of tasks."))
    return redirect(found)


@require_POST
def assessment_sign(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Approve or send back, with the privacy officer's opinion."""
    found = fetched(request.user, pk)
    form = sign_form(found, request.POST)
    if form.carry_out(partial(signed, found, request.user)):
        messages.success(request, _("Your decision is recorded."))
        return redirect(found)
    context = page_context(found, request.user, form)
    if context["form"] is None:
        context["refusal"] = " ".join(form.non_field_errors()) or context["why_not"]
    return render(request, "risk/assessment.html", context, status=422)


def signed(found: Assessment, person: User, *, decision: str, opinion: str, seen_digest: str, **more: str) -> None:
    """The decision as the action that makes it."""
    if decision == SignForm.APPROVE:
        actions.approve_assessment(found, opinion=opinion, seen_digest=seen_digest, actor=person, **more)
    else:
        actions.reject_assessment(found, opinion=opinion, seen_digest=seen_digest, actor=person)


@require_POST
def assessment_again(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Assess again, beginning with the answers of this one."""
    fresh = actions.reassess(fetched(request.user, pk), actor=request.user)
    messages.success(request, _("Started with the earlier answers. Read each of them again before you submit."))
    return redirect(fresh)
