"""Carries texts of a card to their places in another schema and back, as `maps_to` of the card schema says."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from registry.cards.schema import LINES, Field, schema

Doc = dict[str, Any]
EXACT: Final = "attestry:"


@dataclass(frozen=True)
class Place:
    """How a text is written to a path and read from it. `joined`: fields of one path come as one text under titles."""

    write: Callable[[Doc, str, str, Field], None]
    read: Callable[[Doc, str, Field], str]
    joined: bool = True


def get(doc: Any, path: str) -> Any:
    """The value at a dotted path, or None."""
    for name in path.split("."):
        doc = doc.get(name) if isinstance(doc, dict) else None
    return doc


def put(doc: Doc, path: str, value: Any) -> None:
    """Set a dotted path, making the objects on the way."""
    *way, last = path.split(".")
    for name in way:
        doc = doc.setdefault(name, {})
    doc[last] = value


def added(doc: Doc, path: str, rows: list[Any]) -> None:
    """Add rows to the list at a dotted path."""
    put(doc, path, [*(get(doc, path) or []), *rows])


def rows_of(doc: Doc, path: str) -> list[Any]:
    """The list at a path; a single value counts as a list of one."""
    found = get(doc, path)
    return [] if found is None else found if isinstance(found, list) else [found]


def break_of(spec: Field) -> str:
    """What stands between the entries of a field: a line end, or an empty line in prose."""
    return "\n" if spec.type in LINES else "\n\n"


def write_text(doc: Doc, path: str, text: str, spec: Field) -> None:
    """A plain text."""
    put(doc, path, text)


def read_text(doc: Doc, path: str, spec: Field) -> str:
    """A plain text; lists are joined, objects are none."""
    found = [str(row) for row in rows_of(doc, path) if not isinstance(row, dict | list)]
    return break_of(spec).join(found)


TEXT: Final = Place(write_text, read_text)


def write_strings(doc: Doc, path: str, text: str, spec: Field) -> None:
    """A list of texts."""
    added(doc, path, text.split(break_of(spec)))


STRINGS: Final = Place(write_strings, read_text)


def objects(key: str, other: str = "", **fixed: Any) -> Place:
    """A list of objects with the text under `key`; what follows ` | ` stands under `other`."""

    def write(doc: Doc, path: str, text: str, spec: Field) -> None:
        entries = dict.fromkeys(text.split(break_of(spec)))  # some schemas want each once
        added(doc, path, [made(entry) for entry in entries])

    def made(entry: str) -> Doc:
        head, _bar, tail = entry.partition(" | ") if other else (entry, "", "")
        return {**fixed, key: head} | ({other: tail} if tail else {})

    def read(doc: Doc, path: str, spec: Field) -> str:
        return break_of(spec).join(filter(None, map(said, rows_of(doc, path))))

    def said(row: Any) -> str:
        parts = (
            [str(row[name]) for name in (key, other) if name and row.get(name)] if isinstance(row, dict) else [str(row)]
        )
        return " | ".join(part.replace("\n", " ") for part in parts) if len(parts) > 1 else "".join(parts)

    return Place(write, read)


@dataclass(frozen=True)
class Schema:
    """Another schema: its name in `maps_to`, the places that are no plain texts, where a path lies, and how plain texts are written.

    `main` are the fields that take what stands under no title, where several share a path.
    """

    name: str
    places: Mapping[str, Place] = field(default_factory=dict)
    at: Callable[[str], str] = str
    default: Place = TEXT
    main: frozenset[str] = frozenset()

    @property
    def fields(self) -> tuple[Field, ...]:
        """The fields of the card that have a place in it."""
        return tuple(spec for spec in schema() if self.name in spec.maps_to)

    def paths(self) -> dict[str, list[Field]]:
        """The fields of each path: the main one first, then in the order of the card."""
        found: dict[str, list[Field]] = {}
        for spec in sorted(self.fields, key=lambda spec: spec.id not in self.main):
            found.setdefault(spec.maps_to[self.name], []).append(spec)
        return found

    def fill(self, doc: Doc, texts: Mapping[str, str]) -> None:
        """Write the texts to their places."""
        for path, specs in self.paths().items():
            place, there = self.places.get(path, self.default), [spec for spec in specs if texts.get(spec.id)]
            if not there:
                continue
            if place.joined:
                place.write(doc, self.at(path), joined(specs, texts), there[0])
                continue
            for spec in there:
                place.write(doc, self.at(path), texts[spec.id], spec)

    def taken(self, doc: Doc) -> dict[str, str]:
        """The texts that a document holds at the places of the card's fields."""
        found: dict[str, str] = {}
        for path, specs in self.paths().items():
            place = self.places.get(path, self.default)
            if place.joined:
                found |= parted(specs, place.read(doc, self.at(path), specs[0]))
            else:
                found |= {spec.id: place.read(doc, self.at(path), spec) for spec in specs}
        return {key: text.strip() for key, text in found.items() if text.strip()}

    def lossless(self, render: Callable[[Mapping[str, str]], Any], read: Callable[[Any], dict[str, str]],
                 texts: Mapping[str, str]) -> Any:  # fmt: skip
        """What `render` makes; where reading it gives another text, an exact copy goes along.

        `render` takes the exact copies. So nothing is lost where the other schema has no room or another grammar.
        """
        ours = {spec.id: texts.get(spec.id, "") for spec in self.fields}
        first = render({})
        back = read(first)
        lost = {key: text for key, text in ours.items() if back.get(key, "") != text}
        return render(lost) if lost else first


def heading(spec: Field) -> str:
    """The line under which one of several fields of a path stands."""
    return f"## {spec.title}"


def joined(specs: Iterable[Field], texts: Mapping[str, str]) -> str:
    """The texts of one path: alone as it is, several under their titles."""
    there = [spec for spec in specs if texts.get(spec.id)]
    first = next(iter(specs))
    if there == [first]:
        return texts[first.id]
    return "\n\n".join(f"{heading(spec)}\n{texts[spec.id]}" for spec in there)


def parted(specs: list[Field], text: str) -> dict[str, str]:
    """The texts of one path by their fields; what stands under no title goes to the first."""
    titles = {heading(spec): spec.id for spec in specs}
    found: dict[str, list[str]] = {}
    key = specs[0].id
    for line in text.split("\n"):
        key = titles.get(line, key)
        found.setdefault(key, [])
        if line not in titles:
            found[key].append(line)
    return {name: "\n".join(lines).strip() for name, lines in found.items()}
