"""Starts, fills, submits and decides on assessments of vendors; every save scores them anew."""

from collections.abc import Mapping
from datetime import date
from typing import Any, Final

from django.utils import timezone
from django.utils.translation import gettext as _

from registry import access, separation
from registry.actions import vendors
from registry.audit import log
from registry.errors import BadInput, NotAllowed
from registry.models import User, Vendor
from registry.transactions import retried
from risk import questionnaires, scoring
from risk.models import VendorAssessment

TEMPLATE: Final = "vendor_assessment"
WRITTEN: Final = ("vendor_assessment.started", "vendor_assessment.answered", "vendor_assessment.submitted")
Status = VendorAssessment.Status


@retried
def start_vendor_assessment(vendor: Vendor, *, use: str, actor: User) -> VendorAssessment:
    """Begin the questionnaire about a vendor for a use; with the answers of the last one, to be read through."""
    access.require(actor, access.CATALOGUE_EDIT, vendor)
    vendors.require_text(use, "use")
    if VendorAssessment.objects.filter(vendor=vendor).exclude(status=Status.DECIDED).exists():
        raise NotAllowed(_("An assessment of %s is open already; go on with that one.") % vendor)
    form = questionnaires.template(TEMPLATE)
    last = VendorAssessment.objects.filter(vendor=vendor, template_version=form.version).first()
    row = VendorAssessment(
        vendor=vendor, use=use.strip(), template=form.slug, template_version=form.version, filled_by=actor,
        answers=last.answers if last else {},
    )  # fmt: skip
    scored(row)
    row.save()
    log.record(actor, "vendor_assessment.started", row)
    return row


@retried
def answer_vendor_assessment(
    assessment: VendorAssessment, *, answers: Mapping[str, Any], actor: User
) -> VendorAssessment:
    """Keep some answers, by question id; all or none. A change makes it a draft again."""
    access.require(actor, access.CATALOGUE_EDIT, assessment.vendor)
    assessment = locked(assessment)
    require_open(assessment)
    given = {name: questionnaires.cleaned(assessment.form, name, said) for name, said in answers.items()}
    now = {**assessment.replies(), **given}
    kept = {name: [reply.answer, reply.text] for name, reply in sorted(now.items()) if not reply.is_blank}
    if kept == assessment.answers:
        return assessment
    assessment.answers, assessment.status, assessment.filled_by = kept, Status.DRAFT, actor
    scored(assessment)
    assessment.save()
    log.record(actor, "vendor_assessment.answered", assessment, questions=sorted(given))
    return assessment


@retried
def submit_vendor_assessment(assessment: VendorAssessment, *, actor: User) -> None:
    """Put it before a risk officer; every question that is asked is answered."""
    access.require(actor, access.CATALOGUE_EDIT, assessment.vendor)
    assessment = locked(assessment)
    require_open(assessment)
    if assessment.status != Status.DRAFT:
        raise NotAllowed(_("It is submitted already."))
    missing = questionnaires.gaps(assessment.form, assessment.replies())
    if missing:
        raise NotAllowed(_("Not answered in full: %s.") % ", ".join(gap.question.id for gap in missing[:12]))
    assessment.status = Status.IN_REVIEW
    assessment.save()
    log.record(actor, "vendor_assessment.submitted", assessment, digest=assessment.answers_digest)


@retried
def decide_vendor_assessment(
    assessment: VendorAssessment, *, result: str, reason: str, valid_until: date, actor: User, conditions: str = ""
) -> None:
    """Accept, accept with conditions or reject, until a day; the vendor's entry then shows what came of it."""
    separation.require_now(actor, access.CATALOGUE_DECIDE, assessment.vendor)
    assessment = locked(assessment)
    if assessment.status != Status.IN_REVIEW:
        raise NotAllowed(_("Only an assessment that was submitted is decided on; this one is %s.") % (
            assessment.get_status_display().lower()
        ))  # fmt: skip
    separation.require_not_written(actor, assessment, acts=WRITTEN)
    vendors.require_text(reason, "reason")
    require_fit(assessment, result, conditions, valid_until)
    assessment.result, assessment.reason, assessment.conditions = result, reason.strip(), conditions.strip()
    assessment.status, assessment.decided_by = Status.DECIDED, actor
    assessment.assessed_at, assessment.valid_until = timezone.localdate(), valid_until
    assessment.save()
    log.record(actor, "vendor_assessment.decided", assessment, reason=assessment.reason, result=result)
    vendors.record_assessment(
        assessment.vendor, result=result, score=assessment.score or 0, level=assessment.level,
        practice=practice(assessment), valid_until=valid_until, actor=actor,
    )  # fmt: skip


def require_fit(assessment: VendorAssessment, result: str, conditions: str, valid_until: date) -> None:
    """The result goes with the answers, the conditions and the day."""
    if result not in Vendor.Result.values:
        raise BadInput(_("“%s” is no result.") % result, field="result")
    blocks = scoring.answer_reasons(assessment.form, assessment.replies(), "blocks_when")
    if blocks and result != Vendor.Result.REJECTED:
        raise BadInput(_("It cannot be accepted: %s") % " ".join(blocks), field="result")
    if result == Vendor.Result.ACCEPTED_WITH_CONDITIONS and not conditions.strip():
        raise BadInput(_("Name the conditions."), field="conditions")
    if valid_until <= timezone.localdate():
        raise BadInput(_("The day until which it holds lies in the future."), field="valid_until")


def locked(assessment: VendorAssessment) -> VendorAssessment:
    """The row as it is now, held until the transaction ends."""
    rows = VendorAssessment.objects.select_for_update(of=("self",)).select_related("vendor__unit", "vendor__owner")
    return rows.get(pk=assessment.pk)


def require_open(assessment: VendorAssessment) -> None:
    """It has not been decided on, and the questionnaire has not changed since."""
    if not assessment.is_open:
        raise NotAllowed(_("It has been decided on; start a new one."))
    if assessment.template_version != assessment.form.version:
        raise NotAllowed(
            _("This was begun with version %(then)s of the questionnaire; version %(now)s is in use. Start a new one.")
            % {"then": assessment.template_version, "now": assessment.form.version}
        )


def scored(assessment: VendorAssessment) -> None:
    """Write score and level; open questions count as the worst answer."""
    found = scoring.score(assessment.form, None, assessment.replies(), proven=frozenset())
    assessment.score = None if found.residual is None else round(found.residual)
    assessment.level = found.residual_level


def practice(assessment: VendorAssessment) -> str:
    """What was answered of the vendor's responsible-AI practice, for cards and its own page."""
    replies = assessment.replies()
    texts = [replies[q.id].text for q in assessment.form.questions if q.field == "rai_approach" and q.id in replies]
    return "\n".join(text for text in texts if text)
