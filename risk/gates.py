"""What risk asks of a release, and what of its own a decision is bound to."""

from typing import Any, Final

from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext as _, gettext_lazy

from registry import policy
from registry.gates import GateResult, gate
from registry.looks import read_once
from registry.material import material
from registry.models import Release, Tier
from risk import living
from risk.catalogue import LEVELS
from risk.models import AffectedVersion, Assessment, ErasureStep, Incident, Risk, Suspension

TEMPLATE: Final = "pia"
PIA: Final = "pia-approved"
# How much a status leaves open: going up voids decisions, going down does not.
OPENNESS: Final = {Risk.Status.CLOSED: 0, Risk.Status.ACCEPTED: 1, Risk.Status.TREATED: 1, Risk.Status.OPEN: 2}


@read_once
def bearing(release: Release) -> list[Assessment]:
    """The approved privacy assessments that speak of this release."""
    rows = Assessment.objects.approved().bearing_on(release.system, release.version).filter(template=TEMPLATE)
    return list(rows.select_related("system", "version__artifact").order_by("pk"))


@gate(PIA, gettext_lazy("Privacy impact assessment is approved"))
def pia_approved(release: Release) -> GateResult:
    """Personal data wants an approved assessment that is in time and about this purpose, these data and places."""
    if not living.why_needed(release.system, release.version):
        return GateResult.passed(_("No personal data is processed, as its owners and its data say."))
    found = bearing(release)
    current = [row for row in found if not row.is_overdue and not row.why_outgrown(release.version)]
    if current:
        return GateResult.passed(
            _("Signed by %(person)s; to be reviewed by %(day)s.")
            % {"person": current[0].opinion_by, "day": current[0].review_due},
            current[0].get_absolute_url(),
        )
    if found:
        return stale(found[0], release)
    return missing(release)


def stale(assessment: Assessment, release: Release) -> GateResult:
    """Why an approved assessment does not count, and the draft in which it was opened again."""
    place = (assessment.taken_up or assessment).get_absolute_url()
    if assessment.is_overdue:
        return GateResult.failed(_("Its review was due on %s. Assess again.") % assessment.review_due, place)
    reasons = " ".join(assessment.why_outgrown(release.version))
    return GateResult.failed(_("%s Assess again.") % reasons, place)


def missing(release: Release) -> GateResult:
    """No assessment is approved: where the open one stands, or where to start."""
    begun = Assessment.objects.open().bearing_on(release.system, release.version).filter(template=TEMPLATE).first()
    if begun is None:
        return GateResult.failed(
            _("Nobody has assessed it. %s") % " ".join(living.why_needed(release.system, release.version)),
            reverse("assessment-start", args=[release.system_id]),
        )
    reasons = {
        Assessment.Status.DRAFT: _("It is begun and not submitted."),
        Assessment.Status.IN_REVIEW: _("It waits for the privacy officer."),
        Assessment.Status.REJECTED: _("The privacy officer sent it back."),
    }
    why = [living.cause_said(cause) for cause in begun.causes]
    return GateResult.failed(" ".join([*why, reasons[Assessment.Status(begun.status)]]), begun.get_absolute_url())


@gate("no-open-critical-risk", gettext_lazy("No open critical risk"))
def no_open_critical_risk(release: Release) -> GateResult:
    """Every critical risk is lessened, accepted by those who may, or closed."""
    rows = Risk.objects.unaccepted().filter(system=release.system, residual_level=LEVELS[-1])
    worst = rows.order_by("identified_at", "pk").first()
    if worst is None:
        return GateResult.passed(_("None of its risks is critical and open."))
    return GateResult.failed(
        _("“%(risk)s” is critical and %(status)s. Treat it, or have it accepted.")
        % {"risk": worst, "status": worst.get_status_display().lower()},
        worst.get_absolute_url(),
    )


@gate("risks-assessed", gettext_lazy("Risks were looked for"))
def risks_assessed(release: Release) -> GateResult:
    """From the limited tier on, the register holds at least one risk of the system."""
    count = Risk.objects.filter(system=release.system).count()
    if count:
        return GateResult.passed(_("Risks on the register: %d.") % count)
    if release.system.risk_tier == Tier.MINIMAL:
        return GateResult.passed(_("None is asked for in the minimal tier."))
    return GateResult.failed(
        _("The register holds no risk of this system."), f"{reverse('risk-new')}?system={release.system_id}"
    )


