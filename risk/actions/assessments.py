"""Starts, fills and submits assessments; every save scores them anew."""

from collections.abc import Mapping
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from registry import access
from registry.actions import rounds, work
from registry.audit import log
from registry.errors import BadInput, NotAllowed
from registry.models import AISystem, ModelVersion, Task, User
from registry.transactions import retried
from risk import living, questionnaires, scoring
from risk.models import Answer, Assessment, AssessmentPart, SectionAssignment
from risk.models.assessments import subject_digest
from risk.proofs import proven_checks
from risk.questionnaires import BLANK, Reply

NAMED = 12


@retried
def start_assessment(
    system: AISystem, *, actor: User, template: str = "pia", version: ModelVersion | None = None
) -> Assessment:
    """Begin a questionnaire about a system, or about one version of its model."""
    access.require(actor, access.PIA_EDIT, system)
    AISystem.objects.select_for_update().get(pk=system.pk)
    if version is not None and version.home_system.pk != system.pk:
        raise BadInput(_("%(version)s belongs to another system.") % {"version": version}, field="version")
    form = questionnaires.template(template)
    assessment = Assessment(
        template=form.slug, template_version=form.version, system=system, version=version, started_by=actor,
        bound_digest=subject_digest(system, version), bound=living.subject(system, version),
    )  # fmt: skip
    require_only(assessment)
    assessment.save()
    log.record(actor, "assessment.started", assessment)
    rescore(assessment, actor=actor)
    return assessment


def require_only(assessment: Assessment) -> None:
    """Nobody works on another one about the same."""
    same = {"system": assessment.system, "version": assessment.version, "template": assessment.template}
    begun = Assessment.objects.open().filter(**same).exclude(pk=assessment.pk).first()
    if begun is not None:
        raise NotAllowed(
            _("%(assessment)s is already %(status)s; go on with that one.")
            % {"assessment": begun, "status": begun.get_status_display().lower()}
        )


@retried
def reassess(assessment: Assessment, *, actor: User) -> Assessment:
    """Begin the same questionnaire again with the answers of an earlier one, to be read through and changed."""
    fresh = start_assessment(assessment.system, template=assessment.template, version=assessment.version, actor=actor)
    work.close_tasks(assessment, kind=Task.Kind.ASSESS_AGAIN, actor=actor)
    known = questionnaires.migrated(fresh.form, assessment.replies(), since=assessment.template_version)
    return save_answers(fresh, answers=known, actor=actor)


@retried
def save_answers(assessment: Assessment, *, answers: Mapping[str, Any], actor: User) -> Assessment:
    """Keep some answers, by question id; blank takes an answer back. All or none: an invalid one refuses them all.

    An answer is a Reply, or what JSON has for one: a string, or a mapping with `answer` and `text`.

    A change makes the assessment a draft again, whatever it was; one that was approved then carries no release.
    """
    access.require(actor, access.PIA_EDIT, assessment)
    assessment = locked(assessment)
    require_current(assessment)
    if assessment.status == Assessment.Status.SUPERSEDED:
        raise NotAllowed(_("A newer assessment has taken the place of this one; answer that one."))
    before = assessment.replies()
    given = {question: questionnaires.cleaned(assessment.form, question, said) for question, said in answers.items()}
    changed = {question: reply for question, reply in given.items() if reply != before.get(question, BLANK)}
    if not changed:
        return assessment
    require_people(assessment, changed)
    was = assessment.status
    reopen(assessment, actor=actor)
    write_answers(assessment, changed, actor=actor)
    found = rescore(assessment, actor=actor)
    finish_sections(assessment, found, actor=actor)
    if was == Assessment.Status.APPROVED:
        because = _("answers of an approved assessment changed (%s)") % ", ".join(sorted(changed))
        rounds.void_stale(assessment.system, actor=actor, because=because)
    return assessment


def finish_sections(assessment: Assessment, found: scoring.Result, *, actor: Any) -> None:
    """Whoever was asked for a section of which nothing is missing any more is done with it."""
    waiting = list(assessment.assignments.filter(done_at__isnull=True))
    gaps = scoring.open_gaps(assessment.form, assessment.replies(), found, assessment.named_things()) if waiting else ()
    open_ids = {gap.question.id for gap in gaps}
    for row in waiting:
        part = assessment.form.section(row.section)
        if part is None or open_ids.isdisjoint(question.id for question in part.questions):
            finish_section(row, actor=actor)


def finish_section(row: SectionAssignment, *, actor: Any) -> None:
    """Nobody is asked for it any more; the task is done."""
    row.done_at = timezone.now()
    row.save()
    log.record(actor, "section.finished", row)
    work.close_tasks(row, actor=actor)


def require_people(assessment: Assessment, replies: Mapping[str, Reply]) -> None:
    """Whoever is named has an account."""
    named = {one: reply.answer for one, reply in replies.items() if assessment.form.by_id[one].type == "person"}
    known = set(User.objects.filter(email__in=named.values(), is_active=True).values_list("email", flat=True))
    for question, address in named.items():
        if address and address not in known:
            raise BadInput(
                _("%(question)s: nobody here has the address “%(address)s”.")
                % {"question": question, "address": address},
                field=question,
            )


