"""Runs a check of the registry's own records and keeps its outcome as evidence."""

from datetime import timedelta

from django.utils import timezone
from django.utils.translation import gettext as _

from registry import access, policy
from registry.actions import later_runs
from registry.audit import log
from registry.errors import BadInput
from registry.models import Evidence, ModelVersion, User
from registry.record_checks import RECORD_CHECKS, outcome_of
from registry.transactions import retried


@retried
def run_record_check(version: ModelVersion, *, check: str, actor: User) -> Evidence:
    """Ask the records about a version now; the answer is evidence for as long as the tier lets evidence hold."""
    access.require(actor, access.CHECK_RUN, version)
    if check not in RECORD_CHECKS:
        raise BadInput(
            _("“%(given)s” is no check of records. Known are: %(known)s.")
            % {"given": check, "known": ", ".join(RECORD_CHECKS)},
            field="check",
        )
    outcome, now = outcome_of(RECORD_CHECKS[check], version), timezone.now()
    evidence = Evidence(
        version=version, kind=Evidence.Kind.CHECK, check_slug=check, shows=[check], digest=outcome["digest"],
        outcome=outcome, verdict=outcome["verdict"], effective_at=now, received_at=now, requested_by=actor,
        valid_until=now + timedelta(days=policy.of_tier(version.home_system.risk_tier).body["evidence_valid_days"]),
    )  # fmt: skip
    evidence.save()
    log.record(actor, "evidence.recorded", evidence)
    for row in later_runs.landed(evidence, actor=actor):
        later_runs.settle(row)
    return evidence
