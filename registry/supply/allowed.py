"""Whether what a release uses stands on the list of what is allowed: the gate, and what of it a decision is bound to."""

from collections.abc import Iterator
from typing import Any, Final

from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext as _, gettext_lazy, ngettext

from registry.datasets import standard
from registry.gates import GateResult, gate
from registry.looks import read_once
from registry.material import material
from registry.models import Agreement, Component, ComponentUse, ModelVersion, Release

SAID: Final = 3  # sentences of a closed gate; the page behind it has all


@read_once
def uses_of(release: Release) -> list[ComponentUse]:
    """What the release uses, by its version or by the system as a whole."""
    rows = ComponentUse.objects.bearing_on(release.system, release.version)
    return list(rows.select_related("component__vendor", "system", "version").order_by("component__name", "pk"))


@gate("components", gettext_lazy("Only components that are allowed"))
def only_allowed(release: Release) -> GateResult:
    """Everything it uses of others is in the catalogue, in time, and used for what and on what it is allowed."""
    uses, place = uses_of(release), reverse("version-components", args=[release.version_id])
    silence = unnamed(release.version, uses)
    found = [(silence, place)] if silence else []
    found += [(sentence, mended_at(use, place)) for use in uses for sentence in problems(use)]
    if found:
        return GateResult.failed(" ".join(sentence for sentence, _place in found[:SAID]), found[0][1])
    if not uses:
        return GateResult.passed(_("It uses nothing of others, as its owners say."), place)
    return GateResult.passed(
        ngettext("The one component that it uses is allowed for that.",
                 "All %(count)d components that it uses are allowed for that.", len(uses)) % {"count": len(uses)}, place,
    )  # fmt: skip


def unnamed(version: ModelVersion, uses: list[ComponentUse]) -> str:
    """The sentence for a version or a system that is said to build on something of others and does not name it."""
    if version.commercial and not any(use.component.component_type in {"model", "service"} for use in uses):
        return _("It is a vendor's model, and no model or service of the catalogue is named for it.")
    if version.home_system.has_vendor_component and not uses:
        return _("Its system builds on something of a vendor or of the open-source world, and no component is named.")
    return ""


def mended_at(use: ComponentUse, place: str) -> str:
    """The component's page where the catalogue has to change, else the page of what is used."""
    return place if use.component.is_usable else use.component.get_absolute_url()


def problems(use: ComponentUse) -> Iterator[str]:
    """Why this use is not allowed, a sentence each; none where it is."""
    component = use.component
    facts = {"component": component, "status": component.get_status_display().lower()}
    if component.status not in Component.USABLE:
        yield _("%(component)s is %(status)s in the catalogue, not approved.") % facts
        return
    if component.is_expired:
        yield expired(component)
    yield from vendor_problems(component)
    if use.use not in component.uses:
        yield _("%(component)s is not allowed for: %(use)s.") % {**facts, "use": use.get_use_display()}
    if use.data_class not in component.data_classes:
        yield _("%(component)s must not see data of the class “%(class)s”.") % {
            **facts, "class": standard.label_of(use.data_class),
        }  # fmt: skip
    if component.regions and use.region not in component.regions:
        yield _("%(component)s may run in %(regions)s only, not in “%(region)s”.") % {
            **facts, "regions": ", ".join(component.regions), "region": use.region or "–",
        }  # fmt: skip
    if component.status == Component.Status.RESTRICTED and not use.conditions_kept.strip():
        yield _("%(component)s is allowed under conditions, and nobody says how they are kept.") % facts


def expired(component: Component) -> str:
    """Which of its days has passed."""
    days = [day for day in (component.valid_until, component.end_of_life) if day is not None]
    return _("The time of %(component)s ended on %(day)s.") % {
        "component": component, "day": date_format(min(days)),
    }  # fmt: skip


def vendor_problems(component: Component) -> Iterator[str]:
    """What stands against the vendor of a component."""
    vendor = component.vendor
    if vendor is None:
        return
    if not vendor.is_usable:
        yield _("The vendor of %(component)s, %(vendor)s, is %(status)s.") % {
            "component": component, "vendor": vendor, "status": vendor.get_status_display().lower(),
        }  # fmt: skip
    unread = Agreement.objects.unread().filter(vendor=vendor).order_by("title").first()
    if unread is not None:
        yield _("Nobody has read “%(agreement)s” of %(vendor)s as it is now.") % {
            "agreement": unread.title, "vendor": vendor,
        }  # fmt: skip


@material("component_uses")
def component_uses(release: Release) -> Any:
    """What is used of others, exactly; whether it is allowed is asked by the gate. None where nothing is."""
    facts = ("use", "data_class", "region", "modifications", "conditions_kept")
    thing = ("component_type", "provider", "name", "version", "licence", "hash")
    return [
        {"id": str(row.component_id)}
        | {name: getattr(row.component, name) for name in thing}
        | {name: getattr(row, name) for name in facts}
        for row in uses_of(release)
    ] or None
