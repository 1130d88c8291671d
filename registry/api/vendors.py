"""REST over what comes from others: vendors, components and comparisons. Decisions are acts of people on pages."""

from typing import Any, cast

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from registry.actions import comparisons, components, vendors
from registry.api.scopes import READ, WRITE
from registry.models import (
    AISystem,
    BusinessUnit,
    Candidate,
    Comparison,
    Component,
    ModelVersion,
    Use,
    User,
    Vendor,
)
from registry.rest import ScopedViewSet, Strict
from registry.supply import figures
from registry.supply.dependants import depends_on


class DependantSerializer(serializers.Serializer):
    """A system or version that depends on it, with the steps that lead there."""

    id = serializers.UUIDField()
    type = serializers.CharField()
    label = serializers.CharField()  # type: ignore[assignment]
    path = serializers.ListField(child=serializers.CharField())


class VendorSerializer(serializers.ModelSerializer):
    """A vendor; contacts and agreements are read on its page by those who may."""

    class Meta:
        model = Vendor
        fields = (
            "id", "unit", "name", "services", "criticality", "status", "owner", "review_due", "last_reviewed_at",
            "assessment_result", "assessment_score", "assessment_level", "created_at",
        )  # fmt: skip
        read_only_fields = fields


class VendorPayload(Strict):
    """A vendor to enter."""

    unit = serializers.UUIDField()
    name = serializers.CharField(max_length=200)
    services = serializers.CharField()
    criticality = serializers.ChoiceField(["low", "medium", "high", "critical"])
    contact = serializers.CharField(required=False)


class VendorViewSet(ScopedViewSet):
    """Vendors: list, one, enter one, and what depends on one."""

    queryset = Vendor.objects.select_related("unit")
    serializer_class = VendorSerializer
    listed = "vendors"
    unit_path = None
    scopes = {"GET": READ, "POST": WRITE}

    @extend_schema(request=VendorPayload, responses={201: VendorSerializer})
    def create(self, request: Request) -> Response:
        """Enter a vendor; it is assessed and approved on pages."""
        given = self.payload(VendorPayload)
        unit = self.found(BusinessUnit, given.pop("unit"), "", "unit")
        return self.answer(vendors.propose_vendor(unit, actor=cast(User, request.user), **given), 201)

    @extend_schema(responses=DependantSerializer(many=True))
    @action(detail=True, methods=["get"])
    def dependants(self, request: Request, pk: str) -> Response:
        """Every system and version that depends on it, nearest first, with the way there."""
        return Response(DependantSerializer(depends_on(self.get_object(), request.user), many=True).data)


class ComponentSerializer(serializers.ModelSerializer):
    """An entry of the catalogue."""

    class Meta:
        model = Component
        fields = (
            "id", "unit", "vendor", "component_type", "provider", "name", "version", "family", "released_on",
            "newer_version", "end_of_life", "licence", "hash", "criticality", "risk_note", "uses", "data_classes",
            "regions", "status", "conditions", "valid_until", "reviewed_by", "reviewed_at", "reason", "created_at",
        )  # fmt: skip
        read_only_fields = fields


class ComponentPayload(Strict):
    """A component to propose."""

    unit = serializers.UUIDField()
    vendor = serializers.UUIDField(required=False)
    component_type = serializers.ChoiceField(Component.Kind.choices)
    provider = serializers.CharField(max_length=200)
    name = serializers.CharField(max_length=200)
    version = serializers.CharField(max_length=100)
    family = serializers.CharField(max_length=200, required=False)
    released_on = serializers.DateField(required=False)
    newer_version = serializers.CharField(max_length=100, required=False)
    end_of_life = serializers.DateField(required=False)
    licence = serializers.CharField(max_length=120, required=False)
    hash = serializers.CharField(max_length=71, required=False)
    risk_note = serializers.CharField(required=False)
    uses = serializers.ListField(child=serializers.ChoiceField(Use.choices), required=False)
    data_classes = serializers.ListField(child=serializers.CharField(max_length=20), required=False)
    regions = serializers.ListField(child=serializers.CharField(max_length=60), required=False)


class ComponentViewSet(ScopedViewSet):
    """Components: list, one, propose one, and what depends on one."""

    queryset = Component.objects.select_related("unit")
    serializer_class = ComponentSerializer
    listed = "components"
    unit_path = None
    scopes = {"GET": READ, "POST": WRITE}

    @extend_schema(request=ComponentPayload, responses={201: ComponentSerializer})
    def create(self, request: Request) -> Response:
        """Propose a component; a risk officer decides on a page."""
        given = self.payload(ComponentPayload)
        unit = self.found(BusinessUnit, given.pop("unit"), "", "unit")
        if "vendor" in given:
            given["vendor"] = self.found(Vendor, given["vendor"], None, "vendor")
        return self.answer(components.propose_component(unit, actor=cast(User, request.user), **given), 201)

    @extend_schema(responses=DependantSerializer(many=True))
    @action(detail=True, methods=["get"])
    def dependants(self, request: Request, pk: str) -> Response:
        """Every system and version that depends on it, nearest first, with the way there."""
        return Response(DependantSerializer(depends_on(self.get_object(), request.user), many=True).data)


