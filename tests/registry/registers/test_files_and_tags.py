"""Entries carry files and tags."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from registry.actions import labels, register_files, registers as actions
from registry.errors import BadInput, NotAllowed
from registry.models import Attachment
from registry.registers import kind_named
from tests.registry.registers import samples


def audit(cast):
    return samples.written(kind_named("audit_engagement"), cast, cast.unit, actor=cast.owner, status="planned")


def test_a_file_is_attached_on_the_page_and_taken_by_those_who_see_the_entry(cast):
    row, client = audit(cast), Client()
    client.force_login(cast.owner)
    said = client.post(f"/entries/{row.pk}/attach/", {"file": SimpleUploadedFile("plan.pdf", b"the plan")})
    assert said.status_code == 302
    kept = Attachment.objects.of(row).get()
    url = f"/entries/{row.pk}/files/{kept.pk}/"
    assert "plan.pdf" in client.get(row.get_absolute_url()).content.decode()
    assert b"".join(client.get(url).streaming_content) == b"the plan"
    client.force_login(cast.outsider)
    assert client.get(url).status_code == 404


def test_a_file_of_another_entry_is_none_of_this_one(cast):
    one, other = audit(cast), audit(cast)
    kept = register_files.attach_file(one, file=SimpleUploadedFile("a.txt", b"a"), actor=cast.owner)
    client = Client()
    client.force_login(cast.owner)
    assert client.get(f"/entries/{other.pk}/files/{kept.pk}/").status_code == 404


def test_a_file_that_is_too_large_or_comes_too_late_is_refused(cast, monkeypatch):
    row = audit(cast)
    monkeypatch.setattr(register_files, "LARGEST", 3)
    with pytest.raises(BadInput):
        register_files.attach_file(row, file=SimpleUploadedFile("a.txt", b"four"), actor=cast.owner)
    actions.withdraw_entry(row, reason="It was planned twice.", actor=cast.owner)
    with pytest.raises(NotAllowed):
        register_files.attach_file(row, file=SimpleUploadedFile("a.txt", b"abc"), actor=cast.owner)


def test_entries_are_tagged_and_listed_by_their_tags(cast):
    row, client = audit(cast), Client()
    samples.written(
        kind_named("audit_engagement"), cast, cast.unit, actor=cast.owner, title="Another", status="planned"
    )
    labels.write_labels(row, tags=["fairness"], values={}, actor=cast.owner)
    client.force_login(cast.owner)
    page = client.get("/registers/audit_engagement/?tag=fairness").content.decode()
    assert row.title in page and "Another" not in page
    assert client.get(f"/labels/entry/{row.pk}/").status_code == 200
