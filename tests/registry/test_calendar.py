"""The calendar of ends: the list with days left and systems touched, the month, and the feed as RFC 5545 wants it."""

import re
from datetime import UTC, date, datetime, timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from registry.actions import consumers, inventory, tokens
from registry.models import ApiToken
from registry.retirement import ics
from tests import factories

DAY = date(2027, 3, 31)


@pytest.fixture
def version(cast):
    """A version that is deprecated in February and ends on the last day of March 2027."""
    return factories.make_version(cast, deprecation_date=date(2027, 2, 10), retirement_date=DAY, provider="Vendor, Inc")


# ---- the list


def test_the_list_says_days_left_and_every_system_that_an_end_touches(version, cast, client):
    """S-157: also the system of a version that was tuned from it."""
    tuned = factories.make_version(cast)
    inventory.add_link(tuned, relation="distilled_from", target=version, actor=cast.owner)
    client.force_login(cast.auditor)
    page = client.get(reverse("retirements")).content.decode()
    row = page[page.index(str(version)) :].split("</tr>")[0]
    left = (DAY - timezone.localdate()).days
    assert f"{left} days left" in row or f"in {left} days" in row
    assert version.home_system.name in row and tuned.home_system.name in row


def test_the_list_asks_a_fixed_number_of_queries(version, cast, client, django_assert_max_num_queries):
    client.force_login(cast.auditor)
    for _more in range(12):
        factories.make_version(cast, retirement_date=DAY)
    with django_assert_max_num_queries(25):
        client.get(reverse("retirements"))


def test_versions_on_a_vendors_model_can_be_shown_alone(version, cast, client):
    vendors = factories.make_version(cast, retirement_date=DAY, base_model="vendor-large-3")
    client.force_login(cast.auditor)
    page = client.get(reverse("retirements"), {"show": "vendor"}).content.decode()
    assert str(vendors) in page and str(version) not in page


# ---- the month


def test_a_month_shows_its_days_without_javascript(version, cast, client):
    client.force_login(cast.owner)
    address = reverse("retirement-calendar")
    march = client.get(address, {"month": "2027-03"}).content.decode()
    cell = march[march.index('datetime="2027-03-31"') :].split("</td>")[0]
    assert f"{version} retires" in cell
    assert f"{version} is deprecated" in client.get(address, {"month": "2027-02"}).content.decode()
    assert "Nothing ends in this month." in client.get(address, {"month": "2027-04"}).content.decode()
    assert 'href="?month=2027-02"' in march and 'href="?month=2027-04"' in march


@pytest.mark.parametrize("month", ["", "2027-13", "x", "0000-01", "99999-1", "2027-03-04"])
def test_a_month_that_is_none_is_this_month(month, cast, client):
    client.force_login(cast.owner)
    page = client.get(reverse("retirement-calendar"), {"month": month})
    assert page.context["month"].first == timezone.localdate().replace(day=1)


def test_a_stranger_sees_no_day_of_another_unit(version, cast, client):
    """P11."""
    client.force_login(cast.outsider)
    assert str(version) not in client.get(reverse("retirement-calendar"), {"month": "2027-03"}).content.decode()
    assert str(version) not in client.get(reverse("retirement-feed")).content.decode()


def test_whoever_uses_a_version_has_its_end_in_the_calendar(version, cast, client):
    consumers.register_consumer(version, person=cast.outsider, actor=cast.owner)
    client.force_login(cast.outsider)
    assert str(version) in unfolded(client.get(reverse("retirement-feed")).content)


# ---- the feed


def unfolded(content: bytes) -> str:
    """The lines of a calendar as they were before folding."""
    return content.decode().replace("\r\n ", "")


def events(content: bytes) -> list[dict[str, str]]:
    """The events by property, read by rules of the standard alone."""
    found = []
    for block in re.findall(r"BEGIN:VEVENT\r\n(.*?)END:VEVENT", unfolded(content), re.S):
        found.append(dict(line.split(":", 1) for line in block.split("\r\n") if line))
    return found


