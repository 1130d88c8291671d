"""The API of units, systems and models."""

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from registry.actions import inventory
from registry.api.scopes import READ, WRITE
from registry.models import (
    AISystem,
    BusinessUnit,
    Model,
    Tier,
    User,
)
from registry.rest import ScopedViewSet, Strict

FLAGS = (
    "is_generative", "is_agentic", "has_vendor_component", "processes_personal_data", "affects_people",
    "interacts_with_people",
)  # fmt: skip


class SystemSerializer(serializers.ModelSerializer):
    """A system."""

    class Meta:
        model = AISystem
        fields = (
            "id", "unit", "name", "slug", "purpose", "business_owner", "technical_owner", "risk_tier",
            "lifecycle_stage", "intended_uses", "out_of_scope_uses", *FLAGS, "created_at",
        )  # fmt: skip
        read_only_fields = fields


class SystemPayload(Strict):
    """A system to register."""

    unit = serializers.UUIDField()
    name = serializers.CharField(max_length=160)
    purpose = serializers.CharField()
    business_owner = serializers.EmailField()
    technical_owner = serializers.EmailField()
    risk_tier = serializers.ChoiceField(Tier.choices)
    intended_uses = serializers.CharField(required=False)
    out_of_scope_uses = serializers.CharField(required=False)
    is_generative = serializers.BooleanField(required=False)
    is_agentic = serializers.BooleanField(required=False)
    has_vendor_component = serializers.BooleanField(required=False)
    processes_personal_data = serializers.BooleanField(required=False)
    affects_people = serializers.BooleanField(required=False)
    interacts_with_people = serializers.BooleanField(required=False)


class SystemViewSet(ScopedViewSet):
    """Systems: list, one, register."""

    queryset = AISystem.objects.select_related("unit")
    serializer_class = SystemSerializer
    scopes = {"GET": READ, "POST": WRITE}

    @extend_schema(request=SystemPayload, responses={201: SystemSerializer})
    def create(self, request: Request) -> Response:
        """Register a system; owners are named by their e-mail addresses."""
        given = self.payload(SystemPayload)
        unit = self.found(BusinessUnit, given.pop("unit"), "", "unit")
        owners = {name: owner_named(given.pop(name), name) for name in ("business_owner", "technical_owner")}
        system = inventory.register_system(unit, actor=request.user, **owners, **given)
        return self.answer(system, 201)


def owner_named(email: str, field: str) -> User:
    """An active person by e-mail address."""
    person = User.objects.filter(email__iexact=email, is_active=True).first()
    if person is None:
        raise serializers.ValidationError({field: [f"No active person has the address {email}."]})
    return person


class ModelSerializer(serializers.ModelSerializer):
    """A model."""

    class Meta:
        model = Model
        fields = ("id", "system", "name", "slug", "created_at")
        read_only_fields = fields


class ModelPayload(Strict):
    """A model to register."""

    system = serializers.UUIDField()
    name = serializers.CharField(max_length=160)


class ModelViewSet(ScopedViewSet):
    """Models: list, one, register."""

    queryset = Model.objects.select_related("system__unit")
    serializer_class = ModelSerializer
    unit_path = "system__unit"
    scopes = {"GET": READ, "POST": WRITE}

    @extend_schema(request=ModelPayload, responses={201: ModelSerializer})
    def create(self, request: Request) -> Response:
        """Register a model at its home system."""
        given = self.payload(ModelPayload)
        system = self.found(AISystem, given["system"], "unit", "system")
        return self.answer(inventory.register_model(system, name=given["name"], actor=request.user), 201)


class UnitSerializer(serializers.ModelSerializer):
    """A business unit."""

    class Meta:
        model = BusinessUnit
        fields = ("id", "name", "slug", "parent")
        read_only_fields = fields


class UnitViewSet(ScopedViewSet):
    """Units: list, one."""

    queryset = BusinessUnit.objects.all()
    serializer_class = UnitSerializer
    unit_path = ""
    scopes = {"GET": READ}
