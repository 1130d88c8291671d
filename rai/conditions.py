"""The kinds of conditions of a policy that rai can answer, and the metrics that its checks hold."""

from functools import cache, partial

from django.urls import reverse
from django.utils.translation import gettext as _, gettext_lazy

from rai import gates
from rai.catalogue import CHECKS
from rai.models import MetricBaseline
from registry.gate_results import GateResult
from registry.models import Evidence, Verdict
from registry.plugins import resolved
from registry.policies import metrics
from registry.policies.conditions import Asked, Case, condition
from registry.release_gates import evidence_of

Principle = MetricBaseline.Principle


@condition("baselines", gettext_lazy("Limits are approved and judged"), value={"const": "approved"}, needs_release=True)
def baselines_judged(case: Case, asked: Asked) -> GateResult:
    """At least one limit is approved for the system, and the frozen runs judged all of them."""
    if case.release is None or not gates.approved(case.release):
        place = reverse("baselines", args=[case.system.pk])
        return GateResult.insufficient(_("No limit is approved for this system."), place)
    return gates.limits_applied(case.release)


@condition(
    "principles", gettext_lazy("Every principle has its figure"), needs_release=True,
    value={"type": "array", "minItems": 1, "uniqueItems": True, "items": {"enum": list(Principle.values)}},
)  # fmt: skip
def principles_shown(case: Case, asked: Asked) -> GateResult:
    """Each named principle has an approved limit, and the frozen runs hold the figure that keeps within it."""
    place = reverse("baselines", args=[case.system.pk])
    if case.release is None:
        return GateResult.insufficient(_("There is no release yet."), place)
    limits, rows = gates.approved(case.release), evidence_of(case.release)
    for principle in asked["principles"]:
        own = [limit for limit in limits if limit.principle == principle]
        problem = principle_problem(str(Principle(principle).label), own, rows)
        if problem is not None:
            return GateResult(problem.result, problem.reason, place, evidence=problem.evidence)
    names = ", ".join(str(Principle(principle).label) for principle in asked["principles"])
    return GateResult.passed(_("Each has a figure within its limit: %s.") % names, place)


def principle_problem(name: str, limits: list[MetricBaseline], rows: list[Evidence]) -> GateResult | None:
    """Why a principle is not shown; None where every limit of it has a figure within it."""
    if not limits:
        return GateResult.insufficient(_("No limit for the principle “%s” is approved for this system.") % name)
    for limit in limits:
        judged = [
            (row, entry)
            for row in rows
            for entry in row.outcome.get("thresholds", [])
            if (row.check_slug, entry["rule"]) == (limit.slug, limit.rule)
        ]
        facts = {"name": name, "rule": limit.rule}
        if not judged or any(entry.get("value") is None for _row, entry in judged):
            return GateResult.insufficient(_("No run of this release holds a figure for “%(name)s”: %(rule)s.") % facts)
        failed = next((row for row, entry in judged if entry.get("verdict") != Verdict.PASS), None)
        if failed is not None:
            said = _("The figure for “%(name)s” does not keep within its limit for certain: %(rule)s.") % facts
            return GateResult.failed(said, evidence=failed.get_absolute_url())
    return None


@cache
def is_known(slug: str, metric: str) -> bool:
    """Runs of the check can be judged by the metric, or hold it of each group beside its difference."""
    from rai.checks.contract import InputError

    read = resolved(CHECKS[slug].read_rule)
    for rule in (f"{metric}<=0.5", f"{metric}>=0.5", f"{metric}_difference<=0.5"):
        try:
            read(rule)
        except InputError:
            continue
        return True
    return False


def register_metrics() -> None:
    """Say for each name of the vocabulary which figures the runs behind it hold."""
    for check in CHECKS.values():
        for name in check.may_show():
            metrics.KNOWN.setdefault(name, partial(is_known, check.slug))


register_metrics()
