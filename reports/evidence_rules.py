"""What one evidence item says of one member: pass, partial, fail or not applicable, by the kind of evidence."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import combinations
from typing import Any

from registry.vocabulary import vocabulary
from reports import ages
from reports.facts import AttestationFact, CheckFact, Fact, Member, Stored, WorkflowFact
from reports.framework_files import Item
from reports.reasons import Reason, reason
from reports.titles import Title

SHOWN = 10


@dataclass(frozen=True)
class Finding:
    """The result for one member. `is_stored` tells a partial that rests on a row from one that if_none gave."""

    result: str
    reason: Reason
    evidence: tuple[Stored, ...] = ()
    is_stored: bool = True


@dataclass(frozen=True)
class Defect:
    """What keeps a row from counting. A soft one (old, unfilled, incomplete) makes partial, a hard one fails."""

    reason: Reason
    is_soft: bool


def soft(code: str, **values: Any) -> Defect:
    """The row shows something, but it is stale or incomplete."""
    return Defect(reason(code, **values), is_soft=True)


def hard(code: str, **values: Any) -> Defect:
    """The row does not show it."""
    return Defect(reason(code, **values), is_soft=False)


def strength(row: Stored) -> int:
    """Place of the row's basis in the order from the strongest to the weakest."""
    return vocabulary().bases.index(row.basis)


def find(item: Item, member: Member, rows: Sequence[Any], as_of: datetime) -> Finding:
    """What the rows of a member say to an item."""
    return RULES[item.kind](item, member, rows, as_of)


def _failed(code: str, **values: Any) -> Finding:
    return Finding("fail", reason(code, **values), is_stored=False)


def _by_defects(judged: Sequence[tuple[Stored, Defect | None]], passed: Callable[[Any], Reason]) -> Finding:
    """One row without a defect passes; otherwise the mildest defect of any row decides."""
    good = sorted((row for row, defect in judged if defect is None), key=strength)
    if good:
        return Finding("pass", passed(good[0]), (good[0],))
    mild = [(row, defect) for row, defect in judged if defect is not None and defect.is_soft]
    shown = mild or [(row, defect) for row, defect in judged if defect is not None]
    rows = tuple(row for row, _ in shown[:SHOWN])
    return Finding("partial" if mild else "fail", shown[0][1].reason, rows)


# records


def is_filled(fact: Fact, name: str, as_of: datetime) -> bool:
    """The field holds something; a date that tells of an event must not lie in the future."""
    value = fact.fields.get(name)
    if value is None or (isinstance(value, str) and not value.strip()):
        return False
    if isinstance(value, list | tuple | dict | set | frozenset) and not value:
        return False
    when = ages.moment(name, value)
    return name in ages.AHEAD or when is None or not ages.is_later(when, as_of)


def matches(fields: Mapping[str, Any], where: Mapping[str, Any]) -> bool:
    """Every field has the wanted value, one of the wanted values, or lies within the wanted bounds."""
    return all(_matches(fields.get(name), wanted) for name, wanted in where.items())


def _matches(value: Any, wanted: Any) -> bool:
    if isinstance(wanted, Mapping):
        low, high = wanted.get("gte"), wanted.get("lte")
        is_number = isinstance(value, int | float) and not isinstance(value, bool)
        return is_number and (low is None or value >= low) and (high is None or value <= high)
    if isinstance(value, list | tuple | set | frozenset):
        return any(_matches(entry, wanted) for entry in value)
    if isinstance(wanted, bool) or isinstance(value, bool):
        return value is wanted
    return value in wanted if isinstance(wanted, tuple) else value == wanted


def _record_defect(fact: Fact, *, item: Item, member: Member, as_of: datetime) -> Defect | None:
    empty = [name for name in item.filled if not is_filled(fact, name, as_of)]
    if empty:
        return soft("unfilled", label=fact.label, fields=[Title(name) for name in empty])
    past = ages.run_out(fact.fields, as_of)
    if past:
        return soft("overdue", label=fact.label, field=Title(past[0]), day=past[1])
    days = ages.days_allowed(max_age=item.max_age, max_age_days=item.max_age_days, member=member)
    if days is None:
        return None
    when = ages.newest_event(fact, item.entity, item.filled, as_of)
    if when is None:
        return soft("undated", label=fact.label)
    if not ages.is_fresh(when, days=days, as_of=as_of):
        return soft("stale", label=fact.label, day=when, days=days)
    return None


def _values(fact: Fact, field: str) -> tuple[Any, ...]:
    value = fact.fields.get(field)
    return tuple(value) if isinstance(value, list | tuple | set | frozenset) else (value,)


