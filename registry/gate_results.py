"""The answer of a gate or of a condition: yes, or no with the reason, the evidence and the place to mend it."""

from dataclasses import dataclass
from typing import Any

PASSED, FAILED, WAIVED, INSUFFICIENT = "passed", "failed", "waived", "insufficient"


@dataclass(frozen=True)
class GateResult:
    """One answer. `place` is the page where it is mended, `evidence` the page of what it rests on."""

    result: str
    reason: str
    place: str = ""
    slug: str = ""
    title: str = ""
    evidence: str = ""

    @classmethod
    def passed(cls, reason: str, place: str = "", *, evidence: str = "") -> "GateResult":
        """Yes."""
        return cls(PASSED, reason, place, evidence=evidence)

    @classmethod
    def failed(cls, reason: str, place: str = "", *, evidence: str = "") -> "GateResult":
        """No."""
        return cls(FAILED, reason, place, evidence=evidence)

    @classmethod
    def insufficient(cls, reason: str, place: str = "", *, evidence: str = "") -> "GateResult":
        """Too little is known to say yes, hence no."""
        return cls(INSUFFICIENT, reason, place, evidence=evidence)

    @classmethod
    def waived(cls, reason: str, place: str = "") -> "GateResult":
        """No, but a waiver with owner and end carries it."""
        return cls(WAIVED, reason, place)

    @property
    def is_open(self) -> bool:
        """The release may go through."""
        return self.result in {PASSED, WAIVED}

    def as_json(self) -> dict[str, Any]:
        """What is stored with a decision."""
        return {"gate": self.slug, "title": self.title, "result": self.result, "reason": self.reason}
