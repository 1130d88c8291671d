"""What an address asks of a list: its rows, their order, how many there are of each kind, and the rows of one page.

No step reads all rows of a long list. Where few are in sight their ids are read first and counted, and the page is
taken from these; where there are many, the page is taken along the index of its order (registry/views/paging.py).
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from django.db.models import Count, Q, QuerySet

from registry.lists.declared import Column, Listed
from registry.lists.filters import COUNTED, Filter
from registry.lists.labels import attach

# More than this is no name of anything.
LONGEST_VALUE: Final = 200


@dataclass(frozen=True)
class Asked:
    """A list as one person asks for it: what its filters say, by their names, with their conditions; and its order."""

    entry: Listed
    person: Any
    values: Mapping[str, str]
    conditions: Mapping[str, Q]
    order: str

    @classmethod
    def by(cls, entry: Listed, person: Any, query: Mapping[str, Any]) -> "Asked":
        """Read from the parameters of an address; what is no filter of the list, or too long, is left out."""
        given = {one.name: (one, str(query.get(one.name, "")).strip()) for one in entry.filters}
        said = {name: one.where(text, person) for name, (one, text) in given.items() if is_value(text)}
        conditions = {name: condition for name, condition in said.items() if condition is not None}
        values = {name: given[name][1] for name in conditions}
        return cls(entry, person, values, conditions, entry.sorted_by(str(query.get("sort", ""))))

    def narrowed(self, rows: QuerySet, filters: Iterable[Filter]) -> QuerySet:
        """The rows that pass these filters."""
        for one in filters:
            rows = rows.filter(self.conditions.get(one.name, Q()))
        return rows

    def rows(self) -> QuerySet:
        """Every row that was asked for, in order: for exports and the REST list."""
        sign = "-" if self.order.startswith("-") else ""
        return self.narrowed(self.entry.rows(self.person), self.entry.filters).order_by(self.order, f"{sign}pk")

    def sight(self) -> "Sight":
        """The rows to take a page from, with what could be counted of them."""
        chips = [one for one in self.entry.filters if one.column]
        rows = self.narrowed(self.entry.rows(self.person), [one for one in self.entry.filters if not one.column])
        chosen = [one for one in chips if one.name in self.values]
        fitting = self.narrowed(rows, chosen)
        found = counted(fitting, chips)
        if found is None:
            return Sight(fitting, None, {})
        every = counted(rows, chips) if chosen else found
        kinds = {} if every is None else {
            one.name: Counter(row[one.column] for row in every if self.fits(row, chosen, but=one)) for one in chips
        }  # fmt: skip
        return Sight(self.entry.whole([row["pk"] for row in found]), len(found), kinds)

    def fits(self, row: Mapping[str, Any], chips: list[Filter], but: Filter | None = None) -> bool:
        """Whether a counted row is of the kinds that were chosen, leaving one filter out of account."""
        return all(row[one.column] == self.values[one.name] for one in chips if one is not but)


@dataclass(frozen=True)
class Sight:
    """Rows to take a page from; `total` is None where there are more than are counted."""

    rows: QuerySet
    total: int | None
    kinds: Mapping[str, Counter]


def is_value(text: str) -> bool:
    """Something that a filter could mean."""
    return 0 < len(text) <= LONGEST_VALUE and "\0" not in text


def counted(rows: QuerySet, chips: list[Filter]) -> list[dict[str, Any]] | None:
    """Ids and kinds of all rows, or None where there are more than are counted."""
    columns = dict.fromkeys(["pk", *(one.column for one in chips)])
    found = list(rows.select_related(None).order_by().values(*columns)[: COUNTED + 1])
    return None if len(found) > COUNTED else found


def completed(entry: Listed, rows: list[Any]) -> list[Any]:
    """The rows with the counts and labels that the list's columns read: one query each, whatever the rows."""
    entry.prepare(rows)
    if any(column.name == "tags" for column in entry.columns):
        attach(rows)
    for name, path in entry.counts.items():
        keys = [row.pk for row in rows]
        relation = entry.table._meta.get_field(path)
        pointing = relation.related_model._base_manager.filter(**{f"{relation.field.name}__in": keys}).order_by()
        numbers = dict(pointing.values_list(relation.field.attname).annotate(found=Count("pk")))
        for row in rows:
            setattr(row, name, numbers.get(row.pk, 0))
    return rows


def cells(columns: Iterable[Column], row: Any) -> list[Any]:
    """A row's stored values in the order of the columns."""
    return [column.value(row) for column in columns]
