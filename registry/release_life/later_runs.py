"""Runs that came after a release was frozen: not bound, but looked at; which of them speak against it."""

from django.db.models import Q, QuerySet

from registry import policy
from registry.models import Evidence, Release, Review, Verdict

# A release in these states is acted on when a later run fails.
IN_HAND = (Release.Status.IN_REVIEW, Release.Status.APPROVED, Release.Status.PUBLISHED)


def later(release: Release) -> QuerySet[Evidence]:
    """Standing evidence of the version that came after the material was frozen and is no part of it, newest first."""
    frozen = Review.objects.filter(release=release).values_list("created_at", flat=True).first()
    rows = Evidence.objects.standing().filter(version=release.version_id).exclude(releases=release)
    return rows.filter(Q(received_at__gt=frozen or release.created_at)).order_by("-received_at")


def asks_a_pass(release: Release, evidence: Evidence) -> bool:
    """The policy of the release wants this check to pass, by its list of evidence or by a condition."""
    asked = policy.of_release(release)
    wanted = {ask["check"] for ask in asked.evidence_for(release.system) if ask["verdict"] == "pass"}
    wanted |= {one["check"] for one in asked.conditions if "check" in one and one.get("verdict", "pass") == "pass"}
    return bool(wanted & {*evidence.shows})


def speaks_against(release: Release, evidence: Evidence, *, is_alarm: bool) -> bool:
    """The run failed, and it is an alarm of monitoring or one that the policy asks to pass."""
    return evidence.verdict == Verdict.FAIL and (is_alarm or asks_a_pass(release, evidence))
