"""Fills an empty database with an inventory of any size by bulk statements, to measure in; nothing of it is in the log."""

import hashlib
import random
import uuid
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from functools import cached_property
from itertools import islice
from typing import Any, Final

from django.db import connection, models, transaction
from django.utils import timezone

from registry import search
from registry.actions import people
from registry.models import (
    AISystem,
    Blob,
    BusinessUnit,
    Dataset,
    DatasetVersion,
    Duty,
    LineageLink,
    Model,
    ModelVersion,
    Relation,
    Stage,
    Tier,
    User,
    VersionStatus,
)  # fmt: skip

READER, OFFICER, ADMINISTRATOR = "reader@scale.example", "officer@scale.example", "administrator@scale.example"
SEED: Final = 20261121
# So many versions come, over steps of ten, from one: the first of the first model.
DESCENDANTS: Final = 10_000
MODELS_A_SYSTEM, VERSIONS_A_MODEL, LINKS_A_VERSION, PEOPLE, UNITS = 20, 4, 2.5, 500, 100
TASKS: Final = ("credit scoring", "fraud detection", "demand forecast", "claim triage", "churn", "document search",
                "信贷审批", "客户服务", "speech to text", "pricing")  # fmt: skip
PROVIDERS: Final = ("", "", "", "Northlight", "Meridian AI", "OpenForge", "华云智能", "Datenwerk")
AT_ONCE: Final = 20_000


