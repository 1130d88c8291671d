"""The JSON of Google's Model Card Toolkit, schema 0.0.2."""

import json
import re
from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from typing import Any, Final

from registry.cards.figures import Figure
from registry.cards.formats import results
from registry.cards.formats.mapping import EXACT, Doc, Place, Schema, added, break_of, get, objects, put, rows_of
from registry.cards.schema import Field

OWNERS: Final = "model_details.owners"
DATA: Final = "model_parameters.data"
CITATIONS: Final = "model_details.citations"
SPDX: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9.+-]*")
TESTED: Final = re.compile(r"\b(eval|evaluation|test|testing|validation|holdout)\b", re.IGNORECASE)
ROLE: Final = {"training_data": "Training data", "evaluation_data": "Evaluation data"}


def write_owner(doc: Doc, path: str, text: str, spec: Field) -> None:
    """An owner by the name, or the address to write to."""
    added(doc, OWNERS, [{"contact" if spec.id == "contact" else "name": text}])


def read_owner(doc: Doc, path: str, spec: Field) -> str:
    """The first named owner answers for the business, the others for the technology; every address is a contact."""
    rows = rows_of(doc, OWNERS)
    if spec.id == "contact":
        return "\n".join(filter(None, (results.text(row, "contact") for row in rows)))
    names = [name for name in (results.text(row, "name") for row in rows) if name]
    return "".join(names[:1]) if spec.id == "owner_business" else "\n".join(names[1:])


def write_licences(doc: Doc, path: str, text: str, spec: Field) -> None:
    """A name without spaces as an identifier, anything else as the text of a licence."""
    names = text.split(break_of(spec))
    added(doc, path, [{"identifier" if SPDX.fullmatch(name) else "custom_text": name} for name in names])


def read_licences(doc: Doc, path: str, spec: Field) -> str:
    """Identifiers and texts."""
    rows = [row for row in rows_of(doc, path) if isinstance(row, dict)]
    return break_of(spec).join(str(row.get("identifier") or row.get("custom_text") or "") for row in rows)


def write_data(doc: Doc, path: str, text: str, spec: Field) -> None:
    """One data set a line, with what it was used for as its description; sensitive data in a set of their own."""
    lines = text.split("\n")
    if spec.id == "sensitive_data":
        added(doc, DATA, [{"sensitive": {"sensitive_data": lines}}])
        return
    added(doc, DATA, [{"name": line, "description": ROLE[spec.id]} for line in lines])


def read_data(doc: Doc, path: str, spec: Field) -> str:
    """Data sets by their use, as their name or description says; what cannot be told was trained on."""
    lines = []
    for row in rows_of(doc, DATA):
        name, told = results.text(row, "name"), results.text(row, "description")
        found = get(row, "sensitive")
        sensitive = [str(one) for one in rows_of(found, "sensitive_data")] if isinstance(found, dict) else []
        if spec.id == "sensitive_data":
            lines += [f"{name}: {one}" if name else one for one in sensitive]
            continue
        is_test = told == ROLE["evaluation_data"] or (
            told != ROLE["training_data"] and bool(TESTED.search(f"{name} {told}"))
        )
        if is_test == (spec.id == "evaluation_data"):
            words = (name, results.text(row, "link"), "" if told in ROLE.values() else told)
            lines.append(": ".join(filter(None, words)))
    return "\n".join(filter(None, lines))


def write_citation(doc: Doc, path: str, text: str, spec: Field) -> None:
    """Citations, the style before each where it is known."""
    rows = []
    for entry in text.split(break_of(spec)):
        style, colon, cited = entry.partition(": ")
        rows.append(
            {"style": style, "citation": cited} if colon and style in {"apa", "bibtex", "mla"} else {"citation": entry}
        )
    added(doc, CITATIONS, rows)


def read_citation(doc: Doc, path: str, spec: Field) -> str:
    """Citations without the exact copies that stand among them."""
    rows = [row for row in rows_of(doc, CITATIONS) if isinstance(row, dict)]
    told = [(str(row.get("style") or ""), str(row.get("citation") or "")) for row in rows]
    return break_of(spec).join(
        f"{style}: {text}" if style else text for style, text in told if not style.startswith(EXACT)
    )


def metric(line: str, figure: Figure | None) -> Doc:
    """A line as a performance metric; what is no number is its type alone."""
    try:
        value = float(Decimal(figure.value)) if figure else None
    except (InvalidOperation, OverflowError):
        value = None
    if figure is None or value is None:
        return {"type": line}
    return {"type": figure.name, "value": value} | ({"slice": figure.slice} if figure.slice else {})


def read_metric(row: Any) -> Figure | str | None:
    """The line of a performance metric; intervals are read where a card has them."""
    name, value, group = (results.text(row, key) for key in ("type", "value", "slice"))
    bounds = get(row, "confidence_interval") if isinstance(row, dict) else None
    if not value:
        return f"[{group}] {name}" if group else name
    low, high = results.text(bounds, "lower_bound"), results.text(bounds, "upper_bound")
    return Figure(name or "metric", value, low, high, group)


METRICS: Final = results.place(metric, read_metric, list_at="quantitative_analysis.performance_metrics")
DATA_PLACE: Final = Place(write_data, read_data, joined=False)
OWNER_PLACE: Final = Place(write_owner, read_owner, joined=False)
DESCRIBED: Final = objects("description")
SCHEMA: Final = Schema(
    "google_mct",
    {
        OWNERS: OWNER_PLACE,
        f"{OWNERS}.contact": OWNER_PLACE,
        "model_details.licenses": Place(write_licences, read_licences),
        "model_details.references": objects("reference"),
        CITATIONS: Place(write_citation, read_citation),
        DATA: DATA_PLACE,
        f"{DATA}.sensitive": DATA_PLACE,
        "quantitative_analysis.performance_metrics": METRICS,
        "quantitative_analysis.performance_metrics.slice": METRICS,
        "quantitative_analysis.graphics": Place(
            lambda doc, path, text, spec: put(doc, f"{path}.description", text),
            lambda doc, path, spec: results.text(get(doc, path), "description"),
        ),
        "considerations.users": DESCRIBED,
        "considerations.use_cases": DESCRIBED,
        "considerations.limitations": DESCRIBED,
        "considerations.tradeoffs": DESCRIBED,
        "considerations.ethical_considerations": objects("name", "mitigation_strategy"),
    },
)


def write(texts: Mapping[str, str]) -> bytes:
    """A card; exact copies stand among the citations, in a style that names their field."""

    def render(exact: Mapping[str, str]) -> bytes:
        doc: Doc = {"schema_version": "0.0.2"}
        SCHEMA.fill(doc, texts)
        copies = [{"style": EXACT + key, "citation": text} for key, text in exact.items()]
        if copies:
            added(doc, CITATIONS, copies)
        return json.dumps(doc, ensure_ascii=False, indent=1).encode()

    content: bytes = SCHEMA.lossless(render, lambda made: taken(json.loads(made, parse_float=Decimal)), texts)
    return content


def taken(doc: Doc) -> dict[str, str]:
    """The texts of a card."""
    rows = [row for row in rows_of(doc, CITATIONS) if isinstance(row, dict)]
    copies = {
        str(row["style"]).removeprefix(EXACT): str(row.get("citation") or "")
        for row in rows
        if str(row.get("style") or "").startswith(EXACT)
    }
    return {key: text for key, text in {**SCHEMA.taken(doc), **copies}.items() if text}
