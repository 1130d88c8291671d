"""Uploads predictions, asks for checks, takes them back, withdraws evidence."""

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from rai import parts
from rai.catalogue import CHECKS, CheckType, Parameter
from rai.models import PART, CheckRun, PlanRun, Predictions
from registry import access, blobs, jobs, quotas
from registry.actions import rounds, work
from registry.actions.inventory import display_name
from registry.audit import log
from registry.errors import BadInput, NotAllowed
from registry.models import Attachment, Blob, Evidence, JobStatus, ModelVersion, Task, User
from registry.plugins import resolved
from registry.transactions import retried

CUT = re.compile(r"(<=|>=|!=|==|<|>)\s*[^<>=!]")


@transaction.atomic
def upload_predictions(
    version: ModelVersion, *, content: bytes | Iterable[bytes], name: str, actor: User, role: str = "test"
) -> Predictions:
    """Keep a table of predictions; a job reads its columns in a child process."""
    access.require(actor, access.DATASET_UPLOAD, version)
    name = table_name(name)
    quotas.require_room(actor, version.unit)
    row = Predictions(version=version, blob=stored(content, name), name=name, role=role, requested_by=actor)
    return taken(row, actor)


@transaction.atomic
def upload_parts(
    version: ModelVersion, *, files: Sequence[tuple[str, bytes | Iterable[bytes]]], actor: User, role: str = "test"
) -> Predictions:
    """Keep several files with the same columns as one table; its digest is that of their digests in order."""
    if len(files) == 1:
        ((name, content),) = files
        return upload_predictions(version, content=content, name=name, actor=actor, role=role)
    access.require(actor, access.DATASET_UPLOAD, version)
    names = [table_name(name) for name, _content in files]
    if not 1 < len(names) <= parts.MOST:
        facts = {"most": parts.MOST, "n": len(names)}
        raise BadInput(_("A table has at most %(most)d files; these are %(n)d.") % facts, field="file")
    quotas.require_room(actor, version.unit)
    found = [stored(content, name) for name, (_name, content) in zip(names, files, strict=True)]
    parts.require_apart(names, found)
    whole = blobs.store(parts.manifest(found), parts.MEDIA_TYPE)
    row = taken(
        Predictions(version=version, blob=whole, name=parts.name_of(names), role=role, requested_by=actor), actor
    )
    for name, blob in zip(names, found, strict=True):
        part = Attachment(blob=blob, name=name, role=PART, object_type=row._meta.label, object_id=row.pk)
        part.save()
        log.record(actor, "predictions.part_kept", part)
    return row


def table_name(name: str) -> str:
    """A file's name as pages show it, when it is of a kind that holds tables."""
    name = display_name(name)
    if not name.lower().endswith((".csv", ".parquet")):
        raise BadInput(_("%s: predictions are a .csv or a .parquet file. Nothing was stored.") % name, field="file")
    return name


def stored(content: bytes | Iterable[bytes], name: str) -> Blob:
    """The bytes of a file of a table."""
    return blobs.store(content, "application/vnd.apache.parquet" if name.lower().endswith(".parquet") else "text/csv")


def taken(row: Predictions, actor: User) -> Predictions:
    """Store a table's row, ring for its columns, and end the tasks that waited for such rows."""
    row.full_clean(exclude=["columns"])
    row.save()
    log.record(actor, "predictions.uploaded", row)
    jobs.enqueue(row)
    version, role = row.version, row.role
    waited_for = Task.objects.waiting().filter(kind=Task.Kind.DATA_NEEDED, system=version.home_system)
    for run in PlanRun.objects.filter(pk__in=waited_for.values("object_id")).select_related("plan"):
        if any(one.role == role for one in run.plan.planned):
            work.close_tasks(run, actor=actor, kind=Task.Kind.DATA_NEEDED)
    return row


@transaction.atomic
def request_check(
    version: ModelVersion, *, slug: str, predictions: Predictions, parameters: dict[str, Any], actor: User
) -> CheckRun:
    """Ask for a check of a version on a table that was uploaded for it."""
    access.require(actor, access.CHECK_RUN, version)
    check = CHECKS.get(slug)
    if check is None:
        raise BadInput(_("There is no check called “%s” in this installation.") % slug, field="check")
    if predictions.version_id != version.pk:
        raise BadInput(_("%s was uploaded for another version.") % predictions, field="predictions")
    if predictions.status != JobStatus.FINISHED:
        raise BadInput(_("The columns of %s have not been read yet.") % predictions, field="predictions")
    quotas.require_room(actor, version.unit)
    tables = Predictions.objects.visible_to(actor)
    run = CheckRun(
        version=version, slug=slug, predictions=predictions, requested_by=actor,
        parameters=chosen_parameters(check, parameters, predictions, tables=tables),
    )  # fmt: skip
    return queued(run, actor=actor)


def queued(run: CheckRun, *, actor: User | None) -> CheckRun:
    """Store a run and ring for it; `actor` is None where a plan is due and nobody asked."""
    run.save()
    log.record(actor, "check.requested", run)
    jobs.enqueue(run)
    return run


