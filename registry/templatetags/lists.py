"""Draws the cells and heads of a declared list."""

from typing import Any

from django import template
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from registry import access
from registry.actions import labels
from registry.lists import Column
from registry.models import CustomField, Labels
from registry.templatetags import attestry

register = template.Library()
# The word for a thing in the address of its labels, by the name of its list.
KINDS = {"systems": "system", "models": "model", "versions": "version", "datasets": "dataset", "entries": "entry"}


@register.simple_tag
def cell(column: Column, row: Any) -> SafeString | str:
    """What a column shows of a row."""
    return DRAWN.get(column.draw, Column.text)(column, row)


@register.simple_tag(takes_context=True)
def here_with_filter(context: template.Context, name: str, value: str) -> str:
    """This list's first page with one filter changed; an empty value takes it away."""
    return attestry.here_with(context, **{name: value, "after": ""})


@register.inclusion_tag("registry/parts/labels.html", takes_context=True)
def labels_of(context: template.Context, bearer: Any) -> dict[str, Any]:
    """The tags and custom fields of a system, model, version or data set, and the way to write them."""
    list_name, action = labels.BEARERS[type(bearer)]
    kept = Labels.objects.filter(object_id=bearer.pk).first()
    named = {field.slug: field.name for field in CustomField.objects.of(list_name)} if kept and kept.values else {}
    return {
        "tags": kept.tags if kept else [],
        "values": [(named[slug], value) for slug, value in kept.values.items() if value and slug in named]
        if kept
        else [],
        "list_url": getattr(bearer, "list_url", None) or reverse(list_name),
        "edit_url": reverse("labels", args=[KINDS[list_name], bearer.pk])
        if access.allowed(context["request"].user, action, bearer)
        else "",
    }


def as_choice(column: Column, row: Any) -> SafeString | str:
    """A badge; nothing where there is no value."""
    value = column.value(row)
    return attestry.status(value, column.text(row)) if value not in (None, "") else ""


def as_link(column: Column, row: Any) -> SafeString | str:
    """The thing by its name, leading to its page."""
    holder, name = column.holder_of(row)
    found = getattr(holder, name, None)
    return format_html('<a href="{}">{}</a>', found.get_absolute_url(), found) if found else ""


def as_moment(column: Column, row: Any) -> SafeString | str:
    """A day or a moment."""
    return attestry.when(column.value(row))


def as_digest(column: Column, row: Any) -> SafeString | str:
    """A digest, cut."""
    return attestry.digest(column.value(row))


DRAWN = {"choice": as_choice, "link": as_link, "moment": as_moment, "digest": as_digest}
