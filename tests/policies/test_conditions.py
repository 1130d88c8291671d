"""The conditions of a policy at each moment: answered with reason, evidence and place; unknown is no; kept at the act."""

from datetime import date, timedelta

import pytest
from django.utils import timezone

from registry import gates, policy
from registry.actions import components, deployments, intake as entering, policies, releases, stages, waivers
from registry.errors import GateClosed, NotAllowed
from registry.models import AuditEntry, Duty, GateRecord, Release, Stage
from registry.release_gates import preview
from tests import factories
from tests.policies import writing
from tests.registry import releasing, supply

pytestmark = pytest.mark.django_db
WHY = "It is time for it, as the board sees it."
CHECK = "fairness.group_metrics"
OUTCOME = {
    "verdict": "pass",
    "thresholds": [{"rule": releasing.RULE, "value": 0.04, "low": 0.01, "high": 0.08, "verdict": "pass"}],
    "overall": {"metrics": {"accuracy": {"value": 0.8, "low": 0.75, "high": 0.85}}},
    "groups": [
        {"group": {"sex": "f"}, "metrics": {"accuracy": {"value": 0.7, "low": 0.6, "high": 0.8}}},
        {"group": {"sex": "m"}, "metrics": {"accuracy": {"value": 0.9, "low": 0.8, "high": None}}},
    ],
    "disparities": [{"by": ["sex"], "metric": "false_positive_rate", "difference": 0.05, "pairs": [
        {"difference": {"value": -0.05, "low": -0.12, "high": 0.02}}]}],
}  # fmt: skip


def measured(cast, **changes):
    """A version whose frozen run holds the outcome above."""
    version = factories.make_releasable(cast)
    factories.make_evidence(cast, version, outcome=OUTCOME, **changes)
    return version


def said(version, slug="condition:check", at="release"):
    """The answer of one condition about a version before it is submitted."""
    return next(found for found in gates.evaluate(preview(version), at) if found.slug == slug)


METRICS = [
    ({"verdict": "pass"}, "passed"),
    ({"metric": "selection_rate_difference", "at_most": 0.05}, "passed"),
    ({"metric": "selection_rate_difference", "at_most": 0.03}, "failed"),
    ({"metric": "selection_rate_difference", "bound": "high", "at_most": 0.05}, "failed"),
    ({"metric": "selection_rate_difference", "bound": "high", "at_most": 0.08}, "passed"),
    ({"metric": "accuracy", "at_least": 0.8}, "passed"),
    ({"metric": "accuracy", "bound": "low", "at_least": 0.8}, "failed"),
    ({"metric": "accuracy", "group": "every", "at_least": 0.7}, "passed"),
    ({"metric": "accuracy", "group": "every", "at_least": 0.75}, "failed"),
    ({"metric": "accuracy", "group": {"sex": "m"}, "at_least": 0.75}, "passed"),
    ({"metric": "accuracy", "group": {"sex": "x"}, "at_least": 0.1}, "insufficient"),
    ({"metric": "accuracy", "group": {"sex": "m"}, "bound": "high", "at_least": 0.1}, "insufficient"),
    ({"metric": "false_positive_rate_difference", "at_most": 0.06}, "passed"),
    ({"metric": "false_positive_rate_difference", "bound": "high", "at_most": 0.11}, "failed"),
    ({"metric": "precision", "at_least": 0.1}, "insufficient"),
    ({"fresh_days": 30}, "passed"),
]


def test_a_condition_on_a_metric_reads_the_figure_or_its_bound_and_unknown_is_no(cast, monkeypatch):
    """E: structured conditions over evidence: metric, bound of the interval, group; unknown is no."""
    version = measured(cast)
    for asked, result in METRICS:
        writing.asks(monkeypatch, {"check": CHECK, **asked})
        found = said(version)
        assert (found.result, found.is_open) == (result, result == "passed"), (asked, found.reason)
        assert found.reason and found.place and found.evidence


def test_a_run_that_is_older_than_the_policy_lets_it_be_closes_the_gate(cast, monkeypatch):
    version = measured(cast, effective_at=timezone.now() - timedelta(days=40))
    newest = version.evidence.order_by("-received_at").first()
    version.evidence.exclude(pk=newest.pk)._raw_delete(using="default")
    writing.asks(monkeypatch, {"check": CHECK, "fresh_days": 30})
    assert said(version).result == "failed"
    writing.asks(monkeypatch, {"check": CHECK, "fresh_days": 50})
    assert said(version).result == "passed"


