"""Questionnaires as data: a YAML template read into frozen parts, and which of its questions are asked and answered."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any, Final

from django.utils.translation import gettext as _

from registry.errors import BadInput
from risk.countries import COUNTRIES
from risk.template_files import parsed
from risk.template_parts import Condition, Question, Template

DATA: Final = Path(__file__).parent / "templates_data"
# The questionnaires about systems, in the order in which they are offered; the first is the privacy one.
OF_SYSTEMS: Final = (
    "pia", "risk_tiering", "eu_classification", "fria", "impact_assessment", "threat_model",
)  # fmt: skip
FILES: Final = {
    slug: DATA / f"{'pia_template' if slug == 'pia' else slug}.yaml"
    for slug in (*OF_SYSTEMS, "vendor_assessment", "capability_assessment")
}
LEAST_TEXT: Final = 20
MOST_TEXT: Final = 10_000
MOST_DAYS: Final = 36_500


@dataclass(frozen=True)
class Reply:
    """What was answered to one question: the chosen key, country codes or days, and the text beside it."""

    answer: str = ""
    text: str = ""

    @property
    def is_blank(self) -> bool:
        """Nothing was said."""
        return not self.answer and not self.text


@dataclass(frozen=True)
class Gap:
    """A question that is asked and not yet answered in full, with the sentence that says what is wanted."""

    question: Question
    wanted: str

    def __str__(self) -> str:
        return f"{self.question.id}: {self.wanted}"


Replies = Mapping[str, Reply]
BLANK: Final = Reply()


@cache
def template(slug: str) -> Template:
    """The questionnaire of this name, read and checked once a process; BadInput names the known ones."""
    if slug not in FILES:
        raise BadInput(
            _("There is no questionnaire “%(slug)s”; known are %(known)s.") % {"slug": slug, "known": ", ".join(FILES)},
            field="template",
        )
    return parsed(slug, FILES[slug])


def holds(condition: Condition | None, replies: Replies) -> bool:
    """Whether an earlier question got one of the answers that the condition names; no condition always holds."""
    return condition is None or condition.holds_for(replies.get(condition.question, BLANK).answer)


def is_closed(form: Template, component: str | None, replies: Replies) -> bool:
    """Whether the component's gate was answered with no."""
    gate = form.gate(component)
    return gate is not None and replies.get(gate.id, BLANK).answer == "no"


def is_asked(form: Template, question: Question, replies: Replies) -> bool:
    """Whether the question is put, given the answers so far; the gate itself always is."""
    if question.kind != "gate" and is_closed(form, question.component, replies):
        return False
    return holds(question.ask_when, replies)


def asked(form: Template, replies: Replies) -> tuple[Question, ...]:
    """The questions that are put, in order."""
    return tuple(question for question in form.questions if is_asked(form, question, replies))


def gaps(
    form: Template, replies: Replies, *, texts: tuple[Condition, ...] = (), names: Mapping[str, list[str]] | None = None
) -> tuple[Gap, ...]:
    """The questions that are put and not answered in full.

    `texts` are further answers that want a text; `names` holds, by what `names_each` says, what a text has to name.
    """
    found = []
    for question in asked(form, replies):
        reply = replies.get(question.id, BLANK)
        wanted = unmet(question, reply)
        if not wanted and any(c.question == question.id and holds(c, replies) for c in texts):
            wanted = too_short(reply)
        wanted = wanted or unnamed(reply, (names or {}).get(question.names_each, []))
        if wanted:
            found.append(Gap(question, wanted))
    return tuple(found)


def unnamed(reply: Reply, names: list[str]) -> str:
    """The sentence for things of which the text says nothing; empty when it names each."""
    left = [name for name in names if name not in reply.text]
    return _("Say something of each: %s.") % ", ".join(left) if left else ""


def unmet(question: Question, reply: Reply) -> str:
    """What is still wanted of an answer, as a sentence; empty when it is complete."""
    if question.type == "text":
        return too_short(reply)
    if not reply.answer:
        return _("Not answered.")
    if question.type == "duration":
        return "" if reply.text else _("Name what deletes it.")
    return too_short(reply) if reply.answer in question.ask_for_text_when else ""


def too_short(reply: Reply) -> str:
    """The sentence for a text below the least length."""
    if len(reply.text) >= LEAST_TEXT:
        return ""
    return _("Explain it in at least %(least)d characters; there are %(now)d.") % {
        "least": LEAST_TEXT, "now": len(reply.text),
    }  # fmt: skip


def cleaned(form: Template, question_id: str, said: Any) -> Reply:
    """The reply as it is stored, or BadInput whose `field` is the question; a short text is kept, not refused.

    `said` is a Reply, a string, or a mapping with `answer` and `text`.
    """
    question = form.question(question_id)
    if question is None:
        raise BadInput(
            _("%(template)s has no question “%(question)s”.") % {"template": form.name, "question": question_id[:40]},
            field=question_id,
        )
    reply = reply_of(question, said)
    read = READERS[question.type]
    return Reply(read(question, reply.answer.strip()), cleaned_text(question, reply.text))


def migrated(form: Template, replies: Replies, *, since: str) -> dict[str, Reply]:
    """Answers to an earlier version of a template as answers to this one; what fits no question any more is left out."""
    now = {name: reply for name, reply in replies.items() if not reply.is_blank}
    versions = [step.version for step in form.steps]
    for step in form.steps[versions.index(since) if since in versions else 0 :]:
        now = {
            step.questions.get(name, name): Reply(
                step.answers.get(name, {}).get(reply.answer, reply.answer), reply.text
            )
            for name, reply in now.items()
        }
    return {name: reply for name, reply in now.items() if fits(form, name, reply)}


