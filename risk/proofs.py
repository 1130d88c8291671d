"""Which checks prove a control now: those whose newest run for the subject passed within the cadence of the tier."""

from datetime import datetime, timedelta

from registry import moment
from registry.models import Evidence, Verdict
from registry.vocabulary import vocabulary
from risk.models import Assessment


def proven_checks(assessment: Assessment) -> frozenset[str]:
    """Names of checks proven for the assessed version, or for the newest run of any version of the system."""
    days = vocabulary().cadences["check_cadence"][assessment.system.risk_tier]
    since = moment.now() - timedelta(days=days)
    rows = Evidence.objects.standing().filter(version__model__system=assessment.system_id)
    if assessment.version_id:
        rows = rows.filter(version=assessment.version_id)
    newest: dict[str, Evidence] = {}
    for row in rows.exclude(verdict="").order_by("effective_at", "received_at"):
        newest |= dict.fromkeys(row.shows, row)
    return frozenset(name for name, row in newest.items() if is_proof(row, since))


def is_proof(row: Evidence, since: datetime) -> bool:
    """A pass that is neither expired nor older than the cadence."""
    return row.verdict == Verdict.PASS and not row.is_expired and row.effective_at >= since
