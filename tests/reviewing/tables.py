"""The same facts read from the tables instead of the log: what is published, judged by what the rows are now."""

import hashlib
from datetime import date, datetime
from typing import Any, Final
from uuid import UUID

from django.apps import apps

from registry.models import Blob, Release, Review
from tests.reviewing.checker import Checker, Frozen
from tests.reviewing.log_reading import subject_digest

READ: Final = (
    "registry.AISystem", "registry.Model", "registry.ModelVersion", "registry.ModelCard", "registry.Release",
    "registry.Review", "registry.SignOff", "registry.Evidence", "registry.Waiver", "registry.BusinessUnit",
    "registry.RoleAssignment", "rai.MetricBaseline", "risk.Risk",
)  # fmt: skip


def plain(value: Any) -> Any:
    """A column as the log writes it."""
    if isinstance(value, UUID):
        return str(value)
    return value.isoformat() if isinstance(value, datetime | date) else value


def rows(kind: str) -> dict[str, dict[str, Any]]:
    """All rows of one table by id, as they are now."""
    model = apps.get_model(kind)
    return {str(row["id"]): {name: plain(value) for name, value in row.items()} for row in model._base_manager.values()}


def named(kind: str, found: dict[str, dict[str, Any]]) -> dict[str, dict[str, Any]]:
    """Foreign keys by the names of their fields, as in the log."""
    fields = apps.get_model(kind)._meta.concrete_fields
    return {pk: {field.name: row[field.attname] for field in fields} for pk, row in found.items()}


def unsound(log: Checker) -> list[str]:
    """What is published by the tables and lacks a valid decision over exactly its bytes and evidence.

    `log` has read the whole log; of it only the order of decisions and freezings is used.
    """
    published = Release.objects.filter(status="published").select_related("version__artifact")
    if not published:
        return []
    checker = log.copy()
    checker.facts.tables.update({kind: named(kind, rows(kind)) for kind in READ})
    for release in published:
        chosen = release.evidence.values_list("pk", flat=True)
        checker.facts.tables["registry.Release"][str(release.pk)]["evidence"] = [str(pk) for pk in chosen]
    for review in Review.objects.filter(release__in=published, status="approved"):
        checker.decided[str(review.pk)] = frozen_of(review, checker)
    return [*checker.unsound(), *(wrong for release in published for wrong in wrong_bytes(release.version.artifact))]


def frozen_of(review: Review, checker: Checker) -> Frozen:
    """What the row of a review says that people decided on."""
    assert review.subject_digest == subject_digest(review.material), "the row's digest is not that of its material"
    return Frozen(
        checker.frozen[str(review.pk)].seq, review.subject_digest, review.round, review.material, review.policy
    )


def wrong_bytes(blob: Blob) -> list[str]:
    """The stored bytes hash to what the version is called by."""
    found = hashlib.sha256(blob.read()).hexdigest()
    return [] if found == blob.sha256 else [f"the bytes of {blob} hash to {found}"]
