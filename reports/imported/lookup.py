"""The frameworks of this installation by their short names: those of the software, and those that were brought."""

from dataclasses import replace
from functools import lru_cache
from typing import Any
from uuid import UUID

from registry.errors import BadInput
from reports.framework_files import SLUGS, Framework, load
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


def brought() -> list[tuple[str, str]]:
    """Short name and name of each framework that was brought and is in force."""
    rows: Any = FrameworkEdition.objects.in_force().order_by("name")
    return list(rows.values_list("slug", "name"))


def requirement_named(found: Framework, key: str) -> Any:
    """A requirement by its id as an address writes it: spaces are hyphens there."""
    try:
        return found.requirement(key)
    except BadInput:
        return found.requirement(key.replace("-", " "))
