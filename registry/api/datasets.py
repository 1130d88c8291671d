"""The API of data sets and their versions: data cards, registration, Croissant. Approvals are acts of people on pages."""

from typing import Any, cast

from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiTypes, extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from registry.actions import datasets as acts, pipeline_steps as pipeline
from registry.api.scopes import READ, WRITE
from registry.datasets import asked, croissant, standard
from registry.errors import BadInput
from registry.models import Agreement, BusinessUnit, Dataset, DatasetVersion, PipelineStep, User, Verdict
from registry.rest import ScopedViewSet, Strict, column


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
    kind = serializers.ChoiceField(Dataset.Kind.choices, required=False)
    access_rules = serializers.CharField(required=False, allow_blank=True)
    is_offered = serializers.BooleanField(required=False)


class DatasetPayload(CardPayload):
    """A data set to register; whoever does is its steward."""

    unit = serializers.UUIDField()
    name = serializers.CharField(max_length=160)
    classification = serializers.ChoiceField(list(standard.classes()), required=False)


class DatasetViewSet(ScopedViewSet):
    """Data sets: list, one, register, write the card."""

    queryset = Dataset.objects.select_related("unit")
    serializer_class = DatasetSerializer
    listed = "datasets"
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


class StepSerializer(serializers.ModelSerializer):
    """A step of a pipeline with its check."""

    class Meta:
        model = PipelineStep
        fields = (
            "id", "ordinal", "name", "code_digest", "input_digests", "output_digest", "check_name", "verdict", "source",
            "checked_at",
        )  # fmt: skip
        read_only_fields = fields


class DatasetVersionSerializer(serializers.ModelSerializer):
    """A version of data; class and type are those of its data set. `open_questions` is what is not in order yet."""

    classification = serializers.CharField(source="dataset.classification", read_only=True)
    kind = serializers.CharField(source="dataset.kind", read_only=True)
    steps = StepSerializer(many=True, read_only=True)
    open_questions = serializers.SerializerMethodField()

    class Meta:
        model = DatasetVersion
        fields = (
            "id", "dataset", "version", "hash", "status", "use", "classification", "kind", *acts.VERSION_FIELDS,
            "approved_uses", "approver", "approved_at", "decision_reason", "steps", "open_questions", "created_at",
        )  # fmt: skip
        read_only_fields = fields

    def get_open_questions(self, row: DatasetVersion) -> list[str]:
        """What the standard asks and nobody has answered."""
        return asked.open_questions(row)


class FactsPayload(Strict):
    """What is said of a version; what is left out stays as it is."""

    agreement = serializers.UUIDField(required=False, allow_null=True)

    def get_fields(self) -> dict[str, serializers.Field]:
        """Every column of which something can be said, with the column's own limits."""
        names = [name for name in acts.VERSION_FIELDS if name != "agreement"]
        return {**super().get_fields(), **{name: column(DatasetVersion, name) for name in names}}


class DatasetVersionPayload(FactsPayload):
    """A version to register by the digest of its bytes."""

    dataset = serializers.UUIDField()
    version = serializers.CharField(max_length=60)
    hash = serializers.CharField(max_length=71)
    use = serializers.ChoiceField(DatasetVersion.Use.choices)


class StepCheckPayload(Strict):
    """The result of the check of a step, computed elsewhere."""

    step = serializers.IntegerField(min_value=1, max_value=pipeline.MOST_STEPS)
    check_name = serializers.CharField(max_length=160)
    verdict = serializers.ChoiceField(Verdict.choices)
    source = serializers.CharField(max_length=300)  # type: ignore[assignment]


class StepPayload(Strict):
    """A step of a pipeline, with the result of its check where there is one already."""

    name = serializers.CharField(max_length=160)
    code_digest = serializers.CharField(max_length=71)
    input_digests = serializers.ListField(child=serializers.CharField(max_length=71), max_length=200, required=False)
    output_digest = serializers.CharField(max_length=71)
    check_name = serializers.CharField(max_length=160, required=False)
    verdict = serializers.ChoiceField(Verdict.choices, required=False)
    source = serializers.CharField(max_length=300, required=False)  # type: ignore[assignment]


class DatasetVersionViewSet(ScopedViewSet):
    """Versions of data: list, one, register, say more, steps of the pipeline with their checks, Croissant."""

    queryset = DatasetVersion.objects.select_related("dataset__unit").prefetch_related("steps")
    serializer_class = DatasetVersionSerializer
    unit_path = "dataset__unit"
    scopes = {"GET": READ, "POST": WRITE, "PUT": WRITE}

    @extend_schema(request=DatasetVersionPayload, responses={201: DatasetVersionSerializer})
    def create(self, request: Request) -> Response:
        """Register a version of a data set."""
        given, actor = self.told(DatasetVersionPayload), cast(User, request.user)
        dataset = self.found(Dataset, given.pop("dataset"), "unit", "dataset")
        return self.answer(acts.register_dataset_version(dataset, actor=actor, **given), 201)

    def told(self, payload: type[FactsPayload]) -> dict[str, Any]:
        """The request's body, with the agreement that it names."""
        given = self.payload(payload)
        if given.get("agreement"):
            known = Agreement.objects.known_to(self.request.user)
            given["agreement"] = known.filter(pk=given["agreement"]).first()
            if given["agreement"] is None:
                raise BadInput(_("There is no such agreement."), field="agreement")
        return given

    @extend_schema(request=FactsPayload, responses=DatasetVersionSerializer)
    @action(detail=True, methods=["put"])
    def facts(self, request: Request, pk: str) -> Response:
        """Say more of a version; one that is approved becomes a draft again."""
        given, actor = self.told(FactsPayload), cast(User, request.user)
        return self.answer(acts.edit_dataset_version(self.get_object(), actor=actor, **given))

    @extend_schema(request=StepPayload, responses={201: StepSerializer})
    @action(detail=True, methods=["post"])
    def steps(self, request: Request, pk: str) -> Response:
        """Enter the next step of the pipeline that made it."""
        row = pipeline.add_step(self.get_object(), actor=cast(User, request.user), **self.payload(StepPayload))
        return Response(StepSerializer(row).data, status=201)

    @extend_schema(request=StepCheckPayload, responses=StepSerializer)
    @action(detail=True, methods=["put"], url_path="step-check")
    def check(self, request: Request, pk: str) -> Response:
        """Report the check of a step, which is named by its number."""
        data, given = self.get_object(), self.payload(StepCheckPayload)
        step = data.steps.filter(ordinal=given.pop("step")).first()
        if step is None:
            raise BadInput(_("%s has no step of this number.") % data, field="step")
        return Response(StepSerializer(pipeline.check_step(step, actor=cast(User, request.user), **given)).data)

    @extend_schema(responses=OpenApiTypes.OBJECT)
    @action(detail=True, methods=["get"])
    def croissant(self, request: Request, pk: str) -> Response:
        """The version as a Croissant 1.0 document."""
        found = self.get_object()
        page = request.build_absolute_uri(found.get_absolute_url())
        return Response(croissant.document(found, page=page))
