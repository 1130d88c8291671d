"""Registers data sets and versions, keeps their data cards, and takes a source through its approval for a use."""

import math
import re
from datetime import timedelta
from typing import Any, Final

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from registry import access, separation
from registry.actions import work
from registry.actions.inventory import only, saved
from registry.datasets import asked, standard
from registry.errors import BadInput, NotAllowed
from registry.models import Agreement, BusinessUnit, Dataset, DatasetVersion, Task, User
from registry.slugs import short_name
from registry.transactions import retried

S = DatasetVersion.Status
CARD: Final = (
    "description", "relations", "origin", "source_reputation", "receipt", "intended_use", "storage", "terms",
    "right_to_process", "format", "residency", "collected_from", "collected_until", "special_categories",
    "kind", "access_rules", "is_offered",
)  # fmt: skip
# What an approver decides on: nobody is asked before these are written.
ASKED_OF_A_SOURCE: Final = ("origin", "source_reputation", "receipt", "storage", "right_to_process", "collected_until")
VERSION_FIELDS: Final = (
    "provenance", "licence", "lawful_basis", "contains_personal_data", "known_biases", "retention_until",
    "consent_terms", "obtained", "generator", "synthetic_share", "agreement", "obtained_terms",
    "labelled_by", "labelling_instructions", "label_agreement", "label_measure", "label_source",
)  # fmt: skip
WRITTEN: Final = ("dataset_version.registered", "dataset_version.edited", "dataset_version.submitted")
DAYS_TO_DECIDE: Final = 14
LEAST: Final = 10


@transaction.atomic
def register_dataset(
    unit: BusinessUnit, *, name: str, actor: User, slug: str = "", classification: str = "", **card: Any
) -> Dataset:
    """Enter a data set; whoever registers it is its steward. Without a class it has the lowest that is not public."""
    access.require(actor, access.DATASET_UPLOAD, unit)
    slug = slug or short_name(name, kind="data", among=Dataset.objects.filter(unit=unit))
    if Dataset.objects.filter(unit=unit, slug=slug).exists():
        raise BadInput(_("%(unit)s has a data set “%(slug)s” already.") % {"unit": unit, "slug": slug}, field="name")
    row = Dataset(unit=unit, name=name, slug=slug, steward=actor, **only(card, frozenset(CARD)))
    if classification:
        row.classification = standard.class_named(classification).slug
    return saved(row, actor, "dataset.registered")


@retried
def edit_dataset(dataset: Dataset, *, actor: User, **card: Any) -> Dataset:
    """Write the data card. The class is no part of it: it is changed by an act that says what follows."""
    access.require(actor, access.DATASET_UPLOAD, dataset)
    dataset = locked(dataset)
    for name, value in only(card, frozenset({"name", *CARD})).items():
        setattr(dataset, name, value)
    return saved(dataset, actor, "dataset.edited", fields=sorted(card))


@retried
def change_steward(dataset: Dataset, *, steward: User, reason: str, actor: User) -> Dataset:
    """Hand a data set to another steward: by its steward, or by who assigns owners."""
    if not access.allowed(actor, access.DATASET_UPLOAD, dataset):
        access.require(actor, access.MODEL_ASSIGN_OWNER, dataset)
    require_text("reason", reason)
    dataset = locked(dataset)
    if steward.pk == dataset.steward_id:
        raise BadInput(_("%s is its steward already.") % steward, field="steward")
    if not access.allowed(steward, access.DATASET_VIEW, dataset):
        raise BadInput(
            _("%s may not see this data set; choose somebody with a duty in its unit.") % steward, field="steward"
        )
    dataset.steward = steward
    return saved(dataset, actor, "dataset.steward_changed", reason=reason.strip())


@transaction.atomic
def register_dataset_version(
    dataset: Dataset, *, version: str, hash: str, use: str, actor: User, **fields: Any
) -> DatasetVersion:
    """Enter a version of a data set by the digest of its bytes."""
    access.require(actor, access.DATASET_UPLOAD, dataset)
    if not re.fullmatch(r"sha256:[0-9a-f]{64}", hash):
        raise BadInput(_("A digest is “sha256:” and 64 hexadecimal digits, not “%s”.") % hash[:80], field="hash")
    row = DatasetVersion(
        dataset=dataset, version=version, hash=hash, use=use, registered_by=actor,
        **only(fields, frozenset(VERSION_FIELDS)),
    )  # fmt: skip
    require_sound(row, actor)
    return saved(row, actor, "dataset_version.registered")


