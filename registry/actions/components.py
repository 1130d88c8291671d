"""Proposes components for the catalogue, decides on them, and says which system or version uses which."""

import re
from collections.abc import Sequence
from datetime import date
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from registry import access, separation
from registry.actions import rounds, work
from registry.actions.inventory import only, saved
from registry.actions.vendors import require_text
from registry.audit import log
from registry.datasets import standard
from registry.errors import BadInput, NotAllowed
from registry.models import AISystem, BusinessUnit, Component, ComponentUse, ModelVersion, Task, Use, User
from registry.transactions import hold, retried

# What is known of a component at any time, and what a decision was taken on.
NEWS = frozenset({"newer_version", "end_of_life", "released_on", "risk_note", "criticality", "family"})
SCOPE = ("uses", "data_classes", "regions")
COMPONENT_FIELDS = NEWS | frozenset(
    {"component_type", "provider", "name", "version", "vendor", "licence", "hash", *SCOPE}
)
WRITTEN = ("component.proposed", "component.edited")
USE_FIELDS = frozenset({"modifications", "conditions_kept", "region"})


@retried
def propose_component(unit: BusinessUnit, *, actor: User, **fields: Any) -> Component:
    """Enter a component into a unit's catalogue; it may be used once somebody else has approved it."""
    access.require(actor, access.MODEL_CREATE, unit)
    row = Component(unit=unit, proposed_by=actor, **only(fields, COMPONENT_FIELDS))
    require_vendor_above(row)
    require_scope(row)
    return saved(row, actor, "component.proposed")


@retried
def edit_component(component: Component, *, actor: User, **fields: Any) -> Component:
    """Change what is said of a component; once it was decided on, only what is new of it: later versions, dates, flaws."""
    hold(component)
    access.require(actor, access.CATALOGUE_EDIT, component)
    known = COMPONENT_FIELDS if component.status == Component.Status.PROPOSED else NEWS
    for name, value in only(fields, known).items():
        setattr(component, name, value)
    require_vendor_above(component)
    require_scope(component)
    return saved(component, actor, "component.edited", fields=sorted(fields))


def require_vendor_above(component: Component) -> None:
    """The vendor is known to the component's unit."""
    vendor = component.vendor
    if vendor is not None and not component.unit.path.startswith(vendor.unit.path):
        raise BadInput(
            _("%(vendor)s is a vendor of %(unit)s and not known here.") % {"vendor": vendor, "unit": vendor.unit},
            field="vendor",
        )


def require_scope(component: Component) -> None:
    """Uses and classes are such as the registry knows, regions are short texts, a digest is one."""
    for use in component.uses:
        if use not in Use.values:
            raise BadInput(_("“%s” is no use that the registry knows.") % use, field="uses")
    for slug in component.data_classes:
        standard.class_named(slug, "data_classes")
    if component.hash and not re.fullmatch(r"sha256:[0-9a-f]{64}", component.hash):
        raise BadInput(
            _("A digest is “sha256:” and 64 hexadecimal digits, not “%s”.") % component.hash[:80], field="hash"
        )
    if not all(isinstance(region, str) and 0 < len(region) <= 60 for region in component.regions):
        raise BadInput(_("A region is a name of up to 60 characters."), field="regions")


def approve_component(component: Component, *, reason: str, actor: User, **scope: Any) -> None:
    """Let it be used for some uses on data of some classes, until a day; `scope` is what `allow` takes."""
    allow(component, Component.Status.APPROVED, "component.approved", reason=reason, actor=actor, **scope)


def restrict_component(component: Component, *, reason: str, conditions: str, actor: User, **scope: Any) -> None:
    """Let it be used as `approve_component`, under conditions that each user must say how to keep."""
    require_text(conditions, "conditions")
    allow(
        component, Component.Status.RESTRICTED, "component.restricted", reason=reason, conditions=conditions,
        actor=actor, **scope,
    )  # fmt: skip


def forbid_component(component: Component, *, reason: str, actor: User) -> None:
    """Say that it must not be used, whatever it was before."""
    decide(component, Component.Status.FORBIDDEN, "component.forbidden", reason=reason, actor=actor)


