"""What the report on a privacy impact assessment says: answers, scores, what follows, and the opinion."""

from datetime import datetime
from typing import Any, Final

from django.utils.translation import gettext as _

from reports.kinds.blocks import aside, bars, chapter, facts, frame, limit, moment, table, text
from risk import words
from risk.models import Assessment, AssessmentPart
from risk.reading import Progress, Reading, reading

LOOKS: Final = {"low": "met", "medium": "partly", "high": "not_met", "very_high": "not_met", "critical": "not_met"}


def privacy(assessment: Assessment, *, as_of: datetime) -> dict[str, Any]:
    """Everything that the report on one assessment prints."""
    found = reading(assessment)
    form = assessment.form
    return frame(str(assessment.version or assessment.system), as_of=as_of, cover=cover(assessment)) | {
        "title": str(_(form.name)),
        "summary": summary(assessment, found),
        "chapters": [
            chapter(_("Scores"), *scores(found)),
            chapter(_("What follows"), *follows(assessment, found)),
            chapter(_("Opinion and signature"), *opinion(assessment)),
            *(answers(section) for section in found.sections if section.said),
        ],
        "not_checked": not_checked(assessment, found),
    }


def cover(row: Assessment) -> list[tuple[str, Any]]:
    """The lines of the cover."""
    return [
        (_("System"), row.system), (_("Business unit"), row.system.unit), (_("Status"), row.get_status_display()),
        (_("Questionnaire"), f"{_(row.form.name)} {row.template_version}"),
        (_("Digest of what was assessed"), row.bound_digest), (_("Digest of the answers"), row.answers_digest),
    ]  # fmt: skip


def summary(row: Assessment, found: Reading) -> list[list[str]]:
    """What a member of the board reads."""
    level = words.level_word(row.overall_level) or _("not scored yet")
    opinion = row.opinion or _("The privacy officer has given no opinion yet.")
    told = "; ".join(then or str(words.OUTCOMES.get(name, name)) for name, then, _reasons in found.outcomes)
    lines = [
        [_("Status"), row.get_status_display()],
        [_("Overall risk that is left"), level],
        [_("Answered"), _("%(given)d of %(asked)d questions") % {"given": found.answered, "asked": found.asked}],
        [_("What follows"), told or _("Nothing beyond the next review.")],
        [_("Opinion of the privacy officer"), opinion],
        [_("Review due"), str(row.review_due or _("not set"))],
    ]
    if row.is_outgrown:
        lines.append(
            [
                _("Attention"),
                " ".join(
                    [
                        _("What was assessed has changed since: the answers are about an earlier state."),
                        *row.why_outgrown(row.version),
                    ]
                ),
            ]
        )
    return [[str(name), str(value)] for name, value in lines]


def scores(found: Reading) -> list[Any]:
    """The parts with what is left of their risk as bars."""
    rows = [
        (
            part.get_component_display(),
            part.residual_score or 0.0,
            LOOKS.get(part.residual_level, "partly"),
            figures(part),
        )
        for part in found.parts
    ]
    head = (_("Component"), _("Inherent"), _("Residual"), _("Level"))
    return [
        bars(_("Risk that is left, of 100, by component"), head, rows) or text(_("No part is scored yet.")),
        unproven(found),
    ]


def figures(part: AssessmentPart) -> list[str]:
    """Inherent and residual score and the level of one part."""
    if part.is_closed:
        return ["–", "–", _("no personal data")]
    return [score(part.inherent_score), score(part.residual_score), words.level_word(part.residual_level) or "–"]


def score(value: float | None) -> str:
    """A score without decimals."""
    return "–" if value is None else f"{value:.0f}"


def unproven(found: Reading) -> Any:
    """Controls that count little for want of proof."""
    if not found.unproven:
        return None
    return aside(
        _("Controls that no passing check proves, and that count little therefore: %s.") % ", ".join(found.unproven)
    )


def follows(row: Assessment, found: Reading) -> list[Any]:
    """Outcomes with their reasons."""
    head = ((_("What follows"), 35), (_("Reasons"), 0))
    rows = [[then or words.OUTCOMES.get(name, name), "\n".join(reasons)] for name, then, reasons in found.outcomes]
    return [
        table(_("What the answers lead to"), head, rows) or text(_("Nothing beyond the next review.")),
    ]


def opinion(row: Assessment) -> list[Any]:
    """The privacy officer's opinion with who gave it, and whether an authority was asked."""
    return [
        facts([
            (_("Opinion"), row.opinion), (_("Signed by"), row.opinion_by), (_("Decided"), moment(row.decided_at)),
            (_("Consultation of the supervisory authority"), row.authority_consultation),
            (_("Started by"), row.started_by), (_("Submitted by"), row.submitted_by),
            (_("Submitted"), moment(row.submitted_at)),
        ]),
    ]  # fmt: skip


def answers(section: Progress) -> dict[str, Any]:
    """The questions of one section that are asked, with their answers."""
    head = ((_("No."), 13), (_("Question"), 36), (_("Answer"), 18), (_("Explanation"), 0))
    rows = [
        [
            one.question.id,
            _(one.question.text),
            one.answer or ("" if one.reply.text else _("not answered")),
            one.reply.text,
        ]
        for one in section.said
        if one.is_asked
    ]
    title = _(section.section.title) if section.section.title else section.section.id
    return chapter(
        title, table(_("Questions and answers"), head, rows) or text(_("None of these questions is asked here."))
    )


def not_checked(row: Assessment, found: Reading) -> list[dict[str, str]]:
    """What a reader must not take for shown."""
    rows = [
        limit(_("Whether the answers are true"), _("Answers are what people wrote. Controls count fully only where a passing check proves them.")),
        limit(_("Law"), _("The report applies the questionnaire's rules; whether a processing is lawful is for the privacy officer and counsel to say.")),
    ]  # fmt: skip
    if found.gaps:
        rows.append(
            limit(
                _("%d questions without an answer") % len(found.gaps), ", ".join(gap.question.id for gap in found.gaps)
            )
        )
    return rows
