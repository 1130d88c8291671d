"""Writes the model card: a draft is edited in place, a pinned revision is followed by a new one."""

from typing import Any

from django.utils.translation import gettext as _

from registry import access, cards
from registry.audit import log
from registry.errors import BadInput
from registry.models import ModelCard, ModelVersion, User
from registry.transactions import retried


@retried
def save_card(version: ModelVersion, *, fields: dict[str, Any], actor: User) -> ModelCard:
    """Write fields of the card. A revision that was submitted stays as it is; the text goes into the next one."""
    access.require(actor, access.CARD_EDIT, version)
    known = {field.id for field in cards.schema()}
    unknown = sorted(set(fields) - known)
    if unknown:
        raise BadInput(_("The card has no field “%s”.") % unknown[0], field=unknown[0])
    text = {name: str(value).strip() for name, value in fields.items()}
    card = draft_of(version, actor)
    card.fields = {name: value for name, value in {**card.fields, **text}.items() if value}
    card.edited_by = actor
    card.save()
    log.record(actor, "card.saved", card, fields=sorted(fields))
    return card


def draft_of(version: ModelVersion, actor: User) -> ModelCard:
    """The revision that may be edited: the newest when it is a draft, else one more that begins with its text."""
    newest = ModelCard.objects.select_for_update().filter(version=version).order_by("-number").first()
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
