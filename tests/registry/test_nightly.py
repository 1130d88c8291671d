"""What workers do by themselves: read the stored bytes of versions known to be good, and tell of access that ended."""

from datetime import timedelta

import pytest
from django.utils import timezone

from registry import nightly
from registry.actions import observing
from registry.models import AuditEntry, ModelVersion, Task
from tests import factories
from tests.registry import releasing


@pytest.fixture
def good(cast):
    """Three versions that are known to be good, none of which was read again."""
    rows = [releasing.published(cast, factories.make_releasable(cast)).version for _number in range(3)]
    why = "Served a year without a fault."
    return [observing.mark_known_good(row, good=True, reason=why, actor=cast.owner) for row in rows]


def damage(version):
    """Somebody changes the stored bytes."""
    path = version.artifact.path
    path.chmod(0o600)
    path.write_bytes(path.read_bytes() + b"!")


def test_a_night_reads_every_version_known_to_be_good_and_no_other(cast, good):
    """S-028: by the software itself, in the log without a person, and not again on the same day."""
    factories.make_version(cast)
    assert nightly.verify_portion() == 3
    rows = ModelVersion.objects.filter(known_good=True)
    assert all(row.backup_verified_at for row in rows)
    assert AuditEntry.objects.filter(action="version.backup_verified", actor=None).count() == 3
    assert nightly.verify_portion() == 0


def test_bytes_that_differ_raise_an_alarm_once_and_do_not_keep_the_others_from_being_read(cast, good):
    """S-028: a task for the technical owner; what was damaged waits for a person."""
    damage(good[0])
    assert nightly.verify_portion() == 3
    [task] = Task.objects.waiting().filter(kind=Task.Kind.DRIFT)
    assert (task.person, task.object_id) == (good[0].home_system.technical_owner, good[0].pk)
    assert ModelVersion.objects.filter(backup_verified_at__isnull=False).count() == 2
    assert nightly.verify_portion() == 0
    assert AuditEntry.objects.filter(action="version.backup_failed").count() == 1


def test_a_portion_is_bounded_and_begins_with_what_was_read_longest_ago(cast, good, monkeypatch):
    """S-028: what is left is read by the next portion."""
    monkeypatch.setattr(nightly, "MOST_VERSIONS", 2)
    assert [nightly.verify_portion(), nightly.verify_portion(), nightly.verify_portion()] == [2, 1, 0]
    later = timezone.now() + timedelta(days=1)
    monkeypatch.setattr("django.utils.timezone.now", lambda: later)
    monkeypatch.setattr(nightly, "MOST_BYTES", 1)
    oldest = nightly.due()[0]
    assert nightly.verify_portion() == 1
    assert ModelVersion.objects.get(pk=oldest.pk).backup_verified_at == later


@pytest.mark.both
def test_one_worker_does_it_once_an_hour(cast, good):
    assert [nightly.tick(), nightly.tick()] == [3, 0]
