"""The Celery application, and what each worker does every few seconds: lost jobs, due plans, checkpoints."""

import os
from typing import Any

from celery import Celery, bootsteps
from celery.signals import celeryd_after_setup, worker_process_init

from config import services

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
SWEEP_SECONDS = 5.0


class Sweeper(bootsteps.StartStopStep):
    """Sweeps at start and every five seconds; a lease row decides which worker does it.

    The worker that takes from the queue `sign`, and so holds the keys, makes the checkpoints of the log too; those that
    take from `checks` look once a minute for plans that are due. What is due is read from rows and taken by a unique
    row, so that any number of workers may look.
    """

    requires = ("celery.worker.components:Timer",)

    def __init__(self, worker: Any, **kwargs: Any) -> None:
        super().__init__(worker, **kwargs)
        self.entry: Any = None
        self.is_signer = False
        self.is_checker = False

    def start(self, worker: Any) -> None:
        """Begin sweeping; the first sweep is at once, so that a returning worker finds what it lost."""
        self.is_signer = "sign" in worker.app.amqp.queues.consume_from
        self.is_checker = "checks" in worker.app.amqp.queues.consume_from
        self.sweep()
        self.entry = worker.timer.call_repeatedly(SWEEP_SECONDS, self.sweep)

    def stop(self, worker: Any) -> None:
        """End sweeping."""
        if self.entry is not None:
            self.entry.cancel()

    def sweep(self) -> None:
        """One sweep on a connection that is not kept, since children are forked from this process."""
        from django.db import connection

        from rai.running import schedules
        from registry import jobs, nightly
        from registry.audit import checkpoints
        from registry.mailing import sending
        from registry.registers import reminders as dates
        from registry.retirement import reminders
        from registry.webhooks import pushing
        from reports import schedules as report_schedules
        from reports.standings import keeping
        from risk.actions import reopening

        try:
            jobs.sweep_logged()
            if self.is_checker:
                schedules.tick_logged()
                pushing.ring()
                sending.ring()
                reminders.tick_logged()
                nightly.tick_logged()
                report_schedules.tick_logged()
                dates.tick_logged()
                reopening.tick_logged()
                keeping.ring()
            if self.is_signer:
                checkpoints.tick_logged()
        finally:
            connection.close()


app = Celery("attestry")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
app.steps["worker"].add(Sweeper)


@worker_process_init.connect
def die_with_the_worker(**kwargs: Any) -> None:
    """A child of the pool must not outlive a killed worker and go on with its task."""
    services.die_with_parent()


@celeryd_after_setup.connect
def introduce_the_key(**kwargs: Any) -> None:
    """The worker of the queue `sign` makes the key known before anybody asks it to sign."""
    if "sign" not in app.amqp.queues.consume_from:
        return
    from django.db import connection

    from registry.audit import keys
    from reports import countersigning

    try:
        keys.signing_key()
        countersigning.introduce()
    finally:
        connection.close()
