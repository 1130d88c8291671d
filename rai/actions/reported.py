"""Keeps figures that were computed elsewhere, as what they are."""

from datetime import timedelta

from django.utils import timezone
from django.utils.translation import gettext as _

from rai.reported import Report, outcome_of, require_sound
from registry import access, policy
from registry.actions import later_runs
from registry.audit import log
from registry.errors import BadInput
from registry.models import Evidence, ModelVersion, User
from registry.transactions import retried


@retried
def report_figures(version: ModelVersion, *, report: Report, actor: User) -> Evidence:
    """Store a pipeline's figures about a version as reported evidence: it is never called measured, and passes nothing."""
    access.require(actor, access.CHECK_RUN, version)
    require_sound(report)
    now = timezone.now()
    until = report.measured_at + timedelta(
        days=policy.of_tier(version.home_system.risk_tier).body["evidence_valid_days"]
    )
    if report.measured_at > now:
        raise BadInput(_("The figures were measured in the future; say when they were computed."), field="measured_at")
    if until <= now:
        raise BadInput(
            _("The figures are older than evidence of this tier may be; compute them anew."), field="measured_at"
        )
    outcome = outcome_of(report)
    if Evidence.objects.standing().filter(version=version, digest=outcome["digest"]).exists():
        raise BadInput(_("These figures stand already; nothing was stored."))
    evidence = Evidence(
        version=version, kind=Evidence.Kind.REPORTED, check_slug=outcome["check"], shows=sorted(set(report.shows)),
        digest=outcome["digest"], outcome=outcome, verdict=outcome["verdict"], effective_at=report.measured_at,
        received_at=now, valid_until=until, requested_by=actor,
    )  # fmt: skip
    evidence.save()
    log.record(actor, "evidence.reported", evidence)
    for row in later_runs.landed(evidence, actor=actor):
        later_runs.settle(row)
    return evidence
