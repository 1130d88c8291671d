"""What can be found: one entry a kind of rows, with the texts that it is found by."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, Final

from django.utils.translation import gettext_lazy as _

from registry.models import (
    AISystem,
    Artifact,
    ArtifactVersion,
    Dataset,
    DatasetVersion,
    Evidence,
    Model,
    ModelVersion,
    RegisterEntry,
    Release,
    User,
)


@dataclass(frozen=True)
class Findable:
    """A kind of rows: its heading, its table, the texts of a row, and the foreign keys that these and its place read.

    `named` are the columns that a row's name reads: of the rows that are found nothing else is fetched.
    """

    heading: Any
    table: Any
    texts: Callable[[Any], Iterable[str]]
    fetched: tuple[str, ...] = ()
    named: tuple[str, ...] = ("name",)

    @property
    def label(self) -> str:
        """`app.Model`."""
        return self.table._meta.label


PLACES: Final = (
    Findable(
        _("Systems"), AISystem, lambda row: (row.name, row.slug, row.purpose, row.intended_uses, row.task_type), ("unit",)
    ),
    Findable(_("Models"), Model, lambda row: (row.name, row.slug), ("system__unit",)),
    Findable(
        _("Versions"), ModelVersion,
        lambda row: (row.model.name, row.version, row.artifact_id, row.provider, row.base_model, row.change_note),
        ("model__system__unit",), ("version", "model__name"),
    ),
    Findable(
        _("Releases"), Release, lambda row: (str(row.version),), ("version__model", "system__unit"),
        ("version__version", "version__model__name"),
    ),
    Findable(
        _("Evidence"), Evidence, lambda row: (row.check_slug, row.digest), ("version__model__system__unit",),
        ("kind", "check_slug", "version__version", "version__model__name"),
    ),
    Findable(_("Artefacts"), Artifact, lambda row: (row.name, row.slug, row.description), ("unit",)),
    Findable(
        _("Artefact versions"), ArtifactVersion,
        lambda row: (row.artifact.name, row.version, row.content_id, row.change_note), ("artifact",),
        ("version", "artifact__name"),
    ),
    Findable(_("Data sets"), Dataset, lambda row: (row.name, row.slug, row.description)),
    Findable(
        _("Data set versions"), DatasetVersion, lambda row: (row.dataset.name, row.version, row.hash),
        ("dataset__unit",), ("version", "dataset__name"),
    ),
    Findable(
        _("Registers"), RegisterEntry,
        lambda row: (row.title, *(text for text in row.fields.values() if isinstance(text, str))), ("unit", "system__unit"),
        ("title",),
    ),
    Findable(_("People"), User, lambda row: (row.name, row.email)),
)  # fmt: skip
BY_LABEL: Final = {place.label: place for place in PLACES}
