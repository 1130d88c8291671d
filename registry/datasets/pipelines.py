"""Whether every step of the pipeline behind a version of data was checked, and whether the steps join."""

from collections.abc import Iterator
from dataclasses import dataclass

from django.utils.translation import gettext as _

from registry.models import DatasetVersion, PipelineStep, Verdict

GOOD = frozenset({Verdict.PASS, Verdict.RECORDED})


@dataclass(frozen=True)
class Finding:
    """Something that is wrong with a step."""

    step: PipelineStep
    problem: str

    def __str__(self) -> str:
        return _("Step %(number)d, “%(step)s”: %(problem)s") % {
            "number": self.step.ordinal, "step": self.step.name, "problem": self.problem,
        }  # fmt: skip


def findings(data: DatasetVersion) -> list[Finding]:
    """What is wrong with the steps, in their order; nothing where no step is on record."""
    steps = list(data.steps.order_by("ordinal"))
    known: set[str] = set()
    found = []
    for step in steps:
        found += [Finding(step, problem) for problem in problems(step, known)]
        known.add(step.output_digest)
    if steps and steps[-1].output_digest != data.hash:
        found.append(Finding(steps[-1], _("It wrote other bytes than those of this version.")))
    return found


def problems(step: PipelineStep, known: set[str]) -> Iterator[str]:
    """What is wrong with one step, when earlier ones wrote the `known` digests; the first may read anything."""
    if known and known.isdisjoint(step.input_digests):
        yield _("It read nothing that an earlier step wrote.")
    if not step.verdict:
        yield _("It has no check.")
    elif step.verdict not in GOOD:
        yield _("Its check “%(check)s” says: %(result)s.") % {
            "check": step.check_name, "result": step.get_verdict_display(),
        }  # fmt: skip
