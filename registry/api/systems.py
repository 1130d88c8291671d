"""The API of units, systems and models."""

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from registry import stages, system_record
from registry.actions import inventory, stages as moving
from registry.api.scopes import READ, WRITE
from registry.models import AISystem, BusinessUnit, Model, User
from registry.rest import ScopedViewSet, Strict, column

PEOPLE = ("business_owner", "business_deputy", "technical_owner", "technical_deputy")


class SystemSerializer(serializers.ModelSerializer):
    """A system."""

    class Meta:
        model = AISystem
        fields = (
            "id", "unit", "slug", "lifecycle_stage", *PEOPLE, "business_acceptance", "technical_acceptance",
            *system_record.FIELDS, "created_at",
        )  # fmt: skip
        read_only_fields = fields


class SystemChange(Strict):
    """What is said of a system; what is left out stays as it is."""

    needed: frozenset[str] = frozenset()

    def get_fields(self) -> dict[str, serializers.Field]:
        """Every column of which something can be said, besides the keys that are declared."""
        said = {name: column(AISystem, name, required=name in self.needed) for name in system_record.FIELDS}
        return {**super().get_fields(), **said}


class SystemPayload(SystemChange):
    """A system to register; owners and deputies are named by their e-mail addresses."""

    needed = frozenset({"name", "purpose", "risk_tier"})
    unit = serializers.UUIDField()
    business_owner = serializers.EmailField()
    technical_owner = serializers.EmailField()
    business_deputy = serializers.EmailField(required=False)
    technical_deputy = serializers.EmailField(required=False)


class MovePayload(Strict):
    """A move from one stage to another."""

    verb = serializers.ChoiceField([(move.verb, move.label) for move in stages.MOVES.values()])
    reason = serializers.CharField()


class SystemViewSet(ScopedViewSet):
    """Systems: list, one, register, change, move from stage to stage."""

    queryset = AISystem.objects.select_related("unit")
    serializer_class = SystemSerializer
    listed = "systems"
    scopes = {"GET": READ, "POST": WRITE, "PATCH": WRITE}

    @extend_schema(request=SystemPayload, responses={201: SystemSerializer})
    def create(self, request: Request) -> Response:
        """Register a system with the people who answer for it."""
        given = self.payload(SystemPayload)
        unit = self.found(BusinessUnit, given.pop("unit"), "", "unit")
        people = {name: owner_named(given.pop(name), name) for name in PEOPLE if name in given}
        system = inventory.register_system(unit, actor=request.user, **people, **given)
        return self.answer(system, 201)

    @extend_schema(request=SystemChange, responses=SystemSerializer)
    def partial_update(self, request: Request, pk: str) -> Response:
        """Change what is said of a system; owners and stage change by acts of their own."""
        return self.answer(inventory.edit_system(self.get_object(), actor=request.user, **self.payload(SystemChange)))

    @extend_schema(request=MovePayload, responses=SystemSerializer)
    @action(detail=True, methods=["post"])
    def move(self, request: Request, pk: str) -> Response:
        """Move a system from one stage to another, with a reason."""
        return self.answer(moving.move_system(self.get_object(), actor=request.user, **self.payload(MovePayload)))


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
    listed = "models"
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
