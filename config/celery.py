"""The Celery application, and the sweep that each worker makes so that no accepted job is lost with the broker."""

import os
from typing import Any

from celery import Celery, bootsteps
from celery.signals import worker_process_init

from config import services

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
SWEEP_SECONDS = 5.0


class Sweeper(bootsteps.StartStopStep):
    """Sweeps at start and every five seconds; a lease row decides which worker does it."""

    requires = ("celery.worker.components:Timer",)

    def __init__(self, worker: Any, **kwargs: Any) -> None:
        super().__init__(worker, **kwargs)
        self.entry: Any = None

    def start(self, worker: Any) -> None:
        """Begin sweeping; the first sweep is at once, so that a returning worker finds what it lost."""
        self.sweep()
        self.entry = worker.timer.call_repeatedly(SWEEP_SECONDS, self.sweep)

    def stop(self, worker: Any) -> None:
        """End sweeping."""
        if self.entry is not None:
            self.entry.cancel()

    def sweep(self) -> None:
        """One sweep on a connection that is not kept, since children are forked from this process."""
        from django.db import connection

        from registry import jobs

        try:
            jobs.sweep_logged()
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
