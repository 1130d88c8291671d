"""The whole card as Markdown for reading: every filled field by section, with the source of what the registry filled."""

from typing import Final

from django.utils.translation import gettext as _

from registry.cards.sources import Source, day
from registry.cards.values import Value, values
from registry.models import ModelCard, ModelVersion

# Signs by which a text could leave its place: tags, headings and rules at the beginning of a line.
OPENING: Final = ("#", "---", "===", "```", "~~~")


def export(version: ModelVersion, card: ModelCard | None) -> bytes:
    """The card as a file."""
    shown = [value for value in values(version, card) if value.text.strip() or value.note]
    blocks = [f"# {inert(_('Model card: %s') % version)}", f"{revision(card)}  \n{version.artifact_hash}"]
    for title in dict.fromkeys(value.field.section for value in shown):
        blocks.append(f"## {_(title)}")
        blocks += [block(value) for value in shown if value.field.section == title]
    return ("\n\n".join(blocks) + "\n").encode()


def revision(card: ModelCard | None) -> str:
    """Which revision it is, and how far it has come."""
    if card is None:
        return _("No revision was written yet.")
    return _("Revision %(number)d, %(status)s") % {"number": card.number, "status": card.get_status_display()}


def block(value: Value) -> str:
    """One field with its source and its note."""
    parts = [f"### {_(value.field.title)}", inert(value.text)]
    if value.automatic:
        parts.append(f"*{source_line(value.source)}*")
    if value.note:
        parts.append(f"> {_('Note')}: " + inert(value.note).replace("\n", "\n> "))
    return "\n\n".join(part for part in parts if part)


def source_line(source: Source) -> str:
    """Where a value comes from, in words and with its ids."""
    told = {
        "record": _("From the record %(id)s, %(day)s"),
        "lineage": _("From the link %(id)s, %(day)s"),
        "check": _("From the run %(id)s, %(day)s, %(digest)s"),
        "workflow": _("From the approval %(id)s, %(day)s"),
    }[source.kind]
    return told % {"id": source.id, "day": day(source.at) if source.at else "–", "digest": source.digest}


def inert(text: str) -> str:
    """A text that stays where it is put: no tag, and no line that begins a part of its own."""
    lines = [f"\\{line}" if line.lstrip().startswith(OPENING) else line for line in text.split("\n")]
    return "\n".join(lines).replace("<", "\\<")