class CandidateSerializer(serializers.ModelSerializer):
    """A candidate with its values."""

    label = serializers.CharField(source="__str__", read_only=True)  # type: ignore[assignment]

    class Meta:
        model = Candidate
        fields = ("id", "component", "version", "label", "values")
        read_only_fields = fields


class ComparisonSerializer(serializers.ModelSerializer):
    """A comparison with its candidates and their figures: of now, or as they were when it was decided."""

    candidates = serializers.SerializerMethodField()
    figures = serializers.SerializerMethodField()

    class Meta:
        model = Comparison
        fields = (
            "id", "system", "title", "need", "criteria", "status", "candidates", "figures", "chosen", "reason",
            "started_by", "decided_by", "decided_at", "created_at",
        )  # fmt: skip
        read_only_fields = fields

    def seen(self, row: Comparison) -> list[Candidate]:
        """The candidates that this person may see."""
        return list(row.candidates.visible_to(self.context["request"].user).in_order())

    def get_candidates(self, row: Comparison) -> list[dict[str, Any]]:
        """In the order in which they were added."""
        return list(CandidateSerializer(self.seen(row), many=True).data)

    def get_figures(self, row: Comparison) -> list[dict[str, Any]]:
        """By check and name, each cell with the digest of its run and of the rows it was computed on."""
        rows = self.seen(row)
        found = figures.side_by_side(rows) if row.is_open else figures.kept(row, rows)
        return [each.as_json(rows) for each in found]


class ComparisonPayload(Strict):
    """A comparison to begin."""

    system = serializers.UUIDField()
    title = serializers.CharField(max_length=200)
    need = serializers.CharField()
    criteria = serializers.ListField(child=serializers.CharField(max_length=120))


class ValuePayload(Strict):
    """A value with its source."""

    value = serializers.CharField(max_length=1000)
    source = serializers.CharField(max_length=1000)  # type: ignore[assignment]


class CandidatePayload(Strict):
    """A component or a version, with values by criterion."""

    component = serializers.UUIDField(required=False)
    version = serializers.UUIDField(required=False)
    values = serializers.DictField(child=ValuePayload(), required=False, default=dict)

    def validate(self, data: dict[str, Any]) -> dict[str, Any]:
        """One thing."""
        if ("component" in data) == ("version" in data):
            raise serializers.ValidationError({"component": ["Name a component or a version, one of the two."]})
        return data


class ChoicePayload(Strict):
    """The choice."""

    candidate = serializers.UUIDField()
    reason = serializers.CharField()


class ComparisonViewSet(ScopedViewSet):
    """Comparisons: list, one, begin one, add a candidate, choose."""

    queryset = Comparison.objects.select_related("system__unit")
    serializer_class = ComparisonSerializer
    unit_path = "system__unit"
    scopes = {"GET": READ, "POST": WRITE}

    @extend_schema(request=ComparisonPayload, responses={201: ComparisonSerializer})
    def create(self, request: Request) -> Response:
        """Begin a comparison for a use of a system."""
        given = self.payload(ComparisonPayload)
        system = self.found(AISystem, given.pop("system"), "unit", "system")
        row = comparisons.start_comparison(system, actor=cast(User, request.user), **given)
        return self.answer(row, 201)

    @extend_schema(request=CandidatePayload, responses={201: ComparisonSerializer})
    @action(detail=True, methods=["post"])
    def candidates(self, request: Request, pk: str) -> Response:
        """Add a candidate with its values."""
        row, given = self.get_object(), self.payload(CandidatePayload)
        if "component" in given:
            thing: Any = self.found(Component, given["component"], None, "component")
        else:
            thing = self.found(ModelVersion, given["version"], "model__system__unit", "version")
        comparisons.add_candidate(row, thing=thing, values=given["values"], actor=cast(User, request.user))
        return self.answer(row, 201)

    @extend_schema(request=ChoicePayload, responses=ComparisonSerializer)
    @action(detail=True, methods=["post"])
    def choose(self, request: Request, pk: str) -> Response:
        """Choose a candidate, with a reason."""
        row, given = self.get_object(), self.payload(ChoicePayload)
        one = self.found(Candidate, given["candidate"], "comparison__system__unit", "candidate")
        row = comparisons.choose(row, candidate=one, reason=given["reason"], actor=cast(User, request.user))
        return self.answer(row)
