"""The kinds of conditions that the registry itself can answer."""

from datetime import timedelta
from typing import Final

from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _, gettext_lazy

from registry import cards, moment
from registry.check_names import name_of
from registry.gate_results import GateResult
from registry.models import AISystem, Deployment, Evidence, StageOpinion, Verdict, Waiver
from registry.policies import figures, opinions
from registry.policies.conditions import STAGE, Asked, Case, condition
from registry.policies.schema import DAYS, DUTY, ENVIRONMENTS, SHARE, WORD
from registry.release_gates import answering, evidence_of
from registry.supply.allowed import only_allowed

NUMBER: Final = {"type": "number"}
# The texts about a system that may be asked for.
TEXTS: Final = sorted(
    field.name
    for field in AISystem._meta.concrete_fields
    if field.get_internal_type() in {"TextField", "CharField"} and field.name not in {"slug", "lifecycle_stage"}
)
FEW: Final = {"type": "integer", "minimum": 0, "maximum": 1000}


@condition(
    "check", gettext_lazy("Evidence says what the policy asks"), value=WORD, needs_release=True,
    more={
        "verdict": {"enum": ["pass", "recorded"]}, "metric": WORD, "bound": {"enum": ["value", "low", "high"]},
        "at_most": NUMBER, "at_least": NUMBER, "fresh_days": DAYS,
        "group": {"type": ["string", "object"], "additionalProperties": {"type": "string"}},
    },
)  # fmt: skip
def evidence_says(case: Case, asked: Asked) -> GateResult:
    """The frozen run of a check stands, is young enough, has the verdict and keeps within the limit."""
    release, check = case.release, name_of(asked["check"])
    place = reverse("version-evidence", args=[release.version_id]) if release else ""
    rows = answering(asked["check"], evidence_of(release)) if release else []
    if not rows:
        return GateResult.insufficient(_("No run of “%s” is frozen in this release. Run it.") % check, place)
    row = rows[-1]
    problem = fallen(row, asked) or verdict_problem(row, asked.get("verdict", "recorded"))
    if problem is None and "metric" in asked:
        problem = figures.problem(row.outcome, asked)
    if problem is None:
        return GateResult.passed(figures.praise(row, asked), place, evidence=row.get_absolute_url())
    return GateResult(problem.result, f"{check}: {problem.reason}", place, evidence=row.get_absolute_url())


def fallen(row: Evidence, asked: Asked) -> GateResult | None:
    """The evidence does not stand any more, or is older than the policy lets it be."""
    if not row.is_standing:
        return GateResult.failed(_("its run was withdrawn or superseded, or its time has run out. Run it again."))
    days = asked.get("fresh_days")
    if days is not None and row.effective_at < moment.now() - timedelta(days=days):
        facts = {"day": date_format(timezone.localtime(row.effective_at)), "days": days}
        return GateResult.failed(_("its run of %(day)s is older than %(days)d days. Run it again.") % facts)
    return None


def verdict_problem(row: Evidence, wanted: str) -> GateResult | None:
    """The verdict is not what the policy asks for."""
    if row.verdict == Verdict.PASS or (wanted == "recorded" and row.verdict):
        return None
    if row.verdict == Verdict.INSUFFICIENT or not row.verdict:
        return GateResult.insufficient(_("too little data to tell; add rows."))
    return GateResult.failed(_("the verdict is “%s”; the policy asks for a pass.") % row.get_verdict_display().lower())


@condition("card_completeness", gettext_lazy("Card is filled far enough"), value=SHARE, needs_release=True)
def card_filled(case: Case, asked: Asked) -> GateResult:
    """The pinned card fills this share of what the tier requires."""
    if case.release is None:
        return GateResult.insufficient(_("There is no release yet."))
    found = cards.completeness(case.release.version, case.release.card)
    facts = {"filled": found.filled, "required": found.required, "asked": round(asked["card_completeness"] * 100)}
    said = _("%(filled)d of %(required)d required fields are filled; %(asked)d %% are asked for.") % facts
    answer = GateResult.passed if found.share >= asked["card_completeness"] else GateResult.failed
    return answer(said, reverse("version-card", args=[case.release.version_id]))


@condition(
    "waivers", gettext_lazy("Few enough waivers"), needs_release=True,
    value={"type": "object", "required": ["at_most"], "additionalProperties": False, "properties": {"at_most": FEW}},
)  # fmt: skip
def few_waivers(case: Case, asked: Asked) -> GateResult:
    """No more waivers of the version are in force than the policy bears."""
    rows = Waiver.objects.in_force().filter(version=case.version).order_by("expires_on")
    count, most = rows.count(), asked["waivers"]["at_most"]
    said = _("Waivers in force: %(count)d; at most %(most)d are borne.") % {"count": count, "most": most}
    if count <= most:
        return GateResult.passed(said)
    return GateResult.failed(said, rows[0].get_absolute_url())


