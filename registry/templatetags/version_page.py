"""The tag by which registry/version.html gets its frame, so that other apps' tabs need to hand over the version only."""

from django import template

from registry.models import ModelVersion
from registry.version_page import Frame, frame

register = template.Library()


@register.simple_tag(takes_context=True)
def version_frame(context: template.Context, version: ModelVersion) -> Frame:
    """Tabs and release path of the version; a page that lists the gates hands over its answers as `gates`."""
    return frame(version, context["request"].path, context.get("gates"))
