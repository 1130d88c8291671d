"""Answers a search: the index proposes rows where the person has duties, and `visible_to` alone decides which are shown."""

from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from django.db import connection

from registry import access
from registry.models import BusinessUnit
from registry.search.findable import PLACES, Findable
from registry.search.index import EVERYWHERE, of_kind, of_system, of_unit
from registry.search.terms import UNSPACED, asked

SHOWN: Final = 10
PROPOSED: Final = 60
# More words than this narrow nothing any more.
MOST_TERMS: Final = 12
FIND: Final = {
    "sqlite": "SELECT object_id FROM registry_searchwords JOIN registry_searchentry"
    " ON registry_searchentry.id = registry_searchwords.rowid WHERE registry_searchwords MATCH %s LIMIT %s",
    # So written that the index is asked for all of them: for a few, PostgreSQL reads the table until it meets enough.
    "postgresql": "WITH found AS MATERIALIZED (SELECT object_id FROM registry_searchentry"
    " WHERE array_to_tsvector(string_to_array(words, ' ')) @@ %s::tsquery) SELECT object_id FROM found LIMIT %s",
}


@dataclass(frozen=True)
class Found:
    """The hits of one kind."""

    heading: str
    rows: list[Any]


def hits(person: Any, text: str) -> list[Found]:
    """What the person may see and finds by these words: rows that have them all.

    The last word may be the beginning of one, unless many rows have it as it is, or it is one letter: too many words
    begin with it.
    """
    words = asked(text)[:MOST_TERMS]
    if not words:
        return []
    is_letter = len(words[-1]) == 1 and not UNSPACED.match(words[-1])
    with access.read_once(person):
        where = places(person)
        is_whole = is_letter or len(ids(words, "", where)) == PROPOSED
        found = [Found(str(place.heading), rows(place, person, words, where, is_whole)) for place in PLACES]
    return [part for part in found if part.rows]


def rows(place: Findable, person: Any, words: list[str], where: list[str], is_whole: bool) -> list[Any]:
    """The hits of a kind, the shortest names first: these agree with the words most."""
    kind = of_kind(place)
    proposed = ids([*words, kind], "", where) if is_whole else ids([*words[:-1], kind], words[-1], where)
    if not proposed:
        return []
    seen = place.table.objects.visible_to(person).filter(pk__in=proposed).only(*place.named)
    joined = {path.rpartition("__")[0] for path in place.named} - {""}
    seen = seen.select_related(*joined) if joined else seen
    return sorted(seen, key=lambda row: (len(str(row)), str(row)))[:SHOWN]


def places(person: Any) -> list[str]:
    """The terms of one of which a row must have: units and systems of the person's duties; none where they are all."""
    held = access.grants(person)
    units = access.units_where(person)
    if any(grant.system_id is None and grant.unit.parent_id is None for grant in held):
        return []
    found = [of_system(grant.system_id) for grant in held if grant.system_id]
    if any(grant.system_id is None for grant in held):
        found += [of_unit(pk) for pk in BusinessUnit.objects.filter(units).values_list("pk", flat=True)]
    return [EVERYWHERE, *found]


def ids(whole: list[str], beginning: str, one_of: list[str]) -> list[UUID]:
    """Some rows with all of these terms, a term with this beginning (if any), and one of those terms (if any)."""
    write = for_postgresql if connection.vendor == "postgresql" else for_sqlite
    with connection.cursor() as cursor:
        cursor.execute(FIND[connection.vendor], [write(whole, beginning, one_of), PROPOSED])
        return [found if isinstance(found, UUID) else UUID(found) for (found,) in cursor.fetchall()]


def for_sqlite(whole: list[str], beginning: str, one_of: list[str]) -> str:
    """The question as FTS5 writes it; terms are letters, digits and dots only."""
    parts = [f'"{word}"' for word in whole] + [f'"{beginning}"*'] * bool(beginning)
    return " AND ".join(parts + [f"({' OR '.join(one_of)})"] * bool(one_of))


def for_postgresql(whole: list[str], beginning: str, one_of: list[str]) -> str:
    """The question as a tsquery."""
    parts = [f"'{word}'" for word in whole] + [f"'{beginning}':*"] * bool(beginning)
    return " & ".join(parts + [f"({' | '.join(one_of)})"] * bool(one_of))
