"""Works on an assessment by several people: sections handed out, remarks, files beside answers, and newer questions."""

from datetime import date
from typing import Any, Final

from django.utils.translation import gettext as _

from registry import access, blobs, quotas
from registry.actions import work
from registry.actions.inventory import display_name
from registry.audit import log
from registry.errors import BadInput, NotAllowed
from registry.models import Attachment, Task, User
from registry.transactions import retried
from risk.actions.assessments import finish_section, locked, reopen, require_current, rescore, write_answers
from risk.models import Answer, Assessment, AssessmentComment, SectionAssignment
from risk.questionnaires import Reply, migrated
from risk.template_parts import Question

LARGEST: Final = 10_000_000
MOST: Final = 5_000
ROLE: Final = "answer"


@retried
def assign_section(
    assessment: Assessment, *, section: str, person: User, actor: User, due_on: date | None = None
) -> SectionAssignment:
    """Ask somebody who may answer to answer a section; who was asked before is no longer."""
    access.require(actor, access.PIA_EDIT, assessment)
    assessment = locked(assessment)
    if assessment.form.section(section) is None:
        raise BadInput(_("There is no section “%s”.") % section[:40], field="section")
    if not access.allowed(person, access.PIA_EDIT, assessment):
        raise BadInput(_("%s may not answer this assessment; choose an owner of the system or a privacy officer.") % person,
                       field="person")  # fmt: skip
    for old in assessment.assignments.filter(section=section, done_at__isnull=True):
        finish_section(old, actor=actor)
    row = SectionAssignment(assessment=assessment, section=section, person=person, assigned_by=actor, due_on=due_on)
    row.save()
    log.record(actor, "section.assigned", row)
    work.open_task(
        row, kind=Task.Kind.ANSWER_SECTION, system=assessment.system, url=row.get_absolute_url(), person=person,
        due_on=due_on, actor=actor,
    )  # fmt: skip
    return row


@retried
def comment(assessment: Assessment, *, text: str, actor: User, question: str = "") -> AssessmentComment:
    """Remark on a question or on the whole; whoever reads an assessment may."""
    access.require(actor, access.PIA_VIEW, assessment)
    if question:
        asked_of(assessment, question)
    text = text.strip()
    if not text or len(text) > MOST or "\x00" in text:
        raise BadInput(_("Write between 1 and %d characters.") % MOST, field="text")
    row = AssessmentComment(assessment=assessment, question=question, text=text, person=actor)
    row.save()
    log.record(actor, "assessment.commented", row)
    return row


@retried
def attach_evidence(assessment: Assessment, *, question: str, file: Any, actor: User) -> Attachment:
    """Keep a file beside an answer; a question that asks for a file is answered by its name."""
    access.require(actor, access.PIA_EDIT, assessment)
    quotas.require_storage(assessment.system.unit)
    assessment = locked(assessment)
    require_current(assessment)
    asked = asked_of(assessment, question)
    if assessment.status == Assessment.Status.SUPERSEDED:
        raise NotAllowed(_("A newer assessment has taken the place of this one; answer that one."))
    if file.size > LARGEST:
        raise BadInput(_("The file is larger than %d MB. Split it.") % (LARGEST // 1_000_000), field="file")
    file.seek(0)
    answer = answer_to(assessment, asked, name=display_name(file.name), actor=actor)
    kept = Attachment(
        blob=blobs.store(file.read(), "application/octet-stream"), name=display_name(file.name), role=ROLE,
        object_type=answer._meta.label, object_id=answer.pk,
    )  # fmt: skip
    kept.save()
    log.record(actor, "answer.file_attached", kept)
    return kept


def asked_of(assessment: Assessment, question: str) -> Question:
    """The question of the questionnaire, or BadInput."""
    found = assessment.form.question(question)
    if found is None:
        raise BadInput(_("There is no question “%s”.") % question[:40], field="question")
    return found


def answer_to(assessment: Assessment, question: Question, *, name: str, actor: User) -> Answer:
    """The row that the file lies beside. A question for a file takes its name, which makes the assessment a draft again."""
    row = Answer.objects.filter(assessment=assessment, question=question.id).first()
    if row is None or question.type == "file":
        said = Reply(name if question.type == "file" else "", row.text if row else "")
        reopen(assessment, actor=actor)
        write_answers(assessment, {question.id: said}, actor=actor)
    return Answer.objects.get(assessment=assessment, question=question.id)


@retried
def upgrade(assessment: Assessment, *, actor: User) -> Assessment:
    """Take an open assessment over into the version of the questionnaire that is in use, with the answers that still fit."""
    access.require(actor, access.PIA_EDIT, assessment)
    assessment = locked(assessment)
    if not assessment.is_open:
        raise NotAllowed(_("Only an open one is taken over; assess again instead."))
    was, form = assessment.replies(), assessment.form
    if assessment.template_version == form.version:
        raise NotAllowed(_("It is in the version of the questionnaire that is in use."))
    now = migrated(form, was, since=assessment.template_version)
    reopen(assessment, actor=actor)
    assessment.template_version = form.version
    assessment.save()
    log.record(actor, "assessment.upgraded", assessment, lost=sorted(set(was) - set(now)))
    changed = {question: reply for question, reply in now.items() if was.get(question) != reply}
    taken_back = dict.fromkeys(sorted(set(was) - set(now)), Reply())
    write_answers(assessment, changed | taken_back, actor=actor)
    rescore(assessment, actor=actor)
    return assessment
