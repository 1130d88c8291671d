"""The shape of a policy as JSON schemas: what each key may hold. What goes beyond the shape stands in refusals.py."""

from typing import Any, Final

from registry.models import Deployment, Duty, Tier
from registry.policies.conditions import Kind

Schema = dict[str, Any]
COUNT: Final[Schema] = {"type": "integer", "minimum": 1, "maximum": 20}
DAYS: Final[Schema] = {"type": "integer", "minimum": 1, "maximum": 3660}
SHARE: Final[Schema] = {"type": "number", "minimum": 0, "maximum": 1}
NAME: Final[Schema] = {"type": "string", "pattern": r"^[a-z0-9][a-z0-9_-]{0,19}$"}
WORD: Final[Schema] = {"type": "string", "minLength": 1, "maxLength": 80}
WORDS: Final[Schema] = {"type": "array", "items": WORD, "uniqueItems": True}
DUTY: Final[Schema] = {"enum": list(Duty.values)}
# Shared by parts of every tier and of every addition to one.
ASKS: Final[Schema] = {
    "type": "array",
    "minItems": 1,
    "items": {
        "type": "object",
        "required": ["duty"],
        "additionalProperties": False,
        "properties": {"duty": DUTY, "count": COUNT},
    },
}


def mapping(properties: Schema, required: tuple[str, ...] = ()) -> Schema:
    """A mapping with these keys and no others."""
    return {"type": "object", "required": list(required), "additionalProperties": False, "properties": properties}


LONG_STAGE: Final = mapping(
    {
        "name": NAME, "ask": ASKS, "quorum": COUNT, "units": WORDS, "due_days": DAYS,
        "after": {"type": ["string", "array"], "items": {"type": "string"}},
    },
    ("ask",),
)  # fmt: skip
REMINDERS: Final = mapping(
    {
        "days_before": {"type": "array", "items": {"type": "integer", "minimum": 0, "maximum": 90}, "maxItems": 6},
        "escalate_after_days": {"type": "integer", "minimum": 0, "maximum": 90}, "escalate_to": DUTY,
    }
)  # fmt: skip
TIER: Final[Schema] = {
    "stages": {"type": "array", "minItems": 1, "maxItems": 8, "items": {"type": ["array", "object"]}},
    "evidence": {
        "type": "array",
        "items": mapping({"check": WORD, "verdict": {"enum": ["pass", "recorded"]}, "applies_when": WORD},
                         ("check", "verdict")),
    },
    "gates": {"type": "array", "items": {"type": "object"}, "maxItems": 40},
    "waivers": mapping({"gates": WORDS, "most_days": DAYS}, ("gates", "most_days")),
    "card_completeness": SHARE,
    "evidence_valid_days": DAYS,
    "due_days": DAYS,
    "stop_on_serious_incident": {"type": "boolean"},
    "separation": WORD,
    "sign_in": {"enum": ["session", "fresh", "passkey"]},
    "conditions": mapping(
        {"most_days": DAYS, "publish_open": {"type": "boolean"}, "on_overdue": {"enum": ["red", "suspend"]}}
    ),
    "reminders": REMINDERS,
    "approval_valid_days": DAYS,
    "on_approval_end": {"enum": ["red", "suspend"]},
    "on_failed_run": {"enum": ["red", "suspend"]},
    "rollout": {
        "type": "array",
        "items": mapping({"share": {"type": "integer", "minimum": 1, "maximum": 100}, "days": {**DAYS, "minimum": 0}},
                         ("share", "days")),
    },
    "immaterial": WORDS,
}  # fmt: skip
NEEDED: Final = ("stages", "evidence", "card_completeness", "evidence_valid_days", "due_days")
ADDED: Final = mapping(TIER)
POLICY: Final = mapping(
    {
        "name": {"type": "string", "minLength": 3, "maxLength": 120},
        "version": {"type": "integer", "minimum": 0},
        "audit_days": DAYS,
        "tiers": mapping({tier: mapping(TIER, NEEDED) for tier in Tier.values}, tuple(Tier.values)),
        "kinds": {"type": "object", "additionalProperties": ADDED},
        "systems": {"type": "object", "additionalProperties": ADDED},
    },
    ("name", "tiers"),
)
ENVIRONMENTS: Final = tuple(Deployment.Environment.values)


def of_condition(kind: Kind) -> Schema:
    """A condition of a kind: its own keys, when it is asked, of which systems, and a name of its own."""
    at = {"type": ["string", "array"], "items": {"type": "string"}, "minItems": 1, "uniqueItems": True}
    return mapping({"at": at, "when": WORD, "name": NAME, kind.name: kind.value, **kind.more}, (kind.name,))
