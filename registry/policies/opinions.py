"""What an opinion before a move is given on: the facts of the system that law and policy turn on."""

from registry.canonical import digest
from registry.models import AISystem, Duty

FACTS = (
    "purpose", "intended_uses", "out_of_scope_uses", "risk_tier", "applicable_law", "is_generative", "is_agentic",
    "processes_personal_data", "affects_people", "interacts_with_people", "has_vendor_component",
)  # fmt: skip


def facts_digest(system: AISystem) -> str:
    """The digest of these facts as they are now."""
    return digest({name: getattr(system, name) for name in FACTS})


def duty_label(duty: str) -> str:
    """What people call a duty."""
    return str(Duty(duty).label)
