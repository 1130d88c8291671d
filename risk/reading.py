"""What a page or a report reads from an assessment: progress by section, scores as stored, outcomes with reasons."""

from dataclasses import dataclass
from fractions import Fraction

from django.utils.translation import gettext as _

from risk import scoring, words
from risk.models import Assessment, AssessmentPart
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
        (outcome.id, _(outcome.then) if outcome.then else "", outcome.reasons) for outcome in outcomes if outcome.id in assessment.outcomes
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
