"""A tier is decided, a privacy assessment is signed, training data change: the assessment opens again, the gate closes."""

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from registry import gates
from registry.audit import verification
from registry.models import AuditEntry
from registry.release_gates import preview
from risk.models import Assessment
from tests import factories
from tests.registry import data as steps
from tests.risk.fillings import filled
from tests.risk.steps import answered

pytestmark = [pytest.mark.real, pytest.mark.django_db(transaction=True), pytest.mark.timeout(300)]

OPINION = "The purpose is narrow, the data are few, and what is left is low."


def test_tiered_signed_reopened_closed(people, walk):
    """S-100, S-084: each act by the person whose it is, each in the log, each reason on a page."""
    version = factories.make_version(
        people, factories.make_model(people, factories.make_system(people, risk_tier="minimal"))
    )
    system = version.home_system
    tiering = filled(people, system, "risk_tiering", TIER_R_01="money_or_work", TIER_R_02="serious")
    risk = walk(people.risk_officer)
    risk.go(tiering.get_absolute_url())
    risk.page.check("input[name=decision][value=approve]")
    risk.fill(opinion="Offers of credit weigh on people; the score says so.")
    risk.press("Sign")
    risk.told("Your decision is recorded.")
    system.refresh_from_db()
    tiering.refresh_from_db()
    assert system.risk_tier == tiering.overall_level == "limited"

    row = answered(people, system, PIA_G_03="yes", PIA_G_07=None)
    owner = walk(people.owner)
    owner.go(reverse("assessment-section", args=[row.pk, "general"]))
    owner.page.select_option("#id_PIA-G-07", "no")
    expect(owner.page.locator("#kept")).to_contain_text("Saved by itself at")
    assert row.replies()["PIA-G-07"].answer == "no"
    owner.go(row.get_absolute_url())
    owner.press("Submit to the privacy officer")
    owner.told("Submitted")
    privacy = walk(people.privacy_officer)
    privacy.go(row.get_absolute_url())
    privacy.page.check("input[name=decision][value=approve]")
    privacy.fill(opinion=OPINION)
    privacy.press("Sign")
    privacy.told("Your decision is recorded.")
    assert gates.answer("pia-approved", preview(version)).result == "passed"

    data = steps.version_of(steps.described(people, name="Letters of customers"), contains_personal_data=True)
    owner.go(reverse("version-lineage", args=[version.pk]))
    owner.fill(relation="trained_on", target=f"dataset:{data.pk}", purpose="To learn from")
    owner.page.click("main form.form button.btn-primary")
    fresh = Assessment.objects.open().get(reopens=row)
    owner.go(fresh.get_absolute_url())
    owner.sees("Why it was opened again")
    owner.sees(f"{data} was not assessed: it has come to the data since. Olga Owner")
    owner.go(version.get_absolute_url())
    owner.sees(f"{data} was not assessed")
    found = gates.answer("pia-approved", preview(version))
    assert found.result == "failed" and str(data) in found.reason

    log = set(AuditEntry.objects.values_list("action", flat=True))
    assert log >= {
        "assessment.submitted", "assessment.approved", "system.tiered", "answer.given", "link.added",
        "assessment.taken_up", "answer.taken_over", "task.opened",
    }  # fmt: skip
    assert list(verification.findings()) == []
