"""The search box: anything by name, id, digest or person, results by type."""

from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _

from registry.models import AISystem, Dataset, DatasetVersion, Evidence, Model, ModelVersion, Release, User

SHOWN: Final = 10
# (heading, table, the columns searched by part, the columns searched by beginning of a digest, what to fetch)
PLACES: Final = (
    (_("Systems"), AISystem, ("name", "slug"), (), ("unit",)),
    (_("Models"), Model, ("name", "slug"), (), ("system",)),
    (_("Versions"), ModelVersion, ("version", "model__name"), ("artifact__sha256",), ("model",)),
    (_("Releases"), Release, ("version__model__name",), (), ("version__model",)),
    (_("Evidence"), Evidence, ("check_slug",), ("digest",), ("version__model",)),
    (_("Data sets"), Dataset, ("name", "slug"), (), ()),
    (_("Data set versions"), DatasetVersion, ("version",), ("hash",), ("dataset",)),
    (_("People"), User, ("name", "email"), (), ()),
)


@dataclass(frozen=True)
class Found:
    """The hits of one type."""

    heading: str
    rows: list[Any]


def search(request: HttpRequest) -> HttpResponse:
    """Hits for `q`, only among what the reader may see."""
    words = request.GET.get("q", "").strip()
    found = [Found(str(place[0]), hits(request.user, words, *place[1:])) for place in PLACES] if words else []
    return render(request, "registry/search.html", {"words": words, "found": [part for part in found if part.rows]})


def hits(person: Any, words: str, table: Any, parts: tuple, digests: tuple, fetched: tuple) -> list[Any]:
    """The first hits in one table."""
    rows: QuerySet = table.objects.visible_to(person)
    return list(rows.filter(condition(words, parts, digests)).select_related(*fetched)[:SHOWN])


def condition(words: str, parts: tuple, digests: tuple) -> Q:
    """Any of the columns contains the words, a digest begins with them, or they are the row's id."""
    found = Q(pk__in=[])
    for column in parts:
        found |= Q(**{f"{column}__icontains": words})
    for column in digests:
        bare = words.removeprefix("sha256:").removesuffix("…").lower()
        found |= Q(**{f"{column}__startswith": bare}) | Q(**{f"{column}__startswith": f"sha256:{bare}"})
    try:
        return found | Q(pk=UUID(words))
    except ValueError:
        return found
