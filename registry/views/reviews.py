"""Reviews: the page where evidence stands beside the decision, what is asked in it, and the decision itself."""

from dataclasses import dataclass
from functools import partial
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from registry import access, separation
from registry.actions import questions, reviews as actions, rounds
from registry.decision import difference, facts
from registry.decision.panels import Dossier, panels
from registry.errors import NotAllowed
from registry.forms.acts import ActForm
from registry.forms.decisions import AnswerForm, QuestionForm, ReplyForm, SignOffForm
from registry.models import Question, Review, SignOff, User
from registry.views.release_life import seen_later


@dataclass(frozen=True)
class Thread:
    """A question or comment with what was said on it; the forms of who was asked and of who may comment."""

    question: Question
    replies: list[Question]
    answer: ActForm | None
    reply: ActForm | None


def fetched(person: User, pk: UUID) -> Review:
    """The review with what its page names, or 404."""
    rows = Review.objects.visible_to(person).select_related(
        "release__version__model__system__unit", "release__system__unit", "release__card", "release__author",
        "release__version__artifact",
    )  # fmt: skip
    return get_object_or_404(rows, pk=pk)


def review(request: HttpRequest, pk: UUID) -> HttpResponse:
    """What is decided on, gate by gate and piece by piece, and the form to decide."""
    found = fetched(request.user, pk)
    return render(request, "registry/review.html", page_context(found, request.user))


def page_context(
    found: Review, person: User, form: SignOffForm | None = None, sent: dict[Any, ActForm] | None = None
) -> dict[str, Any]:
    """Evidence, gates, material and sign-offs; and the form, or why this person does not decide."""
    duties, why_not = may_decide(found, person)
    if duties and form is None:
        form = SignOffForm(duties=duties, person=person, initial={"seen_digest": found.subject_digest})
    dossier = Dossier(found)
    slots = found.sign_offs.select_related("person").order_by("-round", "stage", "duty", "ordinal")
    return {
        "object": found,
        "release": found.release,
        "version": found.release.version,
        "question": facts.question(dossier),
        "panels": panels(dossier),
        "gates": dossier.gates,
        "evidence": found.release.evidence.all(),
        "parts": sorted(actions.part_digests(found).items()),
        "slots": [slot for slot in slots if slot.voided_at is None],
        "voided": [slot for slot in slots if slot.voided_at is not None and slot.decision],
        "form": form if duties else None,
        "why_not": why_not,
        "unanswered": found.questions.unanswered().count(),
        "threads": threads(found, person, sent or {}),
        "question_form": QuestionForm(person=person) if may_speak(found, person) else None,
    } | seen_later(found.release)


def may_speak(found: Review, person: User) -> bool:
    """The review is open and the person may ask and comment in it."""
    return found.status == Review.Status.OPEN and access.allowed(person, access.CARD_COMMENT, found)


def threads(found: Review, person: User, sent: dict[Any, ActForm]) -> list[Thread]:
    """What was asked and said, in order, with the forms open to the person; `sent` are those that were refused."""
    rows = list(found.questions.select_related("author", "asked_of", "answered_by"))
    speaks = may_speak(found, person)
    return [
        Thread(
            row,
            [reply for reply in rows if reply.parent_id == row.pk],
            form_of(AnswerForm, row, sent) if row.is_unanswered and row.asked_of_id == person.pk else None,
            form_of(ReplyForm, row, sent) if speaks else None,
        )
        for row in rows
        if row.parent_id is None
    ]


def form_of(kind: type[ActForm], row: Question, sent: dict[Any, ActForm]) -> ActForm:
    """The form at a question: the one that was refused, or an empty one."""
    found = sent.get(row.pk)
    return found if isinstance(found, kind) else kind(auto_id=f"{kind.__name__.lower()}_{row.pk}_%s")


def may_decide(found: Review, person: User) -> tuple[list[str], str]:
    """The duties in which the person may decide now; else a sentence that says why not or who may."""
    if found.status != Review.Status.OPEN:
        return [], ""
    waiting = rounds.open_stage(found)
    held = [slot.duty for slot in waiting if access.holds(person, slot.duty, found.release)]
    if not held:
        names = ", ".join(dict.fromkeys(slot.get_duty_display() for slot in waiting))
        return [], _("Waiting for %(duties)s of %(unit)s.") % {"duties": names, "unit": found.release.system.unit}
    free, why_not = [], ""
    for duty in dict.fromkeys(held):
        try:
            separation.require_decider(person, found.release, duty=duty)
            free.append(duty)
        except NotAllowed as refusal:
            why_not = str(refusal)
    return free, "" if free else why_not


@require_POST
def review_sign_off(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Decide in one's duty."""
    found = fetched(request.user, pk)
    duties = list(dict.fromkeys(SignOff.objects.filter(review=found).values_list("duty", flat=True)))
    form = SignOffForm(request.POST, duties=duties, person=request.user)
    if form.carry_out(partial(actions.sign_off, found, actor=request.user)):
        messages.success(request, _("Your decision is recorded: %s.") % form.result.get_decision_display())
        return redirect(found)
    return refused(request, fetched(request.user, pk), form)


def refused(request: HttpRequest, found: Review, form: SignOffForm) -> HttpResponse:
    """The page once more; where what was seen is no longer what is up, with the difference and the reason as typed."""
    seen = request.POST.get("seen_digest", "")
    stale = seen != found.subject_digest and "seen_digest" not in form.errors
    if not stale:
        context = page_context(found, request.user, form) | {"form": form}
        return render(request, "registry/review.html", context, status=422)
    duties, _why_not = may_decide(found, request.user)
    kept = {"reason": request.POST.get("reason", ""), "duty": request.POST.get("duty", "")}
    again = SignOffForm(duties=duties, person=request.user, initial=kept | {"seen_digest": found.subject_digest})
    context = page_context(found, request.user, again)
    context |= {"stale": difference.since(found, seen), "refusal": " ".join(form.non_field_errors()), "kept": kept}
    return render(request, "registry/review.html", context, status=422)


@require_POST
def question_ask(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Ask somebody something about the release, or comment on it."""
    found = fetched(request.user, pk)
    form = QuestionForm(request.POST, person=request.user)
    if form.carry_out(partial(questions.say, found, actor=request.user)):
        return redirect(form.result)
    context = page_context(found, request.user) | {"question_form": form}
    return render(request, "registry/review.html", context, status=422)


def question_of(person: User, pk: UUID) -> Question:
    """The question, or 404."""
    return get_object_or_404(Question.objects.visible_to(person).select_related("review__release__version"), pk=pk)


@require_POST
def question_reply(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Comment on a question."""
    found = question_of(request.user, pk)
    form = ReplyForm(request.POST, auto_id=f"replyform_{pk}_%s")
    return told(request, found, form, partial(questions.say, found.review, parent=found, actor=request.user))


@require_POST
def question_answer(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Answer what one was asked."""
    found = question_of(request.user, pk)
    form = AnswerForm(request.POST, auto_id=f"answerform_{pk}_%s")
    return told(request, found, form, partial(questions.answer, found, actor=request.user))


def told(request: HttpRequest, found: Question, form: ActForm, act: Any) -> HttpResponse:
    """Back to the question; a refusal stands on top of the page, with what was typed."""
    if form.carry_out(act):
        return redirect(found)
    context = page_context(fetched(request.user, found.review_id), request.user, sent={found.pk: form})
    said = " ".join(str(error) for errors in form.errors.values() for error in errors)
    return render(request, "registry/review.html", context | {"refusal": said}, status=422)
