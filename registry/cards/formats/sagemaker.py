"""The content of an Amazon SageMaker Model Card, as JSON."""

import json
import re
from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from typing import Any, Final

from django.utils.translation import gettext as _

from registry.cards.figures import read_line
from registry.cards.formats import results
from registry.cards.formats.mapping import EXACT, Doc, Place, Schema, break_of, get, put, rows_of
from registry.cards.schema import Field
from registry.errors import BadInput

TEXT_LIMIT: Final = 1024
MOST: Final = 100_000
# Longest texts by the end of their path; everything else takes TEXT_LIMIT.
LIMITS: Final = {
    "purpose_of_model": 2048, "intended_uses": 2048, "factors_affecting_model_efficiency": 2048,
    "explanations_for_risk_rating": 2048, "business_problem": 2048, "business_stakeholders": 2048, "line_of_business": 2048,
    "ethical_considerations": 2048, "caveats_and_recommendations": 2048, "evaluation_observation": 2096,
}  # fmt: skip
LISTS: Final = {"training_datasets": 15, "model_artifact": 15, "container_image": 15, "datasets": 10}
RATINGS: Final = {"minimal": "Low", "limited": "Medium", "high": "High", "critical": "High"}
TIERS: Final = {"Low": "minimal", "Medium": "limited", "High": "high"}
CUSTOM: Final = "additional_information.custom_details"
EVALUATION: Final = "evaluation_details"
NAME: Final = 255
VALUE: Final = 63


def cut(text: str, most: int) -> str:
    """The text, or its beginning where the schema has no room for more."""
    return text if len(text) <= most else text[: most - 1] + "…"


def write_text(doc: Doc, path: str, text: str, spec: Field) -> None:
    """A plain text in the room that its place has."""
    put(doc, path, cut(text, LIMITS.get(path.rpartition(".")[2], TEXT_LIMIT)))


def read_text(doc: Doc, path: str, spec: Field) -> str:
    """A plain text; a number as it was written."""
    found = get(doc, path)
    return "" if found is None or isinstance(found, dict | list) else str(found)


def write_number(doc: Doc, path: str, text: str, spec: Field) -> None:
    """A version that is a number; any other has no place here."""
    found = number(text)
    if found is not None:
        put(doc, path, found)


def number(text: str) -> int | float | None:
    """A text as a number that JSON can hold."""
    try:
        found = Decimal(text)
    except InvalidOperation:
        return None
    if not found.is_finite():
        return None
    return int(found) if found == found.to_integral_value() and abs(found) < 2**53 else float(found)


def write_lines(doc: Doc, path: str, text: str, spec: Field) -> None:
    """A list of texts, as many as the schema allows."""
    most = LISTS.get(path.rpartition(".")[2], 10)
    put(doc, path, [cut(line, TEXT_LIMIT) for line in text.split(break_of(spec))[:most]])


def read_lines(doc: Doc, path: str, spec: Field) -> str:
    """The list as lines."""
    return break_of(spec).join(str(row) for row in rows_of(doc, path))


def write_rating(doc: Doc, path: str, text: str, spec: Field) -> None:
    """The tier as a rating."""
    put(doc, path, RATINGS.get(text.lower(), "Unknown"))


def read_rating(doc: Doc, path: str, spec: Field) -> str:
    """The rating as a tier."""
    return TIERS.get(str(get(doc, path)), "")


def write_objective(doc: Doc, path: str, text: str, spec: Field) -> None:
    """The objective as a note; the direction is told where the text begins with it."""
    way = next((word for word in ("Maximize", "Minimize") if text.lower().startswith(word.lower())), "")
    put(doc, path, ({"function": {"function": way}} if way else {}) | {"notes": cut(text, TEXT_LIMIT)})


def read_objective(doc: Doc, path: str, spec: Field) -> str:
    """The note, else the direction with its metric and condition."""
    found = get(doc, path)
    if isinstance(found, str):
        return found
    notes = results.text(found, "notes")
    words = [results.text(get(found, "function"), name) for name in ("function", "facet", "condition")]
    told = " ".join(filter(None, words))
    return notes if notes.lower().startswith(told.lower()) else "\n\n".join(filter(None, (told, notes)))


PAIR: Final = re.compile(r"(?P<name>[^=\n]+?) = (?P<value>[^\n]+)")


