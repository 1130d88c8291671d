"""For each record of the vocabulary with a table of its own: what must be there, and the row that a test takes out."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.utils import timezone

from rai import actions as rai_actions
from rai.actions.reported import report_figures
from rai.reported import Figure, Report, Source
from registry import declared
from registry.actions import (
    artifacts,
    deployments,
    inventory,
    meetings,
    minutes,
    people,
    records,
    releases,
    retirement,
    vendors,
)
from reports import actions as reports_actions
from risk import actions as risk_actions
from tests import factories
from tests.registry import data as data_steps, releasing, supply
from tests.risk import steps

REASON = "Read through with the risk officer of the unit."
DAY = date(2031, 5, 1)


@dataclass(frozen=True)
class Story:
    """`begin` makes what the row rests on, `enter` the row by the act of its page; `actor` brings the sheet in."""

    begin: Callable[[Any], Any]
    enter: Callable[[Any, Any], Any]
    actor: str = "owner"


def version(cast: Any) -> Any:
    return factories.make_version(cast)


def system(cast: Any) -> Any:
    return factories.make_system(cast)


def nothing(cast: Any) -> None:
    return None


def registered_system(cast: Any, _none: Any) -> Any:
    return factories.make_system(
        cast, name="=Card offers", is_generative=True, log_retention_days=90, technical_metric="Recall at 0.5"
    )


def registered_version(cast: Any, model: Any) -> Any:
    return inventory.register_version(
        model, version="2.0", artifact=declared.description(f"sha256:{9:064x}", "m.txt"), artifact_name="m.txt",
        media_type=declared.MEDIA_TYPE, provider="In-house", change_note="-1 defect", retirement_date=DAY,
        actor=cast.owner,
    )  # fmt: skip


def linked(cast: Any, ends: Any) -> Any:
    return inventory.add_link(ends[0], relation="trained_on", target=ends[1], purpose=REASON, actor=cast.owner)


def ends(cast: Any) -> Any:
    return version(cast), data_steps.version_of(data_steps.described(cast))


def prompted(cast: Any, _none: Any) -> Any:
    row = artifacts.register_artifact(cast.unit, artifact_type="prompt", name="Greeting", actor=cast.owner)
    return artifacts.register_artifact_version(row, version="1", form="text", content="Say hello.", actor=cast.owner)


def placed(cast: Any, release: Any) -> Any:
    return deployments.start_deployment(
        release, environment="production", region="eu-central", endpoint="https://offers.example", actor=cast.publisher,
        quotas=[{"consumer": "Branch app", "limit": "500 a minute"}], log_store="Archive", log_write_once=True,
    )  # fmt: skip


def assessed_vendor(cast: Any, vendor: Any) -> Any:
    row = risk_actions.start_vendor_assessment(vendor, use="A model behind the chat", actor=cast.owner)
    first = row.form.sections[0].questions[0]
    answer = {"answer": next(iter(first.points), ""), "text": REASON}
    return risk_actions.answer_vendor_assessment(row, answers={first.id: answer}, actor=cast.owner)


def ending(cast: Any, row: Any) -> Any:
    text = "Letters are chosen by the rule on tenure from that day on."
    return retirement.write_plan(
        row, reason=text, plan=text, user_communication=text, data_disposition=text, residual_risks="None.",
        actor=cast.owner,
    )  # fmt: skip


def submitted(cast: Any, row: Any) -> Any:
    return releases.submit_for_review(
        row, notes="What is new.", quality_thresholds="recall at least 0.8", actor=cast.owner,
        clients=[{"client": "Branch app", "versions": "3.1"}],
    )  # fmt: skip


def treated(cast: Any, risk: Any) -> Any:
    return steps.planned(cast, risk, resources="Two people")


def refused(cast: Any) -> Any:
    return factories.make_releasable(cast, verdict="fail")


def proposed_limit(cast: Any, row: Any) -> Any:
    return rai_actions.propose_baseline(
        row, slug="group_fairness", rule="selection_rate_difference<=0.1", rationale=f"{REASON} It is bearable.",
        principle="fairness", baseline_value=0.2, business_kpi="Offers taken up", actor=cast.risk_officer,
    )  # fmt: skip


def drafted_plan(cast: Any, row: Any) -> Any:
    plan = rai_actions.draft_plan(row, actor=cast.owner)
    return rai_actions.edit_plan(
        plan,
        cadence="quarterly",
        owner=cast.owner,
        unmeasured="Nothing.",
        priorities="First the gap.",
        actor=cast.owner,
    )


def figured(cast: Any, row: Any) -> Any:
    report = Report(
        ["performance.field"], timezone.now().replace(microsecond=0) - timedelta(days=2), "nightly job",
        [Source("data", f"sha256:{3:064x}")], Source("nightly job", f"sha256:{4:064x}"),
        [Figure("recall", 0.8, 0.7, 0.9, 1200)],
    )  # fmt: skip
    return report_figures(row, report=report, actor=cast.owner)


def planned_meeting(cast: Any, _none: Any) -> Any:
    return meetings.plan_meeting(
        cast.unit, title="Board, spring", held_on=date.today(), chair=cast.approver, secretary=cast.risk_officer,
        actor=cast.risk_officer,
    )  # fmt: skip


def running_meeting(cast: Any) -> Any:
    row = planned_meeting(cast, None)
    meetings.add_item(row, review=None, title="Opening", note="", is_for_information=True, actor=cast.risk_officer)
    return minutes.start(row, actor=cast.risk_officer)


def decided(cast: Any, meeting: Any) -> Any:
    item = meetings.add_item(
        meeting, review=None, title="Budget", note="For the year", is_for_information=False, actor=cast.risk_officer
    )
    return minutes.record_outcome(
        item, decision="go_with_conditions", rationale="It pays for itself.", conditions="By May.", dissent="One voice",
        actor=cast.risk_officer,
    )  # fmt: skip


def branch(cast: Any, _none: Any) -> Any:
    above = people.add_unit(f"{cast.unit} to people", parent=cast.unit, actor=cast.administrator)
    return people.add_unit(f"{cast.unit} by card", parent=above, actor=cast.administrator)


STORIES: dict[str, Story] = {
    "business_unit": Story(nothing, branch, "administrator"),
    "role_assignment": Story(
        nothing,
        lambda cast, _: people.grant_duty(
            cast.owner, duty="data_steward", unit=cast.unit, ends_on=DAY, actor=cast.administrator
        ),
        "administrator",
    ),
    "ai_system": Story(nothing, registered_system),
    "model_version": Story(factories.make_model, registered_version),
    "model_card": Story(version, factories.fill_card),
    "dataset_version": Story(
        data_steps.described, lambda cast, data: data_steps.version_of(data, licence="CC-BY-4.0", synthetic_share=0.25)
    ),
    "lineage_link": Story(ends, linked),
    "artifact_version": Story(nothing, prompted),
    "component": Story(supply.proposed_vendor, lambda cast, vendor: supply.proposed_component(
        cast, vendor=vendor, uses=["internal", "decisions"], data_classes=["public"], regions=["eu", "ch"])),
    "deployment": Story(releasing.served, placed, "publisher"),
    "vendor": Story(nothing, lambda cast, _: supply.proposed_vendor(cast)),
    "vendor_assessment": Story(supply.proposed_vendor, assessed_vendor),
    "agreement": Story(supply.proposed_vendor, lambda cast, vendor: vendors.add_agreement(
        vendor, title="Terms", kind="contract", terms_date=date(2026, 3, 1), sla="A day", actor=cast.owner)),
    "retirement_plan": Story(version, ending),
    "release": Story(factories.make_submittable, submitted),
    "risk": Story(system, lambda cast, row: steps.registered(cast, row, benefit_note="@home in time")),
    "risk_treatment": Story(lambda cast: steps.registered(cast, system(cast)), treated),
    "pia": Story(system, steps.answered),
    "incident": Story(system, lambda cast, row: steps.reported(
        cast, row, detected_at=timezone.now().replace(microsecond=0) - timedelta(hours=2), near_miss=True)),
    "exception": Story(refused, factories.make_waiver),
    "reclassification": Story(lambda cast: data_steps.described(cast, classification="internal"), lambda cast, data: (
        risk_actions.reclassify(data, new_class="restricted", reason=REASON, actor=cast.risk_officer)), "risk_officer"),
    "metric_baseline": Story(system, proposed_limit, "risk_officer"),
    "test_plan": Story(system, drafted_plan),
    "monitoring_plan": Story(system, drafted_plan),
    "monitor_observation": Story(version, figured),
    "gate_evaluation": Story(
        lambda cast: releases.submit_for_review(
            factories.make_submittable(cast), notes="What is new.", actor=cast.owner
        ).release,
        lambda cast, release: records.ask_gates(release, actor=cast.owner),
    ),
    "report": Story(version, lambda cast, row: reports_actions.request_report(row, kind="compliance", actor=cast.owner)),
    "evidence_pack": Story(version, lambda cast, row: reports_actions.request_pack(row, actor=cast.risk_officer),
                           "risk_officer"),
    "board_meeting": Story(nothing, planned_meeting, "risk_officer"),
    "board_decision": Story(running_meeting, decided, "risk_officer"),
}  # fmt: skip
