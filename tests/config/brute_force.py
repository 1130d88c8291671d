"""A tightened policy for the built company, and by hand, from the rows alone, which releases it would fail."""

from collections import defaultdict
from typing import Any

import yaml

from rai.models import MetricBaseline
from registry.models import Deployment, Release, ReviewPolicy, SignOff
from risk.models import Risk

HIGH_BOUND = 0.03


def tightened() -> str:
    """The policy in force, with more asked of every tier."""
    body = yaml.safe_load(ReviewPolicy.objects.in_force().get().source)
    tiers = body["tiers"]
    tiers["minimal"]["stages"] = [[{"duty": "approver", "count": 2}]]
    tiers["limited"]["gates"].append({"at": "deployment:production", "regions": ["eu-central"]})
    metric = {"metric": "selection_rate_difference", "bound": "high", "at_most": HIGH_BOUND}
    tiers["high"]["gates"].append(
        {"at": "release", "check": "fairness.group_metrics", "when": "affects_people", **metric}
    )
    tiers["high"]["gates"].append({"at": "publication", "principles": ["accuracy"], "when": "processes_personal_data",
                                   "name": "accuracy"})  # fmt: skip
    tiers["critical"]["gates"] = [{"at": "publication", "risks": {"level": "medium", "at_most": 0}}]
    body["kinds"] = {"is_generative": {"gates": [{"at": "publication", "facts": ["fallback_procedure"]}]}}
    return yaml.safe_dump(body, sort_keys=False)


def failing() -> dict[Any, set[str]]:
    """Every approved or published release that lacks something of it, and what."""
    found: dict[Any, set[str]] = defaultdict(set)
    for release in Release.objects.filter(status__in=["approved", "published"]):
        system, is_public = release.system, release.status == "published"
        said_yes = SignOff.objects.filter(
            review__release=release, voided_at=None, duty="approver", decision__startswith="approve"
        )
        if system.risk_tier == "minimal" and said_yes.count() < 2:
            found[release.pk].add("sign-offs")
        if system.risk_tier == "limited":
            runs = Deployment.objects.filter(release=release, status="running", environment="production")
            found[release.pk] |= {"regions" for run in runs if run.region != "eu-central"}
        if system.risk_tier == "high" and system.affects_people and not within(release):
            found[release.pk].add("check")
        if system.risk_tier == "high" and system.processes_personal_data and is_public:
            limits = MetricBaseline.objects.filter(system=system, principle="accuracy", status="approved")
            found[release.pk] |= set() if limits.exists() else {"principles"}
        if system.risk_tier == "critical" and is_public:
            rated = Risk.objects.filter(system=system, status__in=["open", "treated"])
            found[release.pk] |= {"risks" for risk in rated if risk.residual_level in {"medium", "high", "critical"}}
        if system.is_generative and is_public and not system.fallback_procedure.strip():
            found[release.pk].add("facts")
    return {release: reasons for release, reasons in found.items() if reasons}


def within(release: Release) -> bool:
    """The upper bound of every judged difference of the newest frozen fairness run is within the bound."""
    runs = [row for row in release.evidence.order_by("effective_at") if "fairness.group_metrics" in row.shows]
    highs = [
        entry["high"] for row in runs[-1:] for entry in row.outcome["thresholds"]
        if entry["rule"].startswith("selection_rate_difference<=")
    ]  # fmt: skip
    return bool(highs) and all(high is not None and high <= HIGH_BOUND for high in highs)
