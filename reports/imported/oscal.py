"""OSCAL catalogues (JSON, 1.1.x) as our own form of a catalogue: groups, controls and their statements, no rule."""

import re
from collections.abc import Iterator
from typing import Any, Final

from django.utils.translation import gettext as _

from reports.imported.reading import refuse

VERSION: Final = re.compile(r"1\.1\.\d+")
INSERTED: Final = re.compile(r"\{\{\s*insert:\s*param,\s*([\w.-]+)\s*\}\}")
DEEPEST: Final = 20


def own_form(raw: dict[str, Any], *, slug: str, file: str) -> dict[str, Any]:
    """The catalogue of an OSCAL file in our own form; controls that it calls withdrawn are left out."""
    catalogue = part(raw, "catalog", dict, file=file, place="catalog")
    metadata = part(catalogue, "metadata", dict, file=file, place="metadata")
    version = metadata.get("oscal-version")
    if not isinstance(version, str) or not VERSION.fullmatch(version):
        told = _("it is of OSCAL %s; only 1.1.x is read. Convert it, or export it in that version.")
        refuse(file, "metadata, oscal-version", told % (version or _("no version")))
    head = {"framework": slug, "name": metadata.get("title"), "version": str(metadata.get("version") or "")}
    return {**head, **below(catalogue, params_of(catalogue), file=file, depth=0)}


def part(raw: Any, key: str, kind: type, *, file: str, place: str) -> Any:
    """What stands under a key; empty where nothing does, refused where it is of another type."""
    value = raw.get(key, kind())
    if not isinstance(value, kind):
        refuse(file, place, _("“%(key)s” must be of type %(kind)s.") % {"key": key, "kind": kind.__name__})
    return value


def entries(raw: dict[str, Any], key: str, *, file: str, place: str) -> Iterator[dict[str, Any]]:
    """The objects of a list."""
    for entry in part(raw, key, list, file=file, place=place):
        if not isinstance(entry, dict):
            refuse(file, place, _("an entry of “%s” is no object.") % key)
        yield entry


def below(raw: dict[str, Any], params: dict[str, str], *, file: str, depth: int) -> dict[str, Any]:
    """The groups and controls of a catalogue, a group or a control."""
    place = str(raw.get("id") or "catalog")
    if depth > DEEPEST:
        refuse(file, place, _("it is nested too deeply."))
    return {
        "groups": [
            {**titled(one), **below(one, params | params_of(one), file=file, depth=depth + 1)}
            for one in entries(raw, "groups", file=file, place=place)
        ],
        "controls": [
            {**control(one, params | params_of(one), file=file),
             **below(one, params | params_of(one), file=file, depth=depth + 1)}
            for one in entries(raw, "controls", file=file, place=place) if not is_withdrawn(one)
        ],
    }  # fmt: skip


def titled(raw: dict[str, Any]) -> dict[str, Any]:
    """Id and title. A group of OSCAL may be without an id; its title then stands for it."""
    title = raw.get("title")
    return {"id": raw.get("id") or re.sub(r"[^\w.-]+", "-", str(title or "")).strip("-"), "title": title}


def control(raw: dict[str, Any], params: dict[str, str], *, file: str) -> dict[str, Any]:
    """A control with its statement in one piece."""
    parts = entries(raw, "parts", file=file, place=str(raw.get("id")))
    said = [text for one in parts if one.get("name") == "statement" for text in prose(one, file=file, depth=0)]
    statement = INSERTED.sub(lambda found: f"[{params.get(found[1], found[1])}]", " ".join(said))
    return {**titled(raw), "statement": statement}


def prose(raw: dict[str, Any], *, file: str, depth: int) -> Iterator[str]:
    """The sentences of a part and of the parts in it."""
    if depth > DEEPEST:
        refuse(file, str(raw.get("id")), _("it is nested too deeply."))
    if isinstance(raw.get("prose"), str):
        yield raw["prose"]
    for one in entries(raw, "parts", file=file, place=str(raw.get("id"))):
        yield from prose(one, file=file, depth=depth + 1)


def params_of(raw: dict[str, Any]) -> dict[str, str]:
    """The labels of parameters, by their ids."""
    rows = raw.get("params")
    found = [one for one in rows if isinstance(one, dict)] if isinstance(rows, list) else []
    return {str(one.get("id")): str(one.get("label") or one.get("id")) for one in found}


def is_withdrawn(raw: dict[str, Any]) -> bool:
    """The catalogue itself says that the control is no more."""
    rows = raw.get("props")
    found = [one for one in rows if isinstance(one, dict)] if isinstance(rows, list) else []
    return any(one.get("name") == "status" and one.get("value") == "withdrawn" for one in found)
