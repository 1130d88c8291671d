"""The evidence vocabulary: the only names by which framework rules may speak of rows, checks and people."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any

import yaml

from registry.errors import BadInput

FILE = Path(__file__).parent / "data" / "evidence_vocabulary.yaml"


class StrictLoader(yaml.CSafeLoader if yaml.__with_libyaml__ else yaml.SafeLoader):  # type: ignore[misc]
    """Safe YAML in which a key that stands twice is an error; plain YAML would silently keep the last one."""


def _mapping(loader: Any, node: yaml.MappingNode) -> dict[Any, Any]:
    seen: set[str] = set()
    for key, _value in node.value:
        if key.value in seen:
            raise BadInput(
                f"{key.start_mark.name}, line {key.start_mark.line + 1}: the key '{key.value}' stands twice; "
                f"remove one of the two."
            )
        seen.add(key.value)
    return dict(loader.construct_pairs(node, deep=True))


StrictLoader.add_constructor(yaml.resolver.BaseResolver.DEFAULT_MAPPING_TAG, _mapping)


def read_yaml(path: Path) -> dict[str, Any]:
    """The mapping that a YAML file holds; a file that is no mapping, or repeats a key, is refused by name."""
    try:
        with path.open("rb") as file:
            content = yaml.load(file, StrictLoader)
    except OSError as error:
        raise BadInput(f"{path.name}: cannot be read ({error.strerror}).") from error
    except yaml.YAMLError as error:
        raise BadInput(f"{path.name}: is no YAML: {error}") from error
    if not isinstance(content, dict):
        raise BadInput(f"{path.name}: must hold a mapping of keys to values.")
    return content


@dataclass(frozen=True)
class Entity:
    """A kind of row: its fields, and for some fields the only values they may hold."""

    name: str
    app: str
    what: str
    fields: tuple[str, ...]
    values: Mapping[str, tuple[Any, ...]]


@dataclass(frozen=True)
class Vocabulary:
    """Every name that a rule may use; names map to the sentence that says what they mean."""

    entities: Mapping[str, Entity]
    checks: Mapping[str, str]
    workflows: Mapping[str, str]
    workflow_roles: Mapping[str, tuple[str, ...]]
    topics: Mapping[str, str]
    topic_roles: Mapping[str, str]
    roles: Mapping[str, str]
    populations: Mapping[str, str]
    conditions: Mapping[str, str]
    cadences: Mapping[str, Mapping[str, int]]
    bases: tuple[str, ...]
    produced_entities: frozenset[str]
    automation_levels: tuple[str, ...]
    requirement_results: tuple[str, ...]


def _entity(name: str, raw: Mapping[str, Any]) -> Entity:
    values = {field: tuple(allowed) for field, allowed in raw.get("values", {}).items()}
    return Entity(name, raw["app"], raw["what"], tuple(raw["fields"]), MappingProxyType(values))


def parsed(raw: Mapping[str, Any]) -> Vocabulary:
    """The vocabulary from the content of its file."""
    workflows, topics, basis = raw["workflows"], raw["attestation_topics"], dict(raw["basis"])
    produced = frozenset(basis.pop("produced_entities"))
    return Vocabulary(
        entities=MappingProxyType({name: _entity(name, entry) for name, entry in raw["entities"].items()}),
        checks=MappingProxyType(raw["checks"]),
        workflows=MappingProxyType({name: entry["what"] for name, entry in workflows.items()}),
        workflow_roles=MappingProxyType({name: tuple(entry["roles"]) for name, entry in workflows.items()}),
        topics=MappingProxyType({name: entry["what"] for name, entry in topics.items()}),
        topic_roles=MappingProxyType({name: entry["default_role"] for name, entry in topics.items()}),
        roles=MappingProxyType(raw["roles"]),
        populations=MappingProxyType(raw["populations"]),
        conditions=MappingProxyType(raw["conditions"]),
        cadences=MappingProxyType({name: MappingProxyType(days) for name, days in raw["cadences"].items()}),
        bases=tuple(basis),
        produced_entities=produced,
        automation_levels=tuple(raw["automation_levels"]),
        requirement_results=tuple(raw["requirement_result"]),
    )


@cache
def vocabulary() -> Vocabulary:
    """The vocabulary of this installation, read once a process."""
    return parsed(read_yaml(FILE))
