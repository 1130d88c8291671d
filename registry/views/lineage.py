"""Lineage: from one version up to all that it came from and down to all that came from it, as list, picture and answer."""

from typing import Any, Final
from uuid import UUID

from django import forms
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext as _, gettext_lazy

from registry import lineage as graph
from registry.lineage_graph import joined, picture
from registry.lineage_graph.questions import QUESTIONS, asked
from registry.models import ArtifactVersion, DatasetVersion, LineageLink, ModelVersion

TYPES: Final = {"version": ModelVersion, "dataset": DatasetVersion, "artifact": ArtifactVersion}
# A longer list is no page; REST gives all of it.
MOST_SHOWN: Final = 200
PICTURE_POLICY: Final = "default-src 'none'; style-src 'unsafe-inline'; sandbox"


def lineage(request: HttpRequest, kind: str, pk: UUID) -> HttpResponse:
    """What lies above and below one version, and the systems that it touches, as far as the reader may see them."""
    found = fetched(request, kind, pk)
    links = LineageLink.objects.visible_to(request.user)
    below, above = graph.came_of(pk, links), graph.came_from(pk, links)
    context = {
        "object": found,
        "kind": kind,
        "above": shown(above),
        "below": shown(below),
        "systems": graph.systems_of(found, below, request.user),
        "others": links.of(found).filter(relation__in=graph.NO_FLOW),
        "left_out": max(0, len(above) + len(below) - joined.MOST_NODES + 1),
        "most": joined.MOST_NODES,
    }
    return render(request, "registry/lineage.html", context)


def fetched(request: HttpRequest, kind: str, pk: UUID) -> Any:
    """The thing as the reader may see it, or 404."""
    if kind not in TYPES:
        raise Http404
    return get_object_or_404(TYPES[kind].objects.visible_to(request.user), pk=pk)


def shown(reached: list[graph.Reached]) -> dict[str, Any]:
    """The nearest of them, and how many there are."""
    return {"count": len(reached), "nearest": reached[:MOST_SHOWN], "left": max(0, len(reached) - MOST_SHOWN)}


def lineage_picture(request: HttpRequest, kind: str, pk: UUID) -> HttpResponse:
    """The same as a picture that can do nothing, with what its versions rest on and where they serve."""
    found = fetched(request, kind, pk)
    drawn = picture.svg(joined.seen_graph(found, request.user))
    response = HttpResponse(drawn, content_type="image/svg+xml")
    response["Content-Security-Policy"] = PICTURE_POLICY
    response["X-Content-Type-Options"] = "nosniff"
    response["Cache-Control"] = "private"
    return response


class QuestionForm(forms.Form):
    """A question and the name that it is about; it stands in the address, so that an answer can be sent to somebody."""

    ask = forms.ChoiceField(
        label=gettext_lazy("Question"), choices=lambda: [(slug, each.title) for slug, each in QUESTIONS.items()]
    )
    about = forms.CharField(
        label=gettext_lazy("About"), max_length=200,
        help_text=gettext_lazy("A name or a part of it: a data set, a base model, a provider, a class of data."),
    )  # fmt: skip


def lineage_questions(request: HttpRequest) -> HttpResponse:
    """Ask what depends on a name; the answer names each thing with the way by which it is touched."""
    form = QuestionForm(request.GET if "ask" in request.GET else None)
    context: dict[str, Any] = {"title": _("Questions to the lineage"), "form": form, "most": MOST_SHOWN}
    if form.is_bound and form.is_valid():
        answer = asked(form.cleaned_data["ask"], form.cleaned_data["about"], request.user)
        context |= {
            "question": QUESTIONS[form.cleaned_data["ask"]], "about": form.cleaned_data["about"], "answer": answer,
            "nearest": answer.affected[:MOST_SHOWN], "left": max(0, len(answer.affected) - MOST_SHOWN),
        }  # fmt: skip
    return render(request, "registry/lineage_questions.html", context)
