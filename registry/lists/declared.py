"""What a list is made of, and the table of all lists."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from django.db.models import JSONField, Model, TextField
from django.urls import reverse

from registry import access
from registry.lists.filters import Filter
from registry.models import BusinessUnit


@dataclass(frozen=True)
class Column:
    """A column: its name in exports and in `?sort=`, its heading, and the path of attributes from the row to its value.

    `draw` says how the page shows it: text, choice (a badge), link, number, moment or digest. Only a column of the
    table's own that is never null can be sorted by, and it wants an index of itself and the id. On the page the first
    column is the row itself, as its heading.
    """

    name: str
    heading: Any
    path: str = ""
    draw: str = "text"
    sorts: bool = False
    on_page: bool = True

    def holder_of(self, row: Any) -> tuple[Any, str]:
        """The object at the end of the path that has the value, and the attribute's name; None where the path ends."""
        *steps, last = (self.path or self.name).split(".")
        for step in steps:
            row = getattr(row, step, None)
        return row, last

    def value(self, row: Any) -> Any:
        """The value as it is stored; a row that it leads to, by its name."""
        holder, name = self.holder_of(row)
        found = getattr(holder, name, None)
        return str(found) if isinstance(found, Model) else found

    def text(self, row: Any) -> str:
        """The value in the reader's words."""
        holder, name = self.holder_of(row)
        display = getattr(holder, f"get_{name}_display", None)
        found = display() if display else getattr(holder, name, None)
        return "" if found is None else str(found)

    @property
    def is_number(self) -> bool:
        """It is set to the right."""
        return self.draw == "number"


@dataclass(frozen=True)
class FirstStep:
    """The button above a list and in its empty state: a label, an address by name, and who is shown it."""

    label: Any
    url_name: str
    action: str = ""

    @property
    def url(self) -> str:
        """Where it leads."""
        return reverse(self.url_name)

    def is_for(self, person: Any) -> bool:
        """The person may press it."""
        return not self.action or access.may_anywhere(person, self.action)


@dataclass(frozen=True)
class Listed:
    """One list: `name` in addresses (also the name of its page's URL pattern), the table, columns, filters, first order.

    `fetched` are the foreign keys that columns read; `counts` sets an attribute on each shown row to the number of
    rows that point to it. `unit` leads to the business unit: long lists that say it are read by its index for people who
    hold duties in some units only. `nothing` and `why` are its empty state.
    """

    name: str
    table: Any
    title: Any
    caption: Any
    columns: tuple[Column, ...]
    filters: tuple[Filter, ...] = ()
    fetched: tuple[str, ...] = ()
    counts: Mapping[str, str] = field(default_factory=dict)
    order: str = "name"
    unit: str = ""
    nothing: Any = ""
    why: Any = ""
    step: FirstStep | None = None
    has_tags: bool = False

    @property
    def url(self) -> str:
        """Its page."""
        return reverse(self.name)

    def prepare(self, rows: list[Any]) -> None:
        """Read at once for all these rows what their columns need besides; most lists need nothing."""

    def rows(self, person: Any) -> Any:
        """What the person may see, with what the columns read."""
        rows = self.table.objects.visible_to(person).select_related(*self.fetched)
        units = units_of(person) if self.unit else None
        return rows if units is None else rows.filter(**{f"{self.unit}__in": units})

    def whole(self, keys: Iterable[Any]) -> Any:
        """The rows of these ids, which `rows` let pass, with what the page's columns read."""
        return self.table._base_manager.select_related(*self.fetched).defer(*self.unread).filter(pk__in=keys)

    @cached_property
    def unread(self) -> list[str]:
        """The long columns of the tables that are fetched along, but for those that the page shows."""
        read = {(column.path or column.name).replace(".", "__") for column in self.columns if column.on_page}
        tables = dict(step for path in self.fetched for step in led_by(self.table, path))
        long = (f"{path}__{one.name}" for path, table in tables.items() for one in table._meta.concrete_fields
                if isinstance(one, TextField | JSONField))  # fmt: skip
        return [path for path in long if path not in read]

    def sorted_by(self, asked: str) -> str:
        """The order that was asked for where the list knows it, else its own."""
        sortable = {column.name: column.path or column.name for column in self.columns if column.sorts}
        name = asked.removeprefix("-")
        return f"{'-' if asked.startswith('-') else ''}{sortable[name]}" if name in sortable else self.order

    def filter_named(self, name: str) -> Filter | None:
        """A filter by its name in addresses."""
        return next((one for one in self.filters if one.name == name), None)

    @property
    def label(self) -> str:
        """`app.Model` of its rows."""
        return self.table._meta.label


def led_by(table: Any, path: str) -> Iterator[tuple[str, Any]]:
    """Each table that a path of foreign keys leads by, with the part of the path that leads to it."""
    done: list[str] = []
    for step in path.split("__"):
        table = table._meta.get_field(step).related_model
        done.append(step)
        yield "__".join(done), table


def units_of(person: Any) -> list[Any] | None:
    """The units of the person's duties, which a database can count on where it cannot on their paths; None for all."""
    if any(grant.unit.parent_id is None for grant in access.grants(person)):
        return None
    return list(BusinessUnit.objects.visible_to(person).values_list("pk", flat=True))


LISTS: dict[str, Listed] = {}


def register(entry: Listed) -> Listed:
    """Enter a list into the table; two of one name are a slip."""
    if entry.name in LISTS:
        raise ValueError(f"There is a list {entry.name} already.")
    LISTS[entry.name] = entry
    return entry


def listed(name: str) -> Listed:
    """A list by its name."""
    return LISTS[name]
