"""Every record of the evidence vocabulary that has a table of its own as a list, made from the vocabulary, for exports."""

from dataclasses import dataclass
from typing import Any, Final

from django.apps import apps
from django.core.exceptions import FieldDoesNotExist
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from registry.lists.declared import LISTS, Column, Listed
from registry.registers.reading import tables
from registry.vocabulary import vocabulary

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


@dataclass(frozen=True)
class Table(Listed):
    """The rows of one entity, with the vocabulary's columns; its page is that of all of them."""

    @property
    def url(self) -> str:
        """Where all tables are."""
        return reverse("tables")


def install() -> None:
    """A list for each entity of the vocabulary that is a table; those of registers have theirs already."""
    for entity, label in tables().items():
        table = apps.get_model(label)
        names = (CREATED, *vocabulary().entities[entity].fields)
        found = [ID, *(column for name in names if (column := column_of(table, name)) is not None)]
        LISTS[entity] = Table(entity, table, TITLES.get(entity, entity), "", tuple(found), order="pk")


def column_of(table: Any, name: str) -> Column | None:
    """A stored column by the vocabulary's name; None where the table has none. What it leads to is told by its id."""
    try:
        field = table._meta.get_field(name)
    except FieldDoesNotExist:
        return None
    if not field.concrete or field.many_to_many:
        return None
    return Column(name, getattr(field, "verbose_name", name), field.attname, on_page=name == CREATED)
