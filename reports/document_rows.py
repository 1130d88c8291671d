"""Reviews, reports, packs and the log as facts: what the software itself produced or enforced."""

from collections.abc import Iterator
from typing import Any

from registry.models import AuditEntry, Review
from reports.facts import ORGANISATION, Fact, Subject, WorkflowFact
from reports.inventory_rows import approvers_of, review_of, went_live
from reports.models import BoardPack, Pack, Report
from reports.scope import Scope, fields_of, subject_of

NEWEST_ENTRIES = 5


def release_reviews(scope: Scope) -> Iterator[WorkflowFact]:
    """Reviews that have ended, with the approvals that stand and the steps that people took."""
    approvers = approvers_of(scope)
    for release in scope.releases.values():
        review = review_of(release)
        if review is None or review.closed_at is None or review.closed_at >= scope.until:
            continue
        people = tuple((str(person), str(duty)) for person, duty in approvers.get(release.pk, ()))
        authors = {release.author_id, release.version.registered_by_id}
        yield WorkflowFact(
            id=str(review.pk),
            label=str(review),
            subject=("release", str(release.pk)),
            also=frozenset({subject_of(release.system_id)}),
            url=review.get_absolute_url(),
            workflow="release",
            outcome=str(review.status),
            ended_at=review.closed_at,
            approvers=people,
            steps={
                "author": frozenset(str(person) for person in authors),
                "approver": frozenset(person for person, _duty in people),
                "publisher": frozenset({str(release.publisher_id)} if release.publisher_id else ()),
            },
        )


def card_reviews(scope: Scope) -> Iterator[WorkflowFact]:
    """Cards are decided on with the release that pins them."""
    for run in release_reviews(scope):
        if run.outcome == Review.Status.APPROVED:
            yield WorkflowFact(
                id=run.id,
                label=run.label,
                subject=run.subject,
                also=run.also,
                url=run.url,
                workflow="model_card",
                outcome="approved",
                ended_at=run.ended_at,
                approvers=run.approvers,
                steps=run.steps,
            )


def periodic_reviews(scope: Scope) -> Iterator[WorkflowFact]:
    """Reviews of systems: the decision to go live counts as the first."""
    approvers = approvers_of(scope)
    for release, ended in went_live(scope):
        review = review_of(release)
        if review is not None:
            yield WorkflowFact(
                id=str(review.pk),
                label=str(review),
                subject=subject_of(release.system_id),
                url=review.get_absolute_url(),
                workflow="periodic_review",
                outcome="completed",
                ended_at=ended,
                approvers=tuple((str(person), str(duty)) for person, duty in approvers.get(release.pk, ())),
            )


def reports(scope: Scope) -> Iterator[Fact]:
    """One row a finished report, those on units and board packs among them."""
    yield from of_units(scope, BoardPack, "board_pack")
    yield from of_units(scope, Report, "compliance")
    for row in scope.rows(Report).filter(blob__isnull=False).select_related("version__model", "system"):
        if row.system_id in scope.system_ids:
            yield Fact(
                id=str(row.pk),
                label=str(row),
                subject=subject_of(row.system_id),
                url=row.get_absolute_url(),
                basis="process",
                fields=fields_of(row, "report", hash=f"sha256:{row.blob_id}", generated_at=row.finished_at),
            )


def of_units(scope: Scope, table: Any, kind: str) -> Iterator[Fact]:
    """One row a finished document on a unit; that on the root unit speaks for the organisation."""
    rows = scope.rows(table).filter(blob__isnull=False, of_unit__isnull=False)
    for row in rows.select_related("of_unit"):
        is_root = row.of_unit.parent_id is None
        yield Fact(
            id=str(row.pk),
            label=str(row),
            subject=ORGANISATION if is_root else ("business_unit", str(row.of_unit_id)),
            url=row.get_absolute_url(),
            basis="process",
            fields=fields_of(row, "report", kind=kind, hash=f"sha256:{row.blob_id}", generated_at=row.finished_at),
        )


def packs(scope: Scope) -> Iterator[Fact]:
    """One row a finished evidence pack, about its system and the releases of its version there."""
    for row in scope.rows(Pack).filter(blob__isnull=False).select_related("version__model", "system"):
        if row.system_id not in scope.system_ids:
            continue
        releases: frozenset[Subject] = frozenset(
            ("release", str(pk))
            for pk, release in scope.releases.items()
            if release.version_id == row.version_id and release.system_id == row.system_id
        )
        yield Fact(
            id=str(row.pk),
            label=str(row),
            subject=subject_of(row.system_id),
            also=releases,
            url=row.get_absolute_url(),
            basis="process",
            fields=fields_of(
                row,
                "evidence_pack",
                hash=f"sha256:{row.blob_id}",
                generated_at=row.finished_at,
                scope=str(row),
                manifest=row.key_fingerprint or None,
            ),
        )


def audit_events(scope: Scope) -> Iterator[Fact]:
    """The newest entries of the log: that it exists and is written to; every entry would be far too many."""
    rows = AuditEntry.objects.all() if scope.user is None else AuditEntry.objects.visible_to(scope.user)
    for entry in rows.filter(ts_utc__lt=scope.until.strftime("%Y-%m-%dT%H:%M:%S.%f")).order_by("-seq")[:NEWEST_ENTRIES]:
        yield Fact(
            id=str(entry.seq),
            label=str(entry),
            subject=ORGANISATION,
            basis="process",
            fields={
                "actor": str(entry.actor_id or "software"),
                "action": entry.action,
                "subject": f"{entry.object_type} {entry.object_id}",
                "at": entry.ts_utc,
                "hash": bytes(entry.entry_hash).hex(),
                "previous_hash": bytes(entry.prev_hash).hex(),
            },
        )
