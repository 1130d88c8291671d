"""What a page or a report reads from an assessment: progress by section, scores as stored, outcomes with reasons."""

from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from django.utils.translation import gettext as _, ngettext

from registry.models import Attachment
from risk import scoring, words
from risk.models import Answer, Assessment, AssessmentPart
from risk.questionnaires import BLANK, Gap, Reply, is_asked
from risk.template_parts import CHOSEN, COMPONENTS, WHOLE, Question, Section


@dataclass(frozen=True)
class Said:
    """A question with its answer and whether it is asked, given the other answers."""

    question: Question
    reply: Reply
    is_asked: bool

    @property
    def answer(self) -> str:
        """The answer as people read it."""
        if self.question.type == "duration" and self.reply.answer:
            days = int(self.reply.answer)
            return ngettext("%(count)d day", "%(count)d days", days) % {"count": days}
        if self.question.type not in CHOSEN:
            return self.reply.answer
        return ", ".join(words.answer_word(key) for key in self.reply.answer.split(", ") if key)


@dataclass(frozen=True)
class Progress:
    """A section with its answers, and how far it is filled."""

    section: Section
    said: tuple[Said, ...]
    answered: int
    asked: int

    @property
    def is_complete(self) -> bool:
        """Nothing of it is missing."""
        return self.answered == self.asked


@dataclass(frozen=True)
class Reading:
    """An assessment as its page shows it."""

    sections: tuple[Progress, ...]
    parts: tuple[AssessmentPart, ...]
    outcomes: tuple[tuple[str, str, tuple[str, ...]], ...]
    gaps: tuple[Gap, ...]

    @property
    def answered(self) -> int:
        """Questions answered in full."""
        return sum(section.answered for section in self.sections)

    @property
    def asked(self) -> int:
        """Questions that are asked."""
        return sum(section.asked for section in self.sections)

    @property
    def unproven(self) -> tuple[str, ...]:
        """Controls that count one point for want of a passing check."""
        return tuple(sorted({name for part in self.parts for name in part.unproven}))


def reading(assessment: Assessment) -> Reading:
    """Progress and outcomes of the answers; the scores are those that were stored with them, never new ones."""
    form, replies = assessment.form, assessment.replies()
    order = {component: place for place, component in enumerate((*COMPONENTS, WHOLE))}
    parts = tuple(sorted(assessment.parts.all(), key=lambda part: order[part.component]))
    scores = tuple(stored_score(part) for part in parts)
    outcomes = scoring.outcomes(form, replies, scores, assessment.overall_level)
    found = scoring.Result(scores, assessment.overall_level, outcomes)
    missing = scoring.open_gaps(form, replies, found, assessment.named_things())
    told = tuple(
        (outcome.id, _(outcome.then) if outcome.then else "", outcome.reasons)
        for outcome in outcomes
        if outcome.id in assessment.outcomes
    )
    lacking = {gap.question.id for gap in missing}
    return Reading(
        tuple(progress(section, assessment, replies, lacking) for section in form.sections), parts, told, missing
    )


def stored_score(part: AssessmentPart) -> scoring.Score:
    """A stored part as a score."""
    if part.is_closed:
        return scoring.Score(part.component, None, None, None, "", "", ())
    inherent, control, residual = (
        Fraction(str(score)) for score in (part.inherent_score, part.control_score, part.residual_score)
    )
    return scoring.Score(
        part.component, inherent, control, residual, part.inherent_level, part.residual_level, tuple(part.unproven)
    )


def progress(section: Section, assessment: Assessment, replies: dict[str, Reply], lacking: set[str]) -> Progress:
    """One section."""
    said = tuple(
        Said(question, replies.get(question.id, BLANK), is_asked(assessment.form, question, replies))
        for question in section.questions
    )
    put = [one.question.id for one in said if one.is_asked]
    return Progress(section, said, sum(name not in lacking for name in put), len(put))


def assessment_contents(assessment: Assessment) -> dict[str, Any]:
    """The whole assessment as plain JSON values in the reader's language, for reports and files.

    Keys: `id`, `title`, `template`, `template_version`, `system`, `version` (empty for the whole system), `status`,
    `level`, `opinion`, `opinion_by`, `authority_consultation`, `review_due` (ISO), `submitted_by`, `answers_digest`;
    `scores`: [{`component`, `title`, `is_closed`, `inherent`, `control`, `residual` (numbers or None), `level`,
    `inherent_level`, `unproven`: [question ids]}]; `outcomes`: [{`id`, `title`, `then`, `reasons`: [sentences]}];
    `causes`: [{`kind`, `said`, `by`, `on`}], why it was opened again; `sections`: [{`id`, `title`, `answered`, `asked`,
    `questions`: [{`id`, `question`, `law`: [], `is_asked`, `answer`, `text`, `by`, `files`: [names]}]}].
    """
    read = reading(assessment)
    by, files = givers(assessment), names_of_files(assessment)
    return {
        "id": str(assessment.pk), "title": str(assessment), "template": assessment.template,
        "template_version": assessment.template_version, "system": str(assessment.system),
        "version": str(assessment.version or ""), "status": assessment.get_status_display(),
        "level": words.level_word(assessment.overall_level), "opinion": assessment.opinion,
        "opinion_by": str(assessment.opinion_by or ""), "authority_consultation": assessment.authority_consultation,
        "review_due": str(assessment.review_due or ""), "submitted_by": str(assessment.submitted_by or ""),
        "answers_digest": assessment.answers_digest, "causes": assessment.told_causes(),
        "scores": [told_score(part) for part in read.parts],
        "outcomes": [
            {"id": name, "title": str(words.OUTCOMES.get(name, name)), "then": then, "reasons": list(reasons)}
            for name, then, reasons in read.outcomes
        ],
        "sections": [
            {
                "id": part.section.id, "title": _(part.section.title), "answered": part.answered, "asked": part.asked,
                "questions": [told_answer(one, by, files) for one in part.said],
            }
            for part in read.sections
        ],
    }  # fmt: skip


def told_score(part: AssessmentPart) -> dict[str, Any]:
    """The scores of one component."""
    return {
        "component": part.component, "title": part.get_component_display(), "is_closed": part.is_closed,
        "inherent": part.inherent_score, "control": part.control_score, "residual": part.residual_score,
        "inherent_level": words.level_word(part.inherent_level), "level": words.level_word(part.residual_level),
        "unproven": list(part.unproven),
    }  # fmt: skip


def told_answer(one: Said, by: dict[str, str], files: dict[str, list[str]]) -> dict[str, Any]:
    """One question with what was said to it."""
    name = one.question.id
    return {
        "id": name, "question": _(one.question.text), "law": list(one.question.law), "is_asked": one.is_asked,
        "answer": one.answer, "text": one.reply.text, "by": by.get(name, ""), "files": files.get(name, []),
    }  # fmt: skip


def givers(assessment: Assessment) -> dict[str, str]:
    """Who gave each answer."""
    return {row.question: str(row.answered_by) for row in assessment.answers.select_related("answered_by")}


def names_of_files(assessment: Assessment) -> dict[str, list[str]]:
    """The files beside each answer."""
    questions = dict(assessment.answers.values_list("pk", "question"))
    found: dict[str, list[str]] = {}
    for row in Attachment.objects.filter(object_type=Answer._meta.label, object_id__in=questions):
        found.setdefault(questions[row.object_id], []).append(row.name)
    return found
