"""What the record says of columns with personal data: entries in force of the register, never the choice of who asks for a check."""

from collections.abc import Iterable
from typing import Any, Final

from django.db.models import Q

from registry.models import DatasetVersion, LineageLink, ModelVersion, RegisterEntry

KIND: Final = "personal_column"
# Where two entries speak of one column, the stricter one holds.
STRICTEST: Final = ("blocked", "masked", "allowed")


def of_input(version: ModelVersion) -> list[dict[str, str]]:
    """What is declared of columns that the version reads."""
    return declared(version, "input")


def of_output(version: ModelVersion) -> list[dict[str, str]]:
    """What is declared of columns that the version puts out."""
    return declared(version, "output")


def declared(version: ModelVersion, side: str) -> list[dict[str, str]]:
    """Column, handling and entry: of the version's system, and of the data sets that it uses, one a column, by name."""
    links = LineageLink.objects.filter(source_id=version.pk, target_type=DatasetVersion._meta.label)
    data = DatasetVersion.objects.filter(pk__in=links.values("target_id")).values("dataset")
    rows = RegisterEntry.objects.filter(kind=KIND, status="approved").filter(
        Q(system=version.home_system) | Q(dataset__in=data)
    )
    return strictest(row for row in rows.order_by("number") if row.fields.get("side") in (side, "both"))


def strictest(rows: Iterable[Any]) -> list[dict[str, str]]:
    """One declaration a column."""
    found: dict[str, dict[str, str]] = {}
    for row in rows:
        column, handling = row.fields["column"], row.fields["handling"]
        before = found.get(column)
        if before is None or STRICTEST.index(handling) < STRICTEST.index(before["handling"]):
            found[column] = {"column": column, "handling": handling, "entry": str(row.pk)}
    return [found[column] for column in sorted(found)]
