"""Lineage: from one version up to all it came from and down to all that came from it."""

from typing import Any, Final
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render

from registry.models import DatasetVersion, LineageLink, ModelVersion

TYPES: Final = {"version": ModelVersion, "dataset": DatasetVersion}
DEPTH: Final = 8


def lineage(request: HttpRequest, kind: str, pk: UUID) -> HttpResponse:
    """The links above and below one version, as far as the reader may see them."""
    if kind not in TYPES:
        raise Http404
    found = get_object_or_404(TYPES[kind].objects.visible_to(request.user), pk=pk)
    links = LineageLink.objects.visible_to(request.user)
    context = {
        "object": found,
        "above": walk(links, pk, begin="source_id", end="target_id"),
        "below": walk(links, pk, begin="target_id", end="source_id"),
    }
    return render(request, "registry/lineage.html", context)


def walk(links: Any, pk: UUID, *, begin: str, end: str) -> list[LineageLink]:
    """Every link reached from a row in one direction, level by level, each once."""
    found: dict[UUID, LineageLink] = {}
    level, seen = {pk}, {pk}
    for _depth in range(DEPTH):
        rows = [link for link in links.filter(**{f"{begin}__in": level}) if link.pk not in found]
        found |= {link.pk: link for link in rows}
        level = {getattr(link, end) for link in rows} - seen
        seen |= level
        if not level:
            break
    return list(found.values())
