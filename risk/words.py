"""The words of questionnaires and levels for people: answer keys, conditions, levels, components."""

import re
from typing import Final

from django.contrib.humanize.templatetags.humanize import intcomma
from django.utils.translation import gettext as _, gettext_lazy

from risk.template_parts import WHOLE, Condition, Question, Template

LEVELS: Final = {
    "low": gettext_lazy("Low"),
    "medium": gettext_lazy("Medium"),
    "high": gettext_lazy("High"),
    "very_high": gettext_lazy("Very high"),
    "critical": gettext_lazy("Critical"),
    "minimal": gettext_lazy("Minimal"),
    "limited": gettext_lazy("Limited"),
    "out_of_scope": gettext_lazy("Out of scope"),
    "transparency": gettext_lazy("Transparency"),
    "prohibited": gettext_lazy("Prohibited"),
}
# Names of laws, which are written otherwise than other answers.
NAMES: Final = {
    "gdpr": "GDPR", "ccpa": "CCPA", "coppa": "COPPA", "pipl": "PIPL", "pdpa": "PDPA", "eu_ai_act": gettext_lazy("EU AI Act"),
}  # fmt: skip
# How an answer of a type is typed.
TYPED: Final = {
    "duration": gettext_lazy("In days, as a whole number."),
    "regions": gettext_lazy("Country codes of two letters, such as “DE, FR”."),
    "person": gettext_lazy("The e-mail address of somebody who has an account here."),
    "file": gettext_lazy("Attach the file under “Files and comments”; its name then stands here."),
}
OUTCOMES: Final = {
    "dpo_review": gettext_lazy("Opinion of the privacy officer"),
    "full_dpia": gettext_lazy("Full data protection impact assessment"),
    "blocked": gettext_lazy("Blocked"),
    "prior_consultation": gettext_lazy("Consultation of the supervisory authority"),
    "raised": gettext_lazy("The level is raised"),
}


def level_word(level: str) -> str:
    """A level as people read it; empty for none."""
    return str(LEVELS.get(level, level))


def component_word(component: str) -> str:
    """A component as people read it."""
    return _("As a whole") if component == WHOLE else _(component.capitalize())


def answer_word(key: str) -> str:
    """An answer key as people read it: `under_100000` is “Under 100,000”."""
    if key in NAMES:
        return str(NAMES[key])
    words = re.sub(r"\d{4,}", lambda number: intcomma(number.group()), key.replace("_", " "))
    return _(words[:1].upper() + words[1:])


def answer_words(keys: frozenset[str], question: Question) -> str:
    """Some answers of a question, in its order, each in quotation marks."""
    return ", ".join(f"“{answer_word(key)}”" for key in question.points if key in keys)


def condition_sentence(form: Template, condition: Condition | None) -> str:
    """When a question is asked; empty when always."""
    if condition is None:
        return ""
    earlier = form.by_id[condition.question]
    return _("Asked only when %(question)s is answered %(answers)s.") % {
        "question": earlier.id, "answers": answer_words(condition.answers, earlier),
    }  # fmt: skip


def gate_sentence(question: Question) -> str:
    """What a no at a gate does; empty for other questions."""
    if question.kind != "gate":
        return ""
    return _("“No” closes this part: its other questions then need no answer and it gets no score.")


def text_sentence(form: Template, question: Question) -> str:
    """When a text is wanted beside the answer; empty when never."""
    if question.ask_for_text_when:
        return _("Explain it in at least 20 characters when you answer %s.") % answer_words(
            question.ask_for_text_when, question
        )
    for outcome in form.outcomes.values():
        for condition in outcome.texts:
            if condition.question == question.id:
                return _("In a full assessment, explain %s in at least 20 characters.") % answer_words(
                    condition.answers, question
                )
    return ""


def proof_sentence(question: Question) -> str:
    """Which check proves a control; empty when none does."""
    if question.kind != "control" or not question.check:
        return ""
    return _("Counts in full only while the check %s passes.") % question.check
