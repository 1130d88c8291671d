"""Vendors with their assessments, agreements and components, and the artefacts of generative systems."""

from datetime import date, timedelta
from typing import Any

from django.utils import timezone

from config.company.story import Company, Story, texts
from registry.actions import artifacts, components, inventory, vendors
from registry.models import BusinessUnit, User, Vendor
from risk import actions as risks, questionnaires

CLASSES = ("public", "internal", "confidential")


def settle_vendors(company: Company) -> None:
    """Each vendor proposed by one risk officer and let in by another, then what of theirs may be used."""
    root = BusinessUnit.objects.get(parent=None)
    proposer, decider = company.people["second_risk"], company.people["risk"]
    for told in texts()["vendors"]:
        vendor = vendors.propose_vendor(
            root, name=told["name"], services=told["services"], criticality="medium", actor=proposer
        )
        assess(vendor, proposer, decider)
        vendors.approve_vendor(
            Vendor.objects.get(pk=vendor.pk), reason=texts()["vendor_answers"]["reason"], actor=decider
        )
        agree(vendor, proposer)
        for each in told["components"]:
            component = components.propose_component(
                root, vendor=Vendor.objects.get(pk=vendor.pk), provider=told["name"], name=each["name"],
                version=each["version"], family=each["family"], component_type=each["kind"], criticality="medium", actor=proposer,
                released_on=day(-each["age"]), end_of_life=day(each["end"]), licence="Commercial",
            )  # fmt: skip
            components.approve_component(
                component, reason=texts()["vendor_answers"]["reason"], actor=decider, uses=["internal", "development"],
                data_classes=list(CLASSES), valid_until=day(365),
            )  # fmt: skip
            company.components[f"{each['name']} {each['version']}"] = component


def day(days: int) -> date:
    """So many days from today."""
    return timezone.localdate() + timedelta(days=days)


def assess(vendor: Vendor, filler: User, decider: User) -> None:
    """The questionnaire about a vendor, answered in full and accepted."""
    told = texts()["vendor_answers"]
    assessment = risks.start_vendor_assessment(vendor, use=told["use"], actor=filler)
    while gaps := questionnaires.gaps(assessment.form, assessment.replies()):
        given = {gap.question.id: reply(gap.question.id, gap.question.type, told) for gap in gaps}
        assessment = risks.answer_vendor_assessment(assessment, answers=given, actor=filler)
    risks.submit_vendor_assessment(assessment, actor=filler)
    risks.decide_vendor_assessment(
        assessment, result="accepted", reason=told["reason"], valid_until=day(365), actor=decider
    )


def reply(question: str, kind: str, told: dict[str, Any]) -> questionnaires.Reply:
    """What the file says of a question, or the answer that any question of its kind takes."""
    answer = told["choices"].get(question, "mostly") if kind == "choice" else ""
    return questionnaires.Reply(answer=answer, text=told["text"])


def agree(vendor: Vendor, actor: User) -> None:
    """Terms of service, read for a year."""
    agreement = vendors.add_agreement(
        vendor, title=f"{vendor.name}: terms", kind="terms_of_service", terms_version="2026-06",
        terms_date=day(-150), actor=actor,
    )  # fmt: skip
    vendors.read_terms(agreement, reason=texts()["vendor_answers"]["reason"], review_due=day(300), actor=actor)


def build_on(company: Company, story: Story) -> None:
    """What a system uses of a vendor, and a prompt and a guardrail where it generates."""
    actor = story.system.technical_owner
    if "base" in story.told:
        components.add_use(
            story.system, component=company.components[story.told["base"]], use="internal", data_class="internal",
            actor=actor,
        )  # fmt: skip
    if story.row is None or not story.told.get("generative"):
        return
    for kind, content in texts()["artifacts"].items():
        artifact = artifacts.register_artifact(
            story.system.unit, artifact_type=kind, name=f"{story.system.name}: {kind}", actor=actor
        )
        row = artifacts.register_artifact_version(
            artifact, version="1.0", form="text", content=content[story.told.get("lang", "en")], actor=actor
        )
        inventory.add_link(story.version, relation="generated_by", target=row, actor=actor)
