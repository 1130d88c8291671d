"""A lending unit with a row of every kind, and the arguments by which each address of the product leads to one of them."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.db import transaction
from django.test import override_settings
from django.urls import URLPattern, URLResolver, get_resolver
from django.utils import timezone

from rai import actions as checks
from rai.models import CheckRun
from registry import jobs
from registry.actions import (
    artifacts,
    comparisons,
    consumers,
    data_access,
    datasets,
    delegations,
    deployments,
    erasure,
    hearing,
    imports,
    intake,
    inventory,
    labels,
    lists,
    pipeline_steps,
    portfolio,
    questions,
    register_approval,
    registers,
    releases,
    reviews,
    vendor_ends,
    webhooks,
)
from registry.actions.conditions import Asked
from registry.audit import log
from registry.imports import KINDS
from registry.models import AuditEntry, DataUse, Evidence, LaterRun, RoleAssignment, VendorEndMatch
from registry.registers import kind_named
from reports import actions as documents
from reports.audits import actions as desk_actions
from reports.minutes import request_minutes
from reports.packs.actions import request_wide_pack
from reports.schedules import set_schedule
from risk import actions as risks
from risk.actions import erasures, maturity
from tests import factories
from tests.rai.uploads import read_table
from tests.registry import ending, meeting, supply
from tests.registry.data import CARD
from tests.risk import steps, vendor_steps

SOMEWHERE = {
    "uuid": "00000000-0000-4000-8000-000000000000",
    "slug": "some-thing",
    "str": "something",
    "path": "x",
    "int": "999999",
}


@dataclass(frozen=True)
class Address:
    """A URL pattern: its name, its route and the converters of its arguments."""

    name: str
    route: str
    arguments: dict[str, str]

    def url(self, values: dict[str, Any]) -> str:
        """The address with these arguments."""
        url = self.route
        for name, kind in self.arguments.items():
            url = url.replace(f"<{kind}:{name}>" if f"<{kind}:{name}>" in url else f"<{name}>", str(values[name]))
        return "/" + url

    @property
    def anywhere(self) -> str:
        """The address with arguments of the right form that lead to nothing."""
        return self.url({name: SOMEWHERE[kind] for name, kind in self.arguments.items()})


def addresses(under: str = "") -> list[Address]:
    """Every URL pattern of the product whose route begins so, from the resolver itself."""
    return [found for found in walked(get_resolver(), "") if found.route.startswith(under)]


def walked(resolver: URLResolver, before: str) -> list[Address]:
    """The patterns below a resolver."""
    found = []
    for one in resolver.url_patterns:
        route = before + str(one.pattern)
        if isinstance(one, URLPattern):
            kinds = {name: kind_of(converter) for name, converter in one.pattern.converters.items()}
            found.append(Address(one.name or "", route, kinds))
        else:
            found += walked(one, route)
    return found


def kind_of(converter: Any) -> str:
    """How a converter is written in a route."""
    return type(converter).__name__.removesuffix("Converter").lower().replace("string", "str")


def make_world(cast: factories.Cast) -> dict[str, Any]:
    """Rows of every kind in the lending unit, by what the addresses call them."""
    version = factories.make_releasable(cast)
    system = version.home_system
    table = read_table(cast, version)
    asked = {"target": "y", "prediction": "yhat", "sensitive": ["sex"]}
    run = checks.request_check(version, slug="group_fairness", predictions=table, parameters=asked, actor=cast.owner)
    jobs.fail(jobs.claim(CheckRun, run.pk), "Left undone for the sake of this test.")
    limit = checks.propose_baseline(
        system, slug="group_fairness", rule="true_positive_rate_difference<=0.2", actor=cast.risk_officer,
        rationale="A fifth is what the unit has found bearable.",
    )  # fmt: skip
    risk = steps.registered(cast, system)
    dataset = datasets.register_dataset(cast.unit, name="Customers", actor=cast.owner, **CARD)
    data = datasets.register_dataset_version(
        dataset, version="1", hash="sha256:" + "c" * 64, use="training", obtained="collected", actor=cast.owner
    )
    inventory.add_link(version, relation="trained_on", purpose="It is made from them.", target=data, actor=cast.owner)
    lent = make_access(cast, data, system)
    review = releases.submit_for_review(version, notes="First release of the model.", actor=cast.owner)
    entries = AuditEntry.objects.filter(object_id=version.pk).order_by("seq")
    deployment = make_deployment(cast)
    return {
        "entry": entries[0], "erasure": ask_for_erasure(entries[1], cast),
        "unit": cast.unit, "system": system, "model": version.model, "version": version, "dataset": dataset,
        "data": data, "review": review, "release": review.release, "predictions": table, "check": run,
        "evidence": Evidence.objects.filter(version=version).first(), "limit": limit, "plan": make_plan(cast, system, table), "risk": risk,
        "treatment": steps.planned(cast, risk), "assessment": steps.submitted(cast, system),
        "report": documents.request_report(version, kind="compliance", actor=cast.risk_officer),
        "unit_report": documents.request_report_of_unit(cast.unit, actor=cast.auditor),
        "board_pack": documents.request_board_pack(cast.unit, actor=cast.auditor),
        "report_schedule": make_schedule(cast, system),
        "pack": documents.request_pack(version, actor=cast.auditor), "deployment": deployment, **make_desk(cast, system),
        "later_run": make_later_run(cast, deployment.release), "waiver": factories.make_waiver(cast), "webhook": make_webhook(cast),
        **make_artifact(cast), **make_ending(cast, version), **make_found(cast, system),
        "incident": steps.reported(cast, system, is_privacy=True),
        "duty": RoleAssignment.objects.get(person=cast.approver), **make_reclassified(cast),
        **make_supplied(cast, version), "maturity": make_maturity(cast), **make_met(cast), **make_listed(cast, system), **make_entry(cast, system), **lent, **make_said(cast),
    }  # fmt: skip


def make_maturity(cast: factories.Cast) -> Any:
    """An assessment of the unit's maturity that waits for its confirmation."""
    row = maturity.start_maturity(cast.unit, actor=cast.privacy_officer)
    answers = {question.id: next(iter(question.points)) for question in row.form.questions}
    return maturity.answer_maturity(row, answers=answers, actor=cast.privacy_officer)


