"""Entries of registers on the pages of what they are about or name."""

from typing import Any

from django import template

from registry.registers import links

register = template.Library()


@register.inclusion_tag("registry/registers/parts/entries.html", takes_context=True)
def entries_about(context: template.Context, system: Any) -> dict[str, Any]:
    """The entries about a system."""
    return {"rows": links.about(system, context["request"].user)}


@register.inclusion_tag("registry/registers/parts/entries.html", takes_context=True)
def entries_naming(context: template.Context, row: Any) -> dict[str, Any]:
    """The entries whose fields name a row."""
    return {"rows": links.naming(row, context["request"].user)}
