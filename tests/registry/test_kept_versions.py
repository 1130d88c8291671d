"""What is kept of a version: its stored bytes, read again in time, and the record of its training run."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from registry import fallback
from registry.actions import observing, releases
from registry.actions.training import digest_of, write_training_record
from registry.errors import BadInput
from registry.models import AuditEntry, ModelVersion, Task
from tests import factories
from tests.api.test_rest import bearer
from tests.registry import releasing


@pytest.fixture
def version(cast) -> ModelVersion:
    """A published version that is known to be good."""
    version = releasing.served(cast).version
    return observing.mark_known_good(version, good=True, reason="Served a year without a fault.", actor=cast.owner)


def test_stored_bytes_are_read_again_and_compared(cast, version):
    """S-028: bytes that changed on disk are found; whole ones are recorded with the time."""
    assert fallback.is_overdue(ModelVersion.objects.get(pk=version.pk))
    assert observing.verify_backup(version, actor=cast.owner) == []
    stored = ModelVersion.objects.get(pk=version.pk)
    assert stored.backup_verified_at and not fallback.is_overdue(stored)
    path = version.artifact.path
    path.chmod(0o600)
    path.write_bytes(path.read_bytes()[:-1] + b"!")
    assert observing.verify_backup(version, actor=cast.owner) == [version.artifact_name]
    assert Task.objects.waiting().filter(kind=Task.Kind.DRIFT, person=cast.owner).exists()
    assert AuditEntry.objects.filter(action="version.backup_failed").count() == 1
    path.unlink()
    assert observing.verify_backup(version, actor=cast.owner) == [version.artifact_name]


def test_an_overdue_backup_warns(cast, client, version):
    """S-028: on the version's page and as a task with a date."""
    client.force_login(cast.owner)
    assert "were not read again in time" in client.get(version.get_absolute_url()).content.decode()
    task = Task.objects.waiting().get(kind=Task.Kind.VERIFY_BACKUP)
    assert client.post(reverse("version-verify-backup", args=[version.pk])).status_code == 302
    assert "were not read again in time" not in client.get(version.get_absolute_url()).content.decode()
    task.refresh_from_db()
    assert task.done_at
    assert Task.objects.waiting().get(kind=Task.Kind.VERIFY_BACKUP).due_on > timezone.localdate() + timedelta(days=28)


def test_a_training_run_is_kept_with_its_digest(cast, client):
    """S-020: parameters, metadata and provenance of a draft, by a pipeline; submitted, it stays."""
    version = factories.make_submittable(cast)
    record = {"parameters": {"depth": 4, "rate": 0.1}, "provenance": {"commit": "abc"}, "metadata": {"host": "a100"}}
    api = bearer(cast.owner, cast.unit, "models:write", "models:read")
    place = f"/api/v1/versions/{version.pk}/training"
    answer = api.put(place, record, format="json").json()
    version.refresh_from_db()
    assert answer == {"record": record, "digest": digest_of(version)}
    client.force_login(cast.owner)
    page = client.get(version.get_absolute_url()).content.decode()
    assert "a100" in page and answer["digest"] in page
    releases.submit_for_review(version, notes="First release of the model.", actor=cast.owner)
    refused = api.put(place, {"parameters": {"depth": 5}}, format="json")
    assert (refused.status_code, "stays as it is" in refused.content.decode()) == (403, True)


@pytest.mark.parametrize("wrong", [[], {"weights": {}}, {"parameters": 3}, {"parameters": {"t": "x" * 300_000}}])
def test_a_training_record_of_another_shape_is_refused(cast, wrong):
    """S-020."""
    with pytest.raises(BadInput):
        write_training_record(factories.make_version(cast), record=wrong, actor=cast.owner)
