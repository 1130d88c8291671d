"""The registry's own panels: the question, what changed, verdicts, gates, waivers, conditions, dissent, and doing nothing."""

from datetime import timedelta
from typing import Any

from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _, gettext_lazy, ngettext

from registry import act_words, gates, moment, policy
from registry.decision import difference
from registry.decision.panels import Dossier, Line, panel
from registry.models import Condition, Duty, LineageLink, Review, SignOff, VersionStatus


def question(dossier: Dossier) -> str:
    """What is asked, in one sentence."""
    release = dossier.release
    facts = {
        "version": release.version, "system": release.system, "tier": release.system.get_risk_tier_display().lower(),
    }  # fmt: skip
    running = dossier.running
    if running is None:
        return _("May %(version)s be released for %(system)s, whose risk tier is %(tier)s?") % facts
    return _(
        "May %(version)s take the place of %(running)s in %(system)s, whose risk tier is %(tier)s?"
    ) % (facts | {"running": running})  # fmt: skip


def voided_digest(review: Review) -> str:
    """The digest that the last decision of the rounds before was about; empty where nothing was voided."""
    rows = review.sign_offs.filter(round__lt=review.round).exclude(subject_digest="")
    return rows.order_by("-round", "-decided_at").values_list("subject_digest", flat=True).first() or ""


def approved_material(review: Review) -> dict[str, Any]:
    """What was approved: the frozen material, or that of the round before where the review is open anew."""
    digest = voided_digest(review) if review.status == Review.Status.OPEN else ""
    return difference.material_at(review, digest) if digest else review.material


def changes(dossier: Dossier) -> tuple[str, difference.Since]:
    """Against what, and what changed: the last round of this review, or the version that was approved before."""
    review = dossier.review
    digest = voided_digest(review)
    if digest:
        return _("the round before"), difference.since(review, digest)
    before = dossier.last_approved
    if before is None:
        return "", difference.Since([], [])
    found = difference.differences(approved_material(before), review.material)
    return str(before.release.version), difference.Since(found, [])


@panel(
    "changed", gettext_lazy("What changed since the last approval"),
    empty=gettext_lazy("Nothing was approved before: all of it is new."),
)  # fmt: skip
def changed(dossier: Dossier) -> list[Line]:
    """The places that read otherwise than when somebody approved last, with the reason where the log gives one."""
    against, found = changes(dossier)
    if not against:
        return []
    lines = [Line(_("Compared with %s.") % against), *(Line(reason, verdict="stale") for reason in found.reasons)]
    lines += [Line(f"{one.part_name}: {one.place}", aside=one.in_short) for one in found.differences]
    return lines if found.differences else [*lines, Line(_("Nothing that a decision is bound to differs."))]


@panel("verdicts", gettext_lazy("Verdicts"), empty=gettext_lazy("No check was run; none is frozen."))
def verdicts(dossier: Dossier) -> list[Line]:
    """What each frozen run says, and what the one before said."""
    before = dossier.last_approved
    then = {row.check_slug: row for row in before.release.evidence.all()} if before else {}
    lines = []
    for row in dossier.release.evidence.order_by("check_slug", "pk"):
        old = then.get(row.check_slug)
        aside = _("before: %s") % old.get_verdict_display().lower() if old else ""
        ended = "" if row.is_standing else _("; it no longer stands")
        name = act_words.in_words(row.check_slug or row.kind)
        lines.append(Line(name + ended, row.get_absolute_url(), row.verdict or "recorded", aside))
    return lines


@panel("gates", gettext_lazy("Gates"), empty=gettext_lazy("All gates are open."))
def closed_gates(dossier: Dossier) -> list[Line]:
    """The gates that are closed, or open only by a waiver."""
    return [
        Line(f"{found.title}: {found.reason}", found.place, found.result)
        for found in dossier.gates
        if found.result != gates.PASSED
    ]


@panel("fitness", gettext_lazy("What a prototype showed"), empty=gettext_lazy("It generates no content."))
def fitness(dossier: Dossier) -> list[Line]:
    """Whether a prototype speaks for a system that generates content, and what it showed."""
    system = dossier.release.system
    if not system.is_generative:
        return []
    found = system.prototype_findings.strip()
    missing = Line(_("Nobody has said yet what a prototype showed."), system.get_absolute_url(), gates.FAILED)
    return [Line(found, system.get_absolute_url())] if found else [missing]


@panel("waivers", gettext_lazy("Waivers"), empty=gettext_lazy("Nothing is waived."))
def waivers(dossier: Dossier) -> list[Line]:
    """What is let through for a while."""
    rows = dossier.release.version.waivers.standing().select_related("owner").order_by("expires_on")
    return [
        Line(f"{row.title}: {row.reason}", row.get_absolute_url(), "waived" if row.is_in_force else "",
             _("until %(day)s, %(owner)s") % {"day": date_format(row.expires_on), "owner": row.owner})
        for row in rows
    ]  # fmt: skip


