"""Words of the intake questionnaire, which is data, in the reader's language."""

from django import template
from django.utils.translation import gettext

from registry.intake import questionnaire
from registry.models import Intake

register = template.Library()


@register.simple_tag
def said(text: str) -> str:
    """A text of the questionnaire."""
    return gettext(text) if text else ""


@register.simple_tag
def intake_answers(intake: Intake) -> list[tuple[str, str]]:
    """What was asked and what was answered; questions that the questionnaire no longer asks are left out."""
    asked = questionnaire().questions
    return [(gettext(question.ask), question.word(intake.answers[question.id])) for question in asked
            if question.id in intake.answers]  # fmt: skip


@register.simple_tag
def use_reason(intake: Intake) -> str:
    """Why the policy says what it says of this kind of use."""
    use = questionnaire().uses.get(intake.use)
    return gettext(use.why) if use is not None and use.why else ""
