"""The API of data sets and their versions: data cards, registration, Croissant. Approvals are acts of people on pages."""

from typing import cast

from drf_spectacular.utils import OpenApiTypes, extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from registry.actions import datasets as acts
from registry.api.scopes import READ, WRITE
from registry.datasets import croissant, standard
from registry.models import BusinessUnit, Dataset, DatasetVersion, User
from registry.rest import ScopedViewSet, Strict


class DatasetSerializer(serializers.ModelSerializer):
    """A data set with its card."""

    class Meta:
        model = Dataset
        fields = ("id", "unit", "name", "slug", "steward", "classification", *acts.CARD, "created_at")
        read_only_fields = fields


class CardPayload(Strict):
    """Lines of the data card; what is not named stays as it is."""

    name = serializers.CharField(max_length=160, required=False)
    description = serializers.CharField(required=False, allow_blank=True)
    special_categories = serializers.BooleanField(required=False)
    relations = serializers.CharField(required=False, allow_blank=True)
    origin = serializers.CharField(required=False, allow_blank=True)
    source_reputation = serializers.CharField(required=False, allow_blank=True)
    receipt = serializers.CharField(required=False, allow_blank=True)
    format = serializers.CharField(max_length=160, required=False, allow_blank=True)
    intended_use = serializers.CharField(required=False, allow_blank=True)
    collected_from = serializers.DateField(required=False, allow_null=True)
    collected_until = serializers.DateField(required=False, allow_null=True)
    storage = serializers.CharField(required=False, allow_blank=True)
    residency = serializers.CharField(max_length=120, required=False, allow_blank=True)
    terms = serializers.CharField(required=False, allow_blank=True)
    right_to_process = serializers.CharField(required=False, allow_blank=True)


class DatasetPayload(CardPayload):
    """A data set to register; whoever does is its steward."""

    unit = serializers.UUIDField()
    name = serializers.CharField(max_length=160)
    classification = serializers.ChoiceField(list(standard.classes()), required=False)


class DatasetViewSet(ScopedViewSet):
    """Data sets: list, one, register, write the card."""

    queryset = Dataset.objects.select_related("unit")
    serializer_class = DatasetSerializer
    scopes = {"GET": READ, "POST": WRITE, "PUT": WRITE}

    @extend_schema(request=DatasetPayload, responses={201: DatasetSerializer})
    def create(self, request: Request) -> Response:
        """Register a data set."""
        given, actor = self.payload(DatasetPayload), cast(User, request.user)  # a permission saw to it
        unit = self.found(BusinessUnit, given.pop("unit"), "", "unit")
        return self.answer(acts.register_dataset(unit, actor=actor, **given), 201)

    @extend_schema(request=CardPayload, responses=DatasetSerializer)
    @action(detail=True, methods=["put"])
    def card(self, request: Request, pk: str) -> Response:
        """Write lines of the data card."""
        dataset, given = self.get_object(), self.payload(CardPayload)
        return self.answer(acts.edit_dataset(dataset, actor=cast(User, request.user), **given))


class DatasetVersionSerializer(serializers.ModelSerializer):
    """A version of data; `classification` is that of its data set."""

    classification = serializers.CharField(source="dataset.classification", read_only=True)

    class Meta:
        model = DatasetVersion
        fields = (
            "id", "dataset", "version", "hash", "status", "use", "classification", "provenance", "licence",
            "lawful_basis", "contains_personal_data", "known_biases", "retention_until", "approved_uses", "approver",
            "approved_at", "decision_reason", "created_at",
        )  # fmt: skip
        read_only_fields = fields


class DatasetVersionPayload(Strict):
    """A version to register by the digest of its bytes."""

    dataset = serializers.UUIDField()
    version = serializers.CharField(max_length=60)
    hash = serializers.CharField(max_length=71)
    use = serializers.ChoiceField(DatasetVersion.Use.choices)
    provenance = serializers.CharField(required=False)
    licence = serializers.CharField(max_length=120, required=False)
    lawful_basis = serializers.CharField(max_length=120, required=False)
    contains_personal_data = serializers.BooleanField(required=False)
    known_biases = serializers.CharField(required=False)
    retention_until = serializers.DateField(required=False)


class DatasetVersionViewSet(ScopedViewSet):
    """Versions of data: list, one, register, Croissant."""

    queryset = DatasetVersion.objects.select_related("dataset__unit")
    serializer_class = DatasetVersionSerializer
    unit_path = "dataset__unit"
    scopes = {"GET": READ, "POST": WRITE}

    @extend_schema(request=DatasetVersionPayload, responses={201: DatasetVersionSerializer})
    def create(self, request: Request) -> Response:
        """Register a version of a data set."""
        given, actor = self.payload(DatasetVersionPayload), cast(User, request.user)
        dataset = self.found(Dataset, given.pop("dataset"), "unit", "dataset")
        return self.answer(acts.register_dataset_version(dataset, actor=actor, **given), 201)

    @extend_schema(responses=OpenApiTypes.OBJECT)
    @action(detail=True, methods=["get"])
    def croissant(self, request: Request, pk: str) -> Response:
        """The version as a Croissant 1.0 document."""
        found = self.get_object()
        page = request.build_absolute_uri(found.get_absolute_url())
        return Response(croissant.document(found, page=page))
