"""How often a request reads the duties of whoever asks: a reading one once, an act at every step."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from registry import access
from registry.actions import people
from registry.models import RoleAssignment
from tests import factories


@pytest.fixture
def version(cast):
    """A version of the owner's."""
    return factories.make_version(cast)


def duties_read(caught, person):
    """How many of the queries read the duties of this person."""
    told = ('"registry_roleassignment"."person_id" =', person.pk.hex)
    queries = [query["sql"].replace("-", "") for query in caught.captured_queries]
    return sum(all(part in sql for part in told) for sql in queries)


def test_a_page_reads_the_duties_of_its_reader_once(cast, client, version):
    """Of its reader: whether those who answer for the system hold one still is asked besides."""
    client.force_login(cast.auditor)
    with CaptureQueriesContext(connection) as caught:
        assert client.get(version.get_absolute_url()).status_code == 200
    assert duties_read(caught, cast.auditor) == 1


def test_an_act_reads_them_at_every_step(cast, client, version):
    """P13: what ended while a form was open holds no longer when it is sent."""
    client.force_login(cast.owner)
    with CaptureQueriesContext(connection) as caught:
        client.post(reverse("version-submit", args=[version.pk]), {"notes": "Ready."})
    assert duties_read(caught, cast.owner) > 1


def test_a_duty_that_ended_is_gone_with_the_next_page(cast, client, version):
    client.force_login(cast.auditor)
    assert client.get(version.get_absolute_url()).status_code == 200
    for duty in RoleAssignment.objects.current().filter(person=cast.auditor):
        people.end_duty(duty, actor=cast.administrator)
    assert client.get(version.get_absolute_url()).status_code == 404


def test_nothing_is_kept_after_the_block(cast, version):
    with access.read_once(cast.auditor):
        assert access.allowed(cast.auditor, access.MODEL_VIEW, version)
        for duty in RoleAssignment.objects.current().filter(person=cast.auditor):
            people.end_duty(duty, actor=cast.administrator)
        assert access.allowed(cast.auditor, access.MODEL_VIEW, version)
    assert not access.allowed(cast.auditor, access.MODEL_VIEW, version)
