"""Hands the bytes of a job to the sandboxed child; a refusal comes back as a sentence for people."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from functools import partial
from typing import Any

from rai.wording.refusals import refused
from registry import jobs
from registry.models import Blob, Job, JobStatus

# Stored files with the names that people gave them.
Files = Sequence[tuple[Blob, str]]


def in_child(job: Job, task: str, request: dict[str, Any], files: Mapping[str, Files], **more: Any) -> Any:
    """Run a task of the sandbox on stored files, with progress on the job's page; its refusals become sentences for people."""
    from rai.checks.contract import InputError
    from rai.sandbox import launcher

    try:
        return launcher.run(
            task, request, files={name: [blob.path for blob, _title in found] for name, found in files.items()},
            titles={name: [title for _blob, title in found] for name, found in files.items()},
            progress=partial(jobs.report_progress, job), watch=partial(require_wanted, job), **more,
        )  # fmt: skip
    except (InputError, launcher.SandboxError) as error:
        raise refused(error) from error


def require_wanted(job: Job) -> None:
    """See that the job was neither cancelled nor taken over; raises LeaseLost, which ends the child.

    Whoever helps with a part holds no lease: then it is asked whether the run goes on. A replay is of a run long over.
    """
    if job.status != JobStatus.RUNNING:
        return
    rows = type(job)._base_manager.filter(pk=job.pk, status=JobStatus.RUNNING)
    if job.lease_token is not None:
        rows = rows.filter(lease_token=job.lease_token)
    if not rows.exists():
        raise jobs.LeaseLost


def upload_caps() -> dict[str, Any]:
    """The caps for uploads."""
    from rai.sandbox.limits import Caps

    return asdict(Caps())
