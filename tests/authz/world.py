"""A lending unit with a row of every kind, and the arguments by which each address of the product leads to one of them."""

from dataclasses import dataclass
from typing import Any

from django.urls import URLPattern, URLResolver, get_resolver

from rai import actions as checks
from rai.models import CheckRun
from registry import jobs
from registry.actions import deployments, erasure, inventory, releases, reviews
from registry.models import AuditEntry, Evidence, RoleAssignment
from reports import actions as documents
from tests import factories
from tests.rai.uploads import read_table
from tests.risk import steps

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
    dataset = inventory.register_dataset(cast.unit, name="Customers", actor=cast.owner)
    data = inventory.register_dataset_version(
        dataset, version="1", hash="sha256:" + "c" * 64, use="training", actor=cast.owner
    )
    inventory.add_link(version, relation="trained_on", target=data, actor=cast.owner)
    review = releases.submit_for_review(version, notes="First release of the model.", actor=cast.owner)
    entries = AuditEntry.objects.filter(object_id=version.pk).order_by("seq")
    return {
        "entry": entries[0], "erasure": ask_for_erasure(entries[1], cast),
        "unit": cast.unit, "system": system, "model": version.model, "version": version, "dataset": dataset,
        "data": data, "review": review, "release": review.release, "predictions": table, "check": run,
        "evidence": Evidence.objects.filter(version=version).first(), "limit": limit, "plan": make_plan(cast, system, table), "risk": risk,
        "treatment": steps.planned(cast, risk), "assessment": steps.submitted(cast, system),
        "report": documents.request_report(version, kind="compliance", actor=cast.risk_officer),
        "pack": documents.request_pack(version, actor=cast.auditor), "deployment": make_deployment(cast), "waiver": factories.make_waiver(cast),
        "incident": steps.reported(cast, system, is_privacy=True),
        "duty": RoleAssignment.objects.get(person=cast.approver),
    }  # fmt: skip


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
