"""What all of the REST API shares: scoped views and strict payloads."""

from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext as _
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from rest_framework import exceptions, mixins, serializers, viewsets
from rest_framework.response import Response
from rest_framework.throttling import AnonRateThrottle

from registry.errors import BadInput
from registry.idempotency import Once
from registry.tokens import ScopeAllows, bound_unit


class BearerScheme(OpenApiAuthenticationExtension):
    """How the schema describes a token; knowing it is enough, the schema's generator finds it by itself."""

    target_class = "registry.tokens.BearerToken"
    name = "bearer"

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:
        """RFC 6750, with our prefix."""
        return {"type": "http", "scheme": "bearer", "bearerFormat": "gov_…"}


class Strict(serializers.Serializer):
    """A payload that names every key it takes and refuses any other, so that nothing is assigned by accident."""

    def to_internal_value(self, data: Any) -> Any:
        """The checked values; an unknown key is an error of its own."""
        unknown = sorted(set(data) - set(self.fields)) if hasattr(data, "keys") else []
        if unknown:
            raise serializers.ValidationError({unknown[0]: [_("This key is not known here.")]})
        return super().to_internal_value(data)


def column(model: Any, name: str, *, required: bool = False) -> serializers.Field:
    """A column of a table as a key of a payload, with the column's own limits."""
    kind, limits = serializers.ModelSerializer().build_standard_field(name, model._meta.get_field(name))
    return kind(**{**limits, "required": required})


class ScopedViewSet(Once, mixins.ListModelMixin, mixins.RetrieveModelMixin, viewsets.GenericViewSet):
    """Rows that the person may see, and of these only the ones in the unit that a token is bound to.

    `unit_path` leads from the row to its business unit; None where `visible_to` itself asks the token, as for rows that
    hold for the units below theirs, too. `scopes` names the token scope for each method; a method that
    is not named is closed to tokens. `listed` names the declared list (registry/lists/) whose filters and orders its own
    list takes, by `registry.lists.rest`.
    """

    permission_classes = (ScopeAllows,)
    unit_path: str | None = "unit"
    listed = ""
    scopes: dict[str, str] = {}

    def get_queryset(self) -> QuerySet:
        """The scoped rows; none while the schema is drawn, which has no user."""
        if getattr(self, "swagger_fake_view", False):
            return super().get_queryset().none()
        return self.scoped(super().get_queryset(), self.unit_path)

    def handle_exception(self, exc: Exception) -> Response:
        """Requests that name nobody, or a token that is none, are counted by their address: guessing ends in 429."""
        if isinstance(exc, exceptions.NotAuthenticated | exceptions.AuthenticationFailed):
            refused = AnonRateThrottle()
            if not refused.allow_request(self.request, self):
                exc = exceptions.Throttled(refused.wait())
        return super().handle_exception(exc)

    def scoped(self, rows: Any, unit_path: str | None) -> QuerySet:
        """Rows of any governed table as this request may see them."""
        seen = rows.visible_to(self.request.user)
        unit = bound_unit(self.request)
        if unit is None or unit_path is None:
            return seen
        return seen.filter(
            **{f"{unit_path}__path__startswith": unit.path} if unit_path else {"path__startswith": unit.path}
        )

    def found(self, model: Any, pk: Any, unit_path: str | None, field: str) -> Any:
        """A row that a payload names, through the same gate as the lists; a stranger's id is as good as none."""
        row = self.scoped(model.objects.all(), unit_path).filter(pk=pk).first()
        if row is None:
            raise BadInput(_("There is no such %s.") % model._meta.verbose_name, field=field)
        return row

    def payload(self, serializer: type[serializers.Serializer]) -> dict[str, Any]:
        """The request's body, checked."""
        checked = serializer(data=self.request.data)
        checked.is_valid(raise_exception=True)
        return dict(checked.validated_data)

    def answer(self, row: Any, status: int = 200) -> Response:
        """A row in this view's own shape."""
        return Response(self.get_serializer(row).data, status=status)
