"""What the pages of reports write: badges of results, names of kinds and languages, addresses of requirements."""

from typing import Final

from django import template
from django.conf import settings
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from registry.templatetags.attestry import icon
from reports.catalogue import BOARD_PACK, REPORTS
from reports.framework_files import Framework, Requirement
from reports.standings.grid import Place
from reports.titles import Title
from reports.views.frameworks import RESULTS

register = template.Library()
# Results of requirements and of items, each with the look of the verdict that it resembles most.
LOOKS: Final = {
    "met": "pass",
    "pass": "pass",
    "partly": "insufficient",
    "partial": "insufficient",
    "not_met": "fail",
    "fail": "fail",
    "not_applicable": "recorded",
}
SAME_AS: Final = {"pass": "met", "partial": "partly", "fail": "not_met"}


@register.simple_tag
def result(value: str) -> SafeString:
    """Badge of a result: word, icon and colour."""
    look, word = LOOKS[value], RESULTS[SAME_AS.get(value, value)]
    return format_html('<span class="verdict verdict-{}">{}<span>{}</span></span>', look, icon(look), word)


@register.filter
def result_word(value: str) -> str:
    """A result in words, where a badge would shout."""
    return str(RESULTS[SAME_AS.get(value, value)])


@register.filter
def basis(name: str | None) -> str:
    """What a result rests on, as people read it."""
    return Title(name).text if name else ""


@register.simple_tag
def requirement_url(framework: Framework, requirement: Requirement, place: Place) -> str:
    """The page of a requirement in the same place."""
    return reverse("requirement", args=[framework.slug, requirement.id.replace(" ", "-")]) + place.query


@register.filter
def report_title(kind: str) -> str:
    """What people call a kind of report."""
    known = REPORTS | {BOARD_PACK.kind: BOARD_PACK}
    return str(known[kind].title) if kind in known else kind


@register.filter
def language_name(code: str) -> str:
    """A language by its name."""
    return str(dict(settings.LANGUAGES).get(code, code))