def test_a_check_that_nobody_ran_is_unknown_hence_no(cast, monkeypatch):
    writing.asks(monkeypatch, {"check": "explain.global_attribution", "verdict": "recorded"})
    found = said(factories.make_releasable(cast))
    assert found.result == "insufficient" and "Run it" in found.reason and found.place


def test_a_condition_of_an_app_that_is_gone_is_unknown_hence_no(cast, monkeypatch):
    version = factories.make_releasable(cast)
    writing.asks(monkeypatch, {"baselines": "approved"})
    monkeypatch.delitem(gates.conditions.KINDS, "baselines")
    answers = [found for found in gates.evaluate(preview(version)) if found.slug.startswith("condition:")]
    assert [found.result for found in answers] == ["insufficient"]


def test_a_system_without_figures_for_a_required_principle_is_not_approved(cast, monkeypatch):
    """S-119: limits are tied to principles; S-120: without figures for a required principle nothing is approved."""
    version = measured(cast)
    writing.asks(monkeypatch, {"principles": ["fairness"], "at": "release"})
    assert said(version, "condition:principles").result == "passed"
    writing.asks(monkeypatch, {"principles": ["fairness", "accuracy"], "at": "release"})
    found = said(version, "condition:principles")
    assert found.result == "insufficient" and "Accuracy" in found.reason
    review = releases.submit_for_review(version, notes="A release.", actor=cast.owner)
    with pytest.raises(GateClosed, match="Accuracy"):
        releasing.decide(cast, review)
    limit = factories.make_limit(cast, version.home_system, rule="accuracy_difference<=0.2")
    limit.refresh_from_db()
    limit.principle = "accuracy"
    with_figure = {**OUTCOME["thresholds"][0], "rule": limit.rule}
    limit.save()
    assert said(version, "condition:principles").result == "insufficient", "a limit without a figure is no figure"
    factories.make_evidence(cast, version, outcome=OUTCOME | {"thresholds": [*OUTCOME["thresholds"], with_figure]})
    fresh = Release(system=version.home_system, version=version, card=version.card)
    assert next(one for one in gates.evaluate(fresh) if one.slug == "condition:principles").result == "passed"


def test_answers_are_kept_at_publication_with_policy_person_and_entry_in_the_log(cast, monkeypatch):
    """E: stored at decision time."""
    writing.asks(monkeypatch, {"at": "publication", "risks": {"level": "high", "at_most": 0}})
    release = releasing.published(cast)
    kept = GateRecord.objects.get(release=release, moment="publication")
    assert {row["gate"] for row in kept.results} == {*gates.GATES, "condition:risks"}
    assert all(row["result"] in {"passed", "waived"} and row["reason"] for row in kept.results)
    assert (kept.actor, kept.policy_digest) == (cast.publisher, release.review.policy_digest)
    assert AuditEntry.objects.filter(action="gates.recorded", object_id=kept.pk).exists()


def test_what_a_gate_answered_at_a_decision_stands_on_the_pages(cast, monkeypatch, client):
    writing.asks(monkeypatch, {"at": "deployment", "components": "allowed"})
    release = releasing.published(cast)
    running = deployments.start_deployment(release, environment="pilot", region="eu", actor=cast.publisher)
    client.force_login(cast.auditor)
    for url in (release.get_absolute_url(), running.get_absolute_url()):
        page = client.get(url).content.decode()
        assert "Gates at the decision" in page and release.review.policy_digest[:15] in page


def test_a_closed_condition_stops_the_deployment_and_keeps_nothing(cast, monkeypatch):
    """S-025: a closed gate stops the move."""
    writing.asks(monkeypatch, {"at": "deployment:production", "regions": ["eu-central"]})
    release = releasing.published(cast)
    deployments.start_deployment(release, environment="pilot", region="us-east", actor=cast.publisher)
    with pytest.raises(GateClosed, match="us-east"):
        deployments.start_deployment(release, environment="production", region="us-east", actor=cast.publisher)
    assert not GateRecord.objects.filter(moment="deployment:production").exists()
    deployments.start_deployment(release, environment="production", region="eu-central", actor=cast.publisher)
    assert GateRecord.objects.get(moment="deployment:production").release == release


