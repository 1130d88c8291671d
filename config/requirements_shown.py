"""Which requirement or promise stands in which test: ids of docs/requirements.md found in the words of tests."""

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROW = re.compile(r"^\| (S-\d{3}|P\d{1,2}) \| (.+?) \|(?: (\w+) \| (\w+) \|)?$", re.MULTILINE)
# `S-011–S-013`, `S-142-S-144` and `P1–P15` stand for all between.
NAMED = re.compile(r"\b(S-|P)(\d{1,3})(?:\s?[–-]\s?(?:S-|P)(\d{1,3}))?\b")


@dataclass(frozen=True)
class Requirement:
    """One line of docs/requirements.md; promises have neither app nor weight."""

    id: str
    text: str
    app: str
    weight: str


@dataclass(frozen=True)
class Shown:
    """A test, or a file of tests, that names ids."""

    place: str
    ids: frozenset[str]


def required(page: Path) -> list[Requirement]:
    """The rows of the page in its order. Raises ValueError for an id that stands twice."""
    found = [Requirement(*(part or "" for part in row)) for row in ROW.findall(page.read_text(encoding="utf-8"))]
    twice = sorted({each.id for each in found if sum(other.id == each.id for other in found) > 1})
    if twice:
        raise ValueError(f"{page.name}: {', '.join(twice)} stands twice.")
    return found


def ids_in(text: str) -> frozenset[str]:
    """Every id that a text names, ranges spelled out."""
    ids = set()
    for kind, first, last in NAMED.findall(text):
        width = 3 if kind == "S-" else 1
        if kind == "S-" and len(first) != width:
            continue
        ids |= {f"{kind}{number:0{width}d}" for number in range(int(first), int(last or first) + 1)}
    return frozenset(ids)


def shown(folder: Path) -> Iterator[Shown]:
    """Every test function that names ids in its docstring or comments, and every file that does so at its head.

    A comment counts for the function that it stands in or right above.
    """
    for path in sorted(folder.rglob("test_*.py")):
        source = path.read_text(encoding="utf-8")
        tree, lines = ast.parse(source), source.splitlines()
        place = path.relative_to(folder.parent).as_posix()
        if ids := ids_in(ast.get_docstring(tree) or ""):
            yield Shown(place, ids)
        for node in ast.walk(tree):
            if isinstance(node, ast.FunctionDef | ast.ClassDef) and (ids := ids_in(words_of(node, lines))):
                yield Shown(f"{place}::{node.name}", ids)


def words_of(node: ast.FunctionDef | ast.ClassDef, lines: list[str]) -> str:
    """The docstring of a test and the comments in it and right above it."""
    is_test = node.name.startswith(("test_", "Test"))
    if not is_test:
        return ""
    begin = min([node.lineno, *(each.lineno for each in node.decorator_list)]) - 1
    inside = [line.partition("#")[2] for line in lines[begin : node.end_lineno] if "#" in line]
    while begin and lines[begin - 1].startswith("#"):
        begin -= 1
        inside.append(lines[begin])
    return "\n".join([ast.get_docstring(node) or "", *inside])
