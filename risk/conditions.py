"""The kinds of conditions of a policy that risk can answer."""

from datetime import timedelta

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _, gettext_lazy

from registry.gate_results import GateResult
from registry.policies.conditions import Asked, Case, condition
from registry.policies.schema import DAYS, mapping
from risk import gates
from risk.catalogue import LEVELS
from risk.models import Assessment, Incident, Risk
from risk.models.register import Level

COUNT = {"type": "integer", "minimum": 0, "maximum": 1000}


@condition(
    "assessment", gettext_lazy("Assessment stands"), value={"enum": [gates.TEMPLATE]}, more={"within_days": DAYS}
)
def assessment_stands(case: Case, asked: Asked) -> GateResult:
    """An approved assessment of this questionnaire is in time, about this purpose, and young enough."""
    rows = Assessment.objects.approved().bearing_on(case.system, case.version).filter(template=asked["assessment"])
    current = [row for row in rows.order_by("-submitted_at") if not row.is_overdue and not row.why_outgrown(case.version)]
    if not current:
        place = reverse("assessment-start", args=[case.system.pk])
        return GateResult.insufficient(_("No approved assessment of the system as it is now stands."), place)
    newest, days = current[0], asked.get("within_days")
    place = newest.get_absolute_url()
    if days is not None and (
        newest.submitted_at is None or newest.submitted_at < timezone.now() - timedelta(days=days)
    ):
        return GateResult.failed(_("The newest approved assessment is older than %d days.") % days, place)
    return GateResult.passed(_("Signed by %s.") % newest.opinion_by, evidence=place)


@condition(
    "risks", gettext_lazy("Risks are borne"),
    value=mapping({"level": {"enum": list(LEVELS)}, "at_most": COUNT}, ("level", "at_most")),
)  # fmt: skip
def risks_borne(case: Case, asked: Asked) -> GateResult:
    """Of risks at this residual level or above, no more are left that nobody has accepted. None known is unknown."""
    told = asked["risks"]
    place = f"{reverse('risks')}?system={case.system.pk}"
    if not Risk.objects.filter(system=case.system).exists():
        return GateResult.insufficient(_("The register holds no risk of this system."), reverse("risk-new"))
    counted = LEVELS[LEVELS.index(told["level"]) :]
    count = Risk.objects.unaccepted().filter(system=case.system, residual_level__in=counted).count()
    said = _("Risks from the level “%(level)s” on that nobody has accepted: %(count)d; at most %(most)d are borne.") % {
        "level": Level(told["level"]).label.lower(), "count": count, "most": told["at_most"],
    }  # fmt: skip
    return (GateResult.passed if count <= told["at_most"] else GateResult.failed)(said, place)


@condition("incidents", gettext_lazy("Few enough open incidents"), value=mapping({"at_most": COUNT}, ("at_most",)))
def few_incidents(case: Case, asked: Asked) -> GateResult:
    """No more incidents with the system are open than the policy bears."""
    count, most = Incident.objects.live().filter(system=case.system).count(), asked["incidents"]["at_most"]
    said = _("Open incidents: %(count)d; at most %(most)d are borne.") % {"count": count, "most": most}
    return (GateResult.passed if count <= most else GateResult.failed)(said, reverse("incidents"))
