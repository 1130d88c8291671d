"""What is said of a system, in sections: the one list from which form, page, API and the open points are made."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.utils.formats import localize
from django.utils.translation import gettext_lazy as _

from registry.models import AISystem, Side


@dataclass(frozen=True)
class Section:
    """Columns that belong together, the side that answers for them, and those of them that are asked of every system."""

    slug: str
    title: Any
    side: Side
    fields: tuple[str, ...]
    asked: tuple[str, ...] = ()


SECTIONS = (
    Section("use", _("What it is for"), Side.BUSINESS,
            ("name", "purpose", "intended_uses", "out_of_scope_uses", "intended_users", "foreseeable_misuse"),
            asked=("intended_uses", "out_of_scope_uses")),
    Section("value", _("Problem and value"), Side.BUSINESS,
            ("business_problem", "expected_value", "expected_costs", "value_metric", "technical_metric",
             "value_reviewed_at"),
            asked=("business_problem", "expected_value", "value_metric", "technical_metric")),
    Section("choice", _("The choice"), Side.BUSINESS, ("non_ai_alternatives", "prototype_findings"),
            asked=("non_ai_alternatives",)),
    Section("people", _("People and oversight"), Side.BUSINESS,
            ("risk_tier", "processes_personal_data", "affects_people", "interacts_with_people", "affected_groups",
             "autonomy_level", "human_oversight_design", "competence_requirements", "applicable_law"),
            asked=("autonomy_level", "human_oversight_design")),
    Section("making", _("How it is made"), Side.TECHNICAL,
            ("build_tune_adopt", "has_vendor_component", "is_generative", "is_agentic", "task_type", "method_type",
             "portfolio_layer", "requirements", "technical_standards"),
            asked=("build_tune_adopt", "portfolio_layer")),
    Section("running", _("Running it"), Side.TECHNICAL,
            ("deployment_context", "operating_limits", "resources_managed_by", "resource_rules", "stop_mechanism",
             "fallback_procedure", "log_retention_days"),
            asked=("resources_managed_by", "stop_mechanism", "fallback_procedure")),
)  # fmt: skip
FIELDS = tuple(name for section in SECTIONS for name in section.fields)
# Shown at the head of the page, hence not again below.
AT_THE_HEAD = frozenset({"name", "purpose", "risk_tier"})


@dataclass(frozen=True)
class Told:
    """A section of one system: what is filled, by label, and the labels of what is asked for and empty."""

    section: Section
    filled: tuple[tuple[str, str], ...]
    missing: tuple[str, ...]


def told(system: AISystem) -> list[Told]:
    """Every section as it stands."""
    return [
        Told(section, tuple(filled(system, section)), tuple(label(name) for name in section.asked if not value(system, name)))
        for section in SECTIONS
    ]  # fmt: skip


def filled(system: AISystem, section: Section) -> Iterator[tuple[str, str]]:
    """Label and text of what is filled; yes and no are always."""
    for name in section.fields:
        text = value(system, name)
        if name not in AT_THE_HEAD and text:
            yield label(name), text


def label(name: str) -> str:
    """What the column is called, with a capital letter."""
    words = str(AISystem._meta.get_field(name).verbose_name)  # type: ignore[union-attr]
    return words[:1].upper() + words[1:]


def value(system: AISystem, name: str) -> str:
    """A column as people read it; empty where nothing stands."""
    found = getattr(system, name)
    if isinstance(found, bool):
        return str(_("Yes") if found else _("No"))
    shown = getattr(system, f"get_{name}_display", None)
    if shown is not None and found:
        return str(shown())
    return "" if found in (None, "") else str(localize(found))
