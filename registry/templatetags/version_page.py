"""The tags by which registry/version.html gets its frame, so that other apps' tabs need to hand over the version only."""

from django import template

from registry.models import ModelVersion
from registry.version_page import Alarm, Step, Tab, alarms, asked_steps, tabs

register = template.Library()


@register.simple_tag(takes_context=True)
def version_steps(context: template.Context, version: ModelVersion) -> list[Step]:
    """The release path of the version; a page that lists the gates hands over its answers as `gates`."""
    return asked_steps(version, context.get("gates"))


@register.simple_tag(takes_context=True)
def version_tabs(context: template.Context, version: ModelVersion) -> list[Tab]:
    """The tabs of the version, with the one whose page is shown."""
    return tabs(version, context["request"].path)


@register.simple_tag
def version_warnings(version: ModelVersion) -> list[Alarm]:
    """What is wrong with what runs or is kept of the version."""
    return alarms(version)
