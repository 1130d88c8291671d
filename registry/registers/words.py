"""Values of an entry in words: for lists, pages, exports and the titles that are made of them."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.apps import apps
from django.utils.translation import gettext as _

from registry.models import RegisterEntry, User
from registry.registers.kinds import Field


class Said:
    """The fields of an entry by attribute: stored values, and `get_…_display` for their words.

    People are named by those in `entry.known`, which lists read for all rows at once; by a query where it is not set.
    """

    def __init__(self, entry: RegisterEntry) -> None:
        self._entry = entry

    def __getattr__(self, name: str) -> Any:
        if name.startswith("get_") and name.endswith("_display"):
            return self._word_of(name.removeprefix("get_").removesuffix("_display"))
        each, value = self._entry.of.fields.get(name), self._entry.fields.get(name)
        if each is not None and each.type == "person" and value:
            return getattr(self._person(value), "email", "")
        return value

    def _word_of(self, name: str) -> Callable[[], str]:
        each, value = self._entry.of.fields.get(name), self._entry.fields.get(name)
        if each is not None and each.type == "person" and value:
            return lambda: str(self._person(value) or "–")
        return lambda: word(each, value) if each is not None else ""

    def _person(self, pk: str) -> User | None:
        known = getattr(self._entry, "known", None)
        return User.objects.filter(pk=pk).first() if known is None else known.get(pk)


def word(each: Field, value: Any) -> str:
    """A stored value in words, where it leads to no other row."""
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if value in (None, "", []):
        return ""
    if each.choices:
        known = dict(each.offered())
        return ", ".join(known.get(one, str(one)) for one in (value if isinstance(value, list) else [value]))
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)


@dataclass(frozen=True)
class Line:
    """A field on a page: its label, its words, and the rows to which it leads."""

    field: Field
    text: str
    rows: tuple[Any, ...] = ()

    @property
    def is_long(self) -> bool:
        """It takes the whole width."""
        return self.field.type in {"text", "lines"}

    @property
    def parts(self) -> list[str]:
        """The lines of a list."""
        return self.text.split("\n") if self.field.type == "lines" else []


def lines(entry: RegisterEntry, person: Any) -> list[Line]:
    """Every field that says something, with the rows that the reader may see."""
    return [
        line(entry, each, person)
        for each in entry.of.fields.values()
        if entry.fields.get(each.name) not in (None, "", [])
    ]


def line(entry: RegisterEntry, each: Field, person: Any) -> Line:
    """One field."""
    value = entry.fields[each.name]
    if each.is_row:
        rows = tuple(rows_of(each, value if isinstance(value, list) else [value], person))
        return Line(each, "" if rows else _("Something that you may not see."), rows)
    if each.type == "lines":
        return Line(each, "\n".join(value))
    return Line(each, getattr(entry.said, f"get_{each.name}_display")())


def rows_of(each: Field, keys: Iterable[str], person: Any) -> Any:
    """The rows of a field that a person may see."""
    return offered(each, person).filter(pk__in=[UUID(str(key)) for key in keys])


def offered(each: Field, person: Any) -> Any:
    """The rows to which a field may lead."""
    if "." in each.of:
        return apps.get_model(each.of).objects.visible_to(person)
    return RegisterEntry.objects.visible_to(person).filter(kind=each.of).standing()


def title_of(entry: RegisterEntry) -> str:
    """The title that is made of fields; of a row, its name."""
    said = []
    for name in entry.of.named_by:
        each, value = entry.of.fields[name], entry.fields.get(name)
        if value in (None, "", []):
            continue
        said.append(name_of(each, value) if each.is_row else getattr(entry.said, f"get_{name}_display")())
    return " – ".join(said)[:250] or entry.of.one


def name_of(each: Field, value: Any) -> str:
    """What the row is called."""
    table = apps.get_model(each.of) if "." in each.of else RegisterEntry
    return str(table._base_manager.filter(pk=value).first() or "–")