def write_pairs(doc: Doc, path: str, text: str, spec: Field) -> None:
    """Lines `name = value`; other lines have no place here."""
    found = [PAIR.fullmatch(line) for line in text.split("\n")]
    rows = [{"name": cut(one["name"], NAME), "value": cut(one["value"], NAME)} for one in found if one]
    if rows:
        put(doc, path, rows[:100])


def read_pairs(doc: Doc, path: str, spec: Field) -> str:
    """Names with their values, those that the user gave included."""
    head, _dot, last = path.rpartition(".")
    rows = [*rows_of(doc, path), *rows_of(doc, f"{head}.user_provided_{last}")]
    return "\n".join(f"{results.text(row, 'name')} = {results.text(row, 'value')}" for row in rows)


def write_training_metrics(doc: Doc, path: str, text: str, spec: Field) -> None:
    """Lines `name = number`; what follows the number is its note."""
    found = [(one, number(one.value)) for one in map(read_line, text.split("\n")) if one]
    rows = [
        {"name": cut(one.name, NAME), "value": value} | ({"notes": cut(one.rest[2:], TEXT_LIMIT)} if one.rest else {})
        for one, value in found
        if value is not None
    ]
    if rows:
        put(doc, path, rows[:50])


def read_training_metrics(doc: Doc, path: str, spec: Field) -> str:
    """Names with their numbers and notes."""
    head, _dot, last = path.rpartition(".")
    rows = [*rows_of(doc, path), *rows_of(doc, f"{head}.user_provided_{last}")]
    return "\n".join(noted(row) for row in rows)


def noted(row: Any) -> str:
    """A metric with its note on one line."""
    notes = results.text(row, "notes")
    return f"{results.text(row, 'name')} = {results.text(row, 'value')}" + (f"; {notes}" if notes else "")


# ---- evaluation and other details


def evaluation(doc: Doc) -> Doc:
    """The one evaluation that an export writes."""
    rows = doc.setdefault(EVALUATION, [])
    if not rows:
        rows.append({"name": "evaluation"})
    return rows[0]


def write_evaluation(doc: Doc, path: str, text: str, spec: Field) -> None:
    """Data sets, metrics or observation of the evaluation."""
    one = evaluation(doc)
    if path.endswith(".datasets"):
        one["datasets"] = [cut(line, TEXT_LIMIT) for line in text.split("\n")[: LISTS["datasets"]]]
    elif path.endswith(".metric_groups"):
        one["metric_groups"] = [{"name": "results", "metric_data": [metric(line) for line in text.split("\n") if line]}]
    else:
        one["evaluation_observation"] = cut(text, LIMITS["evaluation_observation"])


def metric(line: str) -> Doc:
    """A result line as a metric: a number with its interval as the note, or the text."""
    found = read_line(line)
    value = number(found.value) if found else None
    if found is None or value is None:
        return {"name": cut(line, NAME), "type": "string", "value": cut(line, VALUE)}
    notes = str(found).partition(f" = {found.value}")[2].strip(" ;,")
    return {"name": cut(found.name, NAME), "type": "number", "value": value} | (
        {"notes": cut(notes, TEXT_LIMIT)} if notes else {}
    )


def read_evaluation(doc: Doc, path: str, spec: Field) -> str:
    """The same of all evaluations; where there are several, each line names its own."""
    rows = [row for row in rows_of(doc, EVALUATION) if isinstance(row, dict)]
    lines: list[str] = []
    for row in rows:
        lead = f"{results.text(row, 'name')}: " if len(rows) > 1 else ""
        if path.endswith(".datasets"):
            lines += [lead + str(one) for one in rows_of(row, "datasets")]
        elif path.endswith(".metric_groups"):
            lines += list(metric_lines(row, lead))
        else:
            lines += [lead + text for text in [read_text(row, "evaluation_observation", spec)] if text]
    return (break_of(spec)).join(lines)


def metric_lines(row: Doc, lead: str) -> list[str]:
    """The metrics of an evaluation, each with its group where there are several."""
    groups = [group for group in rows_of(row, "metric_groups") if isinstance(group, dict)]
    return [
        (f"[{results.text(group, 'name')}] " if len(groups) > 1 else "") + lead + told(one)
        for group in groups
        for one in rows_of(group, "metric_data")
    ]


