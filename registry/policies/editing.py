"""Changes single values in the text of a policy, where they are written, so that its comments and layout stay."""

import copy
import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

import yaml

from registry.policies.text import Path, parsed

# A shared part of a text that changes for one tier is written out for others, each in a step of its own.
MOST_STEPS: Final = 60
GONE: Final = object()
ALIAS: Final = re.compile(r"\s*(\*[^\s,\]}]+)")


def changed(source: str, tier: str, values: Mapping[str, Any]) -> str | None:
    """The text with other values of a tier, None taking one out; None where its layout does not allow that.

    What other tiers say stays as it was, though they share a part with this one.
    """
    wanted = copy.deepcopy(parsed(source).content)
    for name, value in values.items():
        if value is None:
            wanted["tiers"][tier].pop(name, None)
        else:
            wanted["tiers"][tier][name] = value
    text: str | None = source
    for _step in range(MOST_STEPS):
        left = next(differing(parsed(text).content, wanted), None) if text else None
        if left is None or text is None:
            return text
        text = put(text, left, wanted)
    return None


def differing(now: Any, wanted: Any, path: Path = ()) -> Iterator[Path]:
    """The places that read otherwise than wanted, the deepest that tell them apart."""
    if isinstance(now, dict) and isinstance(wanted, dict):
        for name in [*wanted, *(name for name in now if name not in wanted)]:
            if name in now and name in wanted:
                yield from differing(now[name], wanted[name], (*path, name))
            else:
                yield (*path, name)
    elif now != wanted:
        yield path


def put(text: str, path: Path, wanted: Any) -> str | None:
    """The text with the value at a place written anew, taken out, or added where none is written."""
    node: Any = yaml.compose(text, Loader=yaml.SafeLoader)
    for depth, name in enumerate(path):
        pair = next(((key, value) for key, value in node.value if key.value == name), None)
        value = at(wanted, path[: depth + 1])
        if pair is None:
            return None if value is GONE else added(text, node, name, value)
        key, inner = pair
        if inner.start_mark.index < key.end_mark.index:
            return overlaid(text, key, path[depth + 1 :], wanted=wanted, above=path[: depth + 1])
        if depth + 1 == len(path):
            return without(text, node, key, inner) if value is GONE else replaced(text, inner, value)
        if not isinstance(inner, yaml.MappingNode):
            return replaced(text, inner, value)
        node = inner
    return None


def at(content: Any, path: Path) -> Any:
    """What stands at a place; GONE where nothing does."""
    for name in path:
        if not isinstance(content, dict) or name not in content:
            return GONE
        content = content[name]
    return content


def written(value: Any) -> str:
    """A value on one line."""
    return str(
        yaml.safe_dump(value, default_flow_style=True, width=10_000, allow_unicode=True, sort_keys=False)
    ).removesuffix("...\n").strip()  # fmt: skip


def end_of(node: Any) -> int:
    """Where what is written of a node ends; the comments behind it are no part of it."""
    if isinstance(node, yaml.ScalarNode) or node.flow_style or not node.value:
        return int(node.end_mark.index)
    inner = [value for pair in node.value for value in pair] if isinstance(node, yaml.MappingNode) else node.value
    return max(end_of(each) for each in inner if each.start_mark.index >= node.start_mark.index)


def replaced(text: str, node: yaml.Node, value: Any) -> str:
    """Another value in the place of one."""
    return f"{text[: node.start_mark.index]}{written(value)}{text[end_of(node) :]}"


def added(text: str, node: yaml.MappingNode, name: str, value: Any) -> str | None:
    """One more key, after the last one that is written in a mapping."""
    if not node.value:
        return None
    last_key, last = node.value[-1]
    is_alias = last.start_mark.index < last_key.end_mark.index
    alias = ALIAS.match(text, last_key.end_mark.index + 1) if is_alias else None
    end = alias.end() if alias else end_of(last)
    if node.flow_style:
        return f"{text[:end]}, {name}: {written(value)}{text[end:]}"
    end = text.find("\n", end) if "\n" in text[end:] else len(text)
    return f"{text[:end]}\n{' ' * node.value[0][0].start_mark.column}{name}: {written(value)}{text[end:]}"


def without(text: str, node: yaml.MappingNode, key: yaml.Node, value: yaml.Node) -> str | None:
    """A key and its value taken out, with the line that they stand on."""
    if node.flow_style or len(node.value) == 1:
        return None
    begin = text.rfind("\n", 0, key.start_mark.index) + 1
    end = text.find("\n", end_of(value))
    return text[:begin] + (text[end + 1 :] if end >= 0 else "")


def overlaid(text: str, key: yaml.Node, rest: Path, *, wanted: Any, above: Path) -> str | None:
    """A value that stands for another part of the text: that part, with one key of its own beside it."""
    alias = ALIAS.match(text, key.end_mark.index + 1)
    value = at(wanted, (*above, *rest[:1]))
    if alias is None or not rest or value is GONE:
        return None
    beside = f"{{<<: {alias[1]}, {rest[0]}: {written(value)}}}"
    return f"{text[: alias.start(1)]}{beside}{text[alias.end(1) :]}"
