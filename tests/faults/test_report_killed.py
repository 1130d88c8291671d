"""A worker that is killed while it builds a report leaves no half document, and the job ends well with the next one."""

import time

import pytest

from registry.audit import verification
from registry.models import Attachment, AuditEntry, JobStatus
from reports import actions
from tests import factories
from tests.faults.test_worker_killed import fresh, until

pytestmark = [pytest.mark.real, pytest.mark.django_db(transaction=True), pytest.mark.timeout(300)]


def test_a_report_survives_the_death_of_its_worker(transactional_db, start_worker):
    """P5: SIGKILL in mid-report; one document in every format, the retry in the log, which still holds."""
    cast = factories.make_cast()
    version = factories.make_submittable(cast)
    worker = start_worker(env={"ATTESTRY_FAULTS": "report.finishing:sleep"})
    row = actions.request_report(version, kind="transparency", actor=cast.risk_officer)
    assert until(lambda: fresh(row).progress >= 80, 60)
    time.sleep(0.5)
    worker.kill()
    assert fresh(row).status == JobStatus.RUNNING and fresh(row).blob is None
    assert not Attachment.objects.of(row).exists()
    start_worker()
    assert until(lambda: fresh(row).is_over, 60)
    ended = fresh(row)
    assert (ended.status, ended.attempts) == (JobStatus.FINISHED, 2), ended.reason
    assert ended.blob.read().startswith(b"%PDF") and Attachment.objects.of(row).count() == 3
    assert AuditEntry.objects.filter(object_id=row.pk, action="report.built").count() == 1
    assert list(verification.findings()) == []