def told(one: Any) -> str:
    """A metric as a line; curves and matrices as their numbers."""
    name, notes = results.text(one, "name"), results.text(one, "notes")
    value = one.get("value") if isinstance(one, dict) else None
    if isinstance(value, list):
        return f"{name}: {json.dumps(value, default=float)}"[:TEXT_LIMIT]
    if isinstance(one, dict) and one.get("type") == "string" and (str(value) == name or str(value) == cut(name, VALUE)):
        return name
    interval = re.fullmatch(r"(\([^()]+–[^()]+\))?(.*)", notes)
    shown = f" {interval[1]}" if interval and interval[1] else ""
    rest = (interval[2] if interval and interval[1] else notes).strip(" ;,")
    return f"{name} = {value}{shown}" + (f"; {rest}" if rest else "")


def write_custom(doc: Doc, path: str, text: str, spec: Field) -> None:
    """Lines `name: value`."""
    for line in text.split("\n"):
        name, _colon, value = line.partition(": ")
        if not name.startswith(EXACT):
            details(doc)[name] = cut(value, TEXT_LIMIT)


def details(doc: Doc) -> Doc:
    """The free names and values of the card."""
    found: Doc = doc.setdefault("additional_information", {}).setdefault("custom_details", {})
    return found


def read_custom(doc: Doc, path: str, spec: Field) -> str:
    """Names with their values, without the exact copies."""
    found = get(doc, path)
    rows = found.items() if isinstance(found, dict) else ()
    return "\n".join(f"{name}: {value}" for name, value in rows if not str(name).startswith(EXACT))


PLAIN: Final = Place(write_text, read_text)
LINES: Final = Place(write_lines, read_lines)
EVALUATED: Final = Place(write_evaluation, read_evaluation)


PLACES: Final[dict[str, Place]] = {
    "model_overview.model_version": Place(write_number, read_text),
    "model_overview.model_artifact": LINES,
    "model_overview.inference_environment": Place(
        lambda doc, path, text, spec: write_lines(doc, f"{path}.container_image", text, spec),
        lambda doc, path, spec: read_lines(doc, f"{path}.container_image", spec),
    ),
    "intended_uses.risk_rating": Place(write_rating, read_rating),
    "training_details.objective_function": Place(write_objective, read_objective),
    "training_details.training_job_details.training_datasets": LINES,
    "training_details.training_job_details.hyper_parameters": Place(write_pairs, read_pairs),
    "training_details.training_job_details.training_metrics": Place(write_training_metrics, read_training_metrics),
    "evaluation_details.datasets": EVALUATED,
    "evaluation_details.metric_groups": EVALUATED,
    "evaluation_details.evaluation_observation": EVALUATED,
    CUSTOM: Place(write_custom, read_custom),
}
SCHEMA: Final = Schema("sagemaker", PLACES, default=PLAIN)


def write(texts: Mapping[str, str]) -> bytes:
    """The content of a model card. Raises BadInput when it is longer than the service takes."""

    def render(exact: Mapping[str, str]) -> bytes:
        doc: Doc = {}
        SCHEMA.fill(doc, texts)
        for key, text in exact.items():
            pieces = [text[start : start + TEXT_LIMIT] for start in range(0, len(text), TEXT_LIMIT)] or [""]
            details(doc).update({f"{EXACT}{key}:{place}": piece for place, piece in enumerate(pieces, 1)})
        return json.dumps(doc, ensure_ascii=False, indent=1).encode()

    content: bytes = SCHEMA.lossless(render, lambda made: taken(json.loads(made, parse_float=Decimal)), texts)
    if len(content.decode()) > MOST:
        raise BadInput(
            _("The card has %(n)d characters as JSON; a SageMaker card may have %(most)d. Shorten its longest fields.")
            % {"n": len(content.decode()), "most": MOST}
        )
    return content


def taken(doc: Doc) -> dict[str, str]:
    """The texts of a card."""
    copies: dict[str, list[tuple[int, str]]] = {}
    found = get(doc, CUSTOM)
    for name, text in (found if isinstance(found, dict) else {}).items():
        key, _colon, place = str(name).removeprefix(EXACT).rpartition(":")
        if str(name).startswith(EXACT) and place.isdigit():
            copies.setdefault(key, []).append((int(place), str(text)))
    exact = {key: "".join(text for _place, text in sorted(pieces)) for key, pieces in copies.items()}
    return {key: text for key, text in {**SCHEMA.taken(doc), **exact}.items() if text}
