"""Filters of lists: each turns what an address says into a condition, or into none where it says nothing it knows."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from django.db.models import Exists, OuterRef, Q, Value
from django.db.models.functions import Upper
from django.db.models.lookups import Exact
from django.utils.translation import gettext_lazy as _

from registry.datasets import standard
from registry.models import BusinessUnit, DatasetVersion, LineageLink, ModelVersion, User

Choices = Iterable[tuple[str, Any]]
# Up to so many rows are counted; beyond, the page says "more than".
COUNTED: Final = 500
# So many ids are named in a condition; of more, each row is asked whether it is one.
NAMED: Final = 5000


@dataclass(frozen=True)
class Filter:
    """One filter: `where` gives the condition for a value (None: unknown, so no filter at all).

    `choices` offers values to a person; without it the value is typed. `column` names the row's column that equals the
    value: such a filter is drawn as chips with counts.
    """

    name: str
    label: Any
    where: Callable[[str, Any], Q | None]
    choices: Callable[[Any], Choices] | None = None
    column: str = ""


def by_choice(name: str, label: Any, kinds: Any, column: str = "") -> Filter:
    """By a column with fixed choices."""
    path = column or name
    return Filter(
        name, label, lambda value, person: Q(**{path: value}) if value in kinds.values else None,
        choices=lambda person: kinds.choices, column=path,
    )  # fmt: skip


def by_flag(name: str, label: Any, column: str = "") -> Filter:
    """By a column that is yes or no."""
    known = {"yes": True, "no": False}
    return Filter(
        name, label, lambda value, person: Q(**{column or name: known[value]}) if value in known else None,
        choices=lambda person: (("yes", _("yes")), ("no", _("no"))),
    )  # fmt: skip


def by_unit(path: str = "unit") -> Filter:
    """By a business unit with everything below it."""

    def where(value: str, person: Any) -> Q | None:
        pk = uuid_in(value)
        unit = BusinessUnit.objects.visible_to(person).filter(pk=pk).first() if pk else None
        if unit is None:
            return None
        return Q(**{f"{path}__in": list(BusinessUnit.objects.filter(path__startswith=unit.path))})

    def choices(person: Any) -> Choices:
        return [(str(unit.pk), unit.name) for unit in BusinessUnit.objects.visible_to(person)]

    return Filter("unit", _("Business unit"), where, choices=choices)


def by_person(name: str, label: Any, *paths: str) -> Filter:
    """By people whose name or address contains the words, in any of the columns."""

    def where(value: str, person: Any) -> Q:
        people = User.objects.visible_to(person).filter(Q(name__icontains=value) | Q(email__icontains=value))
        known, found = list(people.values_list("pk", flat=True)), Q(pk__in=[])
        for path in paths:
            found |= Q(**{f"{path}__in": known})
        return found

    return Filter(name, label, where)


def by_word(name: str, label: Any, path: str, through: Any = None, back: str = "") -> Filter:
    """By a column that says exactly this, in any case; `through` another table whose `back` is the row's id."""

    def where(value: str, person: Any) -> Q:
        says = Q(Exact(Upper(path), Upper(Value(value))))
        return says if through is None else pointed_at(through.objects.filter(says), back)

    return Filter(name, label, where)


def by_data_class(name: str, label: Any, path: str = "") -> Filter:
    """By the class of data: of a data set's column, or (without a path) of what a system's versions are linked to."""

    def where(value: str, person: Any) -> Q | None:
        if value not in dict(standard.choices()):
            return None
        if path:
            return Q(**{path: value})
        data = DatasetVersion.objects.filter(dataset__classification=value)
        links = LineageLink.objects.filter(target_id__in=data.values("pk"))
        return pointed_at(ModelVersion.objects.filter(pk__in=links.values("source_id")), "model__system")

    return Filter(name, label, where, choices=lambda person: standard.choices(), column=path)


def pointed_at(others: Any, back: str) -> Q:
    """The rows whose id stands in the column `back` of other rows: by a list where they are few, else asked one by one."""
    are_many = others.order_by()[NAMED:].exists()
    return Q(Exists(others.filter(**{back: OuterRef("pk")}))) if are_many else Q(pk__in=others.order_by().values(back))


def uuid_in(text: str) -> UUID | None:
    """An id that a person's address carries."""
    try:
        return UUID(text)
    except ValueError:
        return None
