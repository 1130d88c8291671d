"""Filters that a person keeps; nobody else's business, so the log does not know of them."""

from typing import Final

from django.utils.translation import gettext as _

from registry.errors import BadInput
from registry.models import SavedFilter, User

MOST: Final = 30


def keep_filter(list: str, *, name: str, query: str, actor: User) -> SavedFilter:
    """Keep a list as it is filtered and sorted now; one of the same name is replaced."""
    if actor.saved_filters.filter(list=list).exclude(name=name).count() >= MOST:  # type: ignore[attr-defined]
        raise BadInput(_("You keep %d filters of this list already; take one away first.") % MOST, field="name")
    kept, _is_new = SavedFilter.objects.update_or_create(person=actor, list=list, name=name, defaults={"query": query})
    return kept


def drop_filter(kept: SavedFilter, *, actor: User) -> None:
    """Forget one of one's own."""
    SavedFilter.objects.filter(pk=kept.pk, person=actor).delete()
