"""Questions and comments in a review: who was asked answers; nothing that is said here is material."""

from django.utils import timezone
from django.utils.translation import gettext as _

from registry import access
from registry.actions import work
from registry.actions.texts import required_text
from registry.audit import log
from registry.errors import BadInput, NotAllowed
from registry.models import Question, Review, Task, User
from registry.transactions import hold, retried


@retried
def say(
    review: Review, *, text: str, actor: User, asked_of: User | None = None, parent: Question | None = None
) -> Question:
    """Ask somebody something, or, with nobody asked, comment; on another question or on its own."""
    hold(review)
    access.require(actor, access.CARD_COMMENT, review)
    if review.status != Review.Status.OPEN:
        raise NotAllowed(_("This review is closed (%s).") % review.get_status_display())
    if parent is not None and (parent.review_id != review.pk or parent.parent_id is not None):
        raise BadInput(_("What you reply to is no question of this review."), field="parent")
    if asked_of is not None and not access.allowed(asked_of, access.MODEL_VIEW, review):
        raise BadInput(_("%s may not see this review; ask somebody who may.") % asked_of, field="asked_of")
    question = Question(
        review=review, author=actor, text=required_text(text, field="text", least=2), asked_of=asked_of, parent=parent
    )
    question.save()
    log.record(actor, "question.asked" if asked_of else "comment.made", question)
    if asked_of is not None:
        work.open_task(
            question, kind=Task.Kind.ANSWER, system=question.home_system, url=question.get_absolute_url(),
            person=asked_of, due_on=review.due_on, actor=actor,
        )  # fmt: skip
    return question


@retried
def answer(question: Question, *, answer: str, actor: User) -> Question:
    """Who was asked answers, once."""
    rows = Question.objects.select_for_update(of=("self",)).select_related("review__release__version", "asked_of")
    question = rows.get(pk=question.pk)
    if question.asked_of_id != actor.pk or not access.allowed(actor, access.MODEL_VIEW, question):
        raise NotAllowed(_("This question was asked of %s.") % (question.asked_of or _("nobody")))
    if question.answered_at is not None:
        raise NotAllowed(_("You have answered this already. Add a comment if there is more to say."))
    question.answer, question.answered_by = required_text(answer, field="answer", least=2), actor
    question.answered_at = timezone.now()
    question.save()
    log.record(actor, "question.answered", question)
    work.close_tasks(question, actor=actor)
    return question
