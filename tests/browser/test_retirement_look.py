"""Pages of retirement and lineage as a browser draws them: axe at zero, nothing wider than the screen, no script needed."""

import os
from datetime import timedelta
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.urls import reverse
from django.utils import timezone

from registry.actions import consumers, inventory, vendor_ends
from registry.models import VendorEndMatch, VersionStatus
from registry.retirement import reminders
from tests import factories
from tests.browser.test_waivers_look import RULES, enter  # noqa: F401  (a fixture)
from tests.registry import ending

pytestmark = [pytest.mark.real, pytest.mark.django_db(transaction=True), pytest.mark.timeout(300)]

PICTURES = os.environ.get("ATTESTRY_TEST_PICTURES")
# Theme, width, language, whether scripts run.
CORNERS = (("light", 1280, "en-GB", True), ("dark", 400, "zh-CN", False))
WIDER = "document.documentElement.scrollWidth > window.innerWidth"
DRAWN = "[...document.images].every((one) => one.complete && one.naturalWidth > 0)"


@pytest.fixture
def shown(transactional_db):
    """The cast, and pages with something on each: an end that is near, planned in part and known to one user."""
    cast = factories.make_cast()
    first = factories.make_version(cast, provider="Vendor", base_model="large-3", version="1.信用")
    version = factories.make_version(cast, retirement_date=timezone.localdate() + timedelta(days=20))
    inventory.add_link(version, relation="distilled_from", target=first, actor=cast.owner)
    ending.planned(cast, version)
    ending.done(cast, version, "records_kept")
    known = consumers.register_consumer(version, person=cast.owner, use="Monthly lists", actor=cast.owner)
    consumers.register_consumer(version, person=cast.auditor, actor=cast.owner)
    consumers.acknowledge_end(known, answer="We move before the end of the month.", actor=cast.owner)
    content = ending.vendor_list(version)
    vendor_ends.import_list(cast.unit, name="ends.csv", content=content, dry_run=False, actor=cast.owner)
    version.status = VersionStatus.PUBLISHED
    version.save()
    reminders.tell_due(timezone.localdate())
    month = f"{reverse('retirement-calendar')}?month={version.retirement_date:%Y-%m}"
    return cast, [
        reverse("version-retirement", args=[version.pk]), reverse("version-line", args=[version.pk, "records_kept"]),
        reverse("version-plan", args=[version.pk]), reverse("version-consumer-new", args=[version.pk]),
        known.get_absolute_url(), reverse("retirements"), month, reverse("vendor-ends"),
        reverse("vendor-ends-import"), VendorEndMatch.objects.first().get_absolute_url(),
        reverse("lineage", args=["version", version.pk]), reverse("version-lineage", args=[version.pk]),
        f"{reverse('lineage-questions')}?ask=base&about=large", reverse("home"),
        reverse("past", args=["registry.ModelVersion", version.pk]),
    ]  # fmt: skip


@pytest.mark.parametrize(("theme", "width", "language", "scripts"), CORNERS)
def test_pages_of_ends_and_lineage_meet_wcag_and_fit_the_screen(
    theme,
    width,
    language,
    scripts,
    shown,
    enter,  # noqa: F811
    live_server,
):
    """S-157, S-158, S-019: in both languages; the calendar at 400 pixels without JavaScript."""
    cast, addresses = shown
    wishes = {"color_scheme": theme, "viewport": {"width": width, "height": 900}, "locale": language}
    page, said = enter(cast.owner, java_script_enabled=scripts, **wishes)
    found = []
    for number, address in enumerate(addresses):
        page.goto(live_server.url + address)
        if PICTURES:
            page.screenshot(path=Path(PICTURES) / f"ends-{theme}-{width}-{number:02}.png", full_page=True)
        if page.evaluate(WIDER):
            found.append(f"{address}: wider than the screen")
        if not page.evaluate(DRAWN):
            found.append(f"{address}: a picture is missing")
        if scripts:
            found += [f"{address}: {one['id']}" for one in Axe().run(page, options=RULES).response["violations"]]
    assert not found, "\n".join(found)
    assert said == []
