"""The evaluator: from the rules of a framework and the facts of a database to met, partly, not met, not applicable."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import UTC, date, datetime
from types import MappingProxyType
from typing import Any, Final

from registry.vocabulary import vocabulary
from reports import ages
from reports.evidence_rules import Finding, matches
from reports.facts import ORGANISATION, Facts, Member, Stored
from reports.framework_files import Framework, Item, Requirement, file_digest
from reports.holdings import Holdings
from reports.reasons import Reason, reason
from reports.titles import Title

NO_SOURCE = {"record": "no_entity", "check": "no_check", "workflow": "no_workflow", "attestation": "no_topic"}


@dataclass(frozen=True)
class ItemResult:
    """What an item came to over its members. `is_stored` is false where only if_none speaks."""

    item: Item
    result: str
    reason: Reason
    evidence: tuple[Stored, ...] = ()
    is_stored: bool = False

    @property
    def basis(self) -> str | None:
        """The weakest basis among its evidence, when it passes."""
        return weakest([row.basis for row in self.evidence]) if self.result == "pass" else None

    def to_json(self) -> dict[str, Any]:
        """The fixed shape, with the weight, the basis and the reason beside it."""
        return {
            "id": self.item.id,
            "result": self.result,
            "evidence": [row.id for row in self.evidence],
            "weight": self.item.weight,
            "basis": self.basis,
            "shows": self.item.shows,
            "reason": str(self.reason),
        }


NOTHING_KNOWN: Final[Mapping[str, ItemResult]] = MappingProxyType({})


@dataclass(frozen=True)
class Override:
    """A status that people set in place of the one that evidence gives: why, who answers for it, until when."""

    result: str
    instead_of: str
    reason: str
    owner: str
    expires_on: date
    url: str

    def to_json(self) -> dict[str, Any]:
        """As it is printed."""
        return {**asdict(self), "expires_on": self.expires_on.isoformat()}


@dataclass(frozen=True)
class RequirementResult:
    """What a requirement came to, with every item behind it."""

    requirement: Requirement
    result: str
    reason: Reason
    items: tuple[ItemResult, ...] = ()
    basis: str | None = None
    excepted: bool = False
    override: Override | None = None

    @property
    def is_stale(self) -> bool:
        """Some of its evidence is there and too old to count."""
        return any(item.result in {"partial", "fail"} and item.reason.is_age for item in self.items)

    def to_json(self) -> dict[str, Any]:
        """The fixed shape, with title, limits and confirmation beside it."""
        return {
            "id": self.requirement.id,
            "result": self.result,
            "basis": self.basis,
            "reason": str(self.reason),
            "excepted": self.excepted,
            "override": self.override.to_json() if self.override else None,
            "title": self.requirement.title,
            "cannot_show": self.requirement.cannot_show,
            "confirmed": self.requirement.confirmed,
            "items": [item.to_json() for item in self.items],
        }


@dataclass(frozen=True)
class Evaluation:
    """The status of every requirement of a framework at one moment, for a system, a unit or the whole organisation."""

    framework: Framework
    as_of: datetime
    system: str | None
    requirements: tuple[RequirementResult, ...]
    unit: str | None = None

    @property
    def counts(self) -> dict[str, int]:
        """How many requirements came to each result; results that did not occur are there with 0."""
        found = Counter(entry.result for entry in self.requirements)
        return {name: found[name] for name in vocabulary().requirement_results}

    @property
    def completeness(self) -> float | None:
        """The share of items that pass among those that apply, supporting ones included; None when none applies."""
        results = [item.result for entry in self.requirements for item in entry.items]
        applying = [result for result in results if result != "not_applicable"]
        return applying.count("pass") / len(applying) if applying else None

    def of(self, key: str) -> RequirementResult:
        """The result of the requirement with that id."""
        return next(entry for entry in self.requirements if entry.requirement.id == key)

    def to_json(self) -> dict[str, Any]:
        """The shape that `manage.py evaluate` prints."""
        return {
            "framework": self.framework.slug,
            "version": self.framework.version,
            "rules": self.framework.digest or file_digest(self.framework.slug),
            "as_of": self.as_of.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
            "scope": {"system": self.system} | ({"unit": self.unit} if self.unit else {}),
            "summary": {**self.counts, "completeness": self.completeness},
            "requirements": [entry.to_json() for entry in self.requirements],
        }


def weakest(bases: Sequence[str]) -> str | None:
    """The basis that stands last in the vocabulary's order."""
    order = vocabulary().bases
    return max(bases, key=order.index) if bases else None