def _counted(good: Sequence[Fact], item: Item) -> list[Fact]:
    """The rows that count, strongest basis first: all, or one for each different value of the field."""
    ordered = sorted(good, key=strength)
    if not item.distinct_on:
        return ordered
    wanted = item.where.get(item.distinct_on)
    chosen: dict[Any, Fact] = {}
    for fact in ordered:
        for value in _values(fact, item.distinct_on):
            if value not in (None, "") and (wanted is None or _matches(value, wanted)):
                chosen.setdefault(str(value), fact)
    return list(chosen.values())


def _where_text(where: Mapping[str, Any]) -> list[str]:
    texts = []
    for name, wanted in where.items():
        values = [f"{sign} {bound}" for sign, bound in wanted.items()] if isinstance(wanted, Mapping) else wanted
        listed = values if isinstance(values, list | tuple) else [values]
        texts.append(f"{Title(name).text}: {' / '.join(Title(str(value)).text for value in listed)}")
    return texts


def _no_record(item: Item, member: Member, rows: Sequence[Fact]) -> Finding:
    entity = Title(item.entity)
    if item.if_none:
        why = reason("record_if_none", member=member.label, entity=entity)
        return Finding(item.if_none, why, is_stored=False)
    if rows:
        return _failed("record_unfit", member=member.label, entity=entity, where=_where_text(item.where))
    return _failed("record_none", member=member.label, entity=entity)


def find_record(item: Item, member: Member, rows: Sequence[Fact], as_of: datetime) -> Finding:
    """A record passes when enough rows that meet `where` are filled, fresh and not overdue."""
    fit = [row for row in rows if matches(row.fields, item.where) and ages.has_happened(row, item.entity, as_of)]
    if not fit:
        return _no_record(item, member, rows)
    judged = [(row, _record_defect(row, item=item, member=member, as_of=as_of)) for row in fit]
    good = _counted([row for row, defect in judged if defect is None], item)
    if len(good) >= item.min_count:
        counted = _once(good[: item.min_count])
        return Finding("pass", reason("record_pass", label=[row.label for row in counted]), counted)
    defects = [(row, defect) for row, defect in judged if defect is not None]
    shown = _once([*good, *(row for row, _ in defects)])[:SHOWN]
    if defects:
        return Finding("partial", defects[0][1].reason, shown)
    return Finding("partial", _too_few(item, member, len(good)), shown)


def _once(rows: Sequence[Fact]) -> tuple[Fact, ...]:
    return tuple({row.id: row for row in rows}.values())


def _too_few(item: Item, member: Member, count: int) -> Reason:
    values = {"member": member.label, "count": count, "wanted": item.min_count}
    if item.distinct_on:
        return reason("too_few_distinct", field=Title(item.distinct_on), **values)
    return reason("too_few", entity=Title(item.entity), **values)


# checks


def _standing_passes(runs: Sequence[CheckFact]) -> tuple[list[CheckFact], CheckFact | None]:
    """Passing runs that no later run contradicts, and the newest answer that is no pass.

    A check holds only when the newest verdict on every question put to it is a pass: who asks about one group must
    not be able to hide a failed answer about another. A run without a threshold says nothing about thresholds.
    """
    passes: list[CheckFact] = []
    questions: dict[tuple[str, Any, str], list[CheckFact]] = {}
    for run in sorted(runs, key=lambda run: run.ended_at, reverse=True):
        if run.outcome != "recorded":
            questions.setdefault((run.check, run.subject, run.question), []).append(run)
    against = [asked[0] for asked in questions.values() if asked[0].outcome != "pass"]
    closed = {run.check for run in against}
    for (check, _, _), asked in questions.items():
        if check not in closed:
            others = next((place for place, run in enumerate(asked) if run.outcome != "pass"), len(asked))
            passes += asked[:others]
    return passes, against[0] if against else None


def _check_defect(run: CheckFact, *, item: Item, member: Member, as_of: datetime) -> Defect | None:
    days = ages.days_allowed(max_age=item.max_age, max_age_days=item.max_age_days, member=member)
    if not ages.is_fresh(run.ended_at, days=days, as_of=as_of):
        return soft("stale", label=run.label, day=run.ended_at, days=days)
    if run.valid_until is not None and ages.has_passed(run.valid_until, as_of):
        return soft("check_expired", label=run.label, day=run.valid_until)
    if item.with_ci and not run.with_ci:
        return soft("check_no_interval", label=run.label)
    if item.disaggregated and not run.disaggregated:
        return soft("check_no_groups", label=run.label)
    return None


