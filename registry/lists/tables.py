"""Every record of the evidence vocabulary that has a table of its own as a list, made from the vocabulary, for exports."""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from django.apps import apps
from django.core.exceptions import FieldDoesNotExist
from django.db.models import Manager, Model, Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from registry import cards
from registry.imports import naming
from registry.lists.declared import LISTS, Column, Listed
from registry.models import Blob
from registry.registers.reading import tables
from registry.vocabulary import read_yaml, vocabulary

ID: Final = Column("id", _("Id"), "pk")
CREATED: Final = "created_at"
TITLES: Final = {
    "business_unit": _("Units"),
    "role_assignment": _("Duties"),
    "ai_system": _("Systems"),
    "model_version": _("Versions"),
    "model_card": _("Model cards"),
    "dataset_version": _("Versions of data"),
    "lineage_link": _("Links of lineage"),
    "artifact_version": _("Versions of artefacts"),
    "component": _("Components"),
    "deployment": _("Deployments"),
    "vendor": _("Vendors"),
    "vendor_assessment": _("Assessments of vendors"),
    "agreement": _("Agreements"),
    "retirement_plan": _("Plans of retirement"),
    "release": _("Releases"),
    "risk": _("Risks"),
    "risk_treatment": _("Treatments"),
    "pia": _("Assessments"),
    "incident": _("Incidents"),
    "exception": _("Waivers"),
    "reclassification": _("Reclassifications"),
    "metric_baseline": _("Limits"),
    "test_plan": _("Test plans"),
    "monitoring_plan": _("Plans of monitoring"),
    "monitor_observation": _("Observations"),
    "gate_evaluation": _("Answers of gates"),
    "report": _("Reports"),
    "evidence_pack": _("Packs"),
    "audit_event": _("Audit log"),
    "board_meeting": _("Meetings"),
    "board_decision": _("Decisions of boards"),
}


COLUMNS: Final = Path(__file__).parents[1] / "data" / "record_columns.yaml"
# What must be read for all rows at once before their cells can be written, by entity; other apps add theirs.
PREPARED: dict[str, Callable[[list[Any]], None]] = {}
# Entities that are some rows of their table.
ONLY: dict[str, Q] = {}


@dataclass(frozen=True)
class Cell(Column):
    """A column whose cells an import reads: what leads to a row is told by the row's name in sheets."""

    def value(self, row: Any) -> Any:
        """The value as a sheet writes it."""
        return written(followed(row, self.path or self.name))


def followed(row: Any, path: str) -> Any:
    """What stands at the end of a path of attributes, keys and places; None where it breaks off."""
    if isinstance(row, Mapping) and path in row:
        return row[path]
    step, _dot, rest = path.partition(".")
    if isinstance(row, Mapping):
        found = row.get(step)
    elif isinstance(row, list | tuple):
        found = row[int(step)] if step.isdigit() and int(step) < len(row) else None
    else:
        found = getattr(row, step, None)
    return followed(found, rest) if rest and found is not None else found


def written(value: Any) -> Any:
    """A value as a sheet writes it: rows by their names, several as a list, pairs as lines."""
    if isinstance(value, bytes | memoryview):
        return bytes(value).hex()
    if isinstance(value, Blob):
        return value.digest
    if isinstance(value, Model):
        return naming.name_of(value)
    if isinstance(value, Manager):
        return [written(one) for one in value.all()]
    if isinstance(value, list | tuple) and value and all(isinstance(one, Mapping) for one in value):
        return "\n".join(": ".join(str(part) for part in one.values()) for one in value)
    if isinstance(value, list | tuple):
        return [written(one) for one in value]
    return json.dumps(value, ensure_ascii=False, default=str) if isinstance(value, Mapping) else value


@dataclass(frozen=True)
class Table(Listed):
    """The rows of one entity, with the vocabulary's columns; its page is that of all of them."""

    @property
    def url(self) -> str:
        """Where all tables are."""
        return reverse("tables")

    def rows(self, person: Any) -> Any:
        """Those of the table that are of this entity."""
        return super().rows(person).filter(ONLY.get(self.name, Q()))

    def prepare(self, rows: list[Any]) -> None:
        """What its cells need besides."""
        PREPARED.get(self.name, lambda rows: None)(rows)


def install() -> None:
    """A list for each entity of the vocabulary that is a table; those of registers have theirs already."""
    columns = read_yaml(COLUMNS)
    for entity, label in tables().items():
        table = apps.get_model(label)
        found = tuple(columns_of(entity, table, columns.get(entity, {})))
        # In the order in which they were made, so that what a row rests on stands above it.
        LISTS[entity] = Table(
            entity, table, TITLES.get(entity, entity), "", found, fetched=tuple(fetched(table, found)),
            order=CREATED if is_stored(table, CREATED) else "pk",
        )  # fmt: skip


def columns_of(entity: str, table: Any, paths: Mapping[str, str | None]) -> Iterator[Column]:
    """Those of the file, by their paths, and those of the vocabulary that the table stores."""
    said = {name: path or name for name, path in paths.items()}
    if entity == "model_card":
        told = {one.evidence_field: f"fields.{one.id}" for one in cards.schema() if one.evidence_field}
        said |= told | {key: f"fields.{key}" for key in cards.by_key()}
    stored = [name for name in (CREATED, *vocabulary().entities[entity].fields) if is_stored(table, name)]
    yield ID
    for name, path in {**said, **{name: name for name in stored if name not in said}}.items():
        label = getattr(table._meta.get_field(path), "verbose_name", name) if is_stored(table, path) else name
        yield Cell(name, label, path, on_page=name == CREATED)


def is_stored(table: Any, name: str) -> bool:
    """The table has a column of this name."""
    try:
        field = table._meta.get_field(name)
    except FieldDoesNotExist:
        return False
    return bool(field.concrete) and not field.many_to_many


def fetched(table: Any, columns: Iterable[Column]) -> Iterator[str]:
    """The foreign keys that the columns follow, with what the names of their rows need."""
    for column in columns:
        path, here = [], table
        for step in column.path.split("."):
            field = here._meta.get_field(step) if is_stored(here, step) else None
            if field is None or not field.is_relation:
                break
            path.append(step)
            here = field.related_model
        if path:
            yield from ("__".join((*path, more)) for more in naming.FETCHED.get(here, ("",)) if more)
            yield "__".join(path)
