"""Writes the model card: a draft is edited in place, a pinned revision is followed by a new one."""

from collections.abc import Mapping
from typing import Any, Final

from django.utils.translation import gettext as _

from registry import access, cards
from registry.audit import log
from registry.cards.numbers import CITED
from registry.errors import BadInput, DomainError, NotAllowed
from registry.models import ModelCard, ModelVersion, User
from registry.transactions import retried

LONGEST: Final = 50_000


class CardChanged(DomainError):
    """Somebody else changed the card since the writer read it; `stored` is its text now, `token` what names it."""

    def __init__(self, card: ModelCard | None, given: Mapping[str, str]) -> None:
        self.stored: dict[str, str] = dict(card.fields) if card else {}
        self.token = cards.token(card)
        self.changes = cards.changes({key: self.stored.get(key, "") for key in given}, given)
        who = card.edited_by if card else _("somebody")
        super().__init__(
            _("%s has changed this card since you opened it. Nothing of yours was stored and nothing is lost: look at both texts, then save again.")
            % who
        )  # fmt: skip


@retried
def save_card(version: ModelVersion, *, fields: Mapping[str, Any], actor: User, token: str = "") -> ModelCard:
    """Write fields of the card. A revision that was submitted stays as it is; the text goes into the next one.

    `token` is what the writer read (cards.token); raises CardChanged when the card is another by now.
    """
    access.require(actor, access.CARD_EDIT, version)
    text = cleaned(fields)
    ModelVersion.objects.select_for_update().get(pk=version.pk)
    newest = ModelCard.objects.select_for_update().filter(version=version).order_by("-number").first()
    if token and token != cards.token(newest):
        raise CardChanged(newest, text)
    cards.require_sources(version, text)
    card = draft_after(newest, version, actor)
    card.fields = {name: value for name, value in {**card.fields, **text}.items() if value}
    card.edited_by = actor
    card.save()
    log.record(actor, "card.saved", card, fields=sorted(text))
    return card


def card_before(version: ModelVersion) -> ModelCard | None:
    """The newest card of the version of the same model that was registered before, where there is one."""
    rows = ModelCard.objects.filter(version__model=version.model_id, version__created_at__lt=version.created_at)
    return rows.select_related("version__model").order_by("-version__created_at", "-number").first()


@retried
def begin_card(version: ModelVersion, *, actor: User) -> ModelCard:
    """Begin the first card of a version with what people wrote on the card before.

    Measurements, and whatever cites a run of the version before, are left out: they say nothing of this one.
    """
    before = card_before(version)
    if before is None or version.card is not None:
        raise NotAllowed(_("There is no card to begin with, or this version has one already."))
    known = cards.by_key()
    kept = {
        name: text for name, text in before.fields.items()
        if name in known and not known[name].is_measured and not CITED.search(text)
    }  # fmt: skip
    return save_card(version, fields=kept, actor=actor)


def cleaned(fields: Mapping[str, Any]) -> dict[str, str]:
    """The texts by their keys, with one kind of line end; a key that the schema lacks is refused."""
    found = {}
    for name, value in fields.items():
        if name not in cards.by_key():
            raise BadInput(_("The card has no field “%s”.") % name, field=name)
        text = str(value).replace("\r\n", "\n").replace("\r", "\n").strip()
        if len(text) > LONGEST:
            raise BadInput(
                _(
                    "%(field)s has %(n)d characters; a field holds %(most)d at most. Attach the document and refer to it."
                )
                % {"field": cards.titles()[name], "n": len(text), "most": LONGEST},
                field=name,
            )
        found[name] = text
    return found


def draft_after(newest: ModelCard | None, version: ModelVersion, actor: User) -> ModelCard:
    """The revision that may be edited: the newest when it is a draft, else one more that begins with its text."""
    if newest is not None and newest.status == ModelCard.Status.DRAFT:
        return newest
    number, fields = (newest.number + 1, dict(newest.fields)) if newest else (1, {})
    return ModelCard(version=version, number=number, fields=fields, edited_by=actor)


def set_card_status(card: ModelCard | None, status: str, *, actor: Any, **columns: Any) -> None:
    """Move a card along with its release; called by the actions of the release."""
    if card is None or card.status == status:
        return
    card.status = status
    for name, value in columns.items():
        setattr(card, name, value)
    card.save()
    log.record(actor, f"card.{status}", card)
