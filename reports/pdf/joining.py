"""What a part of a document hands over, and how the file of the first pages takes it in: pages, structure, names, bookmarks.

Works on the objects of pydyf, with which the renderer writes: a dictionary is a dict, an array a list, a reference the bytes
`12 0 R`. The first three objects of every file are the same: none, the tree of pages, the catalogue.
"""

import hashlib
import re
from collections.abc import Iterable, Iterator
from typing import Any, Final

import pydyf

REFERENCE: Final = re.compile(rb"(\d+) 0 R")
FIRST: Final = 3
PAGES: Final = 1
# What a link of the contents says instead of a place: the chapter lies in a part that is drawn elsewhere.
ELSEWHERE: Final = "chapter-of-a-part:"


class Carried(pydyf.Object):  # type: ignore[misc]
    """An object as another process wrote it."""

    def __init__(self, content: bytes, *, is_stream: bool) -> None:
        super().__init__()
        self.content = content
        self.is_stream = is_stream

    @property
    def data(self) -> bytes:
        """The object as it stands in the file."""
        return self.content

    @property
    def compressible(self) -> bool:
        """Streams stand alone; everything else may lie in a stream of objects."""
        return not self.is_stream


# ---- structure


def number_of(reference: bytes) -> int:
    """The number of the object that is referred to."""
    return int(reference.split()[0])


def reference(number: int) -> bytes:
    """A reference to an object."""
    return b"%d 0 R" % number


class Structure:
    """The structure of a file: its root element, and which element each marked piece of content belongs to."""

    def __init__(self, pdf: Any) -> None:
        root = pdf.objects[number_of(pdf.catalog["StructTreeRoot"])]
        self.number = number_of(root["K"][0])
        self.kids = pdf.objects[self.number]["K"]
        self.owners = pdf.objects[number_of(root["ParentTree"])]["Nums"]

    @property
    def keys(self) -> int:
        """How many pages and annotations have a key; keys count from 0."""
        return len(self.owners) // 2


# ---- what a part hands over


class Excerpt:
    """The objects that a part's pages and structure reach, to be numbered as the whole wants it."""

    def __init__(self, pdf: Any, *, part: int) -> None:
        self.pdf, self.structure = pdf, Structure(pdf)
        self.pages = list(pdf.pages["Kids"][::3])
        self.fixed = {PAGES: PAGES, self.structure.number: self.structure.number}
        roots = [*self.pages, *references(self.structure.kids), *references(self.structure.owners)]
        self.numbers = sorted(reached(pdf, roots, but=self.fixed.keys()))
        for number in self.numbers:
            set_apart(pdf.objects[number], part)

    def numbered(self, first: int, *, key: int, structure: int) -> tuple[dict[str, Any], bytes]:
        """What the joining has to know, and the bytes of all objects, numbered from `first` on."""
        places = {number: first + place for place, number in enumerate(self.numbers)}
        places |= self.fixed | {self.structure.number: structure}
        found = [self.pdf.objects[number] for number in self.numbers]
        for one in (*found, self.structure.kids, self.structure.owners, names := names_of(self.pdf)):
            renumber(one, places)
        for one in found:
            shift_key(one, key)
        bodies = [one.data for one in found]
        told = {
            "objects": [[len(body), isinstance(one, pydyf.Stream)] for one, body in zip(found, bodies, strict=True)],
            "pages": [places[number] for number in self.pages],
            "kids": [number_of(kid) for kid in self.structure.kids],
            "owners": [
                list(map(number_of, owner)) if isinstance(owner, list) else number_of(owner)
                for owner in self.structure.owners[1::2]
            ],
            "names": [[name.string, number_of(place[0]), *place[2:]] for name, place in in_pairs(names)],
        }
        return told, b"".join(bodies)


def names_of(pdf: Any) -> list[Any]:
    """Named places of a file and where they are, in turn."""
    found: list[Any] = pdf.catalog.get("Names", {}).get("Dests", {}).get("Names", [])
    return found


def in_pairs(flat: list[Any]) -> Iterator[tuple[Any, Any]]:
    """One and the next, two and two."""
    return zip(flat[::2], flat[1::2], strict=True)


def references(value: Any) -> Iterator[int]:
    """The numbers of all objects that a value refers to."""
    for item in values_of(value):
        if isinstance(item, bytes):
            if REFERENCE.fullmatch(item):
                yield number_of(item)
        else:
            yield from references(item)


