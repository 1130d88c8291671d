"""The kinds of conditions of a policy that risk can answer."""

from datetime import timedelta

from django.urls import reverse
from django.utils.dateparse import parse_date
from django.utils.translation import gettext as _, gettext_lazy

from registry import moment
from registry.gate_results import GateResult
from registry.models import RegisterEntry
from registry.policies.conditions import Asked, Case, condition
from registry.policies.schema import DAYS, mapping
from risk import gates, living
from risk.catalogue import LEVELS
from risk.maturity import REQUIRED, TEMPLATE, perspectives
from risk.models import Assessment, Incident, MaturityAssessment, Risk
from risk.models.register import Level
from risk.questionnaires import OF_SYSTEMS, template
from risk.residency import outside
from risk.words import level_word

COUNT = {"type": "integer", "minimum": 0, "maximum": 1000}


@condition(
    "assessment",
    gettext_lazy("Assessment stands"),
    value={"enum": list(OF_SYSTEMS)},
    more={"within_days": DAYS, "not_above": {"type": "string", "maxLength": 20}},
)
def assessment_stands(case: Case, asked: Asked) -> GateResult:
    """An approved assessment of this questionnaire is in time, about this purpose, and young enough."""
    rows = Assessment.objects.approved().bearing_on(case.system, case.version).filter(template=asked["assessment"])
    current = [
        row for row in rows.order_by("-submitted_at") if not row.is_overdue and not row.why_outgrown(case.version)
    ]
    if not current:
        place = reverse("assessment-start-as", args=[case.system.pk, asked["assessment"]])
        return GateResult.insufficient(_("No approved assessment of the system as it is now stands."), place)
    newest, days = current[0], asked.get("within_days")
    place = newest.get_absolute_url()
    if days is not None and (newest.submitted_at is None or newest.submitted_at < moment.now() - timedelta(days=days)):
        return GateResult.failed(_("The newest approved assessment is older than %d days.") % days, place)
    form, most = newest.form, asked.get("not_above", "")
    if most and form.rank(newest.overall_level) > form.rank(most):
        said = _("Its level is “%(level)s”; “%(most)s” is the most that is borne.") % {
            "level": level_word(newest.overall_level), "most": level_word(most),
        }  # fmt: skip
        return GateResult.failed(said, place)
    return GateResult.passed(_("Signed by %s.") % newest.opinion_by, evidence=place)


@condition("residency", gettext_lazy("It runs where it was assessed to"), value={"enum": ["assessed"]})
def runs_where_assessed(case: Case, _asked: Asked) -> GateResult:
    """Where it runs or is about to run lies in the regions that the approved privacy assessment names."""
    rows = Assessment.objects.approved().bearing_on(case.system, case.version).filter(template=gates.TEMPLATE)
    newest = rows.order_by("-submitted_at").first()
    if newest is None:
        place = reverse("assessment-start", args=[case.system.pk])
        return GateResult.insufficient(_("No approved assessment of the system as it is now stands."), place)
    found = {*living.running_in(case.system), *([case.deployment.region] if case.deployment else [])}
    strange = outside(found, newest.bound.get("regions", ()))
    if not strange:
        return GateResult.passed(_("Every place lies in a region that was assessed."), newest.get_absolute_url())
    said = _("Outside of every region that was assessed: %s.") % ", ".join(strange)
    return GateResult.failed(said, newest.get_absolute_url())


@condition(
    "maturity", gettext_lazy("The unit is mature enough for its stage"),
    value=mapping({"perspective": {"enum": [part.id for part in perspectives(template(TEMPLATE))]}}, ("perspective",)),
)  # fmt: skip
def mature_enough(case: Case, asked: Asked) -> GateResult:
    """The newest confirmed level of the unit in a perspective is what its stage of adoption requires."""
    name = asked["maturity"]["perspective"]
    newest = MaturityAssessment.objects.confirmed().filter(unit=case.system.unit).first()
    if newest is None:
        return GateResult.insufficient(
            _("Nobody has assessed the maturity of %s.") % case.system.unit, reverse("maturity-new")
        )
    level, must = newest.levels.get(name, 0.0), REQUIRED.get(newest.stage, 0)
    said = _("Level %(level)s of 5; the stage of adoption (%(stage)s) requires %(must)d.") % {
        "level": level, "stage": newest.get_stage_display(), "must": must,
    }  # fmt: skip
    return (GateResult.passed if level >= must else GateResult.failed)(said, newest.get_absolute_url())


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


@condition(
    "safe_failure", gettext_lazy("A safe way to fail was tested"), value={"const": True}, more={"within_days": DAYS}
)
def safe_failure(case: Case, asked: Asked) -> GateResult:
    """A way to fail is recorded as safe and was tested to be so; none that is unsafe was tested to behave otherwise."""
    place = f"{reverse('register', args=['failure_mode'])}"
    rows = about(case, "failure_mode")
    if not rows:
        return GateResult.insufficient(_("Nobody has written down how the system can fail."), place)
    tested = [row for row in rows if row.fields.get("result") == "as_described" and is_young(row, "tested_at", asked)]
    safe = [row for row in tested if row.fields.get("is_safe") == "safe"]
    if not safe:
        return GateResult.failed(_("No safe way to fail was tested in time and found to be as described."), place)
    return GateResult.passed(_("Tested: %s.") % safe[0], safe[0].get_absolute_url())


@condition(
    "exercise",
    gettext_lazy("A drill was passed"),
    value={"type": "string", "maxLength": 40},
    more={"within_days": DAYS},
)
def drill_passed(case: Case, asked: Asked) -> GateResult:
    """The newest drill of this sort about the system or its version was passed, and is young enough."""
    place = f"{reverse('register', args=['exercise'])}?exercise_type={asked['exercise']}"
    rows = [row for row in about(case, "exercise") if row.fields.get("exercise_type") == asked["exercise"]]
    if not rows:
        return GateResult.insufficient(_("No drill of this sort was carried out: %s.") % asked["exercise"], place)
    newest = max(rows, key=lambda row: str(row.fields.get("performed_at")))
    if newest.fields.get("result") == "failed" or not is_young(newest, "performed_at", asked):
        return GateResult.failed(_("The newest drill failed or is too old: %s.") % newest, newest.get_absolute_url())
    return GateResult.passed(_("Passed: %s.") % newest, newest.get_absolute_url())


def about(case: Case, kind: str) -> list[RegisterEntry]:
    """The standing entries of a kind about the system as a whole or about the version."""
    rows = RegisterEntry.objects.filter(kind=kind, system=case.system).standing()
    return [row for row in rows if row.model_version_id is None or row.model_version == case.version]


def is_young(row: RegisterEntry, name: str, asked: Asked) -> bool:
    """The day of the field is there, and within the days where some are asked."""
    day = parse_date(str(row.fields.get(name) or ""))
    days = asked.get("within_days")
    return day is not None and (days is None or day >= moment.today() - timedelta(days=days))


@condition("incidents", gettext_lazy("Few enough open incidents"), value=mapping({"at_most": COUNT}, ("at_most",)))
def few_incidents(case: Case, asked: Asked) -> GateResult:
    """No more incidents with the system are open than the policy bears."""
    count, most = Incident.objects.live().filter(system=case.system).count(), asked["incidents"]["at_most"]
    said = _("Open incidents: %(count)d; at most %(most)d are borne.") % {"count": count, "most": most}
    return (GateResult.passed if count <= most else GateResult.failed)(said, reverse("incidents"))
