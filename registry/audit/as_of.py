"""The past as the log tells it: the state of an object on a day, and a version with all that surrounded it then."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from django.db.models import Max, Q
from django.utils import timezone

from registry.models.audit import AuditEntry
from registry.models.base import Audited

VERSION, CARD, RELEASE = "registry.ModelVersion", "registry.ModelCard", "registry.Release"
REVIEW, SIGN_OFF, EVIDENCE = "registry.Review", "registry.SignOff", "registry.Evidence"
DEPLOYMENT, MODEL, SYSTEM = "registry.Deployment", "registry.Model", "registry.AISystem"
UNIT, PERSON = "registry.BusinessUnit", "registry.User"
Key = tuple[str, str]
Of = Audited | tuple[str, Any]


@dataclass(frozen=True)
class Recorded:
    """How the last entry up to a moment left an object. `snapshot` is None where the entry's text was erased."""

    object_type: str
    object_id: str
    revision: int
    entry: int
    at: str
    action: str
    snapshot: dict[str, Any] | None

    @property
    def is_erased(self) -> bool:
        """What it said then was erased; that there was an entry, and when, stays known."""
        return self.snapshot is None

    def says(self, name: str) -> Any:
        """A column's value at that moment; None also where the text was erased."""
        return (self.snapshot or {}).get(name)


@dataclass(frozen=True)
class Person:
    """A person as named at that moment."""

    id: str
    name: str
    email: str


@dataclass(frozen=True)
class Approval:
    """A sign-off as it stood at that moment; `decision` is empty while it was waiting."""

    stage: int
    duty: str
    ordinal: int
    round: int
    decision: str
    reason: str
    person: Person | None
    decided_at: str | None
    subject_digest: str
    is_void: bool
    void_reason: str
    entry: int


@dataclass(frozen=True)
class VersionAsOf:
    """A version at a moment. `policy` is the one frozen into its review; `last_entry` the log's size at that moment."""

    moment: datetime
    last_entry: int
    version: Recorded
    model: Recorded | None
    system: Recorded | None
    unit: Recorded | None
    business_owner: Person | None
    technical_owner: Person | None
    card: Recorded | None
    release: Recorded | None
    review: Recorded | None
    policy: dict[str, Any] | None
    policy_digest: str
    approvals: tuple[Approval, ...]
    evidence: tuple[Recorded, ...]
    deployments: tuple[Recorded, ...]


def end_of(day: date | datetime) -> datetime:
    """The last moment of a day in the installation's time zone; a moment stays itself."""
    if isinstance(day, datetime):
        return day if timezone.is_aware(day) else timezone.make_aware(day)
    return timezone.make_aware(datetime.combine(day + timedelta(days=1), time.min)) - timedelta(microseconds=1)


def written(moment: datetime) -> str:
    """A moment as entries write theirs, so that texts compare as times do."""
    return moment.astimezone(UTC).isoformat(timespec="microseconds")


def state_of(of: Of, day: date | datetime) -> dict[str, Any] | None:
    """The snapshot of an object, given as its row or as (`app.Model`, id), at the end of the day or at the moment.

    None when there was no such object yet, or when the text of its last entry up to then was erased
    (`recorded` tells the two apart).
    """
    found = recorded(of, day)
    return None if found is None else found.snapshot


def recorded(of: Of, day: date | datetime) -> Recorded | None:
    """The last entry on an object up to the end of the day, with the state that it left; None before its first.

    Where a clock was set back, the entries whose time is not later than asked for count, the last of them in the
    log's order.
    """
    kind, pk = of if isinstance(of, tuple) else (of._meta.label, of.pk)
    return newest([pk], end_of(day)).get((kind, str(pk)))


def newest(ids: Iterable[Any], moment: datetime) -> dict[Key, Recorded]:
    """The state of several objects, in two queries."""
    return states(Q(object_id__in=[pk for pk in ids if pk]), moment)


def states(which: Q, moment: datetime) -> dict[Key, Recorded]:
    """The last entry up to the moment of each object whose entries are chosen."""
    upto = AuditEntry.objects.filter(which, ts_utc__lte=written(moment)).order_by()
    last = upto.values("object_type", "object_id").annotate(last=Max("seq")).values_list("last", flat=True)
    rows = AuditEntry.objects.filter(seq__in=list(last)).select_related("body")
    return {(row.object_type, str(row.object_id)): recorded_by(row) for row in rows}


