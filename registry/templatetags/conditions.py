"""Open conditions of approvals on the pages of what they are about."""

from typing import Any, Final

from django import template

from registry.models import AISystem, Condition, ModelVersion, Release

register = template.Library()
PATHS: Final = {
    Release: "review__release", ModelVersion: "review__release__version", AISystem: "review__release__system",
}  # fmt: skip


@register.inclusion_tag("registry/parts/conditions.html")
def conditions_of(row: Any) -> dict[str, Any]:
    """The conditions of a release, a version or a system that nobody has verified yet."""
    path = PATHS[row._meta.model]
    return {"conditions": Condition.objects.unmet().filter(**{path: row}).select_related("owner").order_by("due_on")}