@pytest.mark.both
def test_the_feed_holds_all_day_events_with_uids_that_stay(version, cast, client):
    """RFC 5545: dates without a time zone, the end the day after; a moved day keeps its UID and raises SEQUENCE."""
    client.force_login(cast.owner)
    before = {event["UID"]: event for event in events(client.get(reverse("retirement-feed")).content)}
    uid = f"{version.pk}-retirement@attestry"
    assert before[uid]["DTSTART;VALUE=DATE"] == "20270331" and before[uid]["DTEND;VALUE=DATE"] == "20270401"
    inventory.edit_version(version, retirement_date=DAY + timedelta(days=1), actor=cast.owner)
    after = {event["UID"]: event for event in events(client.get(reverse("retirement-feed")).content)}
    assert set(after) == set(before)
    assert after[uid]["DTSTART;VALUE=DATE"] == "20270401"
    assert int(after[uid]["SEQUENCE"]) > int(before[uid]["SEQUENCE"])


def test_texts_are_escaped_and_lines_folded_within_75_octets():
    """RFC 5545, 3.1 and 3.3.11, in any script."""
    title = 'Semi; comma, back\\slash\nand "退役" ' + "模型" * 60 + "\r\nBEGIN:VEVENT\x00"
    content = ics.calendar(
        "A, B",
        [ics.Event("1@x", DAY, title, "", "https://x.example/", datetime(2026, 1, 1, tzinfo=UTC))],
        product="-//x//EN",
    )
    lines = content.split(b"\r\n")
    assert lines.pop() == b"" and b"\n" not in b"".join(lines)
    assert max(map(len, lines)) <= 75
    for line in lines:
        line.decode()
    (event,) = events(content)
    assert event["SUMMARY"].startswith('Semi\\; comma\\, back\\\\slash\\nand "退役" 模型')
    assert event["SUMMARY"].endswith("模型\\nBEGIN:VEVENT")


def address_of(secret: str) -> str:
    """The feed's address for a calendar program."""
    return reverse("calendar-feed", args=[secret])


def test_a_token_for_the_calendar_opens_the_feed_without_a_session_and_nothing_else(version, cast, client):
    """Row 43: read-only, personal, revocable."""
    token, secret = tokens.create_token(cast.owner, name="My calendar", scopes=["calendar:read"], unit=cast.unit)
    answer = client.get(address_of(secret))
    assert answer.status_code == 200 and answer["Content-Type"] == "text/calendar; charset=utf-8"
    assert str(version) in unfolded(answer.content)
    assert client.get("/api/v1/versions/", headers={"authorization": f"Bearer {secret}"}).status_code == 403
    assert client.post(address_of(secret)).status_code == 405
    tokens.revoke_token(token, actor=cast.owner)
    assert client.get(address_of(secret)).status_code == 404


def test_a_token_for_something_else_opens_no_calendar(version, cast, client):
    _token, secret = tokens.create_token(cast.owner, name="Pipeline", scopes=["models:read"], unit=cast.unit)
    assert client.get(address_of(secret)).status_code == 404
    assert client.get(address_of("gov_nonsense")).status_code == 404


def test_the_feed_ends_with_the_rights_of_its_owner(version, cast, client):
    _token, secret = tokens.create_token(cast.owner, name="My calendar", scopes=["calendar:read"], unit=cast.unit)
    cast.owner.is_active = False
    cast.owner.save()
    assert client.get(address_of(secret)).status_code == 404


def test_the_feed_says_when_its_address_ends(version, cast, client):
    _token, secret = tokens.create_token(cast.owner, name="My calendar", scopes=["calendar:read"], unit=cast.unit)
    ends = timezone.localdate(ApiToken.objects.get().expiry)
    said = {event["SUMMARY"]: event for event in events(client.get(address_of(secret)).content)}
    assert said["The address of this calendar ends"]["DTSTART;VALUE=DATE"] == f"{ends:%Y%m%d}"