def end_component(component: Component, *, reason: str, actor: User) -> None:
    """Take it off the list: its time is over."""
    decide(component, Component.Status.ENDED, "component.ended", reason=reason, actor=actor)


@retried
def allow(
    component: Component, status: str, event: str, *, reason: str, actor: User, uses: Sequence[str],
    data_classes: Sequence[str], valid_until: date, regions: Sequence[str] = (), conditions: str = "",
) -> None:  # fmt: skip
    """Set for what, on which data, where and until when it may be used; the decider may narrow what was proposed."""
    separation.keep_duties(actor)
    hold(component)
    if valid_until <= timezone.localdate():
        raise BadInput(_("The last day on which it is allowed lies in the future."), field="valid_until")
    if not uses or not data_classes:
        raise BadInput(_("Name at least one use and one class of data."), field="data_classes" if uses else "uses")
    if component.vendor is not None and not component.vendor.is_usable:
        raise NotAllowed(_("Its vendor, %(vendor)s, is %(status)s. Decide on the vendor first.") % {
            "vendor": component.vendor, "status": component.vendor.get_status_display().lower(),
        })  # fmt: skip
    scope = {
        "uses": list(uses), "data_classes": list(data_classes), "regions": list(regions),
        "conditions": conditions.strip(), "valid_until": valid_until,
    }  # fmt: skip
    decide(component, status, event, reason=reason, actor=actor, **scope)


@retried
def decide(component: Component, status: str, event: str, *, reason: str, actor: User, **scope: Any) -> None:
    """Set the status by the duty for it, with a reason, by somebody who did not write the entry."""
    separation.require_now(actor, access.CATALOGUE_DECIDE, component)
    hold(component)
    for name, value in scope.items():
        setattr(component, name, value)
    require_scope(component)
    separation.require_not_written(actor, component, acts=WRITTEN)
    require_text(reason, "reason")
    component.status, component.reason = status, reason.strip()
    component.reviewed_by, component.reviewed_at = actor, timezone.now()
    component.save()
    log.record(actor, event, component, reason=component.reason)
    if component.status not in Component.USABLE:
        tell_users(component, actor=actor)


def tell_users(component: Component, *, actor: User) -> None:
    """A task for the technical owner of each system that uses it."""
    for system in AISystem.objects.filter(component_uses__in=component.used_by.live()).distinct().order_by("pk"):
        work.open_task(
            component, kind=Task.Kind.COMPONENT_FELL, system=system, url=component.get_absolute_url(),
            person=system.technical_owner, actor=actor,
        )  # fmt: skip


@retried
def add_use(
    user: AISystem | ModelVersion, *, component: Component, use: str, data_class: str, actor: User, **fields: Any
) -> ComponentUse:
    """Say that a system, or one version of its model, uses a component: for what and on which data."""
    access.require(actor, access.LINEAGE_EDIT, user)
    system, version = (user.home_system, user) if isinstance(user, ModelVersion) else (user, None)
    if not system.unit.path.startswith(component.unit.path):
        raise BadInput(
            _("%(component)s stands in the catalogue of %(unit)s, which does not hold for %(system)s.")
            % {"component": component, "unit": component.unit, "system": system},
            field="component",
        )
    standard.class_named(data_class, "data_class")
    row = ComponentUse(
        system=system, version=version, component=component, use=use, data_class=data_class, added_by=actor,
        **only(fields, USE_FIELDS),
    )  # fmt: skip
    saved(row, actor, "component_use.added")
    rounds.void_stale(system, actor=actor, because=_("%s was added to what it uses") % component)
    return row


@retried
def end_use(use: ComponentUse, *, reason: str, actor: User) -> None:
    """Say that it is used no longer; the row stays as what was used until then."""
    hold(use)
    access.require(actor, access.LINEAGE_EDIT, use.version or use.system)
    require_text(reason, "reason")
    if use.ended_at is not None:
        raise NotAllowed(_("%s is used no longer already.") % use.component)
    use.ended_at = timezone.now()
    use.save()
    log.record(actor, "component_use.ended", use, reason=reason.strip())
    rounds.void_stale(use.system, actor=actor, because=_("%s was taken from what it uses") % use.component)
