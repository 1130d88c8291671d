"""What CycloneDX holds in the model card: data sets, results, fairness assessments, energy and carbon."""

import re
from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from typing import Any, Final

from registry.cards.figures import Figure
from registry.cards.formats import results
from registry.cards.formats.mapping import STRINGS, Doc, Place, added, get, objects, put, rows_of
from registry.cards.schema import Field

ENERGY: Final = re.compile(r"(?P<activity>[a-z-]+): (?P<kwh>\d+(?:\.\d+)?) kWh")
ACTIVITIES: Final = frozenset(
    (
        "design",
        "data-collection",
        "data-preparation",
        "training",
        "fine-tuning",
        "validation",
        "deployment",
        "inference",
    )
)
FAIRNESS: Final = ("benefits", "harms", "mitigation")
CARD: Final = "component.modelCard"
CONSUMPTIONS: Final = f"{CARD}.considerations.environmentalConsiderations.energyConsumptions"
FAIRNESS_AT: Final = f"{CARD}.considerations.fairnessAssessments"
DATASETS_AT: Final = f"{CARD}.modelParameters.datasets"


def write_datasets(doc: Doc, path: str, text: str, spec: Field) -> None:
    """One entry a line of the training data; the origin of data and sensitive data stand in entries of their own."""
    added(doc, DATASETS_AT, [dataset(line, spec.id) for line in text.split("\n")])


def dataset(line: str, field_id: str) -> Doc:
    """An entry that holds the line where its field has it."""
    if field_id == "sensitive_data":
        return {"type": "dataset", "sensitiveData": [line]}
    return {"type": "dataset", ("description" if field_id == "data_provenance" else "name"): line}


def read_datasets(doc: Doc, path: str, spec: Field) -> str:
    """Names, descriptions or sensitive data; what describes a named set is told with its name."""
    lines = []
    for row in rows_of(doc, DATASETS_AT):
        name, told = results.text(row, "name"), results.text(row, "description")
        address = results.text(get(row, "contents"), "url")
        sensitive = [str(one) for one in rows_of(row, "sensitiveData")] if isinstance(row, dict) else []
        lines += {
            "training_data": [" ".join(part for part in (name, address) if part)] if name or address else [],
            "data_provenance": [f"{name}: {told}" if name else told] if told else [],
        }.get(spec.id, [f"{name}: {one}" if name else one for one in sensitive])
    return "\n".join(lines)


def write_fairness(doc: Doc, path: str, text: str, spec: Field) -> None:
    """A group a line; benefits, harms and mitigation stand after bars, each with its name."""
    rows: list[Doc] = []
    for line in text.split("\n"):
        first, *cells = line.split(" | ")
        named = dict(cell.split(": ", 1) for cell in cells if ": " in cell)
        is_plain = len(named) != len(cells) or not set(named) <= set(FAIRNESS) or (not cells and spec.id == "fairness")
        rows.append({"harms": line} if is_plain else assessment(first, named))
    added(doc, FAIRNESS_AT, rows)


def assessment(group: str, named: Mapping[str, str]) -> Doc:
    """An assessment of one group."""
    told = {("mitigationStrategy" if name == "mitigation" else name): text for name, text in named.items()}
    return {"groupAtRisk": group, **told}


def read_fairness(doc: Doc, path: str, spec: Field) -> str:
    """Groups of which nothing else is said, or the assessments."""
    lines = []
    for row in rows_of(doc, FAIRNESS_AT):
        group = results.text(row, "groupAtRisk")
        told = {name: results.text(row, "mitigationStrategy" if name == "mitigation" else name) for name in FAIRNESS}
        cells = [f"{name}: {text}" for name, text in told.items() if text]
        is_group = bool(group) and not cells
        if is_group != (spec.id == "affected"):
            continue
        is_plain = not group and list(filter(None, told.values())) == [told["harms"]]
        lines.append(told["harms"] if is_plain else " | ".join([group or "–", *cells] if cells else [group]))
    return "\n".join(lines)


