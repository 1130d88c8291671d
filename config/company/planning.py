"""What is planned and followed up: a plan of tests, a risk that is treated, data in a higher class, and what an auditor reads."""

from datetime import timedelta

from django.utils import timezone

from config.company.evidence import COLUMNS
from config.company.story import Company, Story, texts
from rai import actions as checks
from rai.models import Predictions, TestPlan
from registry.models import AISystem, Job, Release
from reports import actions as documents
from risk import actions as risks
from risk.models import Risk


def request_documents(company: Company) -> list[Job]:
    """A report and an evidence pack of the first release for the auditor, once there is one; the worker builds them."""
    release, auditor = Release.objects.order_by("created_at").first(), company.people["auditor"]
    if release is None:
        return []
    return [
        documents.request_report(release.version, kind="model_card", actor=auditor),
        documents.request_pack(release.version, actor=auditor),
    ]


def plan_ahead(company: Company, stories: list[Story]) -> None:
    """All that people plan, on the systems that the file names."""
    told, by_name = texts()["planning"], {story.told["name"]: story for story in stories}
    plan_tests(company, by_name[told["tests"]["system"]].system)
    treat(company, by_name[told["treatment"]["system"]].system)
    raised = told["raised"]
    data = company.datasets[raised["data"]][0].dataset
    risks.reclassify(data, new_class=raised["class"], reason=raised["reason"], actor=data.steward)


def plan_tests(company: Company, system: AISystem) -> None:
    """A plan with the check that the release rests on, approved by a risk officer who wrote none of it."""
    told, writer = texts()["planning"]["tests"], company.people["second_risk"]
    table = Predictions.objects.get(version__model__system=system)
    plan = checks.draft_plan(system, actor=writer)
    plan = checks.edit_plan(plan, cadence=plan.cadence, owner=plan.owner, actor=writer, **told["texts"])
    plan = checks.add_planned_check(
        plan, slug="group_fairness", role=table.role, reason=told["reason"], predictions=table, parameters=COLUMNS,
        actor=writer,
    )  # fmt: skip
    checks.propose_plan(plan, actor=writer)
    checks.approve_plan(TestPlan.objects.get(pk=plan.pk), reason=told["approved"], actor=company.people["risk"])


def treat(company: Company, system: AISystem) -> None:
    """What is done about the first risk of a system."""
    told = texts()["planning"]["treatment"]
    risks.treat_risk(
        Risk.objects.filter(system=system).order_by("created_at")[0], option="mitigate", plan=told["plan"],
        owner=system.technical_owner, due_on=timezone.localdate() + timedelta(days=45), resources=told["resources"],
        actor=company.people["risk"],
    )  # fmt: skip
