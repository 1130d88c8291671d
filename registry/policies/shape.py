"""Holds a document against a JSON schema and says in sentences, with the line, what does not fit."""

from collections.abc import Iterator
from typing import Any, Final

from django.utils.translation import gettext as _

from registry.policies.schema import Schema
from registry.policies.text import Document, Path, Problem

SHOWN: Final = 60


def misfits(found: Document, content: Any, schema: Schema, *, under: Path = ()) -> Iterator[Problem]:
    """What of a part of the document does not fit its schema. `under` is where the part stands."""
    from jsonschema import Draft202012Validator

    for error in Draft202012Validator(schema).iter_errors(content):
        path = (*under, *error.absolute_path)
        for key in named_keys(error):
            yield Problem(found.line_of((*path, key) if key else path), sentence(error, key))


def named_keys(error: Any) -> list[str]:
    """The keys that an error is about; the part itself, as an empty one, for all other errors."""
    if error.validator == "additionalProperties" and error.validator_value is False:
        return sorted(set(error.instance) - set(error.schema["properties"]))
    return [""]


def sentence(error: Any, key: str) -> str:
    """The error in the reader's language."""
    value, wanted = short(error.instance), error.validator_value
    match error.validator:
        case "additionalProperties":
            return _("“%(key)s” is no key here; known are: %(known)s.") % {
                "key": key, "known": ", ".join(sorted(error.schema["properties"])),
            }  # fmt: skip
        case "required":
            return _("Missing here: %s.") % ", ".join(name for name in wanted if name not in error.instance)
        case "enum":
            return _("“%(value)s” is not one of: %(known)s.") % {"value": value, "known": ", ".join(map(str, wanted))}
        case "type":
            kinds = wanted if isinstance(wanted, str) else ", ".join(wanted)
            return _("“%(value)s” is of the wrong type; wanted: %(kinds)s.") % {"value": value, "kinds": kinds}
        case "minimum" | "maximum" | "exclusiveMinimum" | "exclusiveMaximum":
            return _("%(value)s lies beyond the limit of %(limit)s.") % {"value": value, "limit": wanted}
        case "minItems" | "minLength":
            return _("“%(value)s” is too short; at least %(least)d.") % {"value": value, "least": wanted}
        case "uniqueItems":
            return _("Something stands twice in “%s”.") % value
    return _("“%(value)s” does not fit: %(rule)s %(wanted)s.") % {
        "value": value, "rule": error.validator, "wanted": wanted,
    }  # fmt: skip


def short(value: Any) -> str:
    """A value as far as a sentence has room for it."""
    text = str(value)
    return text if len(text) <= SHOWN else f"{text[:SHOWN]}…"
