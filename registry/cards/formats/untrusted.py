"""Reads JSON and YAML that strangers wrote: bounded, without aliases, each key once; a fault names its place."""

import json
from collections.abc import Iterator
from decimal import Decimal
from typing import Any, Final

import yaml
from django.utils.translation import gettext as _

from registry.errors import BadInput
from registry.parsers import DEEPEST, each_name_once, is_text, no_constant, walked

MOST_BYTES: Final = 2_000_000
MOST_VALUES: Final = 50_000
NOTHING: Final = frozenset({"", "~", "null", "Null", "NULL"})
Loader: Final = yaml.CBaseLoader if yaml.__with_libyaml__ else yaml.BaseLoader


def refused(sentence: str) -> BadInput:
    """What is wrong with the file."""
    return BadInput(sentence, field="file")


def text_of(content: bytes) -> str:
    """The file's text with one kind of line end."""
    if len(content) > MOST_BYTES:
        raise refused(
            _("The file has %(size)d bytes; a card may have %(most)d at most.")
            % {"size": len(content), "most": MOST_BYTES}
        )
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise refused(_("Byte %d of the file is no UTF-8 text; save it as UTF-8.") % (error.start + 1)) from error
    if "\0" in text:
        raise refused(_("Line %d of the file holds a NUL character.") % (text[: text.index("\0")].count("\n") + 1))
    return text.replace("\r\n", "\n").replace("\r", "\n")


def json_of(content: bytes) -> dict[str, Any]:
    """The object that a JSON file holds; numbers keep their digits."""
    try:
        value = json.loads(
            text_of(content), object_pairs_hook=each_name_once, parse_constant=no_constant, parse_float=Decimal
        )
    except RecursionError as error:
        raise refused(_("The file is nested more than %d levels deep.") % DEEPEST) from error
    except json.JSONDecodeError as error:
        raise refused(
            _("Line %(line)d, column %(column)d: this is no JSON (%(why)s).")
            % {"line": error.lineno, "column": error.colno, "why": error.msg}
        ) from error
    except ValueError as error:
        raise refused(_("This is no JSON: %s.") % error) from error
    for count, (depth, text) in enumerate(walked(value)):
        if depth > DEEPEST:
            raise refused(_("The file is nested more than %d levels deep.") % DEEPEST)
        if count > MOST_VALUES:
            raise refused(_("The file holds more than %d values.") % MOST_VALUES)
        if not is_text(text):
            raise refused(_("A text of the file holds a character that no text has: NUL or half of a pair."))
    return mapping(value)


def mapping(value: Any) -> dict[str, Any]:
    """The value, when it is an object."""
    if not isinstance(value, dict):
        raise refused(_("The file must hold one object of names and values."))
    return value


def yaml_of(text: str, *, first_line: int = 1) -> dict[str, Any]:
    """The mapping that a YAML text holds, every scalar as text; `first_line` is where the text begins in its file."""
    try:
        require_plain(text, first_line)
        node = yaml.compose(text, Loader=Loader)
    except yaml.MarkedYAMLError as error:
        line = (error.problem_mark.line if error.problem_mark else 0) + first_line
        raise refused(_("Line %(line)d: this is no YAML (%(why)s).") % {"line": line, "why": error.problem}) from error
    except yaml.YAMLError as error:
        raise refused(_("This is no YAML: %s.") % error) from error
    return mapping(built(node, first_line) if node is not None else {})


def require_plain(text: str, first_line: int) -> None:
    """No aliases, no great depth, not too many values: looked at event by event, before anything is built."""
    depth = 0
    for count, event in enumerate(yaml.parse(text, Loader=Loader)):
        line = getattr(event.start_mark, "line", 0) + first_line
        depth += isinstance(event, yaml.MappingStartEvent | yaml.SequenceStartEvent)
        depth -= isinstance(event, yaml.MappingEndEvent | yaml.SequenceEndEvent)
        if isinstance(event, yaml.AliasEvent):
            raise refused(_("Line %d: aliases are not read; write the value out.") % line)
        if depth > DEEPEST:
            raise refused(
                _("Line %(line)d: the file is nested more than %(most)d levels deep.") % {"line": line, "most": DEEPEST}
            )
        if count > MOST_VALUES:
            raise refused(_("The file holds more than %d values.") % MOST_VALUES)


def built(node: yaml.Node, first_line: int) -> Any:
    """A node as mapping, list or text; a key that stands twice is refused."""
    if isinstance(node, yaml.MappingNode):
        found: dict[str, Any] = {}
        for key, value in node.value:
            name = str(key.value) if isinstance(key, yaml.ScalarNode) else ""
            if not name or name in found:
                line = key.start_mark.line + first_line
                raise refused(
                    _("Line %(line)d: the key “%(key)s” stands twice or is no text.") % {"line": line, "key": name}
                )
            found[name] = built(value, first_line)
        return found
    if isinstance(node, yaml.SequenceNode):
        return [built(each, first_line) for each in node.value]
    return None if getattr(node, "style", None) is None and node.value in NOTHING else str(node.value)


def leaves(value: Any, place: str = "") -> Iterator[tuple[str, str]]:
    """Every text and number of a value with its place, such as `model_details.owners.0.name`."""
    if isinstance(value, dict):
        for name, inner in value.items():
            yield from leaves(inner, f"{place}.{name}" if place else str(name))
    elif isinstance(value, list):
        for number, inner in enumerate(value):
            yield from leaves(inner, f"{place}.{number}")
    elif value is not None and not isinstance(value, bool) and str(value).strip():
        yield place, str(value).strip()
