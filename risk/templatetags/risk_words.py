"""Template tags of the risk pages: level badges and the words of questionnaires."""

from typing import Any, Final

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from risk import words

register = template.Library()
TONES: Final = {
    "low": "good", "medium": "busy", "high": "warn", "very_high": "bad", "critical": "bad",
    "minimal": "good", "limited": "busy", "out_of_scope": "good", "transparency": "busy", "prohibited": "bad",
}  # fmt: skip


@register.simple_tag
def level(value: Any) -> SafeString:
    """Badge of a level; an empty one says that there is none."""
    if not value:
        return format_html('<span class="text-secondary">{}</span>', _("no score"))
    return format_html('<span class="status status-{}">{}</span>', TONES[str(value)], words.level_word(str(value)))


@register.filter
def level_word(name: str) -> str:
    """The name of a level."""
    return words.level_word(name)


@register.filter
def answer_word(key: str) -> str:
    """An answer key as people read it."""
    return words.answer_word(key)


@register.filter
def outcome_word(name: str) -> str:
    """The name of an outcome."""
    return str(words.OUTCOMES.get(name, name))


@register.filter
def section_of(question: Any, form: Any) -> str:
    """The id of the section in which a question stands."""
    return next(part.id for part in form.sections if question in part.questions)


@register.filter
def section_title(name: str, form: Any) -> str:
    """The title of a section; its id where the questionnaire has it no more."""
    part = form.section(name)
    return _(part.title) if part else name