def chosen_parameters(
    check: CheckType, parameters: Mapping[str, Any], predictions: Predictions, *, tables: QuerySet[Predictions]
) -> dict[str, Any]:
    """Every parameter of a check as chosen for this table; other tables are looked for among `tables`."""
    columns = {column["name"] for column in predictions.columns}
    chosen = {
        parameter.name: chosen_table(parameter, parameters.get(parameter.name), predictions, tables)
        if parameter.kind == "predictions"
        else found_evidence(parameter, predictions)
        if parameter.kind == "evidence"
        else resolved(parameter.find)(predictions.version)
        if parameter.kind == "record"
        else chosen_value(parameter, parameters.get(parameter.name), columns)
        for parameter in check.parameters
    }
    unknown = sorted(set(parameters) - set(chosen))
    if unknown:
        raise BadInput(_("%(check)s has no parameter “%(name)s”.") % {"check": check.label, "name": unknown[0]})
    return chosen


def chosen_value(parameter: Parameter, value: Any, columns: set[str]) -> Any:
    """A parameter's value, checked against its kind and the columns of the table."""
    if value in (None, "", []):
        if parameter.required and parameter.default is None:
            raise BadInput(_("Choose “%s”.") % parameter.label, field=parameter.name)
        return parameter.default
    if parameter.kind in {"column", "columns"}:
        return chosen_columns(parameter, value, columns)
    if parameter.kind == "whole":
        return chosen_number(parameter, value)
    if parameter.kind == "choice" and str(value) not in dict(parameter.choices):
        raise BadInput(
            _("“%(label)s” has no choice “%(value)s”.") % {"label": parameter.label, "value": value},
            field=parameter.name,
        )
    if parameter.kind == "cut" and not CUT.match(str(value).strip()):
        raise BadInput(
            _("“%s” is no cut-off; write an operator and a value, such as >=0.5 or !=Low.") % value, field="cut"
        )
    return str(value).strip()


def chosen_table(
    parameter: Parameter, value: Any, predictions: Predictions, tables: QuerySet[Predictions]
) -> str | None:
    """The id of another table of the same system, one of `tables`, whose columns were read."""
    if value in (None, ""):
        if parameter.required:
            raise BadInput(_("Choose “%s”.") % parameter.label, field=parameter.name)
        found = resolved(parameter.find)(predictions.version, tables) if parameter.find else None
        return None if found is None else str(found.pk)
    try:
        other = tables.get(pk=UUID(str(value)))
    except (ValueError, Predictions.DoesNotExist) as error:
        raise BadInput(_("There is no table “%s”.") % value, field=parameter.name) from error
    if other.version.model.system_id != predictions.version.model.system_id:
        raise BadInput(_("%s was uploaded for another system.") % other, field=parameter.name)
    if other.pk == predictions.pk:
        raise BadInput(_("A table cannot be compared with itself; choose another one."), field=parameter.name)
    if other.status != JobStatus.FINISHED:
        raise BadInput(_("The columns of %s have not been read yet.") % other, field=parameter.name)
    return str(other.pk)


def found_evidence(parameter: Parameter, predictions: Predictions) -> str | None:
    """The id of the evidence that the version is held against: found, never chosen, so that nobody picks the kinder one."""
    found = resolved(parameter.find)(predictions.version)
    return None if found is None else str(found.pk)


def chosen_columns(parameter: Parameter, value: Any, columns: set[str]) -> Any:
    """One column or several, all of which the table has."""
    names = [value] if isinstance(value, str) else list(value)
    missing = [name for name in names if name not in columns]
    if missing:
        raise BadInput(_("The table has no column “%s”.") % missing[0], field=parameter.name)
    return names[0] if parameter.kind == "column" else names


def chosen_number(parameter: Parameter, value: Any) -> int:
    """A whole number within its bounds."""
    try:
        number = int(str(value))
    except ValueError:
        number = parameter.least - 1
    if not parameter.least <= number <= parameter.most:
        raise BadInput(
            _("“%(label)s” is a whole number from %(least)d to %(most)d, not “%(value)s”.")
            % {"label": parameter.label, "least": parameter.least, "most": parameter.most, "value": value},
            field=parameter.name,
        )
    return number


@transaction.atomic
def cancel_check(run: CheckRun, *, actor: User) -> None:
    """Take back a check that waits or runs. A worker that has it ends its child and records nothing."""
    access.require(actor, access.CHECK_RUN, run)
    run = CheckRun.objects.select_for_update().get(pk=run.pk)
    if run.is_over:
        raise NotAllowed(_("This check is %s and cannot be cancelled.") % run.get_status_display())
    run.status, run.finished_at, run.lease_until = JobStatus.CANCELLED, timezone.now(), None
    run.save()
    log.record(actor, "check.cancelled", run)


@retried
def withdraw_evidence(evidence: Evidence, *, reason: str, actor: User) -> None:
    """Declare evidence void; sign-offs that rest on it fall with it. The row and its outcome stay."""
    access.require(actor, access.CHECK_RUN, evidence)
    evidence = Evidence.objects.select_for_update().get(pk=evidence.pk)
    if evidence.withdrawn_at is not None:
        raise NotAllowed(_("This evidence was withdrawn already."))
    if len(reason.strip()) < 10:
        raise BadInput(_("Say in at least ten characters why it no longer stands."), field="reason")
    evidence.withdrawn_at, evidence.withdrawn_reason = timezone.now(), reason.strip()
    evidence.save()
    log.record(actor, "evidence.withdrawn", evidence, reason=reason)
    rounds.void_stale(evidence.version.home_system, actor=actor, because=_("evidence was withdrawn"))
