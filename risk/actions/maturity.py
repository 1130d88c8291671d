"""Starts, fills and confirms assessments of a unit's maturity; somebody else confirms than who filled it."""

from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from registry import access, separation
from registry.actions.vendors import require_text
from registry.audit import log
from registry.errors import NotAllowed
from registry.models import BusinessUnit, User
from risk import maturity, questionnaires
from risk.models import MaturityAssessment

WRITTEN = ("maturity.started", "maturity.answered")


@transaction.atomic
def start_maturity(unit: BusinessUnit, *, actor: User) -> MaturityAssessment:
    """Begin with the answers of the last one, to be read through."""
    access.require(actor, access.RISK_EDIT, unit)
    rows = MaturityAssessment.objects.filter(unit=unit)
    if rows.filter(confirmed_at__isnull=True).exists():
        raise NotAllowed(_("An assessment of %s is open already; go on with that one.") % unit)
    form, last = questionnaires.template(maturity.TEMPLATE), rows.first()
    row = MaturityAssessment(unit=unit, template=form.slug, template_version=form.version, filled_by=actor)
    replies = questionnaires.migrated(form, last.replies(), since=last.template_version) if last else {}
    return kept(row, replies, actor=actor, event="maturity.started")


@transaction.atomic
def answer_maturity(row: MaturityAssessment, *, answers: Mapping[str, Any], actor: User) -> MaturityAssessment:
    """Keep some answers, by question id; all or none."""
    access.require(actor, access.RISK_EDIT, row)
    row = locked(row)
    given = {name: questionnaires.cleaned(row.form, name, said) for name, said in answers.items()}
    row.filled_by = actor
    return kept(row, {**row.replies(), **given}, actor=actor, event="maturity.answered")


@transaction.atomic
def confirm_maturity(row: MaturityAssessment, *, reason: str, actor: User) -> None:
    """Say that it is so; from then on it is compared with later ones and never changed."""
    separation.require_now(actor, access.RISK_ACCEPT, row)
    row = locked(row)
    separation.require_not_written(actor, row, acts=WRITTEN, action=access.RISK_ACCEPT)
    require_text(reason, "reason")
    missing = questionnaires.gaps(row.form, row.replies())
    if missing:
        raise NotAllowed(_("Not answered in full: %s.") % ", ".join(gap.question.id for gap in missing))
    row.confirmed_by, row.confirmed_at, row.reason = actor, timezone.now(), reason.strip()
    row.save()
    log.record(actor, "maturity.confirmed", row, reason=row.reason)


def locked(row: MaturityAssessment) -> MaturityAssessment:
    """The row as it is now, while nobody has confirmed it."""
    found = MaturityAssessment.objects.select_for_update(of=("self",)).select_related("unit").get(pk=row.pk)
    if not found.is_open:
        raise NotAllowed(_("It is confirmed; start a new one."))
    return found


def kept(row: MaturityAssessment, replies: Any, *, actor: User, event: str) -> MaturityAssessment:
    """Save the answers with the levels that follow from them."""
    row.answers = {name: [reply.answer, reply.text] for name, reply in sorted(replies.items()) if not reply.is_blank}
    row.levels, row.stage = maturity.levels(row.form, replies), maturity.stage_of(replies)
    row.save()
    log.record(actor, event, row)
    return row
