"""The text of a policy as data, with the line on which each part of it stands; bad YAML is refused with its line."""

import math
from dataclasses import dataclass, field
from typing import Any, Final

import yaml
from django.utils.translation import gettext as _

MOST_CHARACTERS: Final = 64_000
MOST_PARTS: Final = 20_000
MOST_DEPTH: Final = 12
MERGE: Final = "tag:yaml.org,2002:merge"
PLAIN: Final = frozenset({"tag:yaml.org,2002:map", "tag:yaml.org,2002:seq"})
Path = tuple[Any, ...]


@dataclass(frozen=True, order=True)
class Problem:
    """Why a policy is refused: the line, counted from 1, and a sentence."""

    line: int
    reason: str

    def __str__(self) -> str:
        return _("Line %(line)d: %(reason)s") % {"line": self.line, "reason": self.reason}


class Unreadable(Exception):
    """The text cannot be read at all; `problem` says why."""

    def __init__(self, line: int, reason: str) -> None:
        self.problem = Problem(line, reason)
        super().__init__(str(self.problem))


@dataclass
class Document:
    """What a text says, and where it says it."""

    content: Any = None
    lines: dict[Path, int] = field(default_factory=dict)

    def line_of(self, path: Path) -> int:
        """The line of a part, or of what it would stand in."""
        while path and path not in self.lines:
            path = path[:-1]
        return self.lines.get(path, 1)


def parsed(text: str) -> Document:
    """The document of a text. Raises Unreadable with the line where it is no YAML, too large or too deep."""
    if len(text) > MOST_CHARACTERS:
        raise Unreadable(1, _("It has more than %d characters; a policy is shorter.") % MOST_CHARACTERS)
    loader = yaml.SafeLoader(text)
    try:
        node = loader.get_single_node()
        found = Document()
        found.content = Walk(loader, found.lines).value(node, (), 0) if node is not None else None
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        raise Unreadable(mark.line + 1 if mark else 1, _("Is no YAML: %s.") % error.problem) from error
    except (yaml.YAMLError, ValueError) as error:
        raise Unreadable(1, _("Is no YAML: %s.") % error) from error
    finally:
        loader.dispose()
    return found


class Walk:
    """One walk down the nodes of a text, that notes the line of every part and gives up on what is meant to exhaust."""

    def __init__(self, loader: yaml.SafeLoader, lines: dict[Path, int]) -> None:
        self.loader, self.lines, self.parts = loader, lines, 0

    def value(self, node: yaml.Node, path: Path, depth: int) -> Any:
        """The value of a node. An alias is walked anew wherever it stands."""
        line = node.start_mark.line + 1
        self.parts += 1
        if depth > MOST_DEPTH or self.parts > MOST_PARTS:
            raise Unreadable(line, _("It is nested too deeply, or repeats itself too often."))
        if not isinstance(node, yaml.ScalarNode) and node.tag not in PLAIN:
            raise Unreadable(line, _("The tag “%s” means nothing in a policy; take it out.") % node.tag)
        self.lines.setdefault(path, line)
        if isinstance(node, yaml.MappingNode):
            return self.mapping(node, path, depth)
        if isinstance(node, yaml.SequenceNode):
            return [self.value(each, (*path, number), depth + 1) for number, each in enumerate(node.value)]
        found = self.loader.construct_object(node)
        if isinstance(found, float) and not math.isfinite(found):
            raise Unreadable(line, _("“%s” is no number that anything can be held against.") % node.value)
        return found

    def mapping(self, node: yaml.MappingNode, path: Path, depth: int, taken: frozenset[str] = frozenset()) -> Any:
        """A mapping; its own keys go before those of a mapping that is merged into it by `<<`, except `taken` ones."""
        own: dict[Any, Any] = {}
        for key, value in node.value:
            if key.tag == MERGE:
                continue
            name, line = self.loader.construct_object(key), key.start_mark.line + 1
            if not isinstance(name, str):
                raise Unreadable(line, _("The key “%s” is no text; write it in quotation marks.") % name)
            if name in own:
                raise Unreadable(line, _("The key “%s” stands twice; remove one of the two.") % name)
            if name not in taken:
                self.lines[(*path, name)] = line
                own[name] = self.value(value, (*path, name), depth + 1)
        for key, value in node.value:
            if key.tag == MERGE:
                own = self.merged(value, path, depth, frozenset(own) | taken) | own
        return own

    def merged(self, node: yaml.Node, path: Path, depth: int, taken: frozenset[str]) -> dict[Any, Any]:
        """What `<<` brings in; its parts stand where they are written."""
        if not isinstance(node, yaml.MappingNode) or depth > MOST_DEPTH:
            raise Unreadable(node.start_mark.line + 1, _("Only one mapping can be merged by “<<”."))
        return dict(self.mapping(node, path, depth + 1, taken))
