"""Compares candidates for a use of a system, and records which was chosen and why."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from registry import access
from registry.actions.inventory import saved
from registry.actions.vendors import require_text
from registry.audit import log
from registry.errors import BadInput, NotAllowed
from registry.models import AISystem, Candidate, Comparison, Component, ModelVersion, User
from registry.supply import figures

MOST_CRITERIA = 20
MOST_CANDIDATES = 12
LONGEST = 1000


@transaction.atomic
def start_comparison(system: AISystem, *, title: str, need: str, criteria: Sequence[str], actor: User) -> Comparison:
    """Begin to compare candidates for a use of a system, by criteria that are named before anybody looks."""
    access.require(actor, access.LINEAGE_EDIT, system)
    names = list(dict.fromkeys(name.strip() for name in criteria if name.strip()))
    if not names or len(names) > MOST_CRITERIA or any(len(name) > 120 for name in names):
        raise BadInput(
            _("Name between one and %d criteria of up to 120 characters, one a line.") % MOST_CRITERIA, field="criteria"
        )
    row = Comparison(system=system, title=title, need=need, criteria=names, started_by=actor)
    return saved(row, actor, "comparison.started")


@transaction.atomic
def add_candidate(
    comparison: Comparison, *, thing: Component | ModelVersion, values: Mapping[str, Any], actor: User
) -> Candidate:
    """Add a component of the catalogue or a version of a model, with a value and its source for each criterion."""
    comparison = opened(comparison, actor)
    count = comparison.candidates.count()
    if count >= MOST_CANDIDATES:
        raise NotAllowed(_("%d candidates are the most that one comparison takes.") % MOST_CANDIDATES)
    named = {"component": thing} if isinstance(thing, Component) else {"version": thing}
    if not on_offer(thing, comparison, actor):
        raise BadInput(_("There is no such candidate."), field="thing")
    if comparison.candidates.filter(**named).exists():
        raise BadInput(_("%s is compared already.") % thing, field="thing")
    row = Candidate(comparison=comparison, values=checked(comparison, values), **named)
    return saved(row, actor, "candidate.added")


def on_offer(thing: Component | ModelVersion, comparison: Comparison, actor: User) -> bool:
    """The person may see it, and a component stands in a catalogue that holds for the system."""
    if isinstance(thing, Component):
        return Component.objects.visible_to(actor).of_unit(comparison.system.unit).filter(pk=thing.pk).exists()
    return ModelVersion.objects.visible_to(actor).filter(pk=thing.pk).exists()


@transaction.atomic
def value_candidate(candidate: Candidate, *, values: Mapping[str, Any], actor: User) -> Candidate:
    """Change the values of a candidate."""
    comparison = opened(candidate.comparison, actor)
    candidate.values = checked(comparison, values)
    return saved(candidate, actor, "candidate.valued")


def opened(comparison: Comparison, actor: User) -> Comparison:
    """The comparison, held until the transaction ends; a decided one is not touched any more."""
    access.require(actor, access.LINEAGE_EDIT, comparison.system)
    row = Comparison.objects.select_for_update(of=("self",)).select_related("system__unit").get(pk=comparison.pk)
    if not row.is_open:
        raise NotAllowed(_("It has been decided; compare anew."))
    return row


def checked(comparison: Comparison, values: Mapping[str, Any]) -> dict[str, dict[str, str]]:
    """A value for each criterion that has one; a value without a source is refused."""
    unknown = sorted(set(values) - set(comparison.criteria))
    if unknown:
        raise BadInput(_("“%s” is no criterion of this comparison.") % unknown[0][:120], field="values")
    found = {}
    for name, told in values.items():
        pair = {key: str(told.get(key, "")).strip()[:LONGEST] for key in ("value", "source")}
        if pair["value"] and not pair["source"]:
            raise BadInput(_("“%s” has a value and no source; say where it comes from.") % name, field="values")
        if pair["value"]:
            found[name] = pair
    return found


@transaction.atomic
def choose(comparison: Comparison, *, candidate: Candidate, reason: str, actor: User) -> Comparison:
    """Choose one of at least two candidates, with a reason; the figures of that moment are kept with the choice."""
    row = opened(comparison, actor)
    require_text(reason, "reason")
    candidates = list(row.candidates.in_order())
    if len(candidates) < 2:
        raise NotAllowed(_("There is nothing to choose between: add a second candidate."))
    if candidate not in candidates:
        raise BadInput(_("This is no candidate of the comparison."), field="candidate")
    component = candidate.component
    if component is not None and component.status in {Component.Status.FORBIDDEN, Component.Status.ENDED}:
        raise BadInput(_("%(component)s is %(status)s in the catalogue.") % {
            "component": component, "status": component.get_status_display().lower(),
        }, field="candidate")  # fmt: skip
    row.status, row.chosen, row.reason = Comparison.Status.DECIDED, candidate, reason.strip()
    row.decided_by, row.decided_at = actor, timezone.now()
    row.figures = [each.as_json(candidates) for each in figures.side_by_side(candidates)]
    row.save()
    log.record(actor, "comparison.decided", row, reason=row.reason, chosen=str(candidate.thing.pk))
    return row
