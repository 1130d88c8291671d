"""The sentences of an evaluation: codes with parameters become text in the reader's language here."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from django.utils.translation import gettext_lazy as _

from reports.titles import Title


@dataclass(frozen=True)
class Reason:
    """Why something was decided: a code of SENTENCES and the values that its sentence names."""

    code: str
    values: Mapping[str, Any] = field(default_factory=dict)

    def __str__(self) -> str:
        return str(SENTENCES[self.code]) % {key: _text(value) for key, value in self.values.items()}

    @property
    def is_age(self) -> bool:
        """It tells of evidence that is too old to count, or a part of it does."""
        inner = [value for value in self.values.values() if isinstance(value, Reason)]
        return self.code in OF_AGE or any(value.is_age for value in inner)


def reason(code: str, **values: Any) -> Reason:
    """A reason by its code."""
    return Reason(code, values)


def _text(value: Any) -> Any:
    if isinstance(value, Title):
        return value.text
    if isinstance(value, datetime | date):
        return value.isoformat()[:10]
    if isinstance(value, list | tuple | frozenset):
        return ", ".join(str(_text(entry)) for entry in value)
    return value if isinstance(value, int | float) else str(value)


OF_AGE = frozenset({"stale", "overdue", "check_expired"})
SENTENCES = {
    # what holds for a requirement
    "given": _("%(text)s"),
    "met": _("Every required item that applies passes (%(count)s of %(count)s); the weakest of them is %(basis)s."),
    "open": _("%(passed)s of %(count)s required items that apply pass. Open: %(first)s"),
    "open_more": _("%(passed)s of %(count)s required items that apply pass. Open: %(first)s And %(more)s more."),
    "no_rule": _("There is no rule for it yet: nobody has said, with two approvals, what evidence would show it."),
    "no_item_applies": _("No required item applies. %(first)s"),
    "excepted": _("%(why)s An approved exception until %(until)s names this requirement."),
    "overridden": _("Set by people until %(until)s; %(owner)s answers for it: %(reason)s By the evidence: %(why)s"),
    # what holds for an item over its members
    "population_empty": _("There are no %(population)s."),
    "population_empty_here": _("This system has no part in: %(population)s."),
    "population_unknown": _("This installation keeps no list of %(population)s, so nothing can be shown for them."),
    "no_check": _("No check of this kind exists in this installation: %(names)s."),
    "no_entity": _("No record of this kind exists in this installation: %(names)s."),
    "no_workflow": _("No workflow of this kind exists in this installation: %(names)s."),
    "no_topic": _("No signed statement of this kind exists in this installation: %(names)s."),
    "share": _("%(passed)s of %(total)s %(population)s pass."),
    "share_open": _("%(passed)s of %(total)s %(population)s pass. First open: %(first)s"),
    # records
    "record_pass": _("%(label)s shows it."),
    "record_none": _("%(member)s has no record of this kind: %(entity)s."),
    "record_unfit": _("%(member)s has records of this kind (%(entity)s), but none with %(where)s."),
    "record_if_none": _("%(member)s has no such record (%(entity)s), so there is nothing to look at."),
    "unfilled": _("%(label)s: not filled: %(fields)s."),
    "stale": _("%(label)s is of %(day)s; at most %(days)s days are allowed."),
    "undated": _("%(label)s has no date from which its age could be counted."),
    "overdue": _("%(label)s: its date for %(field)s, %(day)s, has passed."),
    "too_few": _("%(member)s has %(count)s of the %(wanted)s records needed (%(entity)s)."),
    "too_few_distinct": _("%(member)s covers %(count)s of the %(wanted)s different values needed for %(field)s."),
    # checks
    "check_pass": _("%(label)s of %(day)s shows it."),
    "check_none": _("%(member)s has no run of %(names)s."),
    "check_verdict": _("%(label)s of %(day)s ended with “%(outcome)s”, which is not a pass."),
    "check_expired": _("%(label)s was valid until %(day)s."),
    "check_no_interval": _("%(label)s carries no confidence interval."),
    "check_no_groups": _("%(label)s carries no results per group."),
    # workflows
    "workflow_pass": _("%(label)s reached “%(outcome)s” on %(day)s."),
    "workflow_none": _("%(member)s has not gone through this workflow: %(workflow)s."),
    "workflow_outcome": _("%(member)s: this workflow has not reached “%(outcome)s”: %(workflow)s."),
    "workflow_roles": _("%(label)s was not decided by anyone in the role %(roles)s."),
    "workflow_approvers": _("%(label)s was approved by %(count)s of the %(wanted)s different people needed."),
    "workflow_steps_unknown": _("%(label)s does not say who took these steps: %(steps)s."),
    "workflow_same_person": _("%(label)s: the same person took the steps %(steps)s."),
    # attestations
    "attestation_pass": _("%(label)s, signed on %(day)s, says so."),
    "attestation_none": _("%(member)s has no signed statement on this topic: %(topic)s."),
    "attestation_role": _("%(label)s was not signed in the role %(role)s."),
    "attestation_file": _("%(label)s has no file attached."),
}