def values_of(value: Any) -> Iterable[Any]:
    """What lies directly in a value."""
    if isinstance(value, pydyf.Stream):
        return values_of(value.extra)
    if isinstance(value, dict):
        return value.values()
    return value if isinstance(value, list | tuple) else ()


def reached(pdf: Any, roots: Iterable[int], *, but: Iterable[int]) -> set[int]:
    """The numbers of the objects that are reached from these, without those."""
    outside = set(but)
    found: set[int] = set()
    ahead = list(roots)
    while ahead:
        number = ahead.pop()
        if number not in found and number not in outside:
            found.add(number)
            ahead.extend(references(pdf.objects[number]))
    return found


def renumber(value: Any, places: dict[int, int]) -> None:
    """Let every reference in a value mean the same object under its new number."""
    held = value.extra if isinstance(value, pydyf.Stream) else value
    for key, item in held.items() if isinstance(held, dict) else enumerate(held) if isinstance(held, list) else ():
        if isinstance(item, bytes):
            if REFERENCE.fullmatch(item):
                held[key] = reference(places[number_of(item)])
        else:
            renumber(item, places)


def set_apart(value: Any, part: int) -> None:
    """Give a part's names of table headers and of font subsets its own mark: each part counts its own from the start."""
    if not isinstance(value, dict):
        return
    if "ID" in value:
        value["ID"].string = f"{part}.{value['ID'].string}"  # the cells under it hold this very string
    for key in ("BaseFont", "FontName"):
        if key in value:
            _subset, _plus, name = value[key].partition(b"+")
            value[key] = b"/" + subset_tag(value[key], part) + b"+" + name


def subset_tag(name: bytes, part: int) -> bytes:
    """Six capital letters for a part's subset of a font."""
    digest = hashlib.sha256(b"%d %b" % (part, name)).digest()
    return bytes(65 + byte % 26 for byte in digest[:6])


def shift_key(value: Any, by: int) -> None:
    """Move the key under which a page's or an annotation's content is looked up."""
    for name in ("StructParents", "StructParent"):
        if isinstance(value, dict) and name in value:
            value[name] += by


# ---- how the file of the first pages takes them in


class Whole:
    """The file of the first pages, to which parts are added in their order."""

    def __init__(self, pdf: Any) -> None:
        self.pdf, self.structure = pdf, Structure(pdf)
        self.names = {name.string: place for name, place in in_pairs(names_of(pdf))}

    @property
    def room(self) -> dict[str, int]:
        """From where on a part is to be numbered, and to which element its structure belongs."""
        return {"first": len(self.pdf.objects), "key": self.structure.keys, "structure": self.structure.number}

    def add(self, told: dict[str, Any], content: bytes) -> None:
        """Take a part in: its objects, pages, structure and names."""
        at = 0
        for size, is_stream in told["objects"]:
            self.pdf.add_object(Carried(content[at : at + size], is_stream=is_stream))
            at += size
        for number in told["pages"]:
            self.pdf.pages["Kids"].extend([number, 0, "R"])
            self.pdf.pages["Count"] += 1
        self.structure.kids.extend(map(reference, told["kids"]))
        for owner in told["owners"]:
            refers = pydyf.Array(map(reference, owner)) if isinstance(owner, list) else reference(owner)
            self.structure.owners.extend([self.structure.keys, refers])
        for name, number, *position in told["names"]:
            self.names[name] = pydyf.Array([reference(number), "/XYZ", *position])

    def close(self) -> None:
        """Write the names down, and let the contents lead to the chapters."""
        flat = [item for name, place in sorted(self.names.items()) for item in (pydyf.String(name), place)]
        self.pdf.catalog.setdefault("Names", pydyf.Dictionary())["Dests"] = pydyf.Dictionary(
            {"Names": pydyf.Array(flat)}
        )
        for link in self.pdf.objects:
            if isinstance(link, dict) and link.get("Subtype") == "/Link":
                self.lead(link)

    def lead(self, link: Any) -> None:
        """A link to a chapter of a part, now that the part is here."""
        said = link["A"]["URI"].string if "A" in link else ""
        if said.startswith(ELSEWHERE):
            del link["A"]
            link["Dest"] = link["Contents"] = pydyf.String(said.removeprefix(ELSEWHERE))
