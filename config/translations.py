"""Finds text in templates that people would read and that gettext does not know of; a part of `lint`."""

import re
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path

from django.template.base import Lexer, TokenType

OPAQUE = {"blocktrans": "endblocktrans", "blocktranslate": "endblocktranslate", "comment": "endcomment"}
SPOKEN = {"title", "alt", "placeholder", "aria-label", "aria-description"}
# What is typed or computed is the same in every language.
SILENT = {"script", "style", "code", "kbd", "pre"}
VOID = {"img", "input", "br", "hr", "meta", "link", "col", "wbr", "source"}
FILE_NAME = re.compile(r"\b[\w-]+\.(?:py|zip|json|csv|pdf)\b")
WORD = re.compile(r"[^\W\d_]{2,}")
NAMES = {"Attestry", "NIST", "AI", "RMF", "SHA", "sha", "JSON", "CSV", "PDF", "API", "URL", "REST", "OpenAPI"}


def unmarked(folder: Path) -> Iterator[str]:
    """One line for each piece of bare text in the templates of a folder."""
    for path in sorted(folder.glob("*/templates/**/*.html")):
        reader = Reader()
        reader.feed(without_template_tags(path.read_text(encoding="utf-8")))
        for line, text in reader.found:
            yield f"{path}:{line}: “{text}” is not marked for translation"


def without_template_tags(source: str) -> str:
    """The HTML of a template, line for line, without Django's tags and what they translate or leave out."""
    kept, until = [], ""
    for token in Lexer(source).tokenize():
        is_text = token.token_type == TokenType.TEXT
        words = token.contents.split() if token.token_type == TokenType.BLOCK else []
        if until:
            until = "" if words[:1] == [until] else until
            is_text = False
        elif words:
            # A block of class names is no text, although it stands between tags.
            is_class = words[0] == "block" and words[-1].endswith("class")
            until = "endblock" if is_class else OPAQUE.get(words[0], "")
        kept.append(token.contents if is_text else "\n" * token.contents.count("\n"))
    return "".join(kept)


class Reader(HTMLParser):
    """Collects words between tags and in the attributes that are read aloud, unless an element names its own language."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[tuple[int, str]] = []
        self.silent: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Look at the spoken attributes; go silent inside what has no language, or one of its own."""
        for name, value in attrs:
            if name in SPOKEN and value:
                self.look(value)
        is_own = any(name == "lang" for name, _ in attrs) and tag != "html"
        if tag not in VOID and (self.silent or tag in SILENT or is_own):
            self.silent.append(tag)

    def handle_endtag(self, tag: str) -> None:
        """Leave a silent element."""
        if self.silent and self.silent[-1] == tag:
            self.silent.pop()

    def handle_data(self, data: str) -> None:
        """Look at the words between tags."""
        if not self.silent:
            self.look(data)

    def look(self, text: str) -> None:
        """Remember text with a word that is not a name."""
        if set(WORD.findall(FILE_NAME.sub(" ", text))) - NAMES:
            self.found.append((self.getpos()[0], " ".join(text.split())[:60]))
