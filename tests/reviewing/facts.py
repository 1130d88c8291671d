"""The rows as the log tells them up to one entry: who held which duty, who contributed, what the material was."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from tests.reviewing.log_reading import Entry

Row = dict[str, Any]
# Making or changing the version, its bytes, predictions, card, lineage, or the notes of its release.
MAKES: Final = {
    "version.registered", "version.edited", "card.saved", "link.added", "predictions.uploaded", "release.created",
    "release.submitted", "release.edited",
}  # fmt: skip
CONTEXT: Final = (
    "purpose", "intended_uses", "out_of_scope_uses", "risk_tier", "is_generative", "is_agentic",
    "processes_personal_data", "affects_people", "interacts_with_people", "has_vendor_component",
)  # fmt: skip
OPENNESS: Final = {"closed": 0, "accepted": 1, "treated": 1, "open": 2}
LEVELS: Final = ("low", "medium", "high", "critical")
FRESH_HOURS: Final = 24


@dataclass(frozen=True)
class Hand:
    """A duty as somebody had it: held at all, long enough, and whom an act in it counts for."""

    held: bool
    settled: bool = False
    persons: frozenset[str] = frozenset()


class Facts:
    """What is known after the entries fed so far."""

    def __init__(self) -> None:
        self.tables: dict[str, dict[str, Row]] = {}
        self.makers: dict[str, set[str]] = {}

    def copy(self) -> "Facts":
        """The same facts, to be fed further by themselves."""
        other = Facts()
        other.tables = {kind: dict(rows) for kind, rows in self.tables.items()}
        other.makers = {version: set(people) for version, people in self.makers.items()}
        return other

    def take(self, entry: Entry) -> None:
        """The row is now as the entry says."""
        self.tables.setdefault(entry.kind, {})[entry.id] = entry.row
        if entry.action in MAKES and entry.about and entry.actor:
            self.makers.setdefault(entry.about, set()).add(entry.actor)

    def row(self, kind: str, pk: str) -> Row:
        """One row, as it was logged last."""
        return self.tables[kind][pk]

    def rows(self, kind: str, **fields: Any) -> list[Row]:
        """The rows of a kind with these values."""
        return [
            row
            for row in self.tables.get(kind, {}).values()
            if all(row[name] == value for name, value in fields.items())
        ]

    def contributors(self, release: Row) -> set[str]:
        """Whoever helped to make what is released, or answers for the system as owner or deputy."""
        system = self.row("registry.AISystem", release["system"])
        sides = ("business_owner", "technical_owner", "business_deputy", "technical_deputy")
        version = self.row("registry.ModelVersion", release["version"])
        named = {version["registered_by"], release["author"], *(system.get(side) for side in sides)}
        return (self.makers.get(release["version"], set()) | named) - {None}

    def hand(self, person: str, duty: str, system: str, entry: Entry, *, pending_since: str = "") -> "Hand":
        """In which capacity a person had a duty for the system at that moment, if at all."""
        if not self.row("registry.User", person)["is_active"]:
            return Hand(False)
        own = [row for row in self.in_force(person, entry.day) if row["duty"] == duty and self.reaches(row, system)]
        lent = [] if own else self.lent(person, duty, system, entry.day)
        since = min(
            [row["confirmed_at"] or row["created_at"] for row in own] + [when for _whose, when in lent], default=""
        )
        settled = not pending_since or since <= pending_since or hours(since, entry.at) >= FRESH_HOURS
        return Hand(bool(own or lent), settled, frozenset({person, *(whose for whose, _when in lent)}))

    def lent(self, person: str, duty: str, system: str, day: str) -> list[tuple[str, str]]:
        """Whose duty the person had as a deputy that day, and since when: while that one holds it, and by nobody else."""
        handed = [
            row
            for row in self.rows("registry.Delegation", to_person=person, duty=duty, ended_at=None)
            if row["starts_on"] <= day <= row["ends_on"]
            and row["accepted_at"]
            and (row["confirmed_at"] or not row["needs_confirmation"])
            and self.reaches(row, system)
            and self.row("registry.User", row["from_person"])["is_active"]
        ]
        return [
            (
                row["from_person"],
                max(row["confirmed_at"] or row["accepted_at"], held["confirmed_at"] or held["created_at"]),
            )
            for row in handed
            for held in self.in_force(row["from_person"], day)
            if held["duty"] == duty and self.reaches(held, system)
        ]

    def in_force(self, person: str, day: str) -> list[Row]:
        """The person's duties that have begun, have not ended and were confirmed where they must be."""
        return [
            row
            for row in self.rows("registry.RoleAssignment", person=person)
            if row["starts_on"] <= day
            and (row["ends_on"] is None or row["ends_on"] >= day)
            and (row["confirmed_at"] or not row["needs_confirmation"])
        ]

    def reaches(self, grant: Row, system: str) -> bool:
        """The duty is for the system's unit, a unit above it, or this very system."""
        where = self.row("registry.BusinessUnit", self.row("registry.AISystem", system)["unit"])["path"]
        given = self.row("registry.BusinessUnit", grant["unit"])["path"]
        return where.startswith(given) and grant["system"] in {None, system}

    def material(self, release: Row) -> dict[str, Any]:
        """The parts of the material that can be told from the log alone, as they are now."""
        version = self.row("registry.ModelVersion", release["version"])
        system = self.row("registry.AISystem", release["system"])
        card = release["card"] and self.row("registry.ModelCard", release["card"])
        return {
            "version": {"model": version["model"], "version": version["version"],
                        "artifact": f"sha256:{version['artifact']}"},
            "components": release["components"],
            "notes": {name: release[name] for name in ("notes", "quality_thresholds", "rai_documents", "clients")},
            "card": card and {"number": card["number"], "fields": card["fields"]},
            "evidence": [
                {"check": row["check_slug"], "digest": row["digest"], "verdict": row["verdict"],
                 "withdrawn": row["withdrawn_at"] is not None}
                for row in self.evidence(release)
            ],
            "context": {name: system[name] for name in CONTEXT},
            "waivers": self.waivers(release),
            "baselines": self.limits(release["system"]),
            "open_risks": self.risks(release["system"]),
        }  # fmt: skip

    def evidence(self, release: Row) -> list[Row]:
        """The evidence frozen with the release."""
        found = [self.row("registry.Evidence", pk) for pk in release["evidence"]]
        return sorted(found, key=lambda row: (row["check_slug"], row["id"]))

    def waivers(self, release: Row) -> list[str] | None:
        """The accepted waivers that nobody ended; one accepted after the publication is not decided on yet."""
        found = self.rows("registry.Waiver", version=release["version"], status="approved")
        if release["status"] == "published":
            found = [row for row in found if row["accepted_at"] <= release["published_at"]]
        return sorted(row["id"] for row in found) or None

    def limits(self, system: str) -> list[dict[str, str]]:
        """The approved limits of the system."""
        found = self.rows("rai.MetricBaseline", system=system, status="approved")
        return sorted(
            ({"check": row["slug"], "rule": row["rule"]} for row in found), key=lambda row: (row["check"], row["rule"])
        )

    def risks(self, system: str) -> dict[str, Row]:
        """The risks that are not closed."""
        found = self.rows("risk.Risk", system=system)
        return {row["id"]: row for row in found if row["status"] != "closed"}


