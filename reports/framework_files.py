"""The framework files: loading them into frozen rules, refusing every key that the evaluator would not understand."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from hashlib import sha256
from pathlib import Path
from types import MappingProxyType
from typing import Any

from django.utils.translation import gettext as _

from registry.errors import BadInput
from registry.vocabulary import read_yaml

FOLDER = Path(__file__).parent / "frameworks"
SLUGS = ("nist_ai_rmf", "nist_ai_600_1", "eu_ai_act", "iso_42001")

COMMON = {"id", "kind", "for", "weight", "shows", "applies_when", "at_least", "max_age", "max_age_days"}
ITEM_KEYS = {
    "record": COMMON | {"entity", "where", "filled", "min_count", "distinct_on", "if_none"},
    "check": COMMON | {"check", "any_of", "outcome", "with_ci", "disaggregated"},
    "workflow": COMMON | {"workflow", "outcome", "roles", "min_distinct_approvers", "distinct_persons"},
    "attestation": COMMON | {"topic", "role", "file_required"},
}
NEEDED_KEYS = {
    "record": ("entity", "filled"),
    "check": ("outcome",),
    "workflow": ("workflow", "outcome"),
    "attestation": ("topic", "role"),
}
ITEM_NEEDS = ("id", "kind", "for", "weight", "shows")
TYPES: dict[str, Any] = {
    **dict.fromkeys(("filled", "any_of", "roles", "distinct_persons"), list),
    **dict.fromkeys(("min_count", "max_age_days", "min_distinct_approvers"), int),
    **dict.fromkeys(("with_ci", "disaggregated", "file_required"), bool),
    "where": dict,
    "at_least": int | float,
}
REQUIREMENT_NEEDS = ("id", "applies_when", "automation", "rests_on", "evidence")
REQUIREMENT_KEYS = {
    *REQUIREMENT_NEEDS,
    *("title", "name", "statement", "description", "duty", "content", "level", "characteristics", "cannot_show"),
    *("note", "components", "subcategories", "actions_count", "who", "applies_from", "confirmed"),
}
HEAD_KEYS = {"framework", "name", "version", "edition", "publisher", "text_note", "parent"}
RULE_KEYS = {
    "nist_ai_rmf": {"functions"},
    "nist_ai_600_1": {"risks"},
    "eu_ai_act": {"obligations", "annex_iv"},
    "iso_42001": {"clauses", "annex_a"},
}
REFERENCE_KEYS = {
    "nist_ai_rmf": {"characteristics"},
    "nist_ai_600_1": {"actions"},
    "eu_ai_act": {
        *("confirmation", "risk_tiers", "roles", "prohibited_practices", "annex_iii", "exemption_conditions"),
        *("application_dates", "amendments_2026", "incident_deadlines_days", "log_retention_min_days"),
        *("documentation_retention_years", "not_covered"),
    },
    "iso_42001": set(),
}
LINK_FILE_KEYS = {"name", "version", "text_note", "strength_values", "links", "not_linked"}
GROUP_KEYS = {"id", "title", "name", "summary", "categories", "subcategories", "controls"}
GROUP_LISTS = ("functions", "categories", "subcategories", "annex_a", "controls")


@dataclass(frozen=True)
class Item:
    """One evidence item: which rows, of which members, how fresh, and what must be true of them."""

    id: str
    kind: str
    population: str
    weight: str
    shows: str
    entity: str = ""
    checks: tuple[str, ...] = ()
    workflow: str = ""
    topic: str = ""
    role: str = ""
    outcome: str = ""
    applies_when: str = ""
    where: Mapping[str, Any] = field(default_factory=lambda: MappingProxyType({}))
    filled: tuple[str, ...] = ()
    min_count: int = 1
    distinct_on: str = ""
    if_none: str = ""
    at_least: float = 1.0
    max_age: str = ""
    max_age_days: int | None = None
    with_ci: bool = False
    disaggregated: bool = False
    roles: tuple[str, ...] = ()
    min_distinct_approvers: int = 0
    distinct_persons: tuple[str, ...] = ()
    file_required: bool = False

    @property
    def is_required(self) -> bool:
        """It decides whether the requirement is met."""
        return self.weight == "required"

    @property
    def sources(self) -> tuple[tuple[str, str], ...]:
        """Kind and name of what must be able to hold its evidence; one of them is enough."""
        if self.kind == "check":
            return tuple(("check", name) for name in self.checks)
        name = {"record": self.entity, "workflow": self.workflow, "attestation": self.topic}[self.kind]
        return (({"record": "entity", "attestation": "topic"}.get(self.kind, self.kind), name),)


@dataclass(frozen=True)
class Requirement:
    """A subcategory, obligation, clause or control. `group` is the chain of ids above it."""

    id: str
    title: str
    statement: str
    group: tuple[str, ...]
    applies_when: str
    automation: str
    rests_on: tuple[str, ...]
    cannot_show: str
    confirmed: bool
    items: tuple[Item, ...]
    raw: Mapping[str, Any]


@dataclass(frozen=True)
class Group:
    """A function, category, annex or chapter under which requirements stand; `parent` is the id above it or ''."""

    id: str
    title: str
    parent: str


@dataclass(frozen=True)
class Framework:
    """A framework file: its groups and requirements in the order of the file, and the rest as it stands.

    `digest` is that of what decides; empty for one that was never taken into use.
    """

    slug: str
    name: str
    version: str
    text_note: str
    groups: tuple[Group, ...]
    requirements: tuple[Requirement, ...]
    reference: Mapping[str, Any]
    digest: str = ""

    @property
    def items(self) -> tuple[Item, ...]:
        """Every evidence item."""
        return tuple(item for requirement in self.requirements for item in requirement.items)

    def requirement(self, key: str) -> Requirement:
        """The requirement of that id."""
        for requirement in self.requirements:
            if requirement.id == key:
                return requirement
        raise BadInput(f"{self.slug} has no requirement '{key}'.", field="requirement")


def refuse_unknown(where: str, raw: Mapping[str, Any], known: set[str]) -> None:
    """Stop at a key that nobody would read: a misspelt rule must not weaken a requirement in silence."""
    unknown = sorted(set(map(str, raw)) - known)
    if unknown:
        raise BadInput(f"{where}: unknown key '{unknown[0]}'; known are {', '.join(sorted(known))}.")


def refuse_missing(where: str, raw: Mapping[str, Any], needed: tuple[str, ...]) -> None:
    """Stop at the first key that must be there and is not."""
    for key in needed:
        if raw.get(key) is None:
            raise BadInput(f"{where}: the key '{key}' is missing.")


def refuse_mistyped(where: str, raw: Mapping[str, Any]) -> None:
    """Stop at the first key of an item whose value is of another type than the evaluator reads."""
    for key, value in raw.items():
        wanted = TYPES.get(key, str)
        is_right = isinstance(value, wanted) and (isinstance(value, bool) == (wanted is bool))
        if not is_right or (wanted is list and not all(isinstance(entry, str) for entry in value)):
            name = getattr(wanted, "__name__", "number")
            raise BadInput(f"{where}: the value of '{key}' must be of type {name}, not {value!r}.")


def _item(raw: Mapping[str, Any], *, where: str) -> Item:
    refuse_missing(where, raw, ITEM_NEEDS)
    place = f"{where}, item {raw['id']}"
    kind = raw["kind"]
    if kind not in ITEM_KEYS:
        raise BadInput(f"{place}: the kind '{kind}' is none of {', '.join(ITEM_KEYS)}.")
    refuse_unknown(place, raw, ITEM_KEYS[kind])
    refuse_missing(place, raw, NEEDED_KEYS[kind])
    refuse_mistyped(place, raw)
    if kind == "check" and ("check" in raw) == ("any_of" in raw):
        raise BadInput(f"{place}: name either 'check' or 'any_of', not both and not neither.")
    if "max_age" in raw and "max_age_days" in raw:
        raise BadInput(f"{place}: name either 'max_age' or 'max_age_days', not both.")
    plain = {key: _frozen(value) for key, value in raw.items() if key not in {"for", "check", "any_of"}}
    checks = tuple(raw.get("any_of") or ([raw["check"]] if "check" in raw else ()))
    return Item(population=raw["for"], checks=checks, **plain)


def _frozen(value: Any) -> Any:
    if isinstance(value, dict):
        return MappingProxyType({key: _frozen(inner) for key, inner in value.items()})
    return tuple(value) if isinstance(value, list) else value


def requirement_of(raw: Mapping[str, Any], *, file: str, group: tuple[str, ...]) -> Requirement:
    """A requirement with its rule, as a file has it."""
    where = f"{file}, requirement {raw.get('id', '?')}"
    refuse_unknown(where, raw, REQUIREMENT_KEYS)
    refuse_missing(where, raw, REQUIREMENT_NEEDS)
    words = ("statement", "duty", "content", "description")
    statement = next((raw[key] for key in words if key in raw), "")
    return Requirement(
        id=str(raw["id"]),
        title=str(raw.get("title") or raw.get("name") or raw["id"]),
        statement=" ".join(statement) if isinstance(statement, list) else str(statement),
        group=group,
        applies_when=raw["applies_when"],
        automation=raw["automation"],
        rests_on=tuple(raw["rests_on"]),
        cannot_show=raw.get("cannot_show", ""),
        confirmed=raw.get("confirmed", True),
        items=tuple(_item(entry, where=where) for entry in raw["evidence"]),
        raw=MappingProxyType(dict(raw)),
    )


def _walk(entries: list[Any], *, file: str, group: tuple[str, ...]) -> Iterator[Group | Requirement]:
    for raw in entries:
        if "evidence" in raw:
            yield requirement_of(raw, file=file, group=group)
            continue
        where = f"{file}, group {raw.get('id', '?')}"
        refuse_unknown(where, raw, GROUP_KEYS)
        refuse_missing(where, raw, ("id",))
        below = [key for key in GROUP_LISTS if key in raw]
        if not below:
            raise BadInput(f"{where}: holds neither evidence nor anything below it.")
        yield Group(str(raw["id"]), _group_title(raw), group[-1] if group else "")
        for key in below:
            yield from _walk(raw[key], file=file, group=(*group, str(raw["id"])))


def _group_title(raw: Mapping[str, Any]) -> str:
    return str(raw.get("title") or raw.get("name") or raw.get("summary") or raw["id"])


def parsed(raw: Mapping[str, Any], *, file: str) -> Framework:
    """The framework from the content of its file; every unknown or missing key is refused with file, id and key."""
    refuse_missing(file, raw, ("framework", "name", "version"))
    slug = raw["framework"]
    if slug not in RULE_KEYS:
        raise BadInput(f"{file}: the framework '{slug}' is none of {', '.join(SLUGS)}.")
    refuse_unknown(file, raw, HEAD_KEYS | RULE_KEYS[slug] | REFERENCE_KEYS[slug])
    rules = [key for key in raw if key in RULE_KEYS[slug]]
    found = [entry for key in rules for entry in _walk(raw[key], file=file, group=())]
    return Framework(
        slug=slug,
        name=raw["name"],
        version=str(raw["version"]),
        text_note=raw.get("text_note", ""),
        groups=tuple(entry for entry in found if isinstance(entry, Group)),
        requirements=tuple(entry for entry in found if isinstance(entry, Requirement)),
        reference=MappingProxyType({key: raw[key] for key in raw if key in REFERENCE_KEYS[slug] | HEAD_KEYS}),
    )


@cache
def load(slug: str) -> Framework:
    """The framework of that name, read once a process."""
    if slug not in SLUGS:
        names = {"slug": slug, "known": ", ".join(SLUGS)}
        raise BadInput(_("There is no framework “%(slug)s”; there are %(known)s.") % names, field="framework")
    path = file_of(slug)
    return replace(parsed(read_yaml(path), file=path.name), digest=file_digest(slug))


@cache
def file_digest(slug: str) -> str:
    """The digest of a framework's file: which rules decided."""
    return "sha256:" + sha256(file_of(slug).read_bytes()).hexdigest()


def file_of(slug: str) -> Path:
    """Where the framework of that name lies."""
    return FOLDER / f"{slug}.yaml"


@cache
def crosswalk() -> Mapping[str, Any]:
    """The links between the frameworks; a link never carries a result over."""
    raw = read_yaml(FOLDER / "crosswalk.yaml")
    refuse_unknown("crosswalk.yaml", raw, LINK_FILE_KEYS)
    for number, link in enumerate(raw["links"], start=1):
        refuse_unknown(f"crosswalk.yaml, link {number}", link, {*SLUGS, "strength", "note"})
    return MappingProxyType(raw)
