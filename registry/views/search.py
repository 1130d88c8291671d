"""The search box: anything by name, id, digest or person, results by type."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from registry.search import hits


def search(request: HttpRequest) -> HttpResponse:
    """Hits for `q`, only among what the reader may see."""
    words = request.GET.get("q", "").strip()
    return render(request, "registry/search.html", {"words": words, "found": hits(request.user, words)})
