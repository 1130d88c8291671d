"""The frameworks of this installation by their short names: those of the software, and those that were brought."""

from dataclasses import replace
from functools import lru_cache
from typing import Any
from uuid import UUID

from registry.canonical import canonical
from registry.errors import BadInput
from reports.framework_files import SLUGS, Framework, file_of, load
from reports.imported.catalogue import framework_of
from reports.models import FrameworkEdition


def framework(slug: str) -> Framework:
    """The framework of a short name; one that was brought is the edition in force. Raises BadInput."""
    row = None
    if slug not in SLUGS:
        row = FrameworkEdition.objects.in_force().filter(slug=slug).values_list("pk", "digest").first()
    return load(slug) if row is None else of_edition(*row)


@lru_cache(maxsize=16)
def of_edition(pk: UUID, digest: str) -> Framework:
    """The framework of an edition; its digest is asked for so that nothing is kept beyond a change."""
    found = FrameworkEdition.objects.get(pk=pk)
    return framework_of(found.body, file=found.file_name)


def empty(found: Framework) -> Framework:
    """A framework of the same name that holds nothing: what a first edition is compared with."""
    return replace(found, groups=(), requirements=(), digest="")


def names() -> list[tuple[str, str]]:
    """Short name and name of each framework that decides here: those of the software, then those that were brought."""
    rows: Any = FrameworkEdition.objects.in_force().order_by("name", "slug")
    return [*((slug, load(slug).name) for slug in SLUGS), *rows.values_list("slug", "name")]


def in_use() -> list[Framework]:
    """The same, with their rules."""
    rows = FrameworkEdition.objects.in_force().order_by("name", "slug").values_list("pk", "digest")
    return [*map(load, SLUGS), *(of_edition(*row) for row in rows)]


def rule_file(found: Framework) -> tuple[str, bytes]:
    """Name and bytes of what decides by a framework; its digest is their SHA-256."""
    if found.slug in SLUGS:
        path = file_of(found.slug)
        return path.name, path.read_bytes()
    row = FrameworkEdition.objects.filter(slug=found.slug, digest=found.digest).order_by("-created_at").first()
    assert row is not None  # editions are never deleted
    return f"{found.slug}.json", canonical(row.body)


def requirement_named(found: Framework, key: str) -> Any:
    """A requirement by its id as an address writes it: spaces are hyphens there."""
    try:
        return found.requirement(key)
    except BadInput:
        return found.requirement(key.replace("-", " "))
