"""The API of a version's card: read, written, taken out in other formats and brought in from them."""

from typing import Any

from django.http import HttpResponse
from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiParameter, OpenApiTypes, extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from registry import cards, problems
from registry.actions import card_imports, cards as actions
from registry.cards.formats import FORMATS
from registry.models import ModelVersion
from registry.rest import Strict

CARD_SCHEMA = {"application/json": {"type": "object", "additionalProperties": {"type": "string"}}}
TOKEN = OpenApiParameter(
    "If-Match", str, OpenApiParameter.HEADER,
    description="The token of the card that you read; 409 with the difference when it is another by now.",
)  # fmt: skip


class ImportPayload(Strict):
    """A card in another format, as multipart form data."""

    form = serializers.ChoiceField([slug for slug, one in FORMATS.items() if one.read is not None])
    file = serializers.FileField()


def texts(data: Any) -> dict[str, str]:
    """The card's texts by their field ids from a body; anything but a text is refused at its field."""
    wrong = [name for name, value in data.items() if not isinstance(value, str)] if isinstance(data, dict) else []
    if wrong:
        raise serializers.ValidationError({wrong[0]: [_("A text is wanted here.")]})
    return serializers.DictField(child=serializers.CharField(allow_blank=True)).run_validation(data)


def shown(version: ModelVersion) -> dict[str, Any]:
    """The card as it reads now: texts, where the registry's own come from, notes, and the token of this state."""
    card = version.card
    found = cards.values(version, card)
    return {
        "revision": card.number if card else 0,
        "status": card.status if card else "",
        "token": cards.token(card),
        "share": cards.counted(found).share,
        "missing": cards.counted(found).missing,
        "fields": {value.field.id: value.text for value in found},
        "notes": {value.field.id: value.note for value in found if value.note},
        "sources": {value.field.id: source(value.source) for value in found if value.automatic},
    }


def source(found: cards.Source) -> dict[str, Any]:
    """Where a value comes from."""
    return {"kind": found.kind, "id": found.id, "at": found.at, "digest": found.digest}


def conflict(refusal: actions.CardChanged) -> Response:
    """409 with both texts of every field that the caller sent and that reads otherwise now."""
    answer = problems.document(409, str(refusal), {})
    answer.data |= {
        "token": refusal.token,
        "differences": {one.id: {"stored": one.before, "yours": one.after} for one in refusal.changes},
    }
    return answer


class CardActions:
    """The card's part of the version's view."""

    @extend_schema(request=CARD_SCHEMA, responses=OpenApiTypes.OBJECT, parameters=[TOKEN])
    @action(detail=True, methods=["get", "put"])
    def card(self, request: Request, pk: str) -> Response:
        """The model card: read it, or write fields of it by their ids; an id with `.note` writes beside a filled one."""
        version = self.get_object()  # type: ignore[attr-defined]
        if request.method == "PUT":
            token = request.headers.get("If-Match", "").strip().strip('"')
            try:
                actions.save_card(version, fields=texts(request.data), actor=request.user, token=token)
            except actions.CardChanged as refusal:
                return conflict(refusal)
        return Response(shown(version))

    @extend_schema(
        parameters=[OpenApiParameter("as", str, enum=sorted(FORMATS))], responses={(200, "*/*"): OpenApiTypes.BINARY}
    )
    @action(detail=True, methods=["get"], url_path="card/export")
    def card_export(self, request: Request, pk: str) -> HttpResponse:
        """The card in another format."""
        version = self.get_object()  # type: ignore[attr-defined]
        wanted = FORMATS.get(request.query_params.get("as", "markdown"))
        if wanted is None:
            raise serializers.ValidationError({"as": [_("Known formats: %s.") % ", ".join(sorted(FORMATS))]})
        return HttpResponse(wanted.export(version, version.card), content_type=wanted.media_type)

    @extend_schema(request={"multipart/form-data": ImportPayload}, responses={201: OpenApiTypes.OBJECT})
    @action(detail=True, methods=["post"], url_path="card/import")
    def card_import(self, request: Request, pk: str) -> Response:
        """Bring a card of another format into the draft; what has no place on the card stands in `left`."""
        version, given = self.get_object(), self.payload(ImportPayload)  # type: ignore[attr-defined]
        found = card_imports.import_card(
            version, form=given["form"], content=given["file"].read(), name=given["file"].name, actor=request.user
        )
        left = [{"place": one.place, "text": one.text} for one in found.left]
        taken = {change.id: change.after for change in found.taken}
        return Response({"revision": found.card.number, "taken": taken, "left": left}, status=201)