@condition("components", gettext_lazy("Components are still allowed"), value={"const": "allowed"}, needs_release=True)
def components_allowed(case: Case, asked: Asked) -> GateResult:
    """Everything it uses of others is in the catalogue and allowed for that, today."""
    if case.release is None:
        return GateResult.insufficient(_("There is no release yet."))
    return only_allowed(case.release)


@condition(
    "regions", gettext_lazy("Region is allowed"), needs_release=True,
    value={"type": "array", "minItems": 1, "items": WORD, "uniqueItems": True},
)  # fmt: skip
def region_allowed(case: Case, asked: Asked) -> GateResult:
    """It runs, and fails over, in these regions only."""
    allowed = ", ".join(asked["regions"])
    if case.deployment is None:
        return GateResult.insufficient(_("No region is known before it is deployed; allowed are: %s.") % allowed)
    named = [region for region in (case.deployment.region, case.deployment.failover_region) if region]
    wrong = [region for region in named if region not in asked["regions"]]
    if wrong or not named:
        return GateResult.failed(
            _("“%(region)s” is no region that the policy allows; allowed are: %(allowed)s.")
            % {"region": wrong[0] if wrong else "", "allowed": allowed},
            case.system.get_absolute_url(),
        )
    return GateResult.passed(_("It runs in %s.") % ", ".join(named))


@condition("guardrails", gettext_lazy("Guardrails are part of it"), value={"const": "required"}, needs_release=True)
def guardrails_there(case: Case, asked: Asked) -> GateResult:
    """The release holds an exact version of a guardrail."""
    if case.release is None:
        return GateResult.insufficient(_("There is no release yet."))
    named = [part["name"] for part in case.release.components if part.get("kind") == "guardrail"]
    if named:
        return GateResult.passed(_("Guardrails: %s.") % ", ".join(named))
    place = reverse("version-lineage", args=[case.release.version_id])
    return GateResult.failed(_("No guardrail is among the parts of the release. Link one to the version."), place)


@condition(
    "ran_in", gettext_lazy("It has proved itself before"), value={"enum": list(ENVIRONMENTS)}, more={"days": DAYS},
    needs_release=True,
)  # fmt: skip
def ran_before(case: Case, asked: Asked) -> GateResult:
    """The very release ran in a lower environment for so many days."""
    if case.release is None:
        return GateResult.insufficient(_("There is no release yet."))
    environment, days = asked["ran_in"], asked.get("days", 0)
    runs = Deployment.objects.filter(release=case.release, environment=environment, started_at__isnull=False)
    now = moment.now()
    ran = sum(((run.ended_at or now) - (run.started_at or now) for run in runs), timedelta())
    facts = {"environment": Deployment.Environment(environment).label, "days": days, "ran": ran.days}
    place = case.release.get_absolute_url()
    if not runs:
        return GateResult.insufficient(_("It never ran in the environment “%(environment)s”.") % facts, place)
    said = _("It ran for %(ran)d days in the environment “%(environment)s”; %(days)d are asked for.") % facts
    return (GateResult.passed if ran >= timedelta(days=days) else GateResult.failed)(said, place)


@condition(
    "facts", gettext_lazy("What must be known is said"),
    value={"type": "array", "minItems": 1, "uniqueItems": True, "items": {"enum": TEXTS}},
)  # fmt: skip
def facts_said(case: Case, asked: Asked) -> GateResult:
    """These texts about the system say something."""
    missing = [name for name in asked["facts"] if not str(getattr(case.system, name) or "").strip()]
    if not missing:
        return GateResult.passed(_("All of it is said."))
    labels = [str(getattr(AISystem._meta.get_field(name), "verbose_name", name)) for name in missing]
    return GateResult.failed(
        _("Nothing is said yet on: %s.") % ", ".join(labels), reverse("system-edit", args=[case.system.pk])
    )


@condition("opinion", gettext_lazy("Opinion before the move"), value=DUTY, more={"within_days": DAYS, "before": WORD})
def opinion_given(case: Case, asked: Asked) -> GateResult:
    """The holder of a duty has looked at the system as it is now and has nothing against the move."""
    verb = asked.get("before") or case.at.removeprefix(f"{STAGE}:")
    place = reverse("system-stage", args=[case.system.pk])
    rows = StageOpinion.objects.filter(system=case.system, verb=verb, duty=asked["opinion"])
    newest = rows.order_by("-at").first()
    duty = opinions.duty_label(asked["opinion"])
    if newest is None:
        return GateResult.insufficient(_("“%s” has not given an opinion on this move.") % duty, place)
    if newest.facts_digest != opinions.facts_digest(case.system):
        return GateResult.failed(_("The system was described otherwise when “%s” gave an opinion.") % duty, place)
    days = asked.get("within_days")
    if days is not None and newest.at < moment.now() - timedelta(days=days):
        return GateResult.failed(_("The opinion of “%(duty)s” is older than %(days)d days.") % {
            "duty": duty, "days": days,
        }, place)  # fmt: skip
    said = f"{newest.person}: {newest.reason}"
    return (GateResult.passed if newest.is_favourable else GateResult.failed)(said, place)
