"""The bar at the top: its places and what each holds, by URL name, so that a page not yet built is not listed."""

from dataclasses import dataclass
from typing import Any, Final

from django import template
from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext_lazy as _

register = template.Library()

# (place, ((page, URL name), …)); a name that resolves to nothing is left out, a place without pages too.
PLACES: Final = (
    (_("Inventory"), (
        (_("Systems"), "systems"),
        (_("Propose a use"), "intake"),
        (_("Found outside"), "found-uses"),
        (_("Without an owner"), "systems-without-owner"),
        (_("Models"), "models"),
        (_("Data"), "datasets"),
        (_("Uses of data"), "data-uses"),
        (_("Access to data"), "data-accesses"),
        (_("Artefacts"), "artifacts"),
        (_("Vendors"), "vendors"),
        (_("Components"), "components"),
        (_("Comparisons"), "comparisons"),
        (_("Deployments"), "deployments"),
        (_("Retirements"), "retirements"),
        (_("Questions to the lineage"), "lineage-questions"),
    )),
    (_("Assurance"), (
        (_("Checks"), "checks"),
        (_("Assessments"), "assessments"),
        (_("Maturity"), "maturity-assessments"),
        (_("Risks"), "risks"),
        (_("Incidents"), "incidents"),
        (_("Oversight by people"), "oversight"),
        (_("Report something"), "hear"),
    )),
    (_("Decisions"), (
        (_("Reviews"), "reviews"),
        (_("Releases"), "releases"),
        (_("Waivers"), "waivers"),
        (_("Meetings"), "meetings"),
        (_("What the board carries"), "board-risk"),
        (_("Release policies"), "policies"),
    )),
    (_("Evidence"), (
        (_("Evidence"), "evidence-list"),
        (_("Frameworks"), "frameworks"),
        (_("Reports"), "reports"),
        (_("Packs"), "packs"),
        (_("Auditor’s desk"), "desk"),
        (_("Audit log"), "audit"),
        (_("Verify a document"), "verify-ask"),
        (_("Registers"), "registers"),
        (_("Records as files"), "tables"),
        (_("Use of the registry"), "registry-use"),
    )),
    (_("Administration"), (
        (_("People and roles"), "people"),
        (_("Auditors"), "engagements"),
        (_("Units"), "units"),
        (_("Keys"), "keys"),
        (_("Webhooks"), "webhooks"),
    )),
)  # fmt: skip


@dataclass(frozen=True)
class Link:
    """One page of a place."""

    label: str
    url: str
    is_current: bool


@dataclass(frozen=True)
class Place:
    """One menu of the bar."""

    label: str
    links: tuple[Link, ...]

    @property
    def is_current(self) -> bool:
        """Whether the page shown belongs to this place."""
        return any(link.is_current for link in self.links)


def _url(name: str) -> str | None:
    try:
        return reverse(name)
    except NoReverseMatch:
        return None


def _links(pages: tuple[tuple[Any, str], ...], path: str) -> tuple[Link, ...]:
    found = ((label, _url(name)) for label, name in pages)
    return tuple(Link(str(label), url, path.startswith(url)) for label, url in found if url)


@register.simple_tag(takes_context=True)
def places(context: template.Context) -> list[Place]:
    """The menus to draw, with what is built."""
    path = context["request"].path if "request" in context else ""
    drawn = [Place(str(label), _links(pages, path)) for label, pages in PLACES]
    return [place for place in drawn if place.links]
