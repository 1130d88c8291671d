"""How sheets name rows: by texts that mean the same in another installation, written by exports and read by imports."""

from collections.abc import Callable
from typing import Any, Final

from registry.models import (
    AISystem,
    Artifact,
    ArtifactVersion,
    BusinessUnit,
    Dataset,
    DatasetVersion,
    Meeting,
    Model,
    ModelVersion,
    Release,
    User,
    Vendor,
)


def in_unit(row: Any) -> str:
    """Unit and short name: short names are unique in their unit, and those of units everywhere."""
    return f"{row.unit.slug}/{row.slug}"


NAMERS: Final[dict[type, Callable[[Any], str]]] = {
    User: lambda row: row.email,
    BusinessUnit: lambda row: row.slug,
    AISystem: in_unit,
    Dataset: in_unit,
    Artifact: in_unit,
    Model: lambda row: f"{in_unit(row.system)}/{row.slug}",
    ModelVersion: lambda row: f"{name_of(row.model)}@{row.version}",
    DatasetVersion: lambda row: f"{in_unit(row.dataset)}@{row.version}",
    ArtifactVersion: lambda row: f"{in_unit(row.artifact)}@{row.version}",
    Vendor: lambda row: f"{row.unit.slug}/{row.name}",
    Release: lambda row: f"{in_unit(row.system)}: {name_of(row.version)}",
    Meeting: lambda row: f"{row.unit.slug}/{row.held_on.isoformat()}/{row.title}",
}
# What must be read along, so that a name takes no query of its own.
FETCHED: Final[dict[type, tuple[str, ...]]] = {
    AISystem: ("unit",),
    Dataset: ("unit",),
    Artifact: ("unit",),
    Vendor: ("unit",),
    Meeting: ("unit",),
    Model: ("system__unit",),
    ModelVersion: ("model__system__unit",),
    DatasetVersion: ("dataset__unit",),
    ArtifactVersion: ("artifact__unit",),
    Release: ("system__unit", "version__model__system__unit"),
}


def name_of(row: Any) -> str:
    """The text by which a sheet names a row; its id where nothing better is known of its kind."""
    return NAMERS.get(type(row), lambda one: str(one.pk))(row)


def names_of(row: Any, *columns: str) -> set[str]:
    """Every text that means the row: its name, the end of it, its id, and what stands in these columns."""
    name = name_of(row)
    return {name, name.rpartition("/")[2], str(row.pk), *(str(getattr(row, column)) for column in columns)}
