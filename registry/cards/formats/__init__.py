"""The formats that a card is exported to and imported from: one literal table."""

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final

from django.utils.functional import Promise
from django.utils.translation import gettext as _, gettext_lazy

from registry.cards.formats import cyclonedx, hugging_face, markdown, model_card_toolkit, sagemaker
from registry.cards.formats.cyclonedx import said
from registry.cards.formats.untrusted import json_of, leaves, refused, text_of
from registry.cards.values import texts
from registry.models import ModelCard, ModelVersion

SCHEMAS: Final = Path(__file__).parents[2] / "data" / "schemas"
# What a file says about itself; nothing of it is about the model.
ABOUT_THE_FILE: Final = frozenset(
    (
        "$schema", "bomFormat", "specVersion", "serialNumber", "schema_version", "version", "component.type", "attestry",
        "component.bom-ref", "component.modelCard.bom-ref",
    )
)  # fmt: skip
# The last names of places whose words are told in another way: enumerations, units, kinds.
CODED: Final = frozenset(
    ("type", "unit", "alg", "risk_rating", "activity", "function", "co2CostEquivalent", "encoding")
)

# A shorter text counts as kept only where it is an entry of its own, between these signs.
LONG: Final = 15
AROUND: Final = r"|=:;,()\[\]–"


@dataclass(frozen=True)
class Left:
    """Something of a file that has no place on the card: where it stood, and the beginning of it."""

    place: str
    text: str


@dataclass(frozen=True)
class Brought:
    """What a file holds for a card: texts by field, and what found no place."""

    texts: dict[str, str]
    left: tuple[Left, ...]


@dataclass(frozen=True)
class CardFormat:
    """A format: how a card is written to it, and how one is read, where it can be."""

    title: str | Promise
    media_type: str
    ending: str
    export: Callable[[ModelVersion, ModelCard | None], bytes]
    read: Callable[[bytes], Brought] | None = None


def of_texts(write: Callable[[Mapping[str, str]], bytes]) -> Callable[[ModelVersion, ModelCard | None], bytes]:
    """An export that needs nothing but the texts of the fields."""
    return lambda version, card: write(texts(version, card))


def brought(found: dict[str, str], doc: Any) -> Brought:
    """The texts with the rest of the document: every value that none of the texts holds."""
    lines = "\n".join(flat(line) for text in found.values() for line in text.split("\n"))
    rest = [
        Left(place, text[:200])
        for place, text in leaves(doc)
        if not is_about_the_file(place) and not held(text, lines) and not place.startswith("front.attestry")
    ]
    return Brought(found, tuple(rest))


def is_about_the_file(place: str) -> bool:
    """The place says something of the file, or in a word of the other schema."""
    return place in ABOUT_THE_FILE or place.rpartition(".")[2] in CODED or "co2" in place


def held(text: str, lines: str) -> bool:
    """One of the texts holds it, whatever the spaces and letters' case; a short one as an entry of its own."""
    plain = flat(text)
    if len(plain) >= LONG:
        return plain in flat(lines)
    return re.search(rf"(?:^|[{AROUND}]) ?{re.escape(plain)} ?(?:$|[{AROUND}])", lines, re.MULTILINE) is not None


def flat(text: str) -> str:
    """The words alone."""
    return " ".join(text.split()).lower()


def read_cyclonedx(content: bytes) -> Brought:
    """A bill of materials."""
    bill = json_of(content)
    cyclonedx.require_valid(content, bill)
    doc = cyclonedx.read(bill)
    rest = {name: value for name, value in bill.items() if name not in {"components", "metadata"}}
    meta = {name: value for name, value in (bill.get("metadata") or {}).items() if name != "component"}
    return brought(cyclonedx.read_document(doc), doc | rest | ({"metadata": meta} if meta else {}))


def read_json(schema: str, taken: Callable[[dict[str, Any]], dict[str, str]]) -> Callable[[bytes], Brought]:
    """A reader of a JSON card with a schema file of ours."""

    def read(content: bytes) -> Brought:
        doc = json_of(content)
        require_valid(schema, doc)
        return brought(taken(doc), doc)

    return read


@cache
def validator(name: str) -> Any:
    """The validator of a schema file."""
    from jsonschema import Draft7Validator

    return Draft7Validator(json.loads((SCHEMAS / name).read_text(encoding="utf-8")))


def require_valid(schema: str, doc: dict[str, Any]) -> None:
    """Refuse what the schema does not allow, by the place in the file."""
    error = min(validator(schema).iter_errors(doc), key=lambda one: list(map(str, one.absolute_path)), default=None)
    if error is not None:
        raise refused(said(error))


def read_hugging_face(content: bytes) -> Brought:
    """A card in Markdown."""
    doc = hugging_face.parsed(text_of(content))
    if not doc["front"] and not doc["body"]:
        raise refused(
            _("The file holds neither metadata between two lines of three dashes nor a heading that is known.")
        )
    return brought(hugging_face.taken(doc), {"front": doc["front"], "other": doc["other"]})


FORMATS: Final[dict[str, CardFormat]] = {
    "markdown": CardFormat(gettext_lazy("Markdown, for reading"), "text/markdown; charset=utf-8", ".md", markdown.export),
    "hugging_face": CardFormat(
        gettext_lazy("Hugging Face model card (Markdown with YAML)"), "text/markdown; charset=utf-8", ".hf.md",
        of_texts(hugging_face.write), read_hugging_face,
    ),
    "cyclonedx": CardFormat(
        gettext_lazy("CycloneDX 1.6 with modelCard (JSON)"), "application/vnd.cyclonedx+json", ".cdx.json",
        of_texts(cyclonedx.write), read_cyclonedx,
    ),
    "sagemaker": CardFormat(
        gettext_lazy("Amazon SageMaker Model Card (JSON)"), "application/json", ".sagemaker.json",
        of_texts(sagemaker.write), read_json("sagemaker_model_card.json", sagemaker.taken),
    ),
    "google_mct": CardFormat(
        gettext_lazy("Google Model Card Toolkit 0.0.2 (JSON)"), "application/json", ".mct.json",
        of_texts(model_card_toolkit.write), read_json("google_model_card.json", model_card_toolkit.taken),
    ),
}  # fmt: skip
