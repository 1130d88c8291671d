"""What the notes of a release hold: quality thresholds, links to responsible-AI documents, clients that fit."""

from dataclasses import dataclass
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from registry import material
from registry.errors import BadInput
from registry.models import Release

SCHEMES = ("https://", "http://", "/")
MOST_PAIRS, LONGEST = 200, 200


@dataclass(frozen=True)
class Document:
    """A document by its title, and where it is."""

    title: str
    url: str


def thresholds(release: Release) -> list[str]:
    """What was written in the notes, and the approved limits that the release is judged by."""
    limits = read(release, "baselines") or []
    return [*lines(release.quality_thresholds), *(f"{limit['check']}: {limit['rule']}" for limit in limits)]


def documents(release: Release) -> list[Document]:
    """What was linked in the notes, the pinned card, and the approved assessments."""
    found = [document(line) for line in lines(release.rai_documents)]
    if release.card is not None:
        title = _("Model card, revision %d") % release.card.number
        found.append(Document(title, reverse("version-card", args=[release.version_id])))
    for row in read(release, "assessments") or []:
        found.append(Document(_("Assessment %s") % row["template"], reverse("assessment", args=[row["id"]])))
    return found


def read(release: Release, part: str) -> Any:
    """A part of the material, which other apps add; None where this installation has none of that name."""
    known = material.MATERIAL.get(part)
    return None if known is None else known.read(release)


def lines(text: str) -> list[str]:
    """The lines that say something."""
    return [line.strip() for line in text.splitlines() if line.strip()]


def document(line: str) -> Document:
    """A line such as “Impact assessment https://…”: the last word is the address. Raises BadInput."""
    title, _space, url = line.rpartition(" ")
    if not url.startswith(SCHEMES):
        raise BadInput(
            _("“%s” does not end in an address: write the title, a blank, and https://… or the path of a page here.")
            % line[:LONGEST],
            field="rai_documents",
        )
    return Document(title.strip() or url, url)


def pairs(value: Any, *, names: tuple[str, str], field: str) -> list[dict[str, str]]:
    """A list of two texts each, by their names: clients with versions, consumers with quotas. Raises BadInput."""
    rows: list[Any] = value if isinstance(value, list) else [None]
    if len(rows) > MOST_PAIRS or not all(is_pair(row, names) for row in rows):
        raise BadInput(
            _("Give up to %(most)d entries, each with “%(first)s” and “%(second)s” of at most %(longest)d characters.")
            % {"most": MOST_PAIRS, "first": names[0], "second": names[1], "longest": LONGEST},
            field=field,
        )
    return [{name: row[name].strip() for name in names} for row in rows]


def is_pair(row: Any, names: tuple[str, str]) -> bool:
    """It has these two texts and nothing else."""
    return (
        isinstance(row, dict)
        and set(row) == set(names)
        and all(isinstance(text, str) and 0 < len(text.strip()) <= LONGEST for text in row.values())
    )
