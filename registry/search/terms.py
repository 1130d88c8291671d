"""Texts as terms: the same for what is kept and for what is asked, in any script."""

import re
import unicodedata
from collections.abc import Iterable, Iterator
from typing import Final

# A version number stays whole; else letters and digits in a row are a word.
WORD: Final = re.compile(r"\d+(?:\.\d+)+|[^\W_]+")
# Scripts that are written without spaces: Thai to Myanmar, kana, Han.
UNSPACED: Final = re.compile(
    r"[\u0e00-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]+"
)
# Longer texts are found by their beginning.
LONGEST: Final = 4000
LONGEST_WORD: Final = 100


def terms(texts: Iterable[str]) -> list[str]:
    """Each term once, folded so that case, width and accents do not matter."""
    return list(dict.fromkeys(term for text in texts for word in words(text) for term in pieces(word)))


def words(text: str) -> list[str]:
    """The words of a text, folded and cut where no index takes them whole."""
    folded = unicodedata.normalize("NFKD", text[:LONGEST].casefold())
    bare = "".join(char for char in folded if unicodedata.category(char) != "Mn").replace("sha256:", " ")
    return [word[:LONGEST_WORD] for word in WORD.findall(unicodedata.normalize("NFC", bare))]


def pieces(word: str) -> Iterator[str]:
    """A word as it is; where the script has no spaces, each pair of neighbours, and the last sign alone."""
    end = 0
    for run in UNSPACED.finditer(word):
        if run.start() > end:
            yield word[end : run.start()]
        signs = run.group()
        yield from (signs[place : place + 2] for place in range(len(signs)))
        end = run.end()
    if end < len(word):
        yield word[end:]


def asked(text: str) -> list[str]:
    """The terms of a question: as `terms`, but the last sign of an unspaced word is in the pair before it already."""
    found = []
    for word in words(text):
        parts = list(pieces(word))
        pairs = [part for part in parts if len(part) > 1 or not UNSPACED.fullmatch(part)]
        found += pairs or parts
    return list(dict.fromkeys(found))