@retried
def edit_dataset_version(data: DatasetVersion, *, actor: User, **fields: Any) -> DatasetVersion:
    """Say more of a version. An approval rests on what was said, so an approved one is a draft again."""
    access.require(actor, access.DATASET_UPLOAD, data)
    data = locked(data)
    require_status(data, S.DRAFT, S.APPROVED, S.RESTRICTED)
    for name, value in only(fields, frozenset(VERSION_FIELDS)).items():
        setattr(data, name, value)
    require_sound(data, actor)
    if data.status != S.DRAFT:
        data.status, data.approved_uses, data.approved_at = S.DRAFT, [], None
    return saved(data, actor, "dataset_version.edited", fields=sorted(fields))


def require_sound(data: DatasetVersion, actor: User) -> None:
    """A figure of agreement says where it comes from, an agreement is one that the person may read, an end is no later
    than the type of the data allows."""
    for name in ("label_agreement", "synthetic_share"):
        number = getattr(data, name)
        if number is not None and not math.isfinite(number):
            raise BadInput(_("This is no number."), field=name)
    for name in ("label_measure", "label_source"):
        if data.label_agreement is not None and not getattr(data, name).strip():
            raise BadInput(_("A figure without its measure and its source says nothing. Write both."), field=name)
    if data.agreement_id and not Agreement.objects.known_to(actor).filter(pk=data.agreement_id).exists():
        raise BadInput(_("There is no such agreement."), field="agreement")
    too_long = asked.kept_too_long(data)
    if too_long:
        raise BadInput(too_long, field="retention_until")


@retried
def ask_approval(data: DatasetVersion, *, uses: list[str], approver: User, actor: User) -> DatasetVersion:
    """Put a version before a named person, who decides for which uses it is approved."""
    access.require(actor, access.DATASET_UPLOAD, data)
    data = locked(data)
    require_status(data, S.DRAFT, S.APPROVED, S.RESTRICTED)
    require_uses(uses)
    require_uses_of_kind(data, uses)
    require_described(data)
    require_other(data, approver, actor)
    data.status, data.asked_uses, data.approver = S.IN_REVIEW, sorted(uses), approver
    saved(data, actor, "dataset_version.submitted")
    work.open_task(
        data, kind=Task.Kind.APPROVE_DATA, system=None, url=data.get_absolute_url(), person=approver, actor=actor,
        due_on=timezone.localdate() + timedelta(days=DAYS_TO_DECIDE),
    )  # fmt: skip
    return data


@retried
def decide_source(
    data: DatasetVersion, *, decision: str, reason: str, actor: User, uses: list[str] | None = None
) -> DatasetVersion:
    """Approve a version for all uses asked for, restrict it to some of them, or send it back; by the named approver."""
    separation.require_now(actor, access.APPROVAL_DECIDE, data)
    data = locked(data)
    require_status(data, S.IN_REVIEW)
    require_text("reason", reason)
    if data.approver_id != actor.pk:
        raise NotAllowed(_("%s was asked to decide on this version.") % data.approver)
    require_no_part(data, actor)
    separation.require_not_written(actor, data, acts=WRITTEN, action=access.APPROVAL_DECIDE)
    granted = {S.APPROVED: data.asked_uses, S.RESTRICTED: sorted(uses or []), S.DRAFT: []}
    if decision not in granted:
        raise BadInput(_("“%s” is no decision on a source.") % decision, field="decision")
    if decision == S.RESTRICTED and (not uses or not set(uses) < set(data.asked_uses)):
        raise BadInput(_("Choose some, and not all, of the uses asked for."), field="uses")
    data.status, data.approved_uses, data.decision_reason = decision, granted[S(decision)], reason.strip()
    data.approved_at = None if decision == S.DRAFT else timezone.now()
    saved(data, actor, EVENTS[S(decision)], reason=data.decision_reason)
    work.close_tasks(data, actor=actor, kind=Task.Kind.APPROVE_DATA)
    return data