def write_energy(doc: Doc, path: str, text: str, spec: Field) -> None:
    """Lines such as `training: 12.5 kWh`; other lines have no place here."""
    found = [ENERGY.match(line) for line in text.split("\n")]
    rows: list[Doc] = [
        {
            "activity": match["activity"] if match["activity"] in ACTIVITIES else "other",
            "energyProviders": [],
            "activityEnergyCost": {"value": float(match["kwh"]), "unit": "kWh"},
        }
        for match in found
        if match
    ]
    if rows:
        put(doc, CONSUMPTIONS, rows)


def read_energy(doc: Doc, path: str, spec: Field) -> str:
    """One line an activity."""
    rows = [row for row in rows_of(doc, CONSUMPTIONS) if isinstance(row, dict)]
    return "\n".join(
        f"{results.text(row, 'activity')}: {results.text(row.get('activityEnergyCost'), 'value')} kWh" for row in rows
    )


def write_carbon(doc: Doc, path: str, text: str, spec: Field) -> None:
    """Kilograms as tonnes, beside the first activity; without any it has no place here."""
    rows, kilograms = rows_of(doc, CONSUMPTIONS), leading(text)
    if rows and kilograms is not None:
        rows[0]["co2CostEquivalent"] = {"value": float(kilograms / 1000), "unit": "tCO2eq"}


def leading(text: str) -> Decimal | None:
    """The number at the beginning of a text."""
    found = re.match(r"\d+(?:\.\d+)?", text)
    return Decimal(found.group()) if found else None


def read_carbon(doc: Doc, path: str, spec: Field) -> str:
    """Tonnes of all activities as kilograms."""
    said = [results.text(get(row, "co2CostEquivalent"), "value") for row in rows_of(doc, CONSUMPTIONS)]
    try:
        total = sum((Decimal(one) for one in said if one), Decimal(0)) * 1000
    except InvalidOperation:
        return ""
    return f"{total.normalize():f}" if any(said) else ""


def metric(line: str, figure: Figure | None) -> Doc:
    """A line as a performance metric; a line without a number is its type alone."""
    if figure is None:
        return {"type": line}
    bounds = {"lowerBound": figure.low, "upperBound": figure.high}
    row = {"type": figure.name, "value": figure.value, "slice": figure.slice}
    return {name: text for name, text in row.items() if text} | ({"confidenceInterval": bounds} if figure.low else {})


def read_metric(row: Any) -> Figure | str | None:
    """The line of a performance metric."""
    name, value, group = (results.text(row, key) for key in ("type", "value", "slice"))
    bounds = row.get("confidenceInterval") if isinstance(row, dict) else None
    if not value:
        return f"[{group}] {name}" if group else name
    return Figure(
        name or "metric", value, results.text(bounds, "lowerBound"), results.text(bounds, "upperBound"), group
    )


METRICS: Final = results.place(metric, read_metric, list_at=f"{CARD}.quantitativeAnalysis.performanceMetrics")
DATASETS: Final = Place(write_datasets, read_datasets, joined=False)
FAIRNESS_PLACE: Final = Place(write_fairness, read_fairness, joined=False)
ENERGY_AT: Final = "considerations.environmentalConsiderations.energyConsumptions"
PLACES: Final = {
    "modelParameters.datasets": DATASETS,
    "modelParameters.datasets.description": DATASETS,
    "modelParameters.datasets.sensitiveData": DATASETS,
    "quantitativeAnalysis.performanceMetrics": METRICS,
    "quantitativeAnalysis.performanceMetrics.slice": METRICS,
    "quantitativeAnalysis.graphics": Place(
        lambda doc, path, text, spec: put(doc, f"{path}.description", text),
        lambda doc, path, spec: results.text(get(doc, path), "description"),
    ),
    "considerations.useCases": STRINGS,
    "considerations.users": STRINGS,
    "considerations.technicalLimitations": STRINGS,
    "considerations.performanceTradeoffs": STRINGS,
    "considerations.ethicalConsiderations": objects("name", "mitigationStrategy"),
    "considerations.fairnessAssessments": FAIRNESS_PLACE,
    "considerations.fairnessAssessments.groupAtRisk": FAIRNESS_PLACE,
    f"{ENERGY_AT}.activityEnergyCost": Place(write_energy, read_energy),
    f"{ENERGY_AT}.co2CostEquivalent": Place(write_carbon, read_carbon),
}
