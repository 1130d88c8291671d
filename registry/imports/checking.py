"""Checks every row of a sheet as the form of its page would, and names each fault by row and column."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from django import forms
from django.utils.text import slugify
from django.utils.translation import gettext as _

from registry import access
from registry.errors import DomainError
from registry.imports.kinds import Kind, ReadPast, YesNo
from registry.imports.sheets import Line
from registry.imports.told import passed_over


@dataclass(frozen=True)
class Fault:
    """Why a row cannot be entered."""

    row: int
    column: str
    value: str
    reason: str


@dataclass(frozen=True)
class Checked:
    """The rows that can be entered, by their numbers, with the keywords of the act; and the faults of the others."""

    ready: list[tuple[int, dict[str, Any]]]
    faults: list[Fault]


def checked(kind: Kind, found: Iterable[Line], person: Any) -> Checked:
    """Every row; nothing is entered."""
    with access.read_once(person):
        return looked_through(kind, found, person)


def looked_through(kind: Kind, found: Iterable[Line], person: Any) -> Checked:
    """The same, by the duties that the person holds at the beginning."""
    form, ready, faults = form_of(kind, person), [], []
    told = passed_over(kind, set(form.fields))
    taken = names_taken(kind)
    allowed: dict[Any, DomainError | None] = {}
    for line in found:
        wrong = [*faults_told(told, line), *faults_of(kind, form, typed(told, line), allowed)]
        if not wrong and kind.is_named:
            wrong = list(doubled(kind, form, line, taken))
        faults += wrong
        if not wrong:
            ready.append((line.number, dict(form.cleaned_data)))
    return Checked(ready, faults)


def form_of(kind: Kind, person: Any) -> Any:
    """The form, with boxes read as yes and no."""
    form = kind.form(person)
    for name, field in form.fields.items():
        if isinstance(field, forms.BooleanField):
            form.fields[name] = YesNo(required=False, label=field.label)
    return form


def typed(told: dict[str, ReadPast], line: Line) -> Line:
    """The row without the columns that are read past."""
    return Line(line.number, {head: text for head, text in line.cells.items() if head not in told})


def faults_told(told: dict[str, ReadPast], line: Line) -> Iterator[Fault]:
    """Values that could never stand in a column, although nothing of it is entered."""
    for head in told.keys() & line.cells.keys():
        try:
            told[head].clean(line.cells[head])
        except forms.ValidationError as error:
            yield Fault(line.number, head, line.cells[head][:200], error.messages[0])


def faults_of(kind: Kind, form: Any, line: Line, allowed: dict[Any, DomainError | None]) -> Iterator[Fault]:
    """What the form says of a row, and what the act would say of the people that it names."""
    unknown = [head for head in line.cells if head not in form.fields]
    if unknown:
        yield Fault(line.number, unknown[0], line.cells[unknown[0]][:200], _("There is no such column here."))
        return
    form.data, form.is_bound, form._errors = line.cells, True, None
    for name, sentences in form.errors.items():
        shown = name if name in form.fields else ""
        for sentence in sentences:
            yield Fault(line.number, shown, line.cells.get(shown, "")[:200], str(sentence))
    if not form.errors:
        yield from refused(kind, form.cleaned_data, line, allowed)


def refused(kind: Kind, values: dict[str, Any], line: Line, allowed: dict[Any, DomainError | None]) -> Iterator[Fault]:
    """What the rules of the kind say, asked once for the same people at the same place."""
    key = tuple(str(getattr(value, "pk", "")) for value in values.values())
    if key not in allowed:
        allowed[key] = refusal(kind, values)
    said = allowed[key]
    if said is not None:
        column = getattr(said, "field", "") or ""
        yield Fault(line.number, column, line.cells.get(column, "")[:200], str(said))


def refusal(kind: Kind, values: dict[str, Any]) -> DomainError | None:
    """The refusal, or None."""
    try:
        kind.require(values)
    except DomainError as error:
        return error
    return None


def names_taken(kind: Kind) -> set[tuple[Any, str]]:
    """Short names that are there, each at its place."""
    if not kind.is_named:
        return set()
    return set(kind.table.objects.order_by().values_list(f"{kind.place}_id", "slug"))


def doubled(kind: Kind, form: Any, line: Line, taken: set[tuple[Any, str]]) -> Iterator[Fault]:
    """A name that is there already, or stands in a row above; names without Latin letters get a number instead."""
    name, place = form.cleaned_data["name"], form.cleaned_data[kind.place]
    key = (place.pk, slugify(name))
    if key[1] and key in taken:
        yield Fault(
            line.number,
            "name",
            name[:200],
            _("%(place)s has one of this short name already: %(slug)s.") % {"place": place, "slug": key[1]},
        )
    taken.add(key)