def evaluate(
    framework: Framework, facts: Facts, *, system: str | None = None, unit: str | None = None, as_of: datetime
) -> Evaluation:
    """Decide every requirement of the framework for one system (its id), or for the organisation when none is given.

    A unit is decided as the organisation is, by facts that know only its own systems (`DjangoFacts(unit=…)`): what
    holds for the organisation holds for it. Days count as whole days in the zone of `as_of`, which must be aware; what
    happened on that day is included.
    """
    if as_of.tzinfo is None:
        raise ValueError("as_of must carry a time zone")
    holdings = Holdings(facts, system=system, unit=unit, as_of=as_of)
    decided = tuple(decide(entry, holdings, framework.slug) for entry in framework.requirements)
    return Evaluation(framework, as_of, system, decided, unit)


def decide(
    requirement: Requirement, holdings: Holdings, slug: str, known: Mapping[str, ItemResult] = NOTHING_KNOWN
) -> RequirementResult:
    """What one requirement comes to; without a rule it is never met, whatever people say of it.

    `known` holds, by its id, what an item came to before where nothing touched it since.
    """
    if not requirement.items:
        return RequirementResult(requirement, "not_met", reason("no_rule"))
    decided = _by_evidence(requirement, holdings, slug, known)
    override = _override(requirement.id, slug, holdings, decided.result)
    if override is None:
        return decided
    why = reason(
        "overridden", reason=override.reason, owner=override.owner, until=override.expires_on, why=decided.reason
    )
    return replace(decided, result=override.result, basis=None, override=override, reason=why)


def _override(key: str, slug: str, holdings: Holdings, instead_of: str) -> Override | None:
    """The override that holds for the requirement today; one that has run out falls back to the evidence."""
    for row in holdings.records("status_override"):
        said, until = row.fields, row.fields.get("expires_on")
        names = (said.get("framework"), str(said.get("requirement", "")).strip())
        if (
            row.subject == holdings.about_what
            and names == (slug, key)
            and until
            and not ages.has_passed(until, holdings.as_of)
        ):
            return Override(said["result"], instead_of, said["reason"], said["owner"], until, row.url)
    return None


def _by_evidence(
    requirement: Requirement, holdings: Holdings, slug: str, known: Mapping[str, ItemResult]
) -> RequirementResult:
    holds, why = holdings.condition(requirement.applies_when, holdings.system)
    if not holds:
        return RequirementResult(requirement, "not_applicable", reason("given", text=why))
    items = tuple(known.get(item.id) or _item(item, requirement, holdings) for item in requirement.items)
    decided = _from_items(requirement, items)
    if decided.result not in {"partly", "not_met"}:
        return decided
    until = _excepted_until(requirement.id, slug, holdings)
    if until is None:
        return decided
    return replace(decided, excepted=True, reason=reason("excepted", why=decided.reason, until=until))


def _from_items(requirement: Requirement, items: tuple[ItemResult, ...]) -> RequirementResult:
    required = [entry for entry in items if entry.item.is_required and entry.result != "not_applicable"]
    if not required:
        first = next((entry.reason for entry in items if entry.item.is_required), "")
        return RequirementResult(requirement, "not_applicable", reason("no_item_applies", first=first), items)
    missing = [entry for entry in required if entry.result != "pass"]
    if not missing:
        basis = weakest([entry.basis for entry in required if entry.basis])
        why = reason("met", count=len(required), basis=Title(basis or ""))
        return RequirementResult(requirement, "met", why, items, basis)
    shown = any(entry.result in {"pass", "partial"} and entry.is_stored for entry in items)
    code = "open" if len(missing) == 1 else "open_more"
    passed = len(required) - len(missing)
    why = reason(code, passed=passed, count=len(required), first=missing[0].reason, more=len(missing) - 1)
    return RequirementResult(requirement, "partly" if shown else "not_met", why, items)


