"""Universal Binary JSON, the binary form of XGBoost's models, read in plain Python as far as XGBoost writes it."""

import struct
from typing import Any

DEEPEST = 64
NUMBERS = {b"i": "b", b"U": "B", b"I": "h", b"l": "i", b"L": "q", b"d": "f", b"D": "d"}
CONSTANTS = {b"T": True, b"F": False, b"Z": None}


def loads(raw: bytes) -> Any:
    """The value that the bytes hold; raises ValueError for bytes that hold none, or more than one."""
    reader = Reader(raw)
    value = reader.value(reader.take(1), DEEPEST)
    if reader.at != len(raw):
        raise ValueError("bytes after the end")
    return value


class Reader:
    """A place in the bytes, which moves on as they are read."""

    def __init__(self, raw: bytes) -> None:
        self.raw, self.at = raw, 0

    def take(self, length: int) -> bytes:
        """The next bytes."""
        if not 0 <= length <= len(self.raw) - self.at:
            raise ValueError("bytes are missing")
        self.at += length
        return self.raw[self.at - length : self.at]

    def peeks(self, mark: bytes) -> bool:
        """Whether this byte is next; if so it is taken."""
        found = self.raw[self.at : self.at + 1] == mark
        self.at += found
        return found

    def value(self, mark: bytes, deeper: int) -> Any:
        """The value that begins with a mark."""
        if deeper == 0:
            raise ValueError("nested too deeply")
        if mark in NUMBERS:
            return self.numbers(mark, 1)[0]
        if mark in CONSTANTS:
            return CONSTANTS[mark]
        if mark == b"S":
            return self.text()
        if mark == b"[":
            return self.array(deeper)
        if mark == b"{":
            return self.object(deeper)
        raise ValueError("an unknown mark")

    def length(self) -> int:
        """A length: a whole number with its mark."""
        mark = self.take(1)
        if mark not in NUMBERS or mark in b"dD":
            raise ValueError("a length that is none")
        found = int(self.numbers(mark, 1)[0])
        if found < 0:
            raise ValueError("a length below zero")
        return found

    def text(self) -> str:
        """A text: its length, then UTF-8."""
        return self.take(self.length()).decode("utf-8")

    def numbers(self, mark: bytes, count: int) -> list[Any]:
        """So many numbers of one kind, the most significant byte first."""
        kind = NUMBERS[mark]
        body = self.take(count * struct.calcsize(">" + kind))
        return list(struct.unpack(f">{count}{kind}", body))

    def array(self, deeper: int) -> list[Any]:
        """Values up to a closing bracket, or so many as stated, of one kind if that is stated too."""
        if self.peeks(b"$"):
            mark = self.take(1)
            if not self.peeks(b"#") or mark not in NUMBERS:
                raise ValueError("an array of a kind that is unknown")
            return self.numbers(mark, self.length())
        if self.peeks(b"#"):
            return [self.value(self.take(1), deeper - 1) for _ in range(self.length())]
        found = []
        while not self.peeks(b"]"):
            found.append(self.value(self.take(1), deeper - 1))
        return found

    def object(self, deeper: int) -> dict[str, Any]:
        """Names and values up to a closing brace; a name stands once."""
        found: dict[str, Any] = {}
        while not self.peeks(b"}"):
            name = self.text()
            if name in found:
                raise ValueError("a name stands twice")
            found[name] = self.value(self.take(1), deeper - 1)
        return found
