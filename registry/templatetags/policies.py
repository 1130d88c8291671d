"""What pages show of policies: the answers kept at a decision, what binds a system, opinions before a move."""

from typing import Any

from django import template
from django.utils.translation import gettext as _

from registry import access, policy, stages
from registry.models import AISystem, Deployment, GateRecord, ReviewPolicy, StageOpinion
from registry.policies import conditions, opinions
from registry.policies.summary import field_label, line

register = template.Library()
SHOWN = 10


@register.inclusion_tag("registry/parts/gates_at_decision.html")
def gates_at_decision(subject: Any) -> dict[str, Any]:
    """The answers that were kept when something was decided about a release, a deployment or a system."""
    rows = GateRecord.objects.filter(subject_id=subject.pk).select_related("actor").order_by("-at")
    return {"records": rows[:SHOWN]}


@register.inclusion_tag("registry/parts/policy_binding.html")
def policies_of(system: AISystem) -> dict[str, Any]:
    """The policies that bind a system, and when they are audited next."""
    asked = policy.of_system(system)
    intake = getattr(system, "intake", None)
    return {
        "row": ReviewPolicy.objects.in_force().first(),
        "body": asked.body,
        "tier": system.get_risk_tier_display(),
        "kinds": [kind if kind == system.slug else field_label(kind) for kind in asked.body.get("kinds", [])],
        "asked": [line(one) for one in asked.conditions if conditions.concerns(one, system)],
        "uses": intake.answers.get("version", "") if intake is not None else "",
    }


@register.inclusion_tag("registry/parts/stage_opinions.html", takes_context=True)
def opinions_of(context: template.Context, system: AISystem) -> dict[str, Any]:
    """The opinions that were given on a system, and whether the reader may give one."""
    person = context["request"].user
    return {
        "opinions": StageOpinion.objects.filter(system=system).select_related("person")[:SHOWN],
        "may_give": access.allowed(person, access.APPROVAL_DECIDE, system) and not system.is_own(person),
        "object": system,
        "now": opinions.facts_digest(system),
    }


@register.simple_tag
def moment(name: str) -> str:
    """A moment of decision in words."""
    head, _colon, rest = name.partition(":")
    words = {
        conditions.INTAKE: _("Intake"), conditions.RELEASE: _("Release"), conditions.PUBLICATION: _("Publication"),
        conditions.STAGE: _("Change of stage"), conditions.DEPLOYMENT: _("Deployment"),
    }  # fmt: skip
    said = words.get(head, head)
    if head == conditions.DEPLOYMENT and rest in Deployment.Environment.values:
        return f"{said}: {Deployment.Environment(rest).label}"
    return f"{said}: {move_label(rest)}" if head == conditions.STAGE else said


@register.simple_tag
def move_label(verb: str) -> str:
    """What people call a move of a system."""
    found = stages.MOVES.get(verb)
    return str(found.label) if found is not None else verb