def _item(item: Item, requirement: Requirement, holdings: Holdings) -> ItemResult:
    if not holdings.facts.has_source("population", item.population):
        return ItemResult(item, "fail", reason("population_unknown", population=Title(item.population)))
    members, why = _members(item, requirement, holdings)
    if not members:
        return ItemResult(item, "not_applicable", why)
    if not holdings.has_source(item):
        names = [name if kind == "check" else Title(name) for kind, name in item.sources]
        return ItemResult(item, "fail", reason(NO_SOURCE[item.kind], names=names))
    findings = [holdings.finding(item, member) for member in members]
    return _over_members(item, findings)


def _members(item: Item, requirement: Requirement, holdings: Holdings) -> tuple[list[Member], Reason]:
    """The members that the item looks at, and why there are none."""
    conditions = [item.applies_when] if item.applies_when else []
    if holdings.system is not None:
        return _members_of_system(item, conditions, holdings)
    everywhere = item.population == "self"
    members = holdings.members("systems_in_use" if everywhere else item.population, None)
    empty = reason("population_empty", population=Title(item.population))
    if everywhere:
        conditions.append(requirement.applies_when)
    for name in conditions:
        if members:
            kept = [member for member in members if holdings.condition(name, _system_of(member))[0]]
            empty = empty if kept else reason("given", text=holdings.condition(name, _system_of(members[0]))[1])
            members = kept
    return members, empty


def _system_of(member: Member) -> str | None:
    return member.id if member.kind == "system" else None


def _members_of_system(item: Item, conditions: list[str], holdings: Holdings) -> tuple[list[Member], Reason]:
    for name in conditions:
        holds, why = holdings.condition(name, holdings.system)
        if not holds:
            return [], reason("given", text=why)
    members = holdings.members(item.population, holdings.system)
    return members, reason("population_empty_here", population=Title(item.population))


def _over_members(item: Item, findings: list[Finding]) -> ItemResult:
    """The result over the members that the item applies to, by the share of them that pass."""
    applying = [finding for finding in findings if finding.result != "not_applicable"]
    if not applying:
        return ItemResult(item, "not_applicable", findings[0].reason)
    passing = [finding for finding in applying if finding.result == "pass"]
    if len(applying) == 1:
        only = applying[0]
        return ItemResult(item, only.result, only.reason, only.evidence, is_stored=only.is_stored)
    share = {"passed": len(passing), "total": len(applying), "population": Title(item.population)}
    if len(passing) >= item.at_least * len(applying):
        return ItemResult(item, "pass", reason("share", **share), _evidence(passing), is_stored=True)
    some = [finding for finding in applying if finding.result in {"pass", "partial"}]
    first = next(finding.reason for finding in applying if finding.result != "pass")
    why = reason("share_open", first=first, **share)
    stored = any(finding.is_stored for finding in some)
    return ItemResult(item, "partial" if some else "fail", why, _evidence(some or applying), is_stored=stored)


def _evidence(findings: list[Finding]) -> tuple[Stored, ...]:
    rows = {row.id: row for finding in findings for row in finding.evidence}
    return tuple(rows.values())


def _excepted_until(key: str, slug: str, holdings: Holdings) -> Any:
    """The day until which an approved exception names the requirement, or None."""
    if not holdings.facts.has_source("entity", "exception"):
        return None
    scopes = {ORGANISATION, holdings.about_what}
    names = {key, f"{slug} {key}", f"{slug}:{key}"}
    for row in holdings.records("exception"):
        until = ages.moment("expires_on", row.fields.get("expires_on"))
        is_running = until is not None and not ages.has_passed(until, holdings.as_of)
        is_approved = matches(row.fields, {"status": "approved"})
        if is_running and is_approved and scopes & row.subjects and names & _named(row.fields.get("control_ref")):
            return until
    return None


def _named(reference: Any) -> set[str]:
    """The ids that an exception names: a list, or text with commas, semicolons or lines between them."""
    listed = reference if isinstance(reference, list | tuple) else str(reference or "").replace(";", ",").split(",")
    return {part.strip() for entry in listed for part in str(entry).splitlines()}
