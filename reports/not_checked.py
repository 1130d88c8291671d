"""What a report did not check, and why: the last chapter of every report."""

from typing import Any

from django.utils.translation import gettext as _

from registry.audit import publishing
from registry.vocabulary import vocabulary
from reports.evaluation import Evaluation
from reports.facts import Facts


def not_checked(evaluation: Evaluation, facts: Facts) -> list[dict[str, Any]]:
    """What and why, in the reader's language: limits of this installation first, then of each run."""
    return [
        *limits_of_runs(),
        *checks_without_source(evaluation, facts),
        *cannot_show(evaluation),
    ]


def limits_of_runs() -> list[dict[str, Any]]:
    """What the numbers themselves do not cover."""
    return [
        {
            "what": _("Biased labels, unlike test samples, proxies"),
            "why": _("Intervals cover sampling error only. Whether labels are biased, whether the test sample is like the people served, and whether other columns stand in for a protected one was not examined."),
        },
        {
            "what": _("Isolation of the process that reads files"),
            "why": _("Each outcome says how the process was walled off that read its files. Outcomes that speak of process limits only were computed without walls of the kernel around that process: a hostile file could have reached the network and other files of the worker."),
        },
        {
            "what": _("External witness of the log"),
            "why": outside_notes(),
        },
    ]  # fmt: skip


def outside_notes() -> str:
    """What a reader of this document alone cannot know about the log."""
    if not publishing.places():
        return _("The log is chained and bound to every row, but no place outside this installation is set for its checkpoints: whoever rewrites the whole database could rewrite the log with it.")  # fmt: skip
    return _("Checkpoints of the log are put outside this installation, but they are not in this document. Ask for the newest one at such a place and compare the log with it.")  # fmt: skip


def checks_without_source(evaluation: Evaluation, facts: Facts) -> list[dict[str, Any]]:
    """Checks that the framework's rules ask for and this installation cannot run."""
    asked: dict[str, set[str]] = {}
    for entry in evaluation.requirements:
        for item in entry.items:
            for name in item.item.checks:
                asked.setdefault(name, set()).add(entry.requirement.id)
    known = vocabulary().checks
    return [
        {
            "what": f"{name} – {_(known[name])}",
            "why": _("No check of this kind exists in this installation. Asked for by: %s.") % ", ".join(sorted(where)),
        }
        for name, where in sorted(asked.items())
        if not facts.has_source("check", name)
    ]


def cannot_show(evaluation: Evaluation) -> list[dict[str, Any]]:
    """What software cannot show for requirements that came out met."""
    return [
        {"what": entry.requirement.id, "why": _(entry.requirement.cannot_show)}
        for entry in evaluation.requirements
        if entry.result == "met" and entry.requirement.cannot_show
    ]
