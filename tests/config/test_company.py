"""The company of forty systems: built by the actions of the product, with a worker that computes its checks."""

from collections import Counter

import pytest
from django.core.management import call_command

from config import company
from registry.errors import NotAllowed
from registry.lists import LISTS
from registry.models import AISystem, Evidence, Release, Stage, Tier, User, Waiver

SAID: list[str] = []


@pytest.mark.real
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
    reader = User.objects.get(email="auditor@heron.example")
    assert [name for name, entry in LISTS.items() if not entry.rows(reader).exists()] == []
    call_command("verify_audit")
    with pytest.raises(NotAllowed, match="empty"):
        company.build(say=SAID.append)