def make_schedule(cast: factories.Cast, system: Any) -> Any:
    """A report that is made every month for the risk officer."""
    day = timezone.localdate()
    return set_schedule(system, kind="compliance", cadence="monthly", begins_on=day, actor=cast.risk_officer)


def make_desk(cast: factories.Cast, system: Any) -> dict[str, Any]:
    """A request of the auditor to the owner, and a pack of the whole unit."""
    row = desk_actions.add_item(
        RoleAssignment.objects.get(person=cast.auditor), kind="request", title="Show the test set", system=system,
        owner=cast.owner, due_on=date.today() + timedelta(days=30), actor=cast.auditor,
    )  # fmt: skip
    return {"desk_item": row, "unit_pack": request_wide_pack(cast.unit, actor=cast.auditor)}


def make_said(cast: factories.Cast) -> dict[str, Any]:
    """A review with a question to the owner, and an approval that set the owner a condition."""
    review = releases.submit_for_review(
        factories.make_releasable(cast), notes="First release of the model.", actor=cast.owner
    )
    question = questions.say(review, text="Why is it needed?", asked_of=cast.owner, actor=cast.risk_officer)
    due = date.today() + timedelta(days=30)
    slot = reviews.sign_off(
        review, duty="risk_officer", decision="approve_with_conditions", reason="Read; one thing is left to do.",
        seen_digest=review.subject_digest, actor=cast.risk_officer,
        conditions=[Asked("Publish the list of groups.", cast.owner, due)],
    )  # fmt: skip
    return {"question": question, "condition": slot.conditions.get()}


def make_access(cast: factories.Cast, data: Any, system: Any) -> dict[str, Any]:
    """A copy outside production that was asked for, what the data are used for, and a step of their pipeline."""
    step = pipeline_steps.add_step(
        data, name="Collect", code_digest=data.hash, output_digest=data.hash, actor=cast.owner
    )
    row = data_access.request_access(
        data.dataset, system=system, environment="test", people="The offers team", purpose="To try the new offers.",
        ends_on=date.today() + timedelta(days=30), actor=cast.owner,
    )  # fmt: skip
    return {"data_access": row, "data_use": DataUse.objects.filter(data=data).first(), "step": step}


def make_met(cast: factories.Cast) -> dict[str, Any]:
    """A meeting that is planned, one whose minutes are asked for, and a delegation that waits for a second person."""
    planned = meeting.planned(cast)
    items = [meeting.item(cast, planned, title=f"Item {number}") for number in range(3)]
    held = RoleAssignment.objects.get(person=cast.approver)
    today = timezone.localdate()
    asked = delegations.delegate(
        held,
        to_person=cast.auditor,
        starts_on=today,
        ends_on=today + timedelta(days=9),
        reason="Away for a week.",
        actor=cast.approver,
    )
    return {
        "meeting": planned, "agenda_item": items[1], "attendance": meeting.invited(cast, planned, cast.owner),
        "minutes": request_minutes(meeting.closed(cast), actor=cast.auditor),
        "delegation": delegations.accept(asked, actor=cast.auditor),
    }  # fmt: skip


