"""Clears a system for data up to a class, and sets class, protection and retention of its output."""

from collections.abc import Sequence
from typing import Any

from django.utils.translation import gettext as _

from registry import access, separation
from registry.actions import work
from registry.actions.datasets import require_text
from registry.actions.inventory import saved
from registry.audit import log
from registry.datasets import output_uses as output_uses_of, standard
from registry.datasets.inputs import highest_input, terms_of
from registry.errors import BadInput
from registry.models import AISystem, DataTerms, Task, User
from registry.transactions import hold, retried


@retried
def clear_system(system: AISystem, *, clearance: str, reason: str, actor: User) -> DataTerms:
    """Say up to which class a system may use data: by who decides in the unit, and not by its owners."""
    separation.require_now(actor, access.APPROVAL_DECIDE, system)
    require_text("reason", reason)
    wanted = standard.class_named(clearance, "clearance")
    hold(system)
    if system.is_own(actor):
        raise BadInput(_("You answer for %s; somebody else clears it for data.") % system, field="clearance")
    terms = held(system)
    used = highest_input(system)
    if used and standard.rank_of(used) > wanted.rank:
        raise BadInput(
            _("%(system)s uses data of the class “%(class)s” already; it cannot be cleared for less.")
            % {"system": system, "class": standard.label_of(used)},
            field="clearance",
        )
    terms.clearance, terms.clearance_reason = wanted.slug, reason.strip()
    return saved(terms, actor, "data_terms.cleared", reason=terms.clearance_reason)


@retried
def set_output_terms(
    system: AISystem, *, output_class: str, output_protection: str, output_retention_days: int, actor: User,
    output_reason: str = "", distribution: str = "", output_uses: Sequence[str] = (),
) -> DataTerms:  # fmt: skip
    """Label a system's output. A class below that of its data wants a reason; either way the question is answered.

    `output_uses` are what the output may be used for; a use that stands in a link of lineage cannot be left out.
    """
    access.require(actor, access.MODEL_EDIT, system)
    wanted = standard.class_named(output_class, "output_class")
    require_text("output_protection", output_protection)
    terms = held(system)
    used = highest_input(system)
    if used and standard.rank_of(used) > wanted.rank and not output_reason.strip():
        raise BadInput(
            _("Its data go up to the class “%s”. Say why the output needs less care than they do.")
            % standard.label_of(used),
            field="output_reason",
        )
    terms.output_class, terms.output_protection = wanted.slug, output_protection.strip()
    terms.output_retention_days, terms.output_reason = output_retention_days, output_reason.strip()
    terms.distribution, terms.output_uses = distribution, sorted(set(output_uses))
    output_uses_of.require_known(terms.output_uses)
    output_uses_of.require_kept(system, terms.output_uses)
    saved(terms, actor, "data_terms.output_labelled", reason=terms.output_reason)
    work.close_tasks(system, actor=actor, kind=Task.Kind.OUTPUT_CLASS)
    return terms


def held(system: AISystem) -> Any:
    """The terms of the system for a change: no link of lineage and no other change passes meanwhile."""
    log.locked_head()
    return terms_of(system)
