"""A steward raises the class of data in the browser: one click, seven affected versions, seven tasks, all logged."""

import re

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from registry.actions import inventory
from registry.audit import verification
from registry.models import AuditEntry, Dataset, Task
from risk.models import AffectedVersion, Reclassification
from tests import factories
from tests.registry import data as steps

pytestmark = [pytest.mark.real, pytest.mark.django_db(transaction=True), pytest.mark.timeout(300)]

REASON = "A court held that the postcodes of small villages name people."


@pytest.fixture
def data(people):
    """Data from which two models learned, four were tuned from these, and one from one of those."""
    found = steps.version_of(steps.described(people, name="Customer letters"))
    versions = [factories.make_version(people) for _number in range(7)]
    for learned in versions[:2]:
        inventory.add_link(learned, relation="trained_on", purpose="To learn from", target=found, actor=people.owner)
    for tuned, base in zip(versions[2:], (0, 0, 1, 1, 2), strict=True):
        inventory.add_link(tuned, relation="fine_tuned_from", target=versions[base], actor=people.owner)
    return found


def test_one_click_seven_versions_seven_tasks_all_logged(people, data, walk):
    """S-067, S-068: the page names the seven before the click; the last decision completes the reclassification."""
    steward = walk(people.owner)
    steward.go(reverse("dataset", args=[data.dataset_id]))
    steward.follow("Class and what it touches")
    listed = steward.page.locator("#kind-1 + ul > li")
    expect(listed).to_have_count(7)
    steward.fill(new_class="restricted", reason=REASON)
    steward.page.click("main form.form button.btn-danger")
    steward.told("tasks are open for each of the 7 versions that it touches")

    assert Dataset.objects.get(pk=data.dataset_id).classification == "restricted"
    assert Task.objects.waiting().filter(kind=Task.Kind.RECLASSIFIED).count() == 7
    affected = set(AffectedVersion.objects.values_list("pk", flat=True))
    assert len(affected) == 7
    assert set(AuditEntry.objects.filter(action="version.affected").values_list("object_id", flat=True)) == affected
    opened = Task.objects.filter(kind=Task.Kind.RECLASSIFIED).values_list("pk", flat=True)
    assert AuditEntry.objects.filter(action="task.opened", object_id__in=opened).count() == 7

    record = Reclassification.objects.get()
    for row in AffectedVersion.objects.all():
        steward.go(row.get_absolute_url())
        steward.page.check("input[name=disposition][value=accept]")
        steward.page.fill("#decide_reason", REASON)
        steward.page.click("main form.form button.btn-primary")
        steward.told("Saved")
    steward.go(record.get_absolute_url())
    expect(steward.page.locator(".under-title .status")).to_have_text(re.compile("Completed"))
    assert AuditEntry.objects.filter(action="affected_version.decided").count() == 7
    assert list(verification.findings()) == []