def make_supplied(cast: factories.Cast, version: Any) -> dict[str, Any]:
    """A vendor that was assessed and waits for approval, with what hangs on it, and a comparison to decide."""
    vendor = supply.proposed_vendor(cast)
    supply.assessed(cast, vendor)
    begun = risks.start_vendor_assessment(vendor, use="Drafting of letters by staff.", actor=cast.owner)
    component = supply.proposed_component(cast)
    comparison = comparisons.start_comparison(
        version.home_system, title="Model for letters", need="Drafts of letters.", criteria=["price"], actor=cast.owner
    )
    first, _second = (
        comparisons.add_candidate(comparison, thing=thing, values={}, actor=cast.owner)
        for thing in (component, version)
    )
    return {
        "vendor": vendor, "agreement": supply.agreement(cast, vendor), "component": component,
        "component_use": supply.used(cast, factories.make_version(cast), component), "comparison": comparison,
        "candidate": first, "vendor_assessment": vendor_steps.filled(cast, begun),
    }  # fmt: skip


def make_reclassified(cast: factories.Cast, name: str = "Letters of complaint") -> dict[str, Any]:
    """Data of a higher class, and a version that learned from them and waits for its owner."""
    dataset = datasets.register_dataset(cast.unit, name=name, actor=cast.owner)
    data = datasets.register_dataset_version(
        dataset, version="1", hash="sha256:" + "e" * 64, use="training", actor=cast.owner
    )
    inventory.add_link(
        factories.make_version(cast), relation="trained_on", purpose="To learn from", target=data, actor=cast.owner
    )
    record = risks.reclassify(
        dataset, new_class="confidential", reason="They name what people told us in confidence.", actor=cast.owner
    )
    return {"reclassification": record, "affected": record.affected.get()}


def make_listed(cast: factories.Cast, system: Any) -> dict[str, Any]:
    """A system with tags, a sheet that waits to be entered, and a list that the owner kept."""
    told = f"Sheet of {system},{cast.unit.slug},Sorts letters.,{cast.owner.email},{cast.owner.email},limited\n"
    sheet = "name,unit,purpose,business_owner,technical_owner,risk_tier\n" + told
    return {
        "labels": labels.write_labels(system, tags=["Offer", "pilot"], values={}, actor=cast.owner),
        "import": imports.check_sheet(KINDS["systems"], name="systems.csv", content=sheet.encode(), actor=cast.owner),
        "kept_filter": lists.keep_filter("systems", name=str(system), query="tier=limited", actor=cast.owner),
    }


def make_entry(cast: factories.Cast, system: Any) -> dict[str, Any]:
    """A plan for contingencies of a system that waits for approval, and a runbook that not everybody reads."""
    told = {"scenario": "The vendor does not answer.", "fallback": "Letters are sorted by hand."}
    row = registers.add_entry(
        system, kind=kind_named("contingency_plan"), title=f"Outage at {system}", fields=told, actor=cast.owner
    )
    register_approval.submit_entry(row, actor=cast.owner)
    steps_ = {"trigger": "Nothing answers.", "steps": ["Call the vendor.", "Sort by hand."]}
    registers.add_entry(cast.unit, kind=kind_named("runbook"), title="Outage", fields=steps_, actor=cast.risk_officer)
    report = hearing.receive(
        sort="incident", place="Letters", text="A letter went astray.", system=system, actor=cast.owner
    )
    return {
        "register_entry": row, **make_erasure(cast), "warning": make_warning(cast), "outside_report": report,
    }  # fmt: skip


def make_warning(cast: factories.Cast) -> Any:
    """A weakness of a component that nobody uses."""
    told = {
        "identifier": "CVE-2026-1",
        "component_name": "Parsel",
        "severity": "high",
        "text": "It runs what it reads.",
    }
    return registers.add_entry(
        cast.unit, kind=kind_named("vulnerability"), title="Parsel runs what it reads", fields=told,
        due_on=date(2030, 1, 1), actor=cast.risk_officer,
    )  # fmt: skip


