"""What follows when a run lands after a release was frozen: it voids nothing, it acts as the policy says.

Whoever records a run, a worker among them, only writes down that it speaks against a release: that closes the gate at
once. What changes releases and their sign-offs is done by `settle`, in the web server.
"""

from collections.abc import Iterable
from typing import Any, Final

from django.db import transaction
from django.utils.translation import gettext as _

from registry import policy
from registry.actions import rollouts, rounds, work
from registry.audit import log
from registry.models import Duty, Evidence, LaterRun, Release, Review, Task, Verdict
from registry.release_life.later_runs import IN_HAND, speaks_against

SUSPEND, RED = "suspend", "red"
# Who is asked to decide on a later run; any of those who may revoke an approval can.
ASKED: Final = Duty.RISK_OFFICER


def landed(evidence: Evidence, *, is_alarm: bool = False, actor: Any = None) -> list[LaterRun]:
    """Write down against which releases evidence speaks that was just recorded; inside its transaction.

    While a run of the same check is accepted for a time, a further one that fails needs no further decision.
    """
    if evidence.verdict != Verdict.FAIL:
        return []
    before = LaterRun.objects.of_check(evidence, is_alarm=is_alarm)
    releases = Release.objects.filter(version=evidence.version_id, status__in=IN_HAND)
    return [
        opened(release, evidence, is_alarm=is_alarm, actor=actor)
        for release in releases.select_related("system__unit", "version__model")
        if speaks_against(release, evidence, is_alarm=is_alarm)
        and not before.accepted().filter(release=release).exists()
    ]


def opened(release: Release, evidence: Evidence, *, is_alarm: bool, actor: Any) -> LaterRun:
    """A decision to take: a task for the technical owner, who mends, and one for whoever may decide."""
    suspends = policy.of_release(release).on_failed_run == SUSPEND
    row = LaterRun(release=release, evidence=evidence, is_alarm=is_alarm, consequence=SUSPEND if suspends else RED)
    row.save()
    log.record(actor, "later_run.opened", row)
    told: dict[str, Any] = {
        "kind": Task.Kind.LATER_RUN, "system": release.system, "url": row.get_absolute_url(), "actor": actor,
    }  # fmt: skip
    work.open_task(row, person=release.system.technical_owner, **told)
    work.open_task(row, duty=ASKED, **told)
    return row


@transaction.atomic
def settle(row: LaterRun) -> bool:
    """Carry out what the policy set beforehand for a run that waits for a decision; whether anything was done.

    Doing it again does nothing: the gate keeps what was stopped or suspended from going on before somebody decided.
    """
    row = LaterRun.objects.select_for_update(of=("self",)).select_related("evidence", "release__system").get(pk=row.pk)
    if is_overtaken(row):
        overtake([row], actor=None)
        return True
    if row.status != LaterRun.Status.OPEN:
        return False
    why = _("the later run %(digest)s of “%(check)s” failed") % {
        "digest": row.evidence.digest[:19], "check": row.evidence.check_slug,
    }  # fmt: skip
    if row.consequence == SUSPEND and row.release.status == Release.Status.PUBLISHED:
        suspend(row.release, because=why)
        return True
    return rollouts.halt_all(row.release, because=why, actor=None) > 0


def is_overtaken(row: LaterRun) -> bool:
    """It is bound by now, or the same check passed since, or failed anew, which is then what is decided on."""
    if row.release.evidence.filter(pk=row.evidence_id).exists():
        return True
    passed = Evidence.objects.standing().filter(
        version=row.evidence.version_id, check_slug=row.evidence.check_slug, verdict=Verdict.PASS,
        received_at__gt=row.evidence.received_at,
    )  # fmt: skip
    newer = LaterRun.objects.of_check(row.evidence, is_alarm=row.is_alarm)
    newer = newer.filter(release=row.release, created_at__gt=row.created_at)
    return newer.exists() or any(row.is_answered_by(evidence) for evidence in passed)


def suspend(release: Release, *, because: str) -> None:
    """Suspend a published release by policy: its sign-offs are voided and asked for again."""
    [review] = rounds.held(Review.objects.filter(release=release))
    rounds.reopen(review, reason=_("suspended by the policy: %s") % because, actor=None)


def overtake(rows: Iterable[LaterRun], *, actor: Any) -> None:
    """Nothing is left to decide: a newer run speaks, or the release is rolled back."""
    for row in rows:
        if row.status != LaterRun.Status.OVERTAKEN:
            row.status = LaterRun.Status.OVERTAKEN
            row.save()
            log.record(actor, "later_run.overtaken", row)
            work.close_tasks(row, actor=actor)
