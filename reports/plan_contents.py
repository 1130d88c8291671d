"""What a report prints of the test plan in force: its checks with their limits and reasons, and which metrics fit and why."""

from typing import Any

from rai import guidance
from rai.catalogue import CHECKS
from rai.models import ROWS_ARE, TestPlan
from registry.models import AISystem, User


def plan_facts(system: AISystem) -> dict[str, Any]:
    """The plan in force as plain JSON; empty where there is none."""
    row = TestPlan.objects.in_force().filter(system=system).select_related("system", "owner", "approved_by").first()
    if row is None:
        return {}
    roles = dict(ROWS_ARE)
    return {
        "id": str(row.pk),
        "revision": row.revision,
        "days": row.days,
        "looks": row.looks,
        "owner": str(row.owner),
        "approved_by": str(row.approved_by),
        "approved_at": row.approved_at.isoformat(timespec="seconds") if row.approved_at else "",
        "approval_reason": row.approval_reason,
        "checks": [
            {
                "check": str(CHECKS[one.slug].label) if one.slug in CHECKS else one.slug,
                "rows": str(roles.get(one.role, one.role)),
                "rules": [limit["rule"] for limit in row.limits if limit["check"] == one.slug],
                "reason": one.reason,
            }
            for one in row.planned
        ],
        "unmeasured": row.unmeasured,
        "guidance": guidance_facts(row),
    }


def guidance_facts(row: TestPlan) -> dict[str, Any]:
    """Answers, advice, choice and reason; empty where nobody asked which fairness metric fits."""
    kept = row.guidance
    if not kept:
        return {}
    known = guidance.metrics()
    chosen = [known[name] for name in kept["chosen"] if name in known]
    return {
        "answers": [{"ask": ask, "answer": answer} for ask, answer in guidance.told(kept)],
        "advised": guidance.titles(kept["advised"]),
        "chosen": [
            {"title": one.title, "gives_up": one.gives_up, "sources": "; ".join(one.sources)} for one in chosen
        ],
        "deviates": kept["deviates"],
        "reason": kept["reason"],
        "person": str(User.objects.filter(pk=kept["person"]).first() or ""),
    }  # fmt: skip
