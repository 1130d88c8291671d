"""What rai asks of a release, and what of its own a decision is bound to."""

from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _, gettext_lazy, ngettext

from rai.models import MetricBaseline
from registry.gates import GateResult, gate
from registry.looks import read_once
from registry.material import material
from registry.models import Release
from registry.release_gates import evidence_of


@read_once
def approved(release: Release) -> list[MetricBaseline]:
    """The approved limits of the system."""
    return list(
        MetricBaseline.objects.filter(system=release.system, status=MetricBaseline.Status.APPROVED).order_by(
            "slug", "rule"
        )
    )


@gate("baselines", gettext_lazy("Limits were set beforehand"))
def limits_applied(release: Release) -> GateResult:
    """Every approved limit was judged by the frozen run of its check."""
    place = reverse("baselines", args=[release.system_id])
    limits = approved(release)
    if not limits:
        if release.system.affects_people:
            return GateResult.failed(
                _("No limit is approved for this system. A risk officer sets one and an approver confirms it."), place
            )
        return GateResult.passed(_("None is asked for: its output is not used in decisions about people."), place)
    judged = {
        (row.check_slug, threshold["rule"])
        for row in evidence_of(release)
        for threshold in row.outcome.get("thresholds", [])
    }
    open_ = [limit.rule for limit in limits if (limit.slug, limit.rule) not in judged]
    if open_:
        return GateResult.insufficient(_("Not judged by the runs of this release: %s.") % ", ".join(open_), place)
    return GateResult.passed(
        ngettext("One limit, judged by the runs of this release.",
                 "%(count)d limits, all judged by the runs of this release.", len(limits)) % {"count": len(limits)}, place,
    )  # fmt: skip


@material("baselines")
def limits(release: Release) -> Any:
    """The approved limits."""
    return [{"check": limit.slug, "rule": limit.rule} for limit in approved(release)]