@gate("no-open-serious-incident", gettext_lazy("No open serious incident"))
def no_open_serious_incident(release: Release) -> GateResult:
    """No open incident has suspended it; where the policy asks for it, every serious one with the system is closed."""
    stopped = Suspension.objects.filter(release__version=release.version_id, release__system=release.system_id)
    stopping = stopped.exclude(incident__status=Incident.Status.CLOSED).select_related("incident").first()
    if stopping is not None:
        return GateResult.failed(
            _("An incident suspended it: “%s”. It has to be closed with its cause first.") % stopping.incident,
            stopping.incident.get_absolute_url(),
        )
    if not policy.of_release(release).body.get("stop_on_serious_incident", False):
        return GateResult.passed(_("The policy of this tier does not ask about incidents."))
    worst = Incident.objects.live().serious().filter(system=release.system).order_by("detected_at", "pk").first()
    if worst is None:
        return GateResult.passed(_("No serious incident with the system is open."))
    return GateResult.failed(
        _("A serious incident of %(day)s is %(status)s. It has to be closed with its cause.")
        % {"day": date_format(worst.detected_at), "status": worst.get_status_display().lower()},
        worst.get_absolute_url(),
    )


@gate("reclassified-data", gettext_lazy("Nothing is left to decide about reclassified data"))
def reclassified_data(release: Release) -> GateResult:
    """What was decided about data of a higher class has been done before a version that learned from them goes on."""
    waiting = AffectedVersion.objects.open().filter(version=release.version).order_by("created_at").first()
    if waiting is None:
        return GateResult.passed(_("No data that it came from wait for a decision."))
    return GateResult.failed(
        _("Data that it came from were given a higher class. Decide what follows, and do it."),
        waiting.get_absolute_url(),
    )


@gate("erasure", gettext_lazy("Nothing is left to do about requests for erasure"))
def erasure_done(release: Release) -> GateResult:
    """What was decided about data of which people asked to be erased has been done and verified, or is in time."""
    waiting = ErasureStep.objects.open().filter(version=release.version).select_related("request")
    first = waiting.order_by("request__due_on").first()
    if first is None or first.request.due_on is None:
        return GateResult.passed(_("No request for erasure waits for it."))
    return GateResult.failed(
        _("A request for erasure touches it and is to be done by %s. Decide, do it, and have it verified.")
        % date_format(first.request.due_on),
        first.get_absolute_url(),
    )


@material("assessments")
def assessments(release: Release) -> Any:
    """The approved assessments, by the digest of their answers."""
    return [
        {
            "id": str(row.pk),
            "template": f"{row.template} {row.template_version}",
            "answers": row.answers_digest,
            "overall": row.overall_level,
        }
        for row in bearing(release)
    ]


def no_worse(before: Any, now: Any) -> bool:
    """Every risk was there before, and neither its rating nor its openness went up."""
    known = {row["id"]: row for row in before}
    return all(row["id"] in known and is_no_worse(known[row["id"]], row) for row in now)


def is_no_worse(before: dict[str, Any], now: dict[str, Any]) -> bool:
    """One risk against what was decided on."""
    ratings = ("likelihood", "impact", "residual_likelihood", "residual_impact")
    levels = ("inherent_level", "residual_level")
    return (
        all(now[name] <= before[name] for name in ratings)
        and all(LEVELS.index(now[name]) <= LEVELS.index(before[name]) for name in levels)
        and OPENNESS[now["status"]] <= OPENNESS[before["status"]]
    )


@material("open_risks", harmless=no_worse)
def open_risks(release: Release) -> Any:
    """The risks that are not closed, with status and ratings; one that a check opened counts once a person has rated it."""
    names = ("status", "likelihood", "impact", "inherent_level")
    left = ("residual_likelihood", "residual_impact", "residual_level")
    rows = Risk.objects.live().filter(system=release.system, rated_by__isnull=False).order_by("pk")
    return [{"id": str(row.pk)} | {name: getattr(row, name) for name in (*names, *left)} for row in rows]
