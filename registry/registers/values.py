"""Values of fields: how they are stored, how a form begins with them, and what is wrong with those of a caller."""

from datetime import date
from decimal import Decimal
from typing import Any, Final

from django.db.models import Model
from django.utils.translation import gettext as _

from registry.errors import BadInput
from registry.registers.kinds import Field, Kind

NOTHING: Final[tuple[Any, ...]] = (None, "", [], False)


def stored(value: Any) -> Any:
    """A cleaned value as JSON has it: rows by their ids, days as ISO 8601, numbers without an end of zeros."""
    if isinstance(value, Model):
        return str(value.pk)
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    if isinstance(value, str):
        return value.strip()
    return [stored(each) for each in value] if isinstance(value, list | tuple) or hasattr(value, "query") else value


def begun(each: Field, value: Any) -> Any:
    """A stored value as a form begins with it."""
    return "\n".join(map(str, value)) if each.type == "lines" and isinstance(value, list) else value


def require_sound(kind: Kind, values: dict[str, Any]) -> dict[str, Any]:
    """The values without empty ones; BadInput names a field that there is not, one that is empty and must not be, or a
    value that is none of its choices."""
    for name, value in values.items():
        each = kind.fields.get(name)
        if each is None or each.stamped:
            raise BadInput(_("%s cannot be set here.") % name, field=name)
        given = set(value if isinstance(value, list) else [value]) if each.choices and value not in NOTHING else set()
        strange = sorted(given - {key for key, _label in each.offered()}, key=str)
        if strange:
            raise BadInput(
                _("“%(value)s” is no value of “%(field)s”.") % {"value": strange[0], "field": each.title}, field=name
            )
    for each in kind.fields.values():
        if each.required and not each.stamped and values.get(each.name) in NOTHING:
            raise BadInput(_("“%s” must be filled in.") % each.title, field=each.name)
    return {name: value for name, value in values.items() if value not in (None, "", [])}
