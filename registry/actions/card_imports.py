"""Brings cards of other formats into a draft: texts to their fields, numbers as reported, the file beside the card."""

from dataclasses import dataclass

from django.utils.translation import gettext as _

from registry import access, blobs, cards
from registry.actions import inventory
from registry.actions.cards import LONGEST, save_card
from registry.audit import log
from registry.cards.formats import FORMATS, Left
from registry.cards.numbers import numbered
from registry.errors import BadInput
from registry.models import Attachment, Blob, ModelCard, ModelVersion, User
from registry.transactions import retried

ROLE = "card_import"
LONGEST_LICENCE = 120


@dataclass(frozen=True)
class Imported:
    """The draft with what came into it: fields by their new text, notes beside the registry's values, the rest."""

    card: ModelCard
    file: Attachment
    taken: tuple[cards.Change, ...]
    left: tuple[Left, ...]


@retried
def import_card(version: ModelVersion, *, form: str, content: bytes, name: str, actor: User) -> Imported:
    """Map a file into the card's draft. What the registry fills by itself is only noted; the file is kept as it is."""
    access.require(actor, access.CARD_EDIT, version)
    chosen = FORMATS.get(form)
    if chosen is None or chosen.read is None:
        raise BadInput(_("There is no format called “%s” to import from.") % form, field="form")
    found = chosen.read(content)
    if not found.texts:
        raise BadInput(_("Nothing in this file has a place on the card."), field="file")
    blob = blobs.store(content, "application/octet-stream")
    take_licence(version, found.texts.get("licence", ""), actor=actor)
    before = dict(version.card.fields) if version.card else {}
    file = attached(version, blob, name=name, actor=actor)
    given = merged(version, reported(found.texts, name=file.name, blob=blob), before)
    card = save_card(version, fields=given, actor=actor)
    taken = cards.changes({key: before.get(key, "") for key in given}, {key: card.fields.get(key, "") for key in given})
    return Imported(card, file, tuple(taken), found.left)


def take_licence(version: ModelVersion, licence: str, *, actor: User) -> None:
    """A draft that names no licence takes that of the file; the licences of what is shipped are checked against it."""
    name = " ".join(licence.split())
    if name and len(name) <= LONGEST_LICENCE and version.is_draft and not version.licence:
        version.licence = inventory.edit_version(version, licence=name, actor=actor).licence


def attached(version: ModelVersion, blob: Blob, *, name: str, actor: User) -> Attachment:
    """The file beside the draft, so that nothing of it is lost and its numbers have a source to name."""
    card = save_card(version, fields={}, actor=actor)
    file = Attachment(
        blob=blob, name=name.strip()[-200:] or "card", role=ROLE, object_type=ModelCard._meta.label, object_id=card.pk
    )
    file.save()
    log.record(actor, "card.file_attached", file)
    return file


def reported(texts: dict[str, str], *, name: str, blob: Blob) -> dict[str, str]:
    """The texts; a number where measurements stand is told as reported, with the file that says so."""
    known = cards.by_key()
    return {
        key: sourced(text, name=name, blob=blob) if known[key].is_measured else text
        for key, text in texts.items()
        if key in known
    }


def sourced(text: str, *, name: str, blob: Blob) -> str:
    """Each line with a number of its own ends in where it was reported."""
    places = {place for place, _line in numbered(text)}
    source = _("reported in %(file)s, not measured here, %(digest)s") % {
        "file": " ".join(name.split()), "digest": blob.digest[:19],
    }  # fmt: skip
    lines = [f"{line}; {source}" if place in places else line for place, line in enumerate(text.splitlines(), 1)]
    return "\n".join(lines)


def merged(version: ModelVersion, texts: dict[str, str], before: dict[str, str]) -> dict[str, str]:
    """The texts under their keys: beside a value of the registry as a note, and never in place of what was written."""
    given: dict[str, str] = {}
    for value in cards.values(version, version.card):
        text = texts.get(value.field.id, "")
        if not text or text == value.text:
            continue
        key = value.field.note_id if value.automatic else value.field.id
        written = before.get(key, "")
        if text not in written:
            given[key] = "\n\n".join(filter(None, (written, text)))[:LONGEST]
    return given
