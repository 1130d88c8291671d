"""The standings in their table: sealed when written, believed only in step with the log, the rules and the program."""

import logging
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any, Final

from django.db import transaction
from django.utils.crypto import constant_time_compare, salted_hmac

from registry import moment
from registry.canonical import canonical
from registry.vocabulary import vocabulary
from reports.evaluation import RequirementResult
from reports.framework_files import Framework
from reports.models import Standing, StandingHead
from reports.standings.watched import logged

ORGANISATION: Final = ""
OVERRIDDEN, EXCEPTED, STALE = "o", "e", "s"
Results = dict[str, list[Any]]
logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Cell:
    """One requirement as it is kept: enough for a grid, without the words of any row."""

    result: str
    basis: str | None
    marks: str
    passed: int
    applying: int

    @property
    def is_overridden(self) -> bool:
        """People set the result in place of the evidence."""
        return OVERRIDDEN in self.marks

    @property
    def is_excepted(self) -> bool:
        """An approved exception names it."""
        return EXCEPTED in self.marks

    @property
    def is_stale(self) -> bool:
        """Some of its evidence is too old to count."""
        return STALE in self.marks


@dataclass(frozen=True)
class Said:
    """What was said of a subject from a day to a day, and whether the seal of the row holds."""

    since: date
    until: date
    rules: str
    is_whole: bool
    cells: dict[str, Cell]


def cell(found: RequirementResult) -> Cell:
    """A result as it is kept."""
    applying = [item for item in found.items if item.result != "not_applicable"]
    flags = ((OVERRIDDEN, found.override is not None), (EXCEPTED, found.excepted), (STALE, found.is_stale))
    return Cell(
        found.result, found.basis, "".join(mark for mark, holds in flags if holds),
        sum(item.result == "pass" for item in applying), len(applying),
    )  # fmt: skip


def as_kept(found: RequirementResult) -> list[Any]:
    """A result as a row holds it."""
    one = cell(found)
    return [one.result, one.basis, one.marks, one.passed, one.applying]


@cache
def program() -> str:
    """The digest of everything that decides besides a framework's file: the vocabulary and the modules of reports."""
    digest = sha256(repr(vocabulary()).encode())
    root = Path(__file__).parent.parent
    for path in sorted([*root.glob("*.py"), *root.glob("imported/*.py")]):
        digest.update(path.read_bytes())
    return f"sha256:{digest.hexdigest()}"


def sealed(*said: Any) -> str:
    """A seal that nobody makes without the installation's secret."""
    return salted_hmac("reports.standings", canonical(list(said)), algorithm="sha256").hexdigest()


def seal_of(row: Standing) -> str:
    """The seal that a row should bear."""
    days = (row.since.isoformat(), row.until.isoformat())
    return sealed(row.framework, row.subject, *days, row.rules, row.program, row.results)


def is_whole(row: Standing) -> bool:
    """Nobody changed the row but the program."""
    return constant_time_compare(row.seal, seal_of(row))


def seal_of_head(head: StandingHead, seals: Iterable[tuple[str, str]]) -> str:
    """The seal of a head, which covers the seals of the rows of its day: none can be left out or put back."""
    return sealed(head.framework, head.day.isoformat(), head.seq, head.rules, head.program, sorted(map(list, seals)))


def seals(framework: str, day: date) -> list[tuple[str, str]]:
    """The seals of the rows of a day, by subject."""
    return list(Standing.objects.filter(framework=framework, until=day).order_by().values_list("subject", "seal"))


def head_of(framework: Framework) -> StandingHead | None:
    """The head, where it and the set of its rows are as the program left them and were made by today's rules."""
    head = StandingHead.objects.filter(framework=framework.slug).first()
    if head is None or (head.rules, head.program) != (framework.digest, program()):
        return None
    return head if constant_time_compare(head.seal, seal_of_head(head, seals(head.framework, head.day))) else None


def in_step(framework: Framework, *, now: datetime | None = None) -> StandingHead | None:
    """The head where the standings are those of this day and of the last entry of the log."""
    day = (now or moment.now()).date()
    there = StandingHead.objects.filter(framework=framework.slug, day=day, seq=logged()).exists()
    return head_of(framework) if there else None


def current(framework: Framework, subject: str, *, now: datetime | None = None) -> dict[str, Cell] | None:
    """What stands now of a subject, by requirement; None where that is not known and has to be decided."""
    head = in_step(framework, now=now)
    return None if head is None else of_day(head, subject)


def of_day(head: StandingHead, subject: str) -> dict[str, Cell] | None:
    """What was last said of a subject, up to the entry of the log that the head names."""
    row = Standing.objects.filter(framework=head.framework, subject=subject, until=head.day).first()
    return cells(row) if row is not None and is_whole(row) else None


def cells(row: Standing) -> dict[str, Cell]:
    """The results of a row."""
    return {key: Cell(*value) for key, value in row.results.items()}


def said(framework: str, subject: str) -> list[Said]:
    """Everything that was said of a subject, oldest first; a row that was changed since is not believed."""
    return [
        Said(row.since, row.until, row.rules, is_whole(row), cells(row) if is_whole(row) else {})
        for row in Standing.objects.filter(framework=framework, subject=subject).order_by("since")
    ]


@transaction.atomic
def keep(framework: Framework, found: dict[str, Results], *, day: date, seq: int) -> int:
    """Keep what every subject came to; how many came out otherwise than what was kept. Nothing newer is overwritten."""
    head, _new = StandingHead.objects.select_for_update().get_or_create(
        framework=framework.slug, defaults={"day": day, "seq": -1, "rules": "", "program": "", "seal": ""}
    )
    if (head.day, head.seq) > (day, seq) and head_of(framework) is not None:
        return 0
    rows = Standing.objects.filter(framework=framework.slug, subject__in=list(found)).order_by("since")
    newest = {row.subject: row for row in rows}
    differing = [taken(framework, subject, results, newest.get(subject), day) for subject, results in found.items()]
    Standing.objects.bulk_create(
        [row for row, _differs in differing if row is not None], batch_size=200, update_conflicts=True,
        unique_fields=["framework", "subject", "since"], update_fields=["until", "rules", "program", "results", "seal"],
    )  # fmt: skip
    head.day, head.seq, head.rules, head.program = day, seq, framework.digest, program()
    head.seal = seal_of_head(head, seals(framework.slug, day))
    head.save()
    return sum(differs for _row, differs in differing)


def taken(
    framework: Framework, subject: str, results: Results, last: Standing | None, day: date
) -> tuple[Standing | None, bool]:
    """The row to write of one subject, where there is one to write, and whether it says otherwise than what was kept."""
    rules = (framework.digest, program())
    is_kept = last is not None and is_whole(last)
    if last is not None and not is_kept:
        logger.error("%s was changed by something else than the program; it is written anew.", last)
    same = last is not None and is_kept and (last.results, last.rules, last.program) == (results, *rules)
    if last is not None and same and last.until == day:
        return None, False
    goes_on = last is not None and (same or last.since >= day)
    row = Standing(
        framework=framework.slug, subject=subject, since=last.since if last is not None and goes_on else day, until=day,
        results=results, rules=rules[0], program=rules[1],
    )  # fmt: skip
    row.seal = seal_of(row)
    return row, not same