@dataclass(frozen=True)
class Scale:
    """How many rows of each kind follow from the number of models, and which id each has: the same at every run."""

    models: int

    @cached_property
    def systems(self) -> int:
        return max(1, self.models // MODELS_A_SYSTEM)

    @cached_property
    def versions(self) -> int:
        return self.models * VERSIONS_A_MODEL

    @cached_property
    def links(self) -> int:
        return int(self.versions * LINKS_A_VERSION)

    @cached_property
    def datasets(self) -> int:
        return max(1, self.models // 50)


def id_of(kind: str, number: int) -> uuid.UUID:
    """An id that is spread as random ones are, and the same at every run."""
    return uuid.UUID(bytes=hashlib.md5(f"{kind}{number}".encode(), usedforsecurity=False).digest(), version=4)


def is_empty() -> bool:
    """Nobody has registered anything here."""
    return not (User.objects.exists() or AISystem.objects.exists())


@transaction.atomic
def fill(scale: Scale) -> dict[str, int]:
    """Enter everything and the index; how many rows of each kind there are."""
    cast = make_people(scale)
    entered = {
        kind.__name__: enter(kind, rows)
        for kind, rows in (
            (AISystem, systems(scale, cast)), (Model, models_of(scale)), (Blob, blobs(scale)),
            (ModelVersion, versions(scale, cast)), (Dataset, datasets(scale, cast)),
            (DatasetVersion, dataset_versions(scale)), (LineageLink, links(scale, cast)),
        )
    }  # fmt: skip
    entered["SearchEntry"] = search.rebuild()
    return entered


def settle() -> None:
    """What a database does by itself when nobody lays in so much at once."""
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE" if connection.vendor == "postgresql" else "ANALYZE")


@dataclass(frozen=True)
class Cast:
    """Who is there and where."""

    people: list[Any]
    units: list[Any]


def make_people(scale: Scale) -> Cast:
    """An administrator, a reader of all, an officer of one unit in a hundred, and owners; units three levels deep."""
    administrator = people.make_first_administrator(ADMINISTRATOR, installation="Scale")
    root = BusinessUnit.objects.get(parent=None)
    divisions = [people.add_unit(f"Division {number}", parent=root, actor=administrator) for number in range(10)]
    units = [
        people.add_unit(f"Team {number}", parent=divisions[number % 10], actor=administrator) for number in range(UNITS)
    ]  # fmt: skip
    people.invite(READER, name="Rea Reader", unit=root, duty=Duty.RISK_OFFICER, actor=administrator)
    people.invite(OFFICER, name="Oda Officer", unit=units[0], duty=Duty.RISK_OFFICER, actor=administrator)
    named = ({"id": id_of("person", number), "name": f"Person {number:03}", "email": f"person{number}@scale.example"}
             for number in range(PEOPLE))  # fmt: skip
    enter(User, ({**one, "password": "!"} for one in named))
    return Cast([id_of("person", number) for number in range(PEOPLE)], [unit.pk for unit in units])


def systems(scale: Scale, cast: Cast) -> Iterator[dict[str, Any]]:
    """Few critical ones, most in production."""
    draw = random.Random(SEED)
    for number in range(scale.systems):
        task = TASKS[number % len(TASKS)]
        yield {
            "id": id_of("system", number), "name": f"{task.capitalize()} {number:05}", "slug": f"system-{number}",
            "purpose": f"Serves {task} for team {number % UNITS}.", "unit_id": cast.units[number % UNITS],
            "business_owner_id": draw.choice(cast.people), "technical_owner_id": draw.choice(cast.people),
            "risk_tier": draw.choices(Tier.values, (50, 34, 15, 1))[0], "task_type": task,
            "lifecycle_stage": draw.choices(Stage.values, (4, 4, 12, 8, 6, 60, 1, 5))[0], "is_generative": number % 3 == 0,
            "created_at": timezone.now() - timedelta(minutes=number),
        }  # fmt: skip


def models_of(scale: Scale) -> Iterator[dict[str, Any]]:
    """So many a system."""
    now = timezone.now()
    for number in range(scale.models):
        yield {
            "id": id_of("model", number), "system_id": id_of("system", number % scale.systems), "slug": f"model-{number}",
            "name": f"{TASKS[number * 7 % len(TASKS)].capitalize()} model {number:06}",
            "created_at": now - timedelta(seconds=number * 31 % 9_000_000),
        }  # fmt: skip


def digest_of(number: int) -> str:
    """The SHA-256 of a version's bytes."""
    return hashlib.sha256(f"artefact {number}".encode()).hexdigest()


def blobs(scale: Scale) -> Iterator[dict[str, Any]]:
    """Bytes that lie nowhere."""
    for number in range(scale.versions):
        yield {"sha256": digest_of(number), "size": 1000 + number, "media_type": "application/octet-stream"}


def versions(scale: Scale, cast: Cast) -> Iterator[dict[str, Any]]:
    """So many a model, the last ones published."""
    now, draw = timezone.now(), random.Random(SEED)
    weights = (20, 4, 2, 3, 6, 45, 0.01, 10, 10)
    for number in range(scale.versions):
        provider = draw.choice(PROVIDERS)
        yield {
            "id": id_of("version", number), "model_id": id_of("model", number // VERSIONS_A_MODEL),
            "version": f"{number % VERSIONS_A_MODEL + 1}.{number % 7}.0", "artifact_id": digest_of(number),
            "status": draw.choices(VersionStatus.values, weights)[0], "artifact_name": "model.txt", "provider": provider,
            "base_model": f"{provider} base {number % 50}" if provider else "",
            "registered_by_id": cast.people[number % PEOPLE], "created_at": now - timedelta(seconds=number * 17 % 9_999_991),
        }  # fmt: skip


def datasets(scale: Scale, cast: Cast) -> Iterator[dict[str, Any]]:
    """Data sets over all units."""
    for number in range(scale.datasets):
        yield {
            "id": id_of("dataset", number), "name": f"{TASKS[number % len(TASKS)].capitalize()} data {number:05}",
            "slug": f"data-{number}", "unit_id": cast.units[number % UNITS], "steward_id": cast.people[number % PEOPLE],
            "created_at": timezone.now() - timedelta(minutes=number),
        }  # fmt: skip


def dataset_versions(scale: Scale) -> Iterator[dict[str, Any]]:
    """Three of each."""
    for number in range(scale.datasets * 3):
        yield {
            "id": id_of("data", number), "dataset_id": id_of("dataset", number // 3), "version": str(number % 3 + 1),
            "hash": "sha256:" + hashlib.sha256(f"data {number}".encode()).hexdigest(), "use": "training",
        }  # fmt: skip


def links(scale: Scale, cast: Cast) -> Iterator[dict[str, Any]]:
    """Each version was trained on one data set and evaluated on another; many were tuned from another version."""
    tuned = min(DESCENDANTS, scale.versions - 1)
    rest = scale.links - 2 * scale.versions - tuned
    data, label = DatasetVersion._meta.label, ModelVersion._meta.label
    ends: Iterable[tuple[str, int, str, int]] = (
        *((Relation.TRAINED_ON, number, data, number % (scale.datasets * 3)) for number in range(scale.versions)),
        *((Relation.EVALUATED_ON, number, data, number * 7 % (scale.datasets * 3)) for number in range(scale.versions)),
        *((Relation.FINE_TUNED_FROM, number, label, (number - 1) // 10) for number in range(1, tuned + 1)),
        *((Relation.FINE_TUNED_FROM, place + 1, label, place)
          for place in range(tuned + 1, min(tuned + 2 * rest, scale.versions - 1), 2)),
    )  # fmt: skip
    for place, (relation, source, kind, target) in enumerate(ends):
        yield {
            "id": id_of("link", place), "relation": relation, "unit_id": cast.units[source % UNITS],
            "source_type": label, "source_id": id_of("version", source), "source_label": f"Version {source}",
            "target_type": kind, "target_id": id_of("data" if kind == data else "version", target),
            "target_label": f"{'Data' if kind == data else 'Version'} {target}",
        }  # fmt: skip


def enter(kind: type[models.Model], rows: Iterator[dict[str, Any]]) -> int:
    """Insert rows in bulk: every column that a row does not say stands at its default."""
    fields = kind._meta.concrete_fields
    blank, entered = kind(), 0
    given = {field.attname: prepared(field, field.pre_save(blank, add=True)) for field in fields}
    while batch := list(islice(rows, AT_ONCE)):
        write(kind, [
            [prepared(field, row[field.attname]) if field.attname in row else given[field.attname] for field in fields]
            for row in batch
        ])  # fmt: skip
        entered += len(batch)
    return entered


def prepared(field: Any, value: Any) -> Any:
    """A value as the database takes it."""
    return field.get_db_prep_save(value, connection)


def write(kind: type[models.Model], values: list[list[Any]]) -> None:
    """The rows by the fastest way of each database."""
    columns = ", ".join(connection.ops.quote_name(str(field.column)) for field in kind._meta.concrete_fields)
    table = connection.ops.quote_name(kind._meta.db_table)
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            with cursor.copy(f"COPY {table} ({columns}) FROM STDIN") as copy:
                for row in values:
                    copy.write_row(row)
            return
        marks = ", ".join(["%s"] * len(kind._meta.concrete_fields))
        cursor.executemany(f"INSERT INTO {table} ({columns}) VALUES ({marks})", values)