def test_only_an_exception_with_an_end_in_the_log_opens_a_closed_condition(cast, monkeypatch):
    """S-025: only a logged exception with an end opens a closed gate."""
    slug = "condition:ran_in"
    writing.asks(
        monkeypatch, {"at": "deployment:production", "ran_in": "staging", "days": 3},
        waivers={"gates": [slug], "most_days": 30},
    )  # fmt: skip
    release = releasing.published(cast)
    with pytest.raises(GateClosed, match="never ran"):
        deployments.start_deployment(release, environment="production", region="eu", actor=cast.publisher)
    waiver = factories.make_waiver(cast, release.version, gate=slug, check="")
    factories.accept_waiver(cast, waiver)
    assert AuditEntry.objects.filter(action="waiver.approved", object_id=waiver.pk).exists()
    assert gates.answer(slug, release).result == "waived"
    waivers.end_waiver(waiver, reason=WHY, actor=cast.risk_officer)
    assert gates.answer(slug, release).result == "insufficient"


def test_a_move_to_production_meets_the_criteria_of_its_application(cast, monkeypatch):
    """S-024: promotion to a higher environment passes a gate with criteria of its application."""
    strict, free = releasing.published(cast), releasing.published(cast)
    source = writing.text(lambda body: body.update(
        systems={strict.system.slug: {"gates": [{"at": "deployment:production", "ran_in": "staging", "days": 3}]}}
    ))  # fmt: skip
    found = writing.reading.read(source, people=False)
    body = {**found.body, "number": 1}
    monkeypatch.setattr(policy, "document", lambda: body)
    for release in (strict, free):
        monkeypatch.setattr(release.review, "policy", policy.of_system(release.system).body)
    at = f"{gates.DEPLOYMENT}:production"
    asked = [one.slug for one in gates.evaluate(strict, at)]
    assert "condition:ran_in" in asked and "condition:ran_in" not in [one.slug for one in gates.evaluate(free, at)]
    ran = next(one for one in gates.evaluate(strict, at) if one.slug == "condition:ran_in")
    assert ran.result == "insufficient" and "Staging" in ran.reason
    running = deployments.start_deployment(strict, environment="staging", region="eu", actor=cast.publisher)
    ran = next(one for one in gates.evaluate(strict, at) if one.slug == "condition:ran_in")
    assert ran.result == "failed" and "0 days" in ran.reason
    running.started_at -= timedelta(days=3)
    running.save()
    ran = next(one for one in gates.evaluate(strict, at) if one.slug == "condition:ran_in")
    assert ran.result == "passed"


def test_a_component_outside_the_catalogue_closes_publication_and_deployment(cast, monkeypatch):
    """S-009, S-010: the catalogue says what is allowed for which uses; what is outside of it closes the gate."""
    writing.asks(monkeypatch, {"at": ["deployment"], "components": "allowed"})
    component = supply.approved_component(cast)
    version = factories.make_releasable(cast, has_vendor_component=True)
    supply.used(cast, version, component)
    release = releasing.published(cast, version)
    running = deployments.start_deployment(release, environment="pilot", region="eu", actor=cast.publisher)
    assert "condition:components" in [row["gate"] for row in GateRecord.objects.get(subject_id=running.pk).results]
    component.refresh_from_db()
    components.forbid_component(component, reason=WHY, actor=cast.risk_officer)
    with pytest.raises(GateClosed, match="not approved"):
        deployments.start_deployment(release, environment="pilot", region="us", actor=cast.publisher)


