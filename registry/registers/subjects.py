"""What an entry can be about: the organisation, a unit, a system, a version, a vendor or a data set; and how people say so."""

from typing import Any, Final
from uuid import UUID

from django import forms
from django.db.models import Q
from django.utils.translation import gettext as _now, gettext_lazy as _

from registry import access
from registry.imports import naming
from registry.models import AISystem, BusinessUnit, Dataset, ModelVersion, Vendor
from registry.registers import rights

# So many rows of a sort are offered in a choice; others are named by name or id.
OFFERED: Final = 300
TABLES: Final[dict[str, Any]] = {
    "unit": BusinessUnit, "system": AISystem, "version": ModelVersion, "vendor": Vendor, "dataset": Dataset,
}  # fmt: skip
LABELS: Final = {
    "organisation": _("The organisation"),
    "unit": _("Units"),
    "system": _("Systems"),
    "version": _("Versions"),
    "vendor": _("Vendors"),
    "dataset": _("Data sets"),
}
NAMES: Final = {"unit": ("slug", "name"), "system": ("slug", "name"), "vendor": ("name",), "dataset": ("slug", "name")}
COLUMNS: Final = {"system": "system", "version": "model_version", "vendor": "vendor", "dataset": "dataset"}


def sort_of(row: Any) -> str:
    """What a row is, in one word."""
    return next(sort for sort, table in TABLES.items() if isinstance(row, table))


def columns(row: Any) -> dict[str, Any]:
    """The columns of an entry about a row."""
    if isinstance(row, BusinessUnit):
        return {"unit": row}
    found = {"unit": row.unit, COLUMNS[sort_of(row)]: row}
    return found | {"system": row.home_system} if isinstance(row, ModelVersion) else found


def root() -> BusinessUnit:
    """The unit that stands for the organisation."""
    return BusinessUnit.objects.get(parent=None)


def rows(sort: str, person: Any, kind: Any) -> Any:
    """The rows of a sort about which the person may write entries of the kind."""
    if sort == "unit":
        return rights.units(kind, person)
    if sort == "system":
        return rights.systems(kind, person)
    return TABLES[sort].objects.visible_to(person)


def key_of(row: Any) -> str:
    """How a choice names a row."""
    is_root = isinstance(row, BusinessUnit) and row.parent_id is None
    return "organisation" if is_root else f"{sort_of(row)}:{row.pk}"


class SubjectField(forms.Field):
    """A choice of what an entry is about; a sheet may also write a short name, a name or an id."""

    def __init__(self, kind: Any, person: Any, **kwargs: Any) -> None:
        super().__init__(label=_("About"), widget=forms.Select, **kwargs)
        self.kind, self.about, self.person = kind, tuple(kind.about), person
        self.known: dict[str, Any] = {}
        self.names: dict[str, dict[str, Any]] = {}
        with access.read_once(person):  # what is offered is that of one moment; the act itself asks anew
            self.widget.choices = [("", "---------"), *self.offered()]

    def offered(self) -> list[Any]:
        """The rows, each sort under its heading."""
        found: list[Any] = []
        for sort in self.about:
            if sort == "organisation":
                found += [(sort, str(LABELS[sort]))] if self.may_root() else []
            elif some := list(rows(sort, self.person, self.kind)[:OFFERED]):
                found.append((str(LABELS[sort]), [(f"{sort}:{row.pk}", str(row)) for row in some]))
        return found

    def may_root(self) -> bool:
        """The person may write about the organisation."""
        return rights.units(self.kind, self.person).filter(parent=None).exists()

    def to_python(self, value: Any) -> Any:
        """The row; ValidationError for none, or for several of one name."""
        text = str(value or "").strip()
        if not text:
            return None
        if text not in self.known:
            with access.read_once(self.person):
                self.known[text] = self.looked_up(text)
        found = self.known[text]
        if len(found) != 1:
            told = (
                _now("Several have this name; write the id.")
                if found
                else _now("There is none of this name that you may use here.")
            )
            raise forms.ValidationError(told)
        return found[0]

    def looked_up(self, text: str) -> list[Any]:
        """The rows that a text may mean, two at most."""
        if text == "organisation":
            return [root()] if text in self.about and self.may_root() else []
        sort, _colon, key = text.partition(":")
        if sort in self.about and sort in TABLES:
            return list(rows(sort, self.person, self.kind).filter(pk=key)) if is_uuid(key) else self.called(sort, key)
        return [row for sort in self.about if sort in TABLES for row in self.named(sort, text)][:2]

    def called(self, sort: str, name: str) -> list[Any]:
        """The row that exports call so; every row of the sort is looked at once."""
        if sort not in self.names:
            found = rows(sort, self.person, self.kind).select_related(*naming.FETCHED.get(TABLES[sort], ()))
            self.names[sort] = {naming.name_of(row).casefold(): row for row in found}
        row = self.names[sort].get(name.casefold())
        return [] if row is None else [row]

    def named(self, sort: str, text: str) -> list[Any]:
        """The rows of a sort with this short name, name or id."""
        says = Q(pk=text) if is_uuid(text) else Q(pk__in=[])
        for name in () if is_uuid(text) else NAMES.get(sort, ()):
            says |= Q(**{f"{name}__iexact": text})
        return list(rows(sort, self.person, self.kind).filter(says)[:2])


def is_uuid(text: str) -> bool:
    """An id."""
    try:
        UUID(text)
    except ValueError:
        return False
    return True
