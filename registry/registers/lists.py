"""The list of each kind: its columns, filters and first step, made from its fields."""

from dataclasses import dataclass
from typing import Any

from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from registry import access, moment
from registry.imports import naming
from registry.lists import Column, Filter, FirstStep, Listed, by_person, by_unit
from registry.models import BusinessUnit, RegisterEntry, User
from registry.registers import rights
from registry.registers.kinds import EVERYWHERE, Field, Kind, kind_named
from registry.registers.subjects import sort_of

FETCHED = (
    "unit", "system__unit", "model_version__model__system__unit", "vendor__unit", "dataset__unit", "owner", "approved_by",
)  # fmt: skip
NUMBERS = frozenset({"number", "count"})


@dataclass(frozen=True)
class NewEntry(FirstStep):
    """The button that leads to the form of a kind."""

    kind: str = ""

    @property
    def url(self) -> str:
        """Where it leads."""
        return reverse(self.url_name, args=[self.kind])

    def is_for(self, person: Any) -> bool:
        """The person may write entries of the kind somewhere."""
        return rights.may_write_somewhere(kind_named(self.kind), person)


@dataclass(frozen=True)
class Register(Listed):
    """The list of one kind."""

    kind: str = ""

    def rows(self, person: Any) -> Any:
        """The entries of the kind that the person may see."""
        return super().rows(person).filter(kind=self.kind)

    @property
    def url(self) -> str:
        """Its page."""
        return reverse("register", args=[self.kind])

    def prepare(self, rows: list[Any]) -> None:
        """The people whom the fields name, by one query for all rows."""
        named = {row.fields.get(each.name) for row in rows for each in row.of.fields.values() if each.type == "person"}
        known = {str(one.pk): one for one in User.objects.filter(pk__in=[key for key in named if key])}
        for row in rows:
            row.known = known


class About(Column):
    """What an entry is about, by its name on pages; in files as sheets of the kind write it."""

    def value(self, row: Any) -> str:
        """The organisation, or the sort and the name."""
        about = row.subject
        if isinstance(about, BusinessUnit) and about.parent_id is None:
            return "organisation"
        return f"{sort_of(about)}:{naming.name_of(about)}"


def said(text: str) -> Any:
    """A text of the file, translated each time it is shown."""
    return _(text)


def listed(kind: Kind) -> Register:
    """The list of a kind."""
    return Register(
        kind.name, RegisterEntry, said(kind.title), said(kind.what), columns(kind), filters(kind),
        fetched=FETCHED, order="title", kind=kind.name, has_tags=True, nothing=_("Nothing in this register yet"), why=said(kind.what),
        step=NewEntry(_("New entry"), "register-new", access.REGISTER_EDIT, kind=kind.name),
    )  # fmt: skip


def columns(kind: Kind) -> tuple[Column, ...]:
    """Columns of every entry, then those of the kind's fields: up to three short ones on the page."""
    short = [each.name for each in kind.fields.values() if each.type in {"choice", "day", "person", *NUMBERS}][:3]
    due = (Column("due_on", said(kind.due.label), draw="moment"),) if kind.due else ()
    return (
        Column("title", _("Title"), sorts=True),
        Column("status", _("Status"), draw="choice"),
        About("about", _("About"), "subject"),
        *(column(each, each.name in short) for each in kind.fields.values()),
        Column("owner", _("Owner"), "owner.email", on_page=False),
        Column("owner_name", _("Owner"), "owner.name"),
        *due,
        Column("revision", _("Revision"), draw="number", on_page=kind.approve is not None),
        Column("number", _("Number"), draw="number", on_page=False),
        Column("approved_by", _("Approved by"), "approved_by.email", on_page=False),
        Column("approved_at", _("Approved"), draw="moment", on_page=False),
        Column("unit", _("Unit"), "unit.name", on_page=False),
        Column("created_at", _("Written"), draw="moment", sorts=True, on_page=False),
        Column("id", _("Id"), on_page=False),
    )  # fmt: skip


def column(each: Field, on_page: bool) -> Column:
    """The column of a field."""
    return Column(
        each.name, said(each.label), f"said.{each.name}", "number" if each.type in NUMBERS else "text", on_page=on_page
    )


def filters(kind: Kind) -> tuple[Filter, ...]:
    """By status, by each choice, by unit, by owner, and what is overdue."""
    statuses = {**kind.statuses, **{name: name for name in EVERYWHERE if name not in kind.statuses}}
    return (
        Filter(
            "status", _("Status"), lambda value, person: Q(status=value) if value in statuses else None,
            choices=lambda person: [(status, kind.word(status)) for status in statuses], column="status",
        ),
        *(by_field(each) for each in kind.fields.values() if each.type == "choice"),
        *(by_line(each) for each in kind.fields.values() if each.type == "line"),
        by_unit(), by_person("owner", _("Owner"), "owner"), *([overdue()] if kind.due else []),
    )  # fmt: skip


def by_field(each: Field) -> Filter:
    """By a field with fixed choices."""
    return Filter(
        each.name, said(each.label),
        lambda value, person: Q(**{f"fields__{each.name}": value}) if value in dict(each.offered()) else None,
        choices=lambda person: each.offered(),
    )  # fmt: skip


def by_line(each: Field) -> Filter:
    """By a short text that says exactly this, in any case."""
    return Filter(each.name, said(each.label), lambda value, person: Q(**{f"fields__{each.name}__iexact": value}))


def overdue() -> Filter:
    """Whose date has passed."""
    return Filter(
        "overdue", _("Overdue"),
        lambda value, person: Q(due_on__lt=moment.today()) if value == "yes" else None,
        choices=lambda person: (("yes", _("yes")),),
    )  # fmt: skip


__all__ = ["Register", "listed"]