def find_check(item: Item, member: Member, rows: Sequence[CheckFact], as_of: datetime) -> Finding:
    """A check passes when a fresh run shows what is asked; insufficient and recorded are never a pass."""
    runs = [run for run in rows if not ages.is_later(run.ended_at, as_of)]
    if not runs:
        return _failed("check_none", member=member.label, names=item.checks)
    against = None
    if item.outcome == "pass":
        candidates, against = _standing_passes(runs)
    else:
        candidates = sorted(runs, key=lambda run: run.ended_at, reverse=True)
    if not candidates:
        last = against or max(runs, key=lambda run: run.ended_at)
        why = reason("check_verdict", label=last.label, day=last.ended_at, outcome=Title(last.outcome))
        return Finding("fail", why, (last,))
    judged = [(run, _check_defect(run, item=item, member=member, as_of=as_of)) for run in candidates]
    return _by_defects(judged, lambda run: reason("check_pass", label=run.label, day=run.ended_at))


# workflows


def _workflow_defect(run: WorkflowFact, *, item: Item, member: Member, as_of: datetime) -> Defect | None:
    people = {person for person, role in run.approvers if not item.roles or role in item.roles}
    if item.roles and not people:
        return hard("workflow_roles", label=run.label, roles=[Title(role) for role in item.roles])
    if len(people) < item.min_distinct_approvers:
        wanted = item.min_distinct_approvers
        return hard("workflow_approvers", label=run.label, count=len(people), wanted=wanted)
    if item.distinct_persons:
        defect = _same_person(run, item)
        if defect:
            return defect
    days = ages.days_allowed(max_age=item.max_age, max_age_days=item.max_age_days, member=member)
    if not ages.is_fresh(run.ended_at, days=days, as_of=as_of):
        return soft("stale", label=run.label, day=run.ended_at, days=days)
    return None


def _same_person(run: WorkflowFact, item: Item) -> Defect | None:
    """A step that is still to come (publishing after approval) has no person yet and hurts nothing, but there must
    be at least two steps to compare."""
    taken = [step for step in item.distinct_persons if run.steps.get(step)]
    if len(taken) < 2:
        missing = [Title(step) for step in item.distinct_persons if step not in taken]
        return hard("workflow_steps_unknown", label=run.label, steps=missing)
    for one, other in combinations(taken, 2):
        if run.steps[one] & run.steps[other]:
            return hard("workflow_same_person", label=run.label, steps=[Title(one), Title(other)])
    return None


def find_workflow(item: Item, member: Member, rows: Sequence[WorkflowFact], as_of: datetime) -> Finding:
    """A workflow passes when it reached the outcome by the right people, within the age limit."""
    past = [run for run in rows if not ages.is_later(run.ended_at, as_of)]
    reached = [run for run in past if run.outcome == item.outcome]
    values = {"member": member.label, "workflow": Title(item.workflow)}
    if not past:
        return _failed("workflow_none", **values)
    if not reached:
        return _failed("workflow_outcome", outcome=Title(item.outcome), **values)
    judged = [(run, _workflow_defect(run, item=item, member=member, as_of=as_of)) for run in reached]
    return _by_defects(
        judged,
        lambda run: reason("workflow_pass", label=run.label, outcome=Title(run.outcome), day=run.ended_at),
    )


# attestations


def _attestation_defect(row: AttestationFact, *, item: Item, member: Member, as_of: datetime) -> Defect | None:
    if row.role != item.role:
        return hard("attestation_role", label=row.label, role=Title(item.role))
    days = ages.days_allowed(max_age=item.max_age, max_age_days=item.max_age_days, member=member)
    if not ages.is_fresh(row.signed_at, days=days, as_of=as_of):
        return soft("stale", label=row.label, day=row.signed_at, days=days)
    if item.file_required and not row.has_file:
        return soft("attestation_file", label=row.label)
    return None


def find_attestation(item: Item, member: Member, rows: Sequence[AttestationFact], as_of: datetime) -> Finding:
    """A statement passes when it is fresh, signed in the role and, where asked, with a file."""
    signed = [row for row in rows if not ages.is_later(row.signed_at, as_of)]
    if not signed:
        return _failed("attestation_none", member=member.label, topic=Title(item.topic))
    judged = [(row, _attestation_defect(row, item=item, member=member, as_of=as_of)) for row in signed]
    return _by_defects(judged, lambda row: reason("attestation_pass", label=row.label, day=row.signed_at))


RULES: dict[str, Callable[[Item, Member, Any, datetime], Finding]] = {
    "record": find_record,
    "check": find_check,
    "workflow": find_workflow,
    "attestation": find_attestation,
}
