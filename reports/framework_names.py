"""Whether the names in framework rules exist: in the evidence vocabulary, and in each other's files."""

from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from typing import Any

from registry.errors import BadInput
from registry.vocabulary import Vocabulary, vocabulary
from reports.framework_files import SLUGS, Framework, Item, crosswalk, load

WEIGHTS = ("required", "supporting")
CHECK_OUTCOMES = ("pass", "recorded")
WORKFLOW_OUTCOMES = ("approved", "completed")
NONE_RESULTS = ("partial", "not_applicable")
COMPARISONS = ("gte", "lte")
STEPS = ("submitter",)
STRENGTHS = ("strong", "partial", "weak")


def problems_of(framework: Framework, words: Vocabulary | None = None, *, file: str = "") -> list[str]:
    """One sentence for every name of the framework's rules that nobody could answer to."""
    words, file = words or vocabulary(), file or f"{framework.slug}.yaml"
    found: list[str] = []
    seen: set[str] = set()
    for requirement in framework.requirements:
        place = f"{file}, {requirement.id}"
        if requirement.id in seen:
            found.append(f"{place}: this id stands twice.")
        found += _unknown(place, "applies_when", [requirement.applies_when], words.conditions)
        found += _unknown(place, "automation", [requirement.automation], words.automation_levels)
        found += _unknown(place, "rests_on", requirement.rests_on, words.bases)
        is_without_rule = not requirement.items and framework.slug not in SLUGS
        if not is_without_rule and not any(item.is_required for item in requirement.items):
            found.append(f"{place}: has no required item, so that it could be met by nothing.")
        seen.add(requirement.id)
        for item in requirement.items:
            if item.id in seen:
                found.append(f"{place}: the item id {item.id} stands twice.")
            seen.add(item.id)
            found += [f"{file}, {item.id}: {text}" for text in _item_problems(item, words)]
    return found


def _unknown(place: str, key: str, names: Any, known: Any) -> Iterator[str]:
    for name in names:
        if name not in known:
            yield f"{place}: {_missing(key, name, known)}"


def _missing(key: str, name: str, known: Any) -> str:
    """What is said of a name that the vocabulary does not have, with the one that may have been meant."""
    near = get_close_matches(str(name), map(str, known), n=1)
    return f"{key} names '{name}', which the vocabulary does not have" + (f"; it has '{near[0]}'." if near else ".")


def _item_problems(item: Item, words: Vocabulary) -> Iterator[str]:
    named = {
        "for": ([item.population], words.populations),
        "applies_when": ([item.applies_when] if item.applies_when else [], words.conditions),
        "max_age": ([item.max_age] if item.max_age else [], words.cadences),
        "weight": ([item.weight], WEIGHTS),
        "roles": (item.roles, words.roles),
        "distinct_persons": (item.distinct_persons, {*words.roles, *STEPS}),
    }
    for key, (names, known) in named.items():
        for name in names:
            if name not in known:
                yield f"{key} names '{name}', which is not known."
    yield from _number_problems(item)
    yield from _KINDS[item.kind](item, words)


def _number_problems(item: Item) -> Iterator[str]:
    if not 0 < item.at_least <= 1:
        yield f"at_least is {item.at_least}; it must lie above 0 and not above 1."
    if item.max_age_days is not None and item.max_age_days < 1:
        yield f"max_age_days is {item.max_age_days}; it must be at least 1."
    if item.min_count < 1:
        yield f"min_count is {item.min_count}; it must be at least 1."


def _record_problems(item: Item, words: Vocabulary) -> Iterator[str]:
    entity = words.entities.get(item.entity)
    if entity is None:
        yield _missing("entity", item.entity, words.entities)
        return
    if item.if_none and item.if_none not in NONE_RESULTS:
        yield f"if_none is '{item.if_none}'; it must be one of {', '.join(NONE_RESULTS)}."
    named = {"filled": item.filled, "where": tuple(item.where), "distinct_on": (item.distinct_on,)}
    for key, fields in named.items():
        for field in fields:
            if field and field not in entity.fields:
                yield f"{key} names the field '{field}', which {item.entity} does not have."
    for field, wanted in item.where.items():
        yield from _value_problems(field, wanted, entity.values.get(field))