def locked(assessment: Assessment) -> Assessment:
    """The row as it is now, held until the transaction ends."""
    rows = Assessment.objects.select_for_update(of=("self",))
    return rows.select_related("system__unit", "version__artifact").get(pk=assessment.pk)


def require_current(assessment: Assessment) -> None:
    """The questionnaire has not changed since; old answers do not fit new questions."""
    if assessment.template_version != assessment.form.version:
        raise NotAllowed(
            _("This was begun with version %(then)s of the questionnaire; version %(now)s is in use. Start a new one.")
            % {"then": assessment.template_version, "now": assessment.form.version}
        )


def reopen(assessment: Assessment, *, actor: Any, because: str = "") -> None:
    """Make it a draft again: signature and opinion belong to other answers and stay in the log."""
    if assessment.status == Assessment.Status.DRAFT:
        return
    require_only(assessment)
    assessment.status = Assessment.Status.DRAFT
    assessment.opinion, assessment.authority_consultation = "", ""
    assessment.opinion_by = assessment.submitted_by = None
    assessment.decided_at = assessment.approved_at = assessment.submitted_at = assessment.review_due = None
    assessment.save()
    log.record(actor, "assessment.reopened", assessment, reason=because)
    work.close_tasks(assessment, actor=actor)


def write_answers(assessment: Assessment, replies: Mapping[str, Reply], *, actor: User) -> None:
    """Each answer, by question: a new row, or the old one with who changed it."""
    known = {row.question: row for row in Answer.objects.filter(assessment=assessment, question__in=replies)}
    for question, reply in replies.items():
        row = known.get(question) or Answer(assessment=assessment, question=question)
        event = "answer.changed" if question in known else "answer.given"
        row.answer, row.text, row.answered_by, row.answered_at = reply.answer, reply.text, actor, timezone.now()
        row.save()
        log.record(actor, event, row)


def rescore(assessment: Assessment, *, actor: Any) -> scoring.Result:
    """Scores and outcomes of the answers as they are now; only what differs is written."""
    found = scoring.result(assessment.form, assessment.replies(), proven=proven_checks(assessment))
    for score in found.scores:
        save_part(assessment, score, dpo_required=found.outcome("dpo_review") is not None, actor=actor)
    reached = [outcome.id for outcome in found.outcomes]
    if (assessment.overall_level, assessment.outcomes) != (found.overall, reached):
        assessment.overall_level, assessment.outcomes = found.overall, reached
        assessment.save()
        log.record(actor, "assessment.scored", assessment)
    return found


def save_part(assessment: Assessment, score: scoring.Score, *, dpo_required: bool, actor: Any) -> None:
    """The row of one component."""
    part = AssessmentPart.objects.filter(assessment=assessment, component=score.component).first()
    before = part.snapshot() if part else None
    part = part or AssessmentPart(assessment=assessment, component=score.component)
    part.is_closed, part.dpo_required = score.is_closed, dpo_required
    for name in ("inherent", "control", "residual"):
        exact = getattr(score, name)
        setattr(part, f"{name}_score", None if exact is None else float(exact))
    part.inherent_level, part.residual_level = score.inherent_level, score.residual_level
    part.unproven = list(score.unproven)
    if part.snapshot() != before:
        part.save()
        log.record(actor, "assessment_part.scored", part)


@retried
def submit_assessment(assessment: Assessment, *, actor: User) -> None:
    """Put the assessment before the privacy officer once every question that is asked has its answer."""
    access.require(actor, access.PIA_EDIT, assessment)
    assessment = locked(assessment)
    require_current(assessment)
    if assessment.status != Assessment.Status.DRAFT:
        raise NotAllowed(_("Only a draft can be submitted; this one is %s.") % assessment.get_status_display().lower())
    found = rescore(assessment, actor=actor)
    require_complete(assessment, found)
    assessment.status = Assessment.Status.IN_REVIEW
    assessment.submitted_by, assessment.submitted_at = actor, timezone.now()
    assessment.bound_digest = subject_digest(assessment.system, assessment.version)
    assessment.bound = living.subject(assessment.system, assessment.version, assessment.regions)
    assessment.save()
    log.record(actor, "assessment.submitted", assessment)
    finish_sections(assessment, found, actor=actor)
    work.close_tasks(assessment, actor=actor)
    work.open_task(
        assessment, kind=Task.Kind.SIGN_PIA if assessment.form.is_privacy else Task.Kind.SIGN_ASSESSMENT,
        system=assessment.system, url=assessment.get_absolute_url(), duty=assessment.form.signed_by, actor=actor,
    )  # fmt: skip


def require_complete(assessment: Assessment, found: scoring.Result) -> None:
    """Refuse with the names of the questions that lack something."""
    gaps = scoring.open_gaps(assessment.form, assessment.replies(), found, assessment.named_things())
    if gaps:
        named = " ".join(str(gap) for gap in gaps[:NAMED])
        more = _(" And %d more.") % (len(gaps) - NAMED) if len(gaps) > NAMED else ""
        raise BadInput(
            _("%(count)d questions are not answered in full. %(named)s%(more)s")
            % {"count": len(gaps), "named": named, "more": more},
            field=gaps[0].question.id,
        )
