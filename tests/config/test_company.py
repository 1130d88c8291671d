"""The company of forty systems: built by the actions of the product, with a worker that computes its checks."""

import io
import re
from collections import Counter

import pytest
from django.core.management import call_command
from pypdf import PdfReader

from config import company
from config.company.evidence import waited
from registry.errors import NotAllowed
from registry.lists import LISTS
from registry.models import (
    AISystem,
    BusinessUnit,
    ComponentUse,
    Condition,
    Evidence,
    Question,
    Release,
    ReviewPolicy,
    RolloutStep,
    SignOff,
    Stage,
    Tier,
    User,
    Waiver,
)
from registry.policies import reading
from registry.policies.dry_run import dry_run
from reports import actions
from tests.config import brute_force

SAID: list[str] = []


@pytest.mark.real
@pytest.mark.timeout(600)
@pytest.mark.django_db(transaction=True)
def test_forty_systems_in_all_tiers_and_stages_and_two_languages_fill_every_list(worker, client):
    """D: every list has rows, every release went through its gates, and the log of it all agrees."""
    company.build(say=SAID.append)
    systems = list(AISystem.objects.all())
    assert len(systems) == 40
    assert set(Counter(system.risk_tier for system in systems)) == set(Tier.values)
    assert set(Counter(system.lifecycle_stage for system in systems)) >= set(Stage.values) - {Stage.SUSPENDED}
    assert sum(any("\u4e00" <= char <= "\u9fff" for char in system.name) for system in systems) >= 8
    assert Release.objects.filter(status=Release.Status.PUBLISHED).count() >= 15
    assert Evidence.objects.filter(check_slug="group_fairness", verdict="pass").count() == 4
    assert Waiver.objects.exists()
    assert Release.objects.filter(status=Release.Status.ROLLED_BACK).count() == 1
    assert [row for row in Release.objects.filter(status=Release.Status.PUBLISHED) if row.approval_has_ended]
    assert RolloutStep.objects.filter(share__lt=100, halted_at=None, deployment__status="running").exists()
    assert (Condition.objects.unmet().count(), Question.objects.unanswered().count()) == (1, 1)
    assert SignOff.objects.filter(decision="abstain", review__status="open").count() == 1
    in_confidence = {"concern", "outside_report"}  # what people told officers; auditors do not read it either
    assert set(lists_without_rows("auditor")) == in_confidence
    assert not in_confidence & set(lists_without_rows("risk"))
    try_out_a_tighter_policy()
    read_two_pages(User.objects.get(email="auditor@heron.example"))
    call_command("verify_audit")
    with pytest.raises(NotAllowed, match="empty"):
        company.build(say=SAID.append)


def lists_without_rows(key: str) -> list[str]:
    """The lists in which this person sees nothing."""
    reader = User.objects.get(email=f"{key}@heron.example")
    return [name for name, entry in LISTS.items() if not entry.rows(reader).exists()]


def try_out_a_tighter_policy() -> None:
    """E: the dry run of a tightened policy lists exactly the releases, and the reasons, that brute force lists."""
    assert list(ReviewPolicy.objects.order_by("number").values_list("status", flat=True)) == ["in_force", "proposed"]
    found = reading.read(brute_force.tightened())
    assert not found.problems, found.problems
    fates = {fate.release.pk: fate for fate in dry_run(found.body)}
    would_fail = {
        pk: {slug.partition("@")[0].removeprefix("condition:").partition(":")[0] for slug in fate.new}
        for pk, fate in fates.items() if fate.is_new
    }  # fmt: skip
    assert would_fail == brute_force.failing()
    live = Release.objects.filter(status__in=["approved", "published"]).count()
    assert len(set().union(*would_fail.values())) >= 4 and 10 <= len(would_fail) < live


def read_two_pages(reader: User) -> None:
    """S-188: what a board asks first is answered on the first two pages of its pack alone."""
    pack = actions.request_board_pack(BusinessUnit.objects.get(parent=None), actor=reader)
    content = waited(pack).blob.read()
    text = " ".join(page.extract_text() for page in PdfReader(io.BytesIO(content)).pages[:2])
    said = " ".join(text.split())
    for waiver in Waiver.objects.in_force():
        assert str(waiver.version) in said and waiver.expires_on.isoformat() in said
    soonest = ComponentUse.objects.filter(ended_at=None).order_by("component__end_of_life").first()
    assert f"{soonest.component}" in said and soonest.component.end_of_life.isoformat() in said
    assert re.search(r"Worst served \S+=\S+ by \S.+?: \S.+? against \S+=\S+; limit", said)
