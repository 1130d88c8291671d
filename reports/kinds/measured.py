"""What the fairness and explanation report says: every run that stands with intervals and chart, and every run there was."""

from collections import Counter
from datetime import datetime
from typing import Any, Final

from django.conf import settings
from django.utils.translation import gettext as _

from rai.models import CheckRun, MetricBaseline
from registry.models import ModelVersion
from registry.release_gates import evidence_of, preview
from reports.contents import by_catalogue, check_facts, limit_facts, run_facts, system_facts, version_facts
from reports.kinds.blocks import limit
from reports.not_checked import limits_of_runs
from reports.plan_contents import plan_facts

TOLD: Final = ("fairness.", "explain.")


def measured(version: ModelVersion, *, as_of: datetime) -> dict[str, Any]:
    """Everything that the report on a version prints."""
    standing = sorted(evidence_of(preview(version)), key=by_catalogue)
    checks = [check_facts(row) for row in standing if any(name.startswith(TOLD) for name in row.shows)]
    runs = CheckRun.objects.filter(version=version).select_related("predictions__blob", "evidence", "requested_by")
    return {
        "installation": settings.INSTALLATION_NAME,
        "as_of": as_of.isoformat(timespec="seconds"),
        "system": system_facts(version),
        "version": version_facts(version),
        "summary": summary(checks),
        "checks": checks,
        "plan": plan_facts(version.home_system),
        "limits": [limit_facts(row) for row in MetricBaseline.objects.filter(system=version.home_system)],
        "runs": [run_facts(run) for run in runs.order_by("created_at", "pk")],
        "not_checked": [*limits_of_runs(), *never_run(checks)],
    }


def summary(checks: list[dict[str, Any]]) -> list[list[str]]:
    """One line a run: its verdict and its first sentence."""
    lines = [[one["label"], " ".join(one["sentences"][:2]), one["verdict"]] for one in checks]
    counted = Counter(one["verdict"] for one in checks)
    told = _("%(passed)d passed, %(failed)d failed, %(open)d could not be decided.") % {
        "passed": counted["pass"], "failed": counted["fail"], "open": counted["insufficient"],
    }  # fmt: skip
    return [
        [
            _("Runs that stand"),
            told if checks else _("None: this version was neither compared by group nor explained."),
            "",
        ],
        *lines,
    ]


def never_run(checks: list[dict[str, Any]]) -> list[dict[str, str]]:
    """Fairness or explanation where no run of it stands."""
    shown = {name for one in checks for name in (one["check"],)}
    rows = []
    if "group_fairness" not in shown:
        rows.append(limit(_("Equal treatment of groups"), _("No run that compares groups stands for this version.")))
    if "feature_attribution" not in shown:
        rows.append(limit(_("Explanation of the model"), _("No run that explains the model stands for this version.")))
    return rows
