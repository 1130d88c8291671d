"""What CycloneDX holds in the component itself: supplier, licences, digests, references, the way of learning."""

import re
from typing import Final

from registry.cards.formats import results
from registry.cards.formats.mapping import TEXT, Doc, Place, break_of, get, objects, put, rows_of
from registry.cards.schema import Field

LONGEST_VERSION: Final = 1024
MODEL: Final = "machine-learning-model"
APPROACHES: Final = ("supervised", "unsupervised", "reinforcement-learning", "semi-supervised", "self-supervised")
DIGEST: Final = re.compile(r"sha256:([0-9a-f]{64})")
ADDRESS: Final = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:[^\s<>\"{}|\\^`]+")


def write_approach(doc: Doc, path: str, text: str, spec: Field) -> None:
    """One of the five names; any other text has no place here."""
    name = text.lower().replace(" ", "-")
    if name in APPROACHES:
        put(doc, path, name)


def write_version(doc: Doc, path: str, text: str, spec: Field) -> None:
    """A version in the room that it has."""
    put(doc, path, text[:LONGEST_VERSION])


def write_supplier(doc: Doc, path: str, text: str, spec: Field) -> None:
    """An organisation by its name."""
    put(doc, path, {"name": text})


def read_name(doc: Doc, path: str, spec: Field) -> str:
    """The name of an object."""
    return results.text(get(doc, path), "name")


def write_hashes(doc: Doc, path: str, text: str, spec: Field) -> None:
    """Digests; any other text has no place here."""
    found = list(dict.fromkeys(DIGEST.findall(text)))
    if found:
        put(doc, path, [{"alg": "SHA-256", "content": digits} for digits in found])


def read_hashes(doc: Doc, path: str, spec: Field) -> str:
    """Digests as the registry writes them."""
    rows = [row for row in rows_of(doc, path) if isinstance(row, dict)]
    return "\n\n".join(f"{str(row.get('alg', '')).replace('SHA-', 'sha')}:{row.get('content', '')}" for row in rows)


def write_licences(doc: Doc, path: str, text: str, spec: Field) -> None:
    """Licences by their SPDX id, else by their name."""
    from cyclonedx.spdx import is_supported_id

    names = text.split(break_of(spec))
    put(doc, path, [{"license": {"id" if is_supported_id(name) else "name": name}} for name in names])


def read_licences(doc: Doc, path: str, spec: Field) -> str:
    """Ids, names or an expression."""
    found = []
    for row in rows_of(doc, path):
        licence = row.get("license") if isinstance(row, dict) else None
        found.append(results.text(licence, "id") or results.text(licence, "name") or results.text(row, "expression"))
    return break_of(spec).join(filter(None, found))


def write_references(doc: Doc, path: str, text: str, spec: Field) -> None:
    """Addresses, each with the kind that stands after it in brackets."""
    rows = []
    for line in text.split("\n"):
        url, _space, kind = line.partition(" ")
        if ADDRESS.fullmatch(url):
            rows.append({"type": "other", "url": url} | ({"comment": kind} if kind else {}))
    if rows:
        put(doc, path, rows)


def read_references(doc: Doc, path: str, spec: Field) -> str:
    """Addresses with what is said of them."""
    lines = []
    for row in rows_of(doc, path):
        kind = results.text(row, "type")
        told = results.text(row, "comment") or ("" if kind in {"", "other"} else f"({kind})")
        lines.append(f"{results.text(row, 'url')} {told}".strip())
    return "\n".join(lines)


PLACES: Final = {
    "component.version": Place(write_version, TEXT.read),
    "modelParameters.approach.type": Place(write_approach, lambda doc, path, spec: str(get(doc, path) or "")),
    "component.supplier": Place(write_supplier, read_name),
    "component.hashes": Place(write_hashes, read_hashes),
    "component.licenses": Place(write_licences, read_licences),
    "component.externalReferences": Place(write_references, read_references),
    "component.pedigree.ancestors": objects("name", type=MODEL),
    "modelParameters.inputs": objects("format"),
    "modelParameters.outputs": objects("format"),
    "components": objects("name", type="library"),
}