def _value_problems(field: str, wanted: Any, allowed: tuple[Any, ...] | None) -> Iterator[str]:
    if isinstance(wanted, Mapping):
        for comparison in wanted:
            if comparison not in COMPARISONS:
                yield f"where compares {field} by '{comparison}'; known are {', '.join(COMPARISONS)}."
        return
    for value in wanted if isinstance(wanted, tuple) else (wanted,):
        if allowed is not None and value not in allowed:
            yield f"where asks {field} for '{value}', which is none of {', '.join(map(str, allowed))}."


def _check_problems(item: Item, words: Vocabulary) -> Iterator[str]:
    yield from (f"'{name}' is no check of the vocabulary." for name in item.checks if name not in words.checks)
    if item.outcome not in CHECK_OUTCOMES:
        yield f"outcome is '{item.outcome}'; it must be one of {', '.join(CHECK_OUTCOMES)}."


def _workflow_problems(item: Item, words: Vocabulary) -> Iterator[str]:
    if item.workflow not in words.workflows:
        yield _missing("workflow", item.workflow, words.workflows)
    if item.outcome not in WORKFLOW_OUTCOMES:
        yield f"outcome is '{item.outcome}'; it must be one of {', '.join(WORKFLOW_OUTCOMES)}."


def _attestation_problems(item: Item, words: Vocabulary) -> Iterator[str]:
    if item.topic not in words.topics:
        yield _missing("topic", item.topic, words.topics)
    if item.role not in words.roles:
        yield _missing("role", item.role, words.roles)


_KINDS = {
    "record": _record_problems,
    "check": _check_problems,
    "workflow": _workflow_problems,
    "attestation": _attestation_problems,
}


def problems_of_links(links: Mapping[str, Any], frameworks: Mapping[str, Framework]) -> list[str]:
    """One sentence for every link of the crosswalk, or of a profile, to a requirement that does not exist."""
    ids = {slug: {requirement.id for requirement in frame.requirements} for slug, frame in frameworks.items()}
    found = []
    for number, link in enumerate(links["links"], start=1):
        if link.get("strength") not in STRENGTHS:
            found.append(f"crosswalk.yaml, link {number}: strength '{link.get('strength')}' is not known.")
        for slug in ids.keys() & link.keys():
            for name in link[slug] if isinstance(link[slug], list) else [link[slug]]:
                if name not in ids[slug]:
                    found.append(f"crosswalk.yaml, link {number}: {slug} has no requirement '{name}'.")
    return found + _profile_problems(frameworks, ids)


def _profile_problems(frameworks: Mapping[str, Framework], ids: Mapping[str, set[str]]) -> list[str]:
    profile = frameworks.get("nist_ai_600_1")
    if profile is None or "nist_ai_rmf" not in ids:
        return []
    return [
        f"nist_ai_600_1.yaml, {risk.id}: there is no subcategory '{name}' in nist_ai_rmf.yaml."
        for risk in profile.requirements
        for name in risk.raw.get("subcategories", ())
        if name not in ids["nist_ai_rmf"]
    ]


def problems() -> list[str]:
    """What is wrong with the framework files, one sentence each: for a system check, empty when all is well."""
    found: list[str] = []
    loaded: dict[str, Framework] = {}
    for slug in SLUGS:
        try:
            loaded[slug] = load(slug)
        except BadInput as error:
            found.append(str(error))
            continue
        found += problems_of(loaded[slug])
    try:
        return found + problems_of_links(crosswalk(), loaded)
    except BadInput as error:
        return [*found, str(error)]