def make_erasure(cast: factories.Cast) -> dict[str, Any]:
    """A request for erasure of which one version was dealt with and waits for somebody who verifies it."""
    dataset = datasets.register_dataset(cast.unit, name=f"Letters {next(factories.numbers)}", actor=cast.owner)
    data = datasets.register_dataset_version(
        dataset, version="1", hash="sha256:" + "f" * 64, use="training", actor=cast.owner
    )
    inventory.add_link(
        factories.make_version(cast), relation="trained_on", purpose="To learn from", target=data, actor=cast.owner
    )
    request = registers.add_entry(
        dataset, kind=kind_named("erasure_request"), title="Case 17", fields={"received_at": "2026-01-01"},
        due_on=date(2030, 1, 1), actor=cast.owner,
    )  # fmt: skip
    registers.move_entry(request, move="begin", reason="The identity is proven.", actor=cast.owner)
    step = request.erasure_steps.get()
    step = erasures.decide_step(step, disposition="accept", reason="One of a hundred thousand.", actor=cast.owner)
    return {"erasure_request": request, "erasure_step": step}


def make_artifact(cast: factories.Cast, name: str = "Greeting") -> dict[str, Any]:
    """A prompt with a draft of a version."""
    artifact = artifacts.register_artifact(cast.unit, name=name, artifact_type="prompt", actor=cast.owner)
    version = artifacts.register_artifact_version(
        artifact, version="1", form="text", content="Answer politely.", actor=cast.owner
    )
    return {"artifact": artifact, "artifact_version": version}


def make_ending(cast: factories.Cast, version: Any) -> dict[str, Any]:
    """A plan with a line that waits for a signature, somebody who uses the version, and a vendor's end that touches it."""
    ending.planned(cast, version)
    ending.done(cast, version, "records_kept")
    content = ending.vendor_list(version)
    vendor_ends.import_list(cast.unit, name="ends.csv", content=content, dry_run=False, actor=cast.owner)
    return {
        "consumer": consumers.register_consumer(version, person=cast.auditor, actor=cast.owner),
        "vendor_match": VendorEndMatch.objects.get(version=version),
    }


def make_found(cast: factories.Cast, system: Any, name: str = "Chat by a vendor") -> dict[str, Any]:
    """A use found outside the inventory, and a system on which another rests."""
    found = intake.note_uses(cast.unit, names=name, source="cost_line", actor=cast.owner)
    below = factories.make_system(cast)
    return {"found_use": found[0], "dependence": portfolio.rest_on(system, rests_on=below, actor=cast.owner)}


def make_plan(cast: factories.Cast, system: Any, table: Any) -> Any:
    """A draft of a test plan with one check, that only needs to be approved."""
    plan = checks.draft_plan(system, actor=cast.owner)
    checks.edit_plan(plan, cadence="monthly", owner=cast.owner, unmeasured="Nothing that we know of.", actor=cast.owner)
    return checks.add_planned_check(
        plan, slug="group_fairness", role="test", reason="Whether either sex is chosen as often.", predictions=table,
        parameters={"target": "y", "prediction": "yhat", "sensitive": ["sex"]}, actor=cast.owner,
    )  # fmt: skip


def ask_for_erasure(entry: AuditEntry, cast: factories.Cast) -> Any:
    """A request that waits for a second person."""
    return erasure.request_erasure(entry, reason="The person asked to be forgotten.", actor=cast.privacy_officer)


@override_settings(WEBHOOK_HOSTS=["hooks.bank.example"])
def make_webhook(cast: factories.Cast) -> Any:
    """A receiver of what happens in the lending unit."""
    return webhooks.add_webhook(
        cast.unit, name="Chat", url="https://hooks.bank.example/", events=[], actor=cast.administrator
    )[0]


def make_later_run(cast: factories.Cast, release: Any) -> LaterRun:
    """A run that failed after a publication and was accepted for a time."""
    row = LaterRun(
        release=release, evidence=factories.make_evidence(cast, release.version, verdict="fail"), consequence="red",
        status=LaterRun.Status.DECIDED, choice=LaterRun.Choice.ACCEPT, decided_by=cast.risk_officer,
        accepted_until=date.today() + timedelta(days=30),
    )  # fmt: skip
    with transaction.atomic():
        row.save()
        log.record(cast.risk_officer, "later_run.decided", row)
    return row


def make_deployment(cast: factories.Cast) -> Any:
    """A published release that runs."""
    review = releases.submit_for_review(
        factories.make_releasable(cast), notes="A release that goes all the way.", actor=cast.owner
    )
    for person, duty in ((cast.risk_officer, "risk_officer"), (cast.approver, "approver")):
        review.refresh_from_db()
        reviews.sign_off(
            review, duty=duty, decision="approve", reason="Read and found sound.", seen_digest=review.subject_digest,
            actor=person,
        )  # fmt: skip
    releases.publish(review.release, reason="Both reviewers agree; marketing waits for it.", actor=cast.publisher)
    return deployments.start_deployment(review.release, environment="pilot", region="eu", actor=cast.publisher)