@panel("conditions", gettext_lazy("Conditions"), empty=gettext_lazy("No approval has set a condition."))
def conditions(dossier: Dossier) -> list[Line]:
    """Those of this review, and those of the last approval that nobody has verified yet."""
    review, before = dossier.review, dossier.last_approved
    wanted = Q(review=review) | Q(review=before, status__in=Condition.UNMET) if before else Q(review=review)
    rows = Condition.objects.filter(wanted).select_related("owner").order_by("due_on", "created_at")
    return [
        Line(row.text, row.get_absolute_url(), "failed" if row.is_overdue else "",
             _("due %(day)s, %(owner)s; %(status)s") % {
                 "status": row.get_status_display(), "owner": row.owner, "day": date_format(row.due_on)})
        for row in rows
    ]  # fmt: skip


@panel("questions", gettext_lazy("Questions without an answer"), empty=gettext_lazy("Every question is answered."))
def questions(dossier: Dossier) -> list[Line]:
    """What somebody was asked and has not answered."""
    rows = dossier.review.questions.unanswered().select_related("asked_of")
    return [Line(row.text, row.get_absolute_url(), aside=_("asked of %s") % row.asked_of) for row in rows]


@panel("decisions", gettext_lazy("Sign-offs"), empty=gettext_lazy("Nobody is asked."))
def decisions(dossier: Dossier) -> list[Line]:
    """Who said what in this round, and who is waited for."""
    rows = (
        dossier.review.sign_offs.filter(voided_at__isnull=True)
        .select_related("person")
        .order_by("stage", "duty", "ordinal")
    )
    return [
        Line(str(row), aside=f"{row.person}, {date_format(timezone.localdate(row.decided_at))}" if row.person else "")
        for row in rows
    ]


@panel("dissent", gettext_lazy("Dissent"), empty=gettext_lazy("Nobody has objected or abstained; nothing was voided."))
def dissent(dossier: Dossier) -> list[Line]:
    """Who said no, or nothing, on this version in this review or one before, and whose word was voided."""
    no = (SignOff.Decision.REJECT, SignOff.Decision.REQUEST_CHANGES, SignOff.Decision.ABSTAIN)
    rows = SignOff.objects.filter(review__release__version=dossier.release.version).exclude(decision="")
    rows = rows.filter(Q(decision__in=no) | Q(voided_at__isnull=False)).select_related("person")
    return [
        Line(f"{row.person}: {row.get_decision_display()}", aside=row.void_reason or row.reason)
        for row in rows.order_by("-decided_at")
    ]


@panel("lineage", gettext_lazy("Where it comes from"), empty=gettext_lazy("No link is recorded."))
def lineage(dossier: Dossier) -> list[Line]:
    """How many links lead to and from the version; the picture is a page of its own."""
    version = dossier.release.version
    count = LineageLink.objects.filter(Q(source_id=version.pk) | Q(target_id=version.pk)).count()
    told = ngettext("%d link of data, code and models", "%d links of data, code and models", count) % count
    return [Line(told, reverse("version-lineage", args=[version.pk]))] if count else []


@panel("if-nothing", gettext_lazy("If nothing is done"), empty=gettext_lazy("The review is closed."))
def if_nothing(dossier: Dossier) -> list[Line]:
    """The day, whom it goes to afterwards, and what serves meanwhile."""
    review = dossier.review
    if review.status != Review.Status.OPEN:
        return []
    return [Line(text) for text in (due(review), escalation(review), meanwhile(dossier)) if text]


def due(review: Review) -> str:
    """Until when it is decided."""
    if review.due_on is None:
        return _("No day is set for this decision.")
    late = (moment.today() - review.due_on).days
    if late > 0:
        return ngettext(
            "It was due on %(day)s, %(late)d day ago.", "It was due on %(day)s, %(late)d days ago.", late
        ) % {"day": date_format(review.due_on), "late": late}  # fmt: skip
    return _("It is due on %s; until then nothing changes.") % date_format(review.due_on)


def escalation(review: Review) -> str:
    """Whom it goes to when the day has passed, as the policy says."""
    asked = policy.Policy(review.policy).body.get("reminders", {})
    if review.due_on is None or "escalate_after_days" not in asked:
        return ""
    day = review.due_on + timedelta(days=asked["escalate_after_days"])
    to = asked.get("escalate_to", Duty.EXECUTIVE)
    return _("On %(day)s it goes to: %(duty)s.") % {"day": date_format(day), "duty": Duty(to).label}


def meanwhile(dossier: Dossier) -> str:
    """What serves as long as nobody decides."""
    version, running = dossier.release.version, dossier.running
    if running is not None and running.retirement_date:
        return _("%(version)s keeps running; it retires on %(day)s.") % {
            "version": running, "day": date_format(running.retirement_date),
        }  # fmt: skip
    if running is not None:
        return _("%s keeps running.") % running
    if version.status == VersionStatus.SUSPENDED:
        return _("%s was published and stays suspended.") % version
    return _("No version of this model serves, and none will.")