EVENTS: Final = {
    S.APPROVED: "dataset_version.approved",
    S.RESTRICTED: "dataset_version.restricted",
    S.DRAFT: "dataset_version.returned",
}


@retried
def withdraw_data(data: DatasetVersion, *, reason: str, actor: User) -> DatasetVersion:
    """Take a version out of use for good: nothing may learn from it any more, and what is in review does not pass."""
    if not access.allowed(actor, access.DATASET_UPLOAD, data):
        access.require(actor, access.APPROVAL_REVOKE, data)
    data = locked(data)
    if data.status == S.WITHDRAWN:
        raise NotAllowed(_("%s is withdrawn already.") % data)
    require_text("reason", reason)
    data.status, data.approved_uses, data.decision_reason = S.WITHDRAWN, [], reason.strip()
    saved(data, actor, "dataset_version.withdrawn", reason=data.decision_reason)
    work.close_tasks(data, actor=actor, kind=Task.Kind.APPROVE_DATA)
    return data


def locked(row: Any) -> Any:
    """The row as it is now, held until the transaction ends."""
    return type(row).objects.select_for_update(of=("self",)).get(pk=row.pk)


def require_text(field: str, text: str) -> None:
    """The text says something."""
    if len(text.strip()) < LEAST:
        raise BadInput(_("Write at least %d characters.") % LEAST, field=field)


def require_status(data: DatasetVersion, *wanted: str) -> None:
    """The version is where this can be done."""
    if data.status not in wanted:
        raise NotAllowed(
            _("%(data)s is %(status)s; this cannot be done to it now.")
            % {"data": data, "status": data.get_status_display()}
        )


def require_uses(uses: list[str]) -> None:
    """At least one use, and only such as the registry knows."""
    unknown = sorted(set(uses) - set(DatasetVersion.Use.values))
    if not uses or unknown:
        raise BadInput(
            _("“%s” is no use of data.") % unknown[0] if unknown else _("Choose at least one use."), field="uses"
        )


def require_uses_of_kind(data: DatasetVersion, uses: list[str]) -> None:
    """Data of its type may serve so at all."""
    unfit = asked.unfit_uses(data, uses)
    if unfit:
        raise BadInput(
            _("%(kind)s never serve for: %(use)s.")
            % {"kind": data.dataset.get_kind_display(), "use": DatasetVersion.Use(unfit[0]).label},
            field="uses",
        )


def require_described(data: DatasetVersion) -> None:
    """The card says what an approver must weigh: origin, reputation, receipt, storage, age and the right to process."""
    columns = {field.name: str(field.verbose_name) for field in Dataset._meta.concrete_fields}
    empty = [columns[name] for name in ASKED_OF_A_SOURCE if not getattr(data.dataset, name)] + asked.unsaid(data)
    if empty:
        raise BadInput(
            _("The data card does not say yet: %s. An approver decides on these; write them first.") % ", ".join(empty)
        )


def require_other(data: DatasetVersion, approver: User, actor: User) -> None:
    """The approver may decide in the unit and has no part in the data."""
    if approver.pk == actor.pk:
        raise BadInput(_("Ask somebody else than yourself."), field="approver")
    if not access.allowed(approver, access.APPROVAL_DECIDE, data):
        raise BadInput(_("%s holds no duty that decides on data of this unit.") % approver, field="approver")
    require_no_part(data, approver, field="approver")


def require_no_part(data: DatasetVersion, person: User, field: str = "") -> None:
    """Neither steward nor registrar approves a source."""
    if person.pk in {data.dataset.steward_id, data.registered_by_id}:
        raise BadInput(
            _("%s answers for this data set or registered the version, so somebody else must decide.") % person,
            field=field,
        )


def deciders(data: DatasetVersion) -> list[User]:
    """The people who may be asked to decide on a version."""
    barred = {data.dataset.steward_id, data.registered_by_id}
    people = User.objects.filter(is_active=True, role_assignments__isnull=False).exclude(pk__in=barred - {None})
    return [one for one in people.distinct().order_by("name") if access.allowed(one, access.APPROVAL_DECIDE, data)]
