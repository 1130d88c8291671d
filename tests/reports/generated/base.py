"""What every part of a generated company shares: its rows, its days, and how a row is stored and logged."""

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from django.utils import timezone

from registry.audit import log
from registry.models import (
    AISystem,
    BusinessUnit,
)  # fmt: skip
from tests import factories

TEXT = "Written for a test, long enough to count as filled in every field of the schema, whatever its minimum is."
SAID = {"inputs": {"parameters": {}}, "thresholds": [{"rule": "x<=1", "low": 0.1, "high": 0.2}],
        "groups": [{"group": "a", "n": 400}, {"group": "b", "n": 300}]}  # fmt: skip


def keep(row: Any, action: str = "added") -> Any:
    """Store a row and log it, as an action does."""
    row.save()
    log.record(None, f"{row._meta.model_name}.{action}", row)
    return row


@dataclass
class Company:
    """The rows that others are about."""

    cast: factories.Cast
    root: BusinessUnit
    system: AISystem
    ended: AISystem
    rows: dict[str, Any] = field(default_factory=dict)
    now: datetime = field(default_factory=timezone.now)

    def ago(self, days: int) -> datetime:
        """So many days before now."""
        return self.now - timedelta(days=days)

    def day(self, days: int) -> date:
        """The day so many days before today."""
        return self.ago(days).date()