def recorded_by(row: AuditEntry) -> Recorded:
    """An entry with the snapshot in its body."""
    text = row.body.body
    snapshot = None if text is None else json.loads(bytes(text))["snapshot"]
    return Recorded(
        row.object_type, str(row.object_id), row.object_rev, row.seq, row.ts_utc, row.action, snapshot
    )  # fmt: skip


def version_as_of(version: Any, day: date | datetime) -> VersionAsOf | None:
    """A version with model, system, owners, card, release, review, policy and sign-offs as they were at the day's end.

    `version` is its row or its id. None before it was registered.
    """
    moment, pk = end_of(day), str(getattr(version, "pk", version))
    near = states(Q(about_id=pk) | Q(object_id=pk), moment)
    itself = near.get((VERSION, pk))
    if itself is None:
        return None
    model = one(MODEL, itself.says("model"), moment)
    system = one(SYSTEM, model and model.says("system"), moment)
    card = latest(of_kind(near, CARD), "number")
    release = latest(of_kind(near, RELEASE), "created_at")
    review = next((row for row in of_kind(near, REVIEW) if release and row.says("release") == release.object_id), None)
    slots = [row for row in of_kind(near, SIGN_OFF) if review and row.says("review") == review.object_id]
    people = named({row.says("person") for row in slots} | owners_of(system), moment)
    return VersionAsOf(
        moment=moment,
        last_entry=AuditEntry.objects.filter(ts_utc__lte=written(moment)).aggregate(last=Max("seq"))["last"] or 0,
        version=itself, model=model, system=system, unit=one(UNIT, system and system.says("unit"), moment),
        business_owner=people.get(system.says("business_owner")) if system else None,
        technical_owner=people.get(system.says("technical_owner")) if system else None,
        card=card, release=release, review=review,
        policy=review.says("policy") if review else None,
        policy_digest=(review and review.says("policy_digest")) or "",
        approvals=tuple(sorted((approval(row, people) for row in slots if row.snapshot), key=place_of)),
        evidence=tuple(of_kind(near, EVIDENCE)), deployments=tuple(of_kind(near, DEPLOYMENT)),
    )  # fmt: skip


def one(kind: str, pk: Any, moment: datetime) -> Recorded | None:
    """One object by its kind and id."""
    return newest([pk], moment).get((kind, str(pk))) if pk else None


def of_kind(found: dict[Key, Recorded], kind: str) -> list[Recorded]:
    """The objects of a kind, in the order of their last entries."""
    return sorted((row for (label, _pk), row in found.items() if label == kind), key=lambda row: row.entry)


def latest(rows: list[Recorded], by: str) -> Recorded | None:
    """The row with the greatest value; a row whose text was erased comes before all others."""
    return max(rows, key=lambda row: (row.snapshot is not None, row.says(by) or 0), default=None) if rows else None


def owners_of(system: Recorded | None) -> set[str]:
    """The ids of the people who answered for a system."""
    return {system.says("business_owner"), system.says("technical_owner")} if system else set()


def named(ids: set[Any], moment: datetime) -> dict[str, Person]:
    """People by their ids, with the names that they had."""
    found = newest((pk for pk in ids if pk), moment)
    return {
        pk: Person(pk, row.says("name") or "", row.says("email") or "")
        for (kind, pk), row in found.items()
        if kind == PERSON
    }


def approval(row: Recorded, people: dict[str, Person]) -> Approval:
    """A sign-off slot in words and numbers."""
    said = row.snapshot or {}
    return Approval(
        stage=said["stage"], duty=said["duty"], ordinal=said["ordinal"], round=said["round"],
        decision=said["decision"], reason=said["reason"], person=people.get(said["person"]),
        decided_at=said["decided_at"], subject_digest=said["subject_digest"], is_void=bool(said["voided_at"]),
        void_reason=said["void_reason"], entry=row.entry,
    )  # fmt: skip


def place_of(found: Approval) -> tuple[int, int, str, int]:
    """The order in which sign-offs are read."""
    return found.round, found.stage, found.duty, found.ordinal
