"""Keeps the steps of the pipeline behind a version of data, and the checks that were made of them."""

import re
from typing import Any, Final

from django.utils import timezone
from django.utils.translation import gettext as _

from registry import access
from registry.actions.datasets import locked
from registry.actions.inventory import saved
from registry.errors import BadInput
from registry.models import DatasetVersion, PipelineStep, User, Verdict
from registry.transactions import retried

MOST_STEPS: Final = 200
DIGEST: Final = re.compile(r"sha256:[0-9a-f]{64}")


@retried
def add_step(
    data: DatasetVersion, *, name: str, code_digest: str, output_digest: str, actor: User,
    input_digests: list[str] | None = None, check_name: str = "", verdict: str = "", source: str = "",
) -> PipelineStep:  # fmt: skip
    """Enter the next step of the pipeline, with the result of its check where there is one already."""
    access.require(actor, access.DATASET_UPLOAD, data)
    data = locked(data)
    digests = {"code_digest": [code_digest], "output_digest": [output_digest], "input_digests": input_digests or []}
    require_digests(digests)
    count = data.steps.count()
    if count >= MOST_STEPS:
        raise BadInput(_("A version has at most %d steps.") % MOST_STEPS)
    row = PipelineStep(
        data=data, ordinal=count + 1, name=name, code_digest=code_digest, input_digests=input_digests or [],
        output_digest=output_digest, reported_by=actor,
    )  # fmt: skip
    if check_name or verdict or source:
        judge(row, check_name, verdict, source)
    return saved(row, actor, "pipeline_step.added")


def require_digests(given: dict[str, list[str]]) -> None:
    """Each is well-formed."""
    for field, digests in given.items():
        for digest in digests:
            if not DIGEST.fullmatch(digest):
                raise BadInput(
                    _("A digest is “sha256:” and 64 hexadecimal digits, not “%s”.") % digest[:80], field=field
                )


def judge(row: PipelineStep, check_name: str, verdict: str, source: str) -> None:
    """Put a reported result into a step: what was checked, what came of it, and where that stands."""
    if verdict not in Verdict.values:
        raise BadInput(_("“%s” is no result of a check.") % verdict, field="verdict")
    for field, text in {"check_name": check_name, "source": source}.items():
        if not text.strip():
            raise BadInput(_("A result says what was checked and where it stands."), field=field)
    row.check_name, row.verdict, row.source = check_name.strip(), verdict, source.strip()
    row.checked_at = timezone.now()


def check_step_of(data: DatasetVersion, *, step: PipelineStep, **result: Any) -> PipelineStep:
    """The same for a step that is named beside its data."""
    if step.data_id != data.pk:
        raise BadInput(_("This step belongs to other data."), field="step")
    return check_step(step, **result)


@retried
def check_step(step: PipelineStep, *, check_name: str, verdict: str, source: str, actor: User) -> PipelineStep:
    """Report the check of a step, or its repetition; the log keeps the earlier one."""
    access.require(actor, access.DATASET_UPLOAD, step.data)
    step = locked(step)
    judge(step, check_name, verdict, source)
    return saved(step, actor, "pipeline_step.checked")