def fits(form: Template, name: str, reply: Reply) -> bool:
    """The template has the question, and knows the answer."""
    try:
        return cleaned(form, name, reply) == reply
    except BadInput:
        return False


def reply_of(question: Question, said: Any) -> Reply:
    """What was said as a Reply. A string is the text of a question for text, else the answer; days may come first."""
    if isinstance(said, Reply):
        return said
    if isinstance(said, str) and question.type == "text":
        return Reply("", said)
    if isinstance(said, list) and question.type == "several" and all(isinstance(key, str) for key in said):
        return Reply(", ".join(said))
    if isinstance(said, str) and question.type == "duration":
        days = re.fullmatch(r"\s*([0-9]*)(?:\s*days?\b)?[\s,;:–-]*(.*)", said, re.DOTALL)
        return Reply(*days.groups()) if days else Reply(said)
    if isinstance(said, str):
        return Reply(said)
    if isinstance(said, Mapping) and set(said) <= {"answer", "text"} and all(isinstance(v, str) for v in said.values()):
        return Reply(**said)
    raise BadInput(
        _("%(question)s: write a text, or “answer” and “text”; %(said)s is neither.")
        % {"question": question.id, "said": str(said)[:60]},
        field=question.id,
    )


def cleaned_text(question: Question, text: str) -> str:
    """The text without blank ends; what a database cannot hold or nobody will read is refused."""
    text = text.replace("\r\n", "\n").strip()
    if "\x00" in text:
        raise BadInput(_("%s: the text holds a NUL character; remove it.") % question.id, field=question.id)
    if len(text) > MOST_TEXT:
        raise BadInput(
            _("%(question)s: the text has %(now)d characters; %(most)d are the most.")
            % {"question": question.id, "now": len(text), "most": MOST_TEXT},
            field=question.id,
        )
    return text


def read_choice(question: Question, answer: str) -> str:
    """One of the keys of the answer table."""
    if answer and answer not in question.points:
        raise BadInput(
            _("%(question)s: “%(answer)s” is no answer; choose one of %(known)s.")
            % {"question": question.id, "answer": answer[:60], "known": ", ".join(question.points)},
            field=question.id,
        )
    return answer


def read_several(question: Question, answer: str) -> str:
    """Some of the keys of the answer table, each once, in the order of the table."""
    given = {key for key in re.split(r"[\s,;]+", answer) if key}
    for key in sorted(given):
        read_choice(question, key)
    return ", ".join(key for key in question.points if key in given)


def read_regions(question: Question, answer: str) -> str:
    """Country codes, each once, in order, divided by a comma and a blank."""
    codes = sorted({code.upper() for code in re.split(r"[\s,;]+", answer) if code})
    strange = [code for code in codes if code not in COUNTRIES]
    if strange:
        raise BadInput(
            _("%(question)s: “%(code)s” is no country code. Write two letters for each, such as “DE, FR”.")
            % {"question": question.id, "code": strange[0][:20]},
            field=question.id,
        )
    return ", ".join(codes)


def read_days(question: Question, answer: str) -> str:
    """A whole number of days."""
    if not answer:
        return ""
    if not re.fullmatch(r"[0-9]{1,6}", answer) or int(answer) > MOST_DAYS:
        raise BadInput(
            _("%(question)s: “%(answer)s” is no number of days between 0 and %(most)d.")
            % {"question": question.id, "answer": answer[:20], "most": MOST_DAYS},
            field=question.id,
        )
    return str(int(answer))


def read_number(question: Question, answer: str) -> str:
    """A decimal number, as it was typed."""
    if answer and not re.fullmatch(r"-?[0-9]{1,12}(\.[0-9]{1,6})?", answer):
        raise BadInput(
            _("%(question)s: “%(answer)s” is no number; write digits, and a point before decimals.")
            % {"question": question.id, "answer": answer[:20]},
            field=question.id,
        )
    return answer


def read_date(question: Question, answer: str) -> str:
    """A day as year, month and day."""
    try:
        return date.fromisoformat(answer).isoformat() if answer else ""
    except ValueError:
        raise BadInput(
            _("%(question)s: “%(answer)s” is no day; write it as 2026-11-30.")
            % {"question": question.id, "answer": answer[:20]},
            field=question.id,
        ) from None


def read_person(question: Question, answer: str) -> str:
    """The e-mail address of somebody who has an account; whether there is one is asked where it is kept."""
    if answer and not re.fullmatch(r"[^@\s]{1,64}@[^@\s]{1,190}", answer):
        raise BadInput(
            _("%(question)s: “%(answer)s” is no e-mail address.") % {"question": question.id, "answer": answer[:60]},
            field=question.id,
        )
    return answer.lower()


def read_file(_question: Question, answer: str) -> str:
    """The name of the file that was attached."""
    return answer[:255]


def read_nothing(question: Question, answer: str) -> str:
    """A question for text has no key beside it."""
    if answer:
        raise BadInput(_("%s asks for a text, not for a choice.") % question.id, field=question.id)
    return ""


READERS: Final[dict[str, Any]] = {
    "choice": read_choice,
    "yes_no": read_choice,
    "several": read_several,
    "number": read_number,
    "date": read_date,
    "person": read_person,
    "file": read_file,
    "regions": read_regions,
    "duration": read_days,
    "text": read_nothing,
}