def test_law_and_rules_are_looked_at_before_development_begins(cast, client):
    """S-046: legal and compliance risk is reviewed before development, from the high tier on."""
    legal = factories.invite("legal", "Lara Legal", Duty.LEGAL_COMPLIANCE, cast.unit, cast.administrator)
    system = factories.make_system(cast, risk_tier="high")
    system.lifecycle_stage = Stage.ASSESSMENT
    system.save()

    def develop():
        return stages.move_system(system, verb="develop", reason=WHY, actor=cast.owner)

    with pytest.raises(GateClosed, match="Legal and compliance"):
        develop()
    with pytest.raises(NotAllowed):
        policies.give_opinion(
            system, verb="develop", duty="legal_compliance", is_favourable=True, reason=WHY, actor=cast.risk_officer
        )
    given = {
        "verb": "develop",
        "duty": "legal_compliance",
        "is_favourable": "no",
        "reason": "The law is not named yet.",
    }
    client.force_login(legal)
    assert client.get(f"/systems/{system.pk}/opinion/").status_code == 200
    assert client.post(f"/systems/{system.pk}/opinion/", given).status_code == 302
    with pytest.raises(GateClosed, match="The law is not named yet"):
        develop()
    policies.give_opinion(system, verb="develop", duty="legal_compliance", is_favourable=True, reason=WHY, actor=legal)
    system.refresh_from_db()
    system.purpose += " It also decides on limits."
    system.save()
    with pytest.raises(GateClosed, match="described otherwise"):
        develop()
    policies.give_opinion(system, verb="develop", duty="legal_compliance", is_favourable=True, reason=WHY, actor=legal)
    assert develop().lifecycle_stage == Stage.DEVELOPMENT
    kept = GateRecord.objects.get(moment="stage:develop")
    assert (kept.system, kept.release, kept.results[0]["gate"]) == (system, None, "condition:opinion")
    assert "Opinion before the move" in client.get(system.get_absolute_url()).content.decode()


def test_low_tiers_begin_development_without_an_opinion(cast):
    system = factories.make_system(cast)
    system.lifecycle_stage = Stage.ASSESSMENT
    system.save()
    assert stages.move_system(system, verb="develop", reason=WHY, actor=cast.owner).lifecycle_stage == "development"


def test_intake_asks_what_the_policy_asks_of_a_new_system(cast, monkeypatch):
    """E: gates at intake."""
    for tier in policy.shipped()["tiers"]:
        writing.asks(monkeypatch, {"at": "intake", "facts": ["stop_mechanism"]}, tier=tier)
        system = factories.make_system(cast, risk_tier=tier)
        with pytest.raises(GateClosed, match="how it is stopped"):
            gates.require_open(system, at=gates.INTAKE, actor=cast.owner)
        system.stop_mechanism = "A switch on the page of the list."
        gates.require_open(system, at=gates.INTAKE, actor=cast.owner)
    assert GateRecord.objects.filter(moment="intake").count() == 4
    assert entering.gates is gates


KINDS = [
    ({"risks": {"level": "medium", "at_most": 0}}, "failed"),
    ({"risks": {"level": "high", "at_most": 0}}, "passed"),
    ({"assessment": "pia"}, "insufficient"),
    ({"waivers": {"at_most": 0}}, "passed"),
    ({"card_completeness": 1.0}, "passed"),
    ({"guardrails": "required"}, "failed"),
    ({"regions": ["eu"]}, "insufficient"),
    ({"baselines": "approved"}, "passed"),
    ({"incidents": {"at_most": 0}}, "passed"),
    ({"ran_in": "pilot"}, "insufficient"),
    ({"facts": ["purpose"]}, "passed"),
]


def test_every_kind_of_condition_answers_with_a_reason(cast, monkeypatch):
    version = factories.make_releasable(cast)
    for asked, result in KINDS:
        writing.asks(monkeypatch, asked)
        [found] = [one for one in gates.evaluate(preview(version)) if one.slug.startswith("condition:")]
        assert (found.result, bool(found.reason), bool(found.title)) == (result, True, True), (asked, found)


def test_conditions_are_asked_of_the_systems_that_they_name_and_at_their_moments(cast, monkeypatch):
    writing.asks(
        monkeypatch, {"at": "publication", "risks": {"level": "low", "at_most": 0}},
        {"at": "release", "facts": ["stop_mechanism"], "when": "is_agentic"},
    )  # fmt: skip
    plain, agentic = factories.make_releasable(cast), factories.make_releasable(cast, is_agentic=True)

    def slugs(version, at):
        return [one.slug for one in gates.evaluate(preview(version), at) if one.slug.startswith("condition:")]

    assert slugs(plain, "release") == [] and slugs(agentic, "release") == ["condition:facts"]
    assert slugs(plain, "publication") == ["condition:risks"]


def test_waivers_beyond_what_the_policy_bears_close_the_gate(cast, monkeypatch):
    writing.asks(monkeypatch, {"waivers": {"at_most": 0}})
    waiver = factories.make_waiver(cast, expires_on=date.today() + timedelta(days=30))
    factories.accept_waiver(cast, waiver)
    found = said(waiver.version, "condition:waivers")
    assert found.result == "failed" and found.place == waiver.get_absolute_url()
