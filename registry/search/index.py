"""Keeps the full-text index: a row's terms are written in the transaction of its change, and anew for all by a command.

SQLite's FTS5 and PostgreSQL's index of text-search vectors follow the terms, which are ours in both, so that both find
the same. Besides its words each row has terms that no text yields: of its kind, its unit and its system.
"""

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Any, Final

from registry.models import SearchEntry
from registry.search.findable import BY_LABEL, PLACES, Findable
from registry.search.terms import terms

AT_ONCE: Final = 2000
EVERYWHERE: Final = "zzeverywhere"


def keep(row: Any) -> None:
    """Write what a new or changed row is found by; nothing for a kind that is not searched."""
    place = BY_LABEL.get(row._meta.label)
    if place is None:
        return
    entry = entry_of(place, row)
    if not SearchEntry.objects.filter(object_id=row.pk).update(**entry):
        SearchEntry.objects.create(object_id=row.pk, **entry)


def entry_of(place: Findable, row: Any) -> dict[str, str]:
    """What the index keeps of a row."""
    return {"kind": place.label, "words": " ".join(terms_of(place, row))}


def terms_of(place: Findable, row: Any) -> list[str]:
    """All terms of a row: of its texts, its id, its kind, and of where it belongs."""
    unit = getattr(row, "unit", None)
    system = getattr(row, "home_system", None)
    where = [of_unit(unit.pk) if unit else EVERYWHERE, *([of_system(system.pk)] if system else [])]
    return [*terms((*place.texts(row), str(row.pk))), of_kind(place), *where]


def of_kind(place: Findable) -> str:
    """The term of a kind."""
    return f"zzkind{place.table._meta.model_name}"


def of_unit(pk: Any) -> str:
    """The term of a unit's own rows."""
    return f"zzunit{pk.hex}"


def of_system(pk: Any) -> str:
    """The term of what belongs to a system."""
    return f"zzsystem{pk.hex}"


def rebuild() -> int:
    """Empty the index and enter every row; how many there are."""
    SearchEntry.objects.all().delete()
    return sum(entered(place, batch) for place in PLACES for batch in batches(place))


def batches(place: Findable) -> Iterator[list[Any]]:
    """All rows of a kind, so many at once."""
    rows = (
        place.table._base_manager.select_related(*place.fetched) if place.fetched else place.table._base_manager.all()
    )
    found: Iterator[Any] = rows.iterator(chunk_size=AT_ONCE)
    while batch := list(islice(found, AT_ONCE)):
        yield batch


def entered(place: Findable, rows: Iterable[Any]) -> int:
    """Enter rows that the index does not have yet."""
    return len(SearchEntry.objects.bulk_create(SearchEntry(object_id=row.pk, **entry_of(place, row)) for row in rows))
