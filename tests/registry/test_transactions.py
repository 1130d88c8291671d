"""An act that the database broke off is done again, whole; any other failure is not."""

import pytest
from django.db import OperationalError, transaction

from rai import actions
from rai.models import Predictions
from registry import jobs, transactions
from registry.models import BusinessUnit, JobStatus
from registry.transactions import retried
from tests import factories

pytestmark = pytest.mark.django_db(transaction=True)


class BrokenOff(Exception):
    """What psycopg raises when PostgreSQL ends a deadlock."""

    sqlstate = "40P01"


def failing(times: int, cause: Exception, calls: list[str]):
    """An act that stores a unit and fails so many times."""

    @retried
    def act(name: str) -> str:
        calls.append(name)
        BusinessUnit(name=name, slug=f"unit-{len(calls)}", path=f"/{len(calls)}/").save()
        if len(calls) <= times:
            raise OperationalError("deadlock detected") from cause
        return name

    return act


def test_a_broken_off_act_is_done_again_and_leaves_one_row():
    """Nothing of the broken one is stored, and the person never meets it."""
    calls: list[str] = []
    assert failing(2, BrokenOff(), calls)("Lending") == "Lending"
    assert (len(calls), BusinessUnit.objects.count()) == (3, 1)


def test_an_act_that_is_broken_off_again_and_again_fails_in_the_end():
    calls: list[str] = []
    with pytest.raises(OperationalError):
        failing(100, BrokenOff(), calls)("Lending")
    assert (len(calls), BusinessUnit.objects.count()) == (transactions.TRIES, 0)


def test_another_failure_of_the_database_is_not_tried_again():
    calls: list[str] = []
    with pytest.raises(OperationalError):
        failing(1, ValueError("disk full"), calls)("Lending")
    assert len(calls) == 1


def test_inside_another_transaction_nothing_is_tried_again():
    """A broken transaction cannot go on: whoever began it begins it again."""
    calls: list[str] = []
    with pytest.raises(OperationalError), transaction.atomic():
        failing(1, BrokenOff(), calls)("Lending")
    assert len(calls) == 1


@pytest.mark.django_db(transaction=False)
def test_a_job_that_was_broken_off_is_no_errored_one_and_is_taken_up_again(monkeypatch):
    """Its lease runs out, and the next ring finds it."""
    cast = factories.make_cast()
    version = factories.make_version(cast)
    job = actions.upload_predictions(version, content=b"y,yhat,sex\n1,1,f\n", name="p.csv", actor=cast.owner)
    monkeypatch.setattr(jobs, "LEASE", -jobs.LEASE)
    tries = []

    def do(row) -> None:
        tries.append(row.attempts)
        if len(tries) == 1:
            raise OperationalError("deadlock detected") from BrokenOff()
        jobs.finish(row)

    jobs.work(Predictions, job.pk, do)
    assert Predictions.objects.get().status == JobStatus.RUNNING
    jobs.work(Predictions, job.pk, do)
    assert (Predictions.objects.get().status, tries) == (JobStatus.FINISHED, [1, 2])
