"""CycloneDX 1.6: a bill of materials whose main component is the model, with its `modelCard`."""

import json
from collections.abc import Mapping
from typing import Any, Final

from django.utils.translation import gettext as _

from registry.cards.formats.cyclonedx import component, considerations
from registry.cards.formats.cyclonedx.component import MODEL
from registry.cards.formats.mapping import EXACT, Doc, Place, Schema, added, get, rows_of
from registry.cards.formats.untrusted import refused

VERSIONS: Final = ("1.5", "1.6", "1.7")


def at(path: str) -> str:
    """Where a path of `maps_to` lies: of the component, of the whole bill, or in the model card."""
    return path if path.startswith(("component.", "components")) else f"component.modelCard.{path}"


def property_of(line: str) -> Doc:
    """A line `name: value` as a property."""
    name, _colon, value = line.partition(": ")
    return {"name": name, "value": value}


def property_line(row: Doc) -> str:
    """A property as a line."""
    return f"{row['name']}: {row['value']}" if row.get("value") else str(row.get("name", ""))


def properties(doc: Doc, *, exact: bool = False) -> list[Doc]:
    """The properties of the model card: those of others, or the exact copies."""
    rows = [row for row in rows_of(doc, "component.modelCard.properties") if isinstance(row, dict)]
    return [row for row in rows if str(row.get("name", "")).startswith(EXACT) == exact]


PROPERTIES: Final = Place(
    lambda doc, path, text, spec: added(
        doc, path, [property_of(line) for line in text.split("\n") if not line.startswith(EXACT)]
    ),
    lambda doc, path, spec: "\n".join(property_line(row) for row in properties(doc)),
)
SCHEMA: Final = Schema("cyclonedx", {**component.PLACES, **considerations.PLACES, "properties": PROPERTIES}, at)


def document(texts: Mapping[str, str]) -> Doc:
    """`component` with its model card, and `components` where any are named: for whoever writes a larger bill."""

    def render(exact: Mapping[str, str]) -> Doc:
        doc: Doc = {"component": {"type": MODEL, "name": texts.get("name", ""), "modelCard": {}}}
        SCHEMA.fill(doc, texts)
        copies = [{"name": EXACT + key, "value": text} for key, text in exact.items()]
        if copies:
            added(doc, "component.modelCard.properties", copies)
        return doc

    return SCHEMA.lossless(render, read_document, texts)


def read_document(doc: Doc) -> dict[str, str]:
    """The texts of a component and its model card."""
    found = SCHEMA.taken(doc)
    copies = {str(row["name"]).removeprefix(EXACT): str(row.get("value") or "") for row in properties(doc, exact=True)}
    return {key: text for key, text in {**found, **copies}.items() if text}


def write(texts: Mapping[str, str]) -> bytes:
    """A bill of materials with the model as its subject."""
    doc = document(texts)
    bill = {
        "$schema": "http://cyclonedx.org/schema/bom-1.6.schema.json",
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
    }
    bill |= {"version": 1, "metadata": {"component": doc["component"]}}  # type: ignore[dict-item]
    bill |= {"components": doc["components"]} if "components" in doc else {}
    return json.dumps(bill, ensure_ascii=False, indent=1, default=float).encode()


def read(bill: Doc) -> Doc:
    """The document of a bill: its model with a card, and the components beside it."""
    main = get(bill, "metadata.component")
    others = [row for row in rows_of(bill, "components") if isinstance(row, dict)]
    models = [row for row in [main, *others] if isinstance(row, dict) and row.get("modelCard") is not None]
    if not models:
        raise refused(_("components: none of type machine-learning-model with a modelCard stands in this file."))
    rest = [row for row in others if row is not models[0]]
    return {"component": models[0]} | ({"components": rest} if rest else {})


def require_valid(content: bytes, bill: Doc) -> None:
    """Refuse what the published schema does not allow, by the place in the file."""
    from cyclonedx.schema import SchemaVersion
    from cyclonedx.validation.json import JsonStrictValidator

    version = str(bill.get("specVersion", ""))
    if version not in VERSIONS:
        raise refused(
            _("specVersion: “%(found)s” is not read; %(known)s are.") % {"found": version, "known": ", ".join(VERSIONS)}
        )
    problem = JsonStrictValidator(SchemaVersion.from_version(version)).validate_str(content.decode("utf-8-sig"))
    if problem is not None:
        raise refused(said(problem.data))


def said(error: Any) -> str:
    """The place and the reason of a schema's refusal."""
    place = ".".join(str(step) for step in getattr(error, "absolute_path", ())) or _("the whole file")
    return _("%(place)s: %(why)s.") % {"place": place, "why": str(getattr(error, "message", error))[:300]}
