"""Reads a bill of materials into packages: CycloneDX or SPDX as JSON, or requirements as pip writes them."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote

from rai.checks.saying import InputError

PYPI = "pypi"
MOST_PACKAGES, LONGEST = 50_000, 300
PINNED = re.compile(
    r"([A-Za-z0-9][\w.-]{0,200})(?![\w.-])\s*(?:\[[^\]]*\])?\s*(?:={2,3}\s*([^\s;,*]+)\s*(?:$|;.*)|.*)", re.ASCII
)


@dataclass(frozen=True, order=True)
class Package:
    """A package at one version. `ecosystem` is in lower case, empty where nothing says it; `version` empty where none is exact."""

    ecosystem: str
    name: str
    version: str

    def __str__(self) -> str:
        return f"{self.name} {self.version}".strip()


def read(content: bytes, title: str) -> list[Package]:
    """The packages of a bill, each once, in order; raises InputError that says what is wrong with the file."""
    text = decoded(content, title)
    found = of_json(parsed(text, title), title) if text.lstrip()[:1] in ("{", "[") else of_requirements(text)
    packages = sorted({one for one in found if one.name})
    if not packages:
        raise InputError(
            "{title} names no packages. Send a CycloneDX or SPDX file in JSON, or requirements with exact versions.",
            title=title,
        )
    if len(packages) > MOST_PACKAGES:
        raise InputError(
            "{title} names {n} packages; {most} are looked at. Split it by part of the system.",
            title=title, n=f"{len(packages):,}", most=f"{MOST_PACKAGES:,}",
        )  # fmt: skip
    return packages


def decoded(content: bytes, title: str) -> str:
    """The file as text."""
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise InputError(
            "{title} is not UTF-8 text near byte {start}. Export it again as UTF-8.",
            title=title,
            start=f"{error.start:,}",
        ) from error


def parsed(text: str, title: str) -> Any:
    """The file as JSON."""
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as error:
        raise InputError(
            "{title} begins like JSON and is none: {what}. Export it again.", title=title, what=str(error)[:120]
        ) from error


def of_json(bill: Any, title: str) -> Iterator[Package]:
    """The packages of a CycloneDX or an SPDX document."""
    if isinstance(bill, dict) and bill.get("bomFormat") == "CycloneDX":
        return of_cyclonedx(bill)
    if isinstance(bill, dict) and str(bill.get("spdxVersion", "")).startswith("SPDX-2"):
        return of_spdx(bill)
    raise InputError(
        "{title} is JSON, but neither CycloneDX (bomFormat) nor SPDX 2 (spdxVersion). Export it as one of them.",
        title=title,
    )


def of_cyclonedx(bill: dict[str, Any]) -> Iterator[Package]:
    """Components, those within others too; files, data and models are no packages."""
    waiting = listed(bill, "components")
    while waiting:
        one = waiting.pop()
        waiting += listed(one, "components")
        if one.get("type", "library") in ("library", "framework", "application") or one.get("purl"):
            yield package(one.get("purl"), one.get("name"), one.get("version"))


def of_spdx(bill: dict[str, Any]) -> Iterator[Package]:
    """Packages with the address that names their ecosystem, where they have one."""
    for one in listed(bill, "packages"):
        references = listed(one, "externalRefs")
        purl = next((each.get("referenceLocator") for each in references if each.get("referenceType") == "purl"), None)
        yield package(purl, one.get("name"), one.get("versionInfo"))


def listed(holder: dict[str, Any], name: str) -> list[dict[str, Any]]:
    """The objects of a list; nothing where it is none."""
    found = holder.get(name)
    return [one for one in found if isinstance(one, dict)] if isinstance(found, list) else []


def package(purl: Any, name: Any, version: Any) -> Package:
    """A package by its package URL (`pkg:type/namespace/name@version`), else by name and version of an unknown ecosystem."""
    found = re.fullmatch(
        r"pkg:/*([A-Za-z0-9.+-]+)/([^?#@]+)(?:@([^?#]+))?(?:[?#].*)?", purl if isinstance(purl, str) else ""
    )
    if found is None:
        return Package("", text(name), text(version))
    return Package(found[1].lower(), text(unquote(found[2])), text(unquote(found[3] or "")) or text(version))


def text(value: Any) -> str:
    """A short text; anything else is as if it were not there."""
    return value.strip()[:LONGEST] if isinstance(value, str) else ""


def of_requirements(content: str) -> Iterator[Package]:
    """Lines as pip writes them; options and addresses are left out, and what is not pinned has no version."""
    for line in content.replace("\\\n", " ").splitlines():
        line = re.split(r"(?:^|\s)(?:#|--hash)", line.strip(), maxsplit=1)[0].strip()
        found = PINNED.fullmatch(line)
        if found is not None and not line.startswith("-") and "://" not in line:
            yield Package(PYPI, text(found[1]), text(found[2] or ""))
