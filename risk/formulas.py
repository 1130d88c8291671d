"""Formulas of templates: sums and products of named figures, parsed here and never run as program text."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Final

Figures = Mapping[str, Fraction]
Node = Callable[[Figures], Fraction]
LONGEST: Final = 200
TOKEN: Final = re.compile(r"\s*(?:(\d+(?:\.\d+)?)|([a-z_]+)|(.))")
FUNCTIONS: Final[dict[str, Callable[..., Fraction]]] = {"min": min, "max": max}
SIGNS: Final[dict[str, Callable[[Fraction, Fraction], Fraction]]] = {
    "+": lambda a, b: a + b,
    "-": lambda a, b: a - b,
    "*": lambda a, b: a * b,
    "/": lambda a, b: a / b,
}


@dataclass(frozen=True)
class Formula:
    """A formula that was read; calling it with figures gives an exact fraction."""

    text: str
    node: Node

    def __call__(self, **figures: Fraction) -> Fraction:
        return self.node(figures)


def read(text: str, *, names: frozenset[str]) -> Formula:
    """The formula in a text. ValueError says what in it is not one: numbers, these names, + - * /, min, max, brackets."""
    if len(text) > LONGEST:
        raise ValueError(f"a formula has at most {LONGEST} characters")
    reader = Reader(text, names)
    node = reader.sum()
    if reader.now is not None:
        raise ValueError(f"“{reader.now}” is out of place in “{text}”")
    return Formula(text, node)


class Reader:
    """Reads a formula from left to right by the usual rules: products before sums."""

    def __init__(self, text: str, names: frozenset[str]) -> None:
        self.tokens = [found for match in TOKEN.findall(text.strip()) if (found := "".join(match).strip())]
        self.text, self.names, self.place = text, names, 0

    @property
    def now(self) -> str | None:
        """The token that is read next."""
        return self.tokens[self.place] if self.place < len(self.tokens) else None

    def take(self) -> str:
        """That token; the end of the text is refused."""
        if self.now is None:
            raise ValueError(f"“{self.text}” ends too early")
        self.place += 1
        return self.tokens[self.place - 1]

    def expect(self, sign: str) -> None:
        """Take this sign and nothing else."""
        if (found := self.take()) != sign:
            raise ValueError(f"“{sign}” is wanted in “{self.text}”, not “{found}”")

    def sum(self) -> Node:
        """Products, added and taken away."""
        return self.chain(self.product, "+-")

    def product(self) -> Node:
        """Single figures, multiplied and divided."""
        return self.chain(self.single, "*/")

    def chain(self, part: Callable[[], Node], signs: str) -> Node:
        """Parts with these signs between, from the left."""
        left = part()
        while self.now is not None and self.now in signs:
            left = joined(SIGNS[self.take()], left, part())
        return left

    def single(self) -> Node:
        """A number, a name, a function of parts, or a sum in brackets."""
        token = self.take()
        if token == "(":
            inner = self.sum()
            self.expect(")")
            return inner
        if token[0].isdigit():
            value = Fraction(token)
            return lambda _figures: value
        if token in FUNCTIONS:
            return self.call(FUNCTIONS[token])
        if token in self.names:
            return lambda figures: figures[token]
        raise ValueError(f"“{token}” is not known in “{self.text}”; known are {', '.join(sorted(self.names))}")

    def call(self, function: Callable[..., Fraction]) -> Node:
        """The parts of a function in brackets, divided by commas."""
        self.expect("(")
        parts = [self.sum()]
        while self.now == ",":
            self.take()
            parts.append(self.sum())
        self.expect(")")
        return lambda figures: function(part(figures) for part in parts)


def joined(sign: Callable[[Fraction, Fraction], Fraction], left: Node, right: Node) -> Node:
    """Two parts with a sign between."""
    return lambda figures: sign(left(figures), right(figures))