def differing(frozen: dict[str, Any], now: dict[str, Any]) -> list[str]:
    """The parts that read otherwise than what was frozen; a risk that did not get worse is none."""
    then = {**frozen, "waivers": frozen.get("waivers") and sorted(row["id"] for row in frozen["waivers"])}
    known = {row["id"]: row for row in frozen.get("open_risks") or []}
    return [
        name
        for name, value in now.items()
        if (is_worse(known, value) if name == "open_risks" else then.get(name) != value)
    ]


def is_worse(known: dict[str, Row], now: dict[str, Row]) -> bool:
    """A risk is new, or was rated up, or is more open than before."""
    ratings = ("likelihood", "impact", "residual_likelihood", "residual_impact")
    for pk, row in now.items():
        before = known.get(pk)
        if before is None or any(row[name] > before[name] for name in ratings):
            return True
        if any(LEVELS.index(row[name]) > LEVELS.index(before[name]) for name in ("inherent_level", "residual_level")):
            return True
        if OPENNESS[row["status"]] > OPENNESS[before["status"]]:
            return True
    return False


def hours(earlier: str, later: str) -> float:
    """Hours between two moments as the log writes them."""
    return (datetime.fromisoformat(later) - datetime.fromisoformat(earlier)).total_seconds() / 3600
