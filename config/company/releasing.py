"""Brings each system to its stage: privacy and risk, a waiver where a check is missing, review, publication, the end."""

from datetime import timedelta
from pathlib import Path

import yaml
from django.utils import timezone

from config.company.story import Company, Story
from registry.actions import deployments, endings, releases, retirement, reviews, stages, waivers
from registry.models import Deployment, Release, Review, SignOff, User
from registry.retirement import readiness
from risk import actions as risks
from risk.questionnaires import Reply

# The answers to the privacy questions are those of the demo's story.
ANSWERS = Path(__file__).parent.parent / "story.yaml"
# Who decides in which duty, in the order of the slots.
DECIDERS = {
    "risk_officer": ("second_risk",),
    "privacy_officer": ("privacy",),
    "approver": ("approver", "second_approver"),
}
REGIONS = {"china": "cn-east", "shanghai": "cn-east", "shenzhen": "cn-south"}


def bring_to_stage(company: Company, story: Story) -> None:
    """Every act that lies between a draft and the stage; nothing where the stage has no version yet."""
    if story.stage == "assessment":
        stages.move_system(story.system, verb="assess", reason=story.words["moved"], actor=story.system.technical_owner)
    if story.row is None or story.stage == "development":
        return
    stages.move_system(story.system, verb="validate", reason=story.words["moved"], actor=story.system.technical_owner)
    assess(company, story)
    if story.told.get("people") and story.told["tier"] == "high" and story.stage != "validation":
        waive_explanation(company, story)
    review = releases.submit_for_review(
        story.version, notes=story.say(story.words["notes"]), quality_thresholds=story.words["thresholds"],
        actor=story.system.technical_owner,
    )  # fmt: skip
    if story.stage == "validation":
        return
    decide(company, story, review)
    release = Review.objects.get(pk=review.pk).release
    releases.publish(release, reason=story.words["published"], actor=company.people["publisher"])
    deploy(company, story, release)
    if story.stage == "suspended":
        stages.move_system(story.system, verb="suspend", reason=story.words["stopped"], actor=company.people["risk"])
    if story.stage == "retired":
        retire(company, story, release)


def assess(company: Company, story: Story) -> None:
    """A risk on the register, and the privacy impact assessment where personal data is processed."""
    system, owner = story.system, story.system.technical_owner
    risks.register_risk(
        system, title=story.words["risk"], component="output", category="fairness", owner=owner,
        likelihood=company.draw.randrange(2, 4), impact=2, actor=company.people["risk"],
    )  # fmt: skip
    if not system.processes_personal_data:
        return
    told = yaml.safe_load(ANSWERS.read_text(encoding="utf-8"))["assessment"]["answers"]
    assessment = risks.start_assessment(system, actor=owner)
    risks.save_answers(assessment, answers={key: Reply(**reply) for key, reply in told.items()}, actor=owner)
    risks.submit_assessment(assessment, actor=owner)
    risks.approve_assessment(assessment, opinion=story.words["decided"], actor=company.people["privacy"])


def waive_explanation(company: Company, story: Story) -> None:
    """The predictions were computed elsewhere, so no explanation can be; the policy lets that pass for a while."""
    waiver = waivers.request_waiver(
        story.version, gate="evidence", check="explain.global_attribution", reason=story.words["notes"][:80],
        compensating_controls=story.system.human_oversight_design, owner=story.system.technical_owner,
        expires_on=timezone.localdate() + timedelta(days=28), actor=story.system.technical_owner,
    )  # fmt: skip
    waivers.accept_waiver(waiver, reason=story.words["decided"], actor=company.people["second_approver"])


def decide(company: Company, story: Story, review: Review) -> None:
    """Every sign-off that the policy asks for, each by another person."""
    for slot in SignOff.objects.waiting().filter(review=review).order_by("stage", "duty", "ordinal"):
        review = Review.objects.get(pk=review.pk)
        reviews.sign_off(
            review, duty=slot.duty, decision="approve", reason=story.words["decided"],
            seen_digest=review.subject_digest, actor=decider(company, slot),
        )  # fmt: skip


def decider(company: Company, slot: SignOff) -> User:
    """Who decides in this slot; the ordinal counts the slots of one duty from 1."""
    return company.people[DECIDERS[slot.duty][slot.ordinal - 1]]


def deploy(company: Company, story: Story, release: Release) -> Deployment:
    """The running instance, which moves the system to pilot or production."""
    environment = "pilot" if story.stage == "pilot" else "production"
    region = REGIONS.get(story.told["unit"], "eu-central")
    return deployments.start_deployment(
        release, environment=environment, region=region, actor=company.people["publisher"],
        endpoint=f"https://models.heron.example/{story.system.slug}",
    )  # fmt: skip


def retire(company: Company, story: Story, release: Release) -> None:
    """Deprecated by the owner, stopped, and retired by a member of the board."""
    reason: str = story.words["retired"]
    endings.deprecate(release, reason=reason, actor=story.system.technical_owner)
    for running in Deployment.objects.running().filter(release=release):
        deployments.stop_deployment(running, reason=reason, actor=company.people["publisher"])
    prepare_end(company, story, shown_by=reason)
    endings.retire(Release.objects.get(pk=release.pk), reason=reason, actor=company.people["approver"])
    stages.move_system(story.system, verb="retire", reason=reason, actor=story.system.technical_owner)


def prepare_end(company: Company, story: Story, *, shown_by: str) -> None:
    """A plan, and each line that the registry cannot see for itself done by the owner and signed by a risk officer."""
    owner = story.system.technical_owner
    retirement.write_plan(story.version, **story.words["plan"], actor=owner)
    for each in readiness.checklist(story.version):
        if not each.is_closed:
            item = retirement.do_line(story.version, key=each.line.id, evidence=shown_by, actor=owner)
            retirement.sign_line(item, actor=company.people["risk"])
