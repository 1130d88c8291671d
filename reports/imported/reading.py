"""From an uploaded file to a plain mapping: its size, its text, JSON or YAML; what cannot be read is refused by name."""

import json
from collections.abc import Iterable
from typing import Any, Final, NoReturn

import yaml
from django.utils.translation import gettext as _

from registry.errors import BadInput
from registry.vocabulary import StrictLoader

MEGABYTE: Final = 1_000_000
MOST_JSON, MOST_YAML = 16 * MEGABYTE, 2 * MEGABYTE


def refuse(file: str, place: str, why: str) -> NoReturn:
    """Refuse a file with its name, the place in it, and the reason."""
    where = f"{file}, {place}" if place else file
    raise BadInput(f"{where}: {why}", field="file")


def mapping_of(content: bytes, *, file: str) -> dict[str, Any]:
    """The mapping that a file holds, by its name: JSON, or else YAML. A key that stands twice is refused."""
    is_json = file.lower().endswith(".json")
    most = MOST_JSON if is_json else MOST_YAML
    if len(content) > most:
        told = _("it has %(size).1f MB, and at most %(most)d MB are read. Split it, or leave out what is no control.")
        refuse(file, "", told % {"size": len(content) / MEGABYTE, "most": most // MEGABYTE})
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        refuse(file, _("byte %d") % error.start, _("it is no UTF-8 text. Export it again as UTF-8."))
    found = from_json(text, file=file) if is_json else from_yaml(text, file=file)
    if not isinstance(found, dict):
        refuse(file, "", _("it must hold a mapping of keys to values."))
    return found


def from_json(text: str, *, file: str) -> Any:
    """The content of a JSON text."""

    def once(pairs: Iterable[tuple[str, Any]]) -> dict[str, Any]:
        """An object, in which no key stands twice."""
        found: dict[str, Any] = {}
        for key, value in pairs:
            if key in found:
                refuse(file, "", _("the key “%s” stands twice in one object; remove one of the two.") % key)
            found[key] = value
        return found

    try:
        return json.loads(text, object_pairs_hook=once)
    except RecursionError:
        refuse(file, "", _("it is nested too deeply."))
    except ValueError as error:
        refuse(file, "", _("it is no JSON (%s). Export it again.") % error)


def from_yaml(text: str, *, file: str) -> Any:
    """The content of a YAML text."""
    try:
        return yaml.load(text, StrictLoader)
    except BadInput as refusal:
        refuse(file, "", str(refusal))
    except RecursionError:
        refuse(file, "", _("it is nested too deeply."))
    except (yaml.YAMLError, TypeError, ValueError) as error:
        refuse(file, "", _("it is no YAML (%s).") % " ".join(str(error).split()))
