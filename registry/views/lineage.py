"""Lineage: from one version up to all that it came from and down to all that came from it, with the ways there."""

from typing import Any, Final
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render

from registry import lineage as graph
from registry.models import DatasetVersion, LineageLink, ModelVersion

TYPES: Final = {"version": ModelVersion, "dataset": DatasetVersion}
# A longer list is no page; REST gives all of it.
MOST_SHOWN: Final = 200


def lineage(request: HttpRequest, kind: str, pk: UUID) -> HttpResponse:
    """What lies above and below one version, and the systems that it touches, as far as the reader may see them."""
    if kind not in TYPES:
        raise Http404
    found = get_object_or_404(TYPES[kind].objects.visible_to(request.user), pk=pk)
    links = LineageLink.objects.visible_to(request.user)
    below = graph.came_of(pk, links)
    context = {
        "object": found,
        "kind": kind,
        "above": shown(graph.came_from(pk, links)),
        "below": shown(below),
        "systems": graph.systems_of(found, below, request.user),
        "others": links.of(found).filter(relation__in=graph.NO_FLOW),
    }
    return render(request, "registry/lineage.html", context)


def shown(reached: list[graph.Reached]) -> dict[str, Any]:
    """The nearest of them, and how many there are."""
    return {"count": len(reached), "nearest": reached[:MOST_SHOWN], "left": max(0, len(reached) - MOST_SHOWN)}
