"""Hands the bytes of a job to the sandboxed child; a refusal comes back as a sentence for people."""

from dataclasses import asdict
from functools import partial
from typing import Any

from registry import jobs
from registry.errors import BadInput
from registry.models import Job


def in_child(job: Job, task: str, request: dict[str, Any], files: dict[str, Any], **more: Any) -> Any:
    """Run a task of the sandbox on blobs, with progress on the job's page; its refusals become sentences for people."""
    from rai.checks.contract import InputError
    from rai.sandbox import launcher

    try:
        return launcher.run(
            task, request, files={name: blob.path for name, (blob, _title) in files.items()},
            titles={name: title for name, (_blob, title) in files.items()},
            progress=partial(jobs.report_progress, job), **more,
        )  # fmt: skip
    except (InputError, launcher.SandboxError) as error:
        raise BadInput(str(error)) from error


def upload_caps() -> dict[str, Any]:
    """The caps for uploads."""
    from rai.sandbox.limits import Caps

    return asdict(Caps())
