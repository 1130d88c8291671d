"""Benchmark: the status of every NIST AI RMF subcategory for a thousand systems, from cold and after one change of each kind."""

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
SYSTEMS = 1_000
RISKS, LIMITS, RUNS, ENTRIES, RELEASES = 3, 3, 4, 20, 1
TEXT = "Written to measure with, and long enough to count as filled in."
PROCESSOR, CLOCK, SUBJECTS, ROWS = "processor seconds", "seconds", "systems and units touched", "rows decided anew"
Figures = dict[str, dict[str, float]]


def main(rows: int = SYSTEMS) -> Figures:
    """`rows` is how many systems; in a process and a database of its own. By figure: by what was done."""
    with tempfile.TemporaryDirectory() as folder:
        environment = {
            **{key: value for key, value in os.environ.items() if not key.startswith("ATTESTRY_")},
            "ATTESTRY_DATA_DIR": folder, "PYTHONPATH": str(ROOT), "DJANGO_SETTINGS_MODULE": "config.settings",
        }  # fmt: skip
        command = [sys.executable, __file__, "measure", str(rows)]
        done = subprocess.run(command, env=environment, cwd=ROOT, stdout=subprocess.PIPE, text=True, check=True)
    found: Figures = json.loads(done.stdout.splitlines()[-1])
    print(f"72 subcategories, {rows:,} systems, one process")
    for name in found[CLOCK]:
        print(f"{name:<44}", *(f"{found[each].get(name, 0):10,.2f}" for each in found), flush=True)
    return found


def measure(systems: int) -> None:
    """Fill, decide from cold, change one thing of each kind and decide again."""
    fill(systems)
    from django.utils import timezone

    from reports.framework_files import load
    from reports.standings import keeping, kept, live

    framework, decided, whole = load("nist_ai_rmf"), Decided(live.decide), []
    live.decide = decided
    figures: Figures = {PROCESSOR: {}, CLOCK: {}, SUBJECTS: {}, ROWS: {}}
    with timed("from cold", figures, decided):
        whole.append(keeping.begun(framework, as_of=timezone.now()))
    [standings] = whole
    with timed("all kept in the table", figures, decided):
        keeping.store(standings)
    with timed("read from the table and believed", figures, decided):
        assert kept.current(framework, "") is not None
    for name, change in changes().items():
        change()
        with timed(name, figures, decided):
            figures[SUBJECTS][name] = len(standings.refresh(standings.as_of))
            keeping.store(standings)
    print(json.dumps(figures))


def fill(systems: int) -> None:
    """A database with so many systems, and what hangs on them."""
    import django

    django.setup()
    from config import migrated, scale

    migrated.migrate()
    scale.MODELS_A_SYSTEM = 2
    scale.fill(scale.Scale(systems * 2))
    for kind, rows in further(systems):
        scale.enter(kind, rows)


class Decided:
    """Decides as before, and counts."""

    def __init__(self, decide: Callable[..., Any]) -> None:
        self.decide, self.count = decide, 0

    def __call__(self, *given: Any) -> Any:
        self.count += 1
        return self.decide(*given)


@contextmanager
def timed(name: str, figures: Figures, decided: Decided) -> Iterator[None]:
    """What is done inside, by the clock and by the processor, and how many requirements of subjects were decided for it."""
    started, worked, before = time.perf_counter(), time.process_time(), decided.count
    yield
    figures[PROCESSOR][name], figures[CLOCK][name] = time.process_time() - worked, time.perf_counter() - started
    figures[ROWS][name] = decided.count - before


def further(systems: int) -> Iterator[tuple[Any, Iterator[dict[str, Any]]]]:
    """What hangs on systems and versions, as rows of tables."""
    from rai.models import MetricBaseline
    from registry.models import BusinessUnit, Evidence, RegisterEntry, Release
    from registry.registers import kinds
    from risk.models import Risk

    root = BusinessUnit.objects.get(parent=None)
    names = [name for name, kind in kinds().items() if "system" in kind.about]
    numbers = range(systems)
    yield Risk, (risk(number) for number in numbers for _ in range(RISKS))
    yield MetricBaseline, (limit(number, place) for number in numbers for place in range(LIMITS))
    yield Release, (release(number) for number in numbers)
    yield Evidence, (run(number, place) for number in numbers for place in range(RUNS))
    yield (
        RegisterEntry,
        (
            entry(number, place, names[(number + place) % len(names)], root)
            for number in numbers
            for place in range(ENTRIES)
        ),
    )


def person(number: int) -> Any:
    """Somebody."""
    from config import scale

    return scale.id_of("person", number % scale.PEOPLE)


def system_id(number: int) -> Any:
    """The id of a system."""
    from config import scale

    return scale.id_of("system", number)


def version_of(number: int) -> Any:
    """The id of a version at home in the system of that number."""
    from config import scale

    return scale.id_of("version", number * scale.VERSIONS_A_MODEL)


def risk(number: int) -> dict[str, Any]:
    """A risk."""
    from django.utils import timezone

    return {
        "system_id": system_id(number), "title": "Drift", "component": "model", "category": "safety", "likelihood": 2,
        "impact": 2, "inherent_level": "medium", "residual_likelihood": 1, "residual_impact": 1, "residual_level": "low",
        "status": "treated", "owner_id": person(number), "reviewed_at": timezone.now(), "registered_by_id": person(number),
        "rated_by_id": person(number), **fresh(),
    }  # fmt: skip


def fresh() -> dict[str, Any]:
    """An id of its own."""
    import uuid

    return {"id": uuid.uuid4()}


def limit(number: int, place: int) -> dict[str, Any]:
    """An approved limit."""
    from django.utils import timezone

    return {
        "system_id": system_id(number), "slug": "group_fairness", "rule": f"selection_rate_difference<=0.{place + 1}",
        "principle": ("fairness", "accuracy", "safety")[place], "rationale": TEXT, "status": "approved",
        "owner_id": person(number), "approved_by_id": person(number + 1), "approved_at": timezone.now(), **fresh(),
    }  # fmt: skip


def release(number: int) -> dict[str, Any]:
    """A published release."""
    from django.utils import timezone

    return {
        "system_id": system_id(number), "version_id": version_of(number), "notes": TEXT, "status": "published",
        "author_id": person(number), "publisher_id": person(number + 1), "published_at": timezone.now(), **fresh(),
    }  # fmt: skip


def run(number: int, place: int) -> dict[str, Any]:
    """A passing run."""
    from django.utils import timezone

    name = ("fairness.group_metrics", "performance.holdout", "drift.data", "performance.slices")[place]
    return {
        "version_id": version_of(number), "kind": "check", "check_slug": name, "shows": [name], "digest": f"sha256:{number:060}{place:04}",
        "outcome": {"low": 0.1, "high": 0.2, "groups": [{"n": 10}, {"n": 20}]}, "verdict": "pass",
        "effective_at": timezone.now(), "received_at": timezone.now(), **fresh(),
    }  # fmt: skip


def entry(number: int, place: int, kind: str, root: Any) -> dict[str, Any]:
    """An entry of a register."""
    from registry.registers import kind_named
    from registry.registers.kinds import RECORDED

    found = kind_named(kind)
    return {
        "kind": kind, "number": number * ENTRIES + place + 1, "title": "Entry", "fields": dict.fromkeys(found.fields, None),
        "status": next(iter(found.statuses), RECORDED), "unit_id": root.pk, "system_id": system_id(number), "owner_id": person(number),
        "due_on": date.today() + timedelta(days=90), **fresh(),
    }  # fmt: skip


def changes() -> dict[str, Callable[[], None]]:
    """One logged change of each kind."""
    return of_rows() | of_systems() | of_the_organisation()


def changed(row: Any, **columns: Any) -> None:
    """Store a row with these values and log it, as an action does."""
    from django.db import transaction

    from registry.audit import log

    with transaction.atomic():
        for name, value in columns.items():
            setattr(row, name, value)
        row.save()
        log.record(None, "row.edited", row)


def first(model: Any, place: int = 0, **where: Any) -> Any:
    """A row of a table, the same at every run."""
    return model.objects.filter(**where).order_by("pk")[place]


def of_rows() -> dict[str, Callable[[], None]]:
    """Of what hangs on one system."""
    from django.utils import timezone

    from registry.models import (
        AISystem,
        BusinessUnit,
        DatasetVersion,
        Evidence,
        LineageLink,
        ModelCard,
        ModelVersion,
        RegisterEntry,
        Release,
        User,
    )
    from risk.models import Incident, Risk

    now = timezone.now()
    return {
        "a risk is rated anew": lambda: changed(first(Risk), residual_level="high"),
        "a run is withdrawn": lambda: changed(first(Evidence), withdrawn_at=now),
        "a run comes in": lambda: changed(Evidence(**run(7, 0))),
        "an entry of a register changes": lambda: changed(first(RegisterEntry, kind="control"), title="Other"),
        "a version is suspended": lambda: changed(first(ModelVersion), status="suspended"),
        "a release is withdrawn": lambda: changed(first(Release), status="withdrawn"),
        "a card is approved": lambda: changed(
            ModelCard(version=first(ModelVersion, 9), number=1, status="approved", approved_at=now, edited_by=first(User))
        ),
        "data are linked to a version": lambda: changed(LineageLink(
            relation="trained_on", source_type="registry.ModelVersion", source_id=first(ModelVersion).pk, source_label="A",
            target_type="registry.DatasetVersion", target_id=first(DatasetVersion).pk, target_label="B",
            unit=BusinessUnit.objects.get(parent=None),
        )),
        "data are approved": lambda: changed(first(DatasetVersion), status="approved", approved_at=now),
        "an incident is reported": lambda: changed(Incident(
            system=first(AISystem, 8, **USED), title="New", kind="other", description=TEXT, severity="high", serious=True,
            detected_at=now, reporter=first(User), impacts=TEXT,
        )),
    }  # fmt: skip


USED = {"lifecycle_stage": "production"}


def of_systems() -> dict[str, Callable[[], None]]:
    """Of a system itself."""
    from registry.models import AISystem, BusinessUnit, User

    return {
        "the tier of a system rises": lambda: changed(first(AISystem, risk_tier="minimal", **USED), risk_tier="critical"),
        "the tier of a system falls": lambda: changed(first(AISystem, risk_tier="high", **USED), risk_tier="limited"),
        "a system is renamed": lambda: changed(first(AISystem, 3, **USED), name="Other"),
        "a system becomes generative": lambda: changed(first(AISystem, is_generative=False, **USED), is_generative=True),
        "a system moves to another unit": lambda: changed(
            first(AISystem, 5, **USED), unit=BusinessUnit.objects.get(name="Team 3")
        ),
        "a system changes its owner": lambda: changed(first(AISystem, 6, **USED), business_owner=first(User, 3)),
        "a system is retired": lambda: changed(first(AISystem, 7, **USED), lifecycle_stage="retired"),
        "a system goes into production": lambda: changed(first(AISystem, lifecycle_stage="validation"), **USED),
        "a system is registered": lambda: changed(AISystem(
            name="New", slug="new", purpose=TEXT, unit=BusinessUnit.objects.get(name="Team 4"), risk_tier="high",
            business_owner=first(User), technical_owner=first(User, 1),
        )),
    }  # fmt: skip


def of_the_organisation() -> dict[str, Callable[[], None]]:
    """Of what concerns many systems or all of them."""
    from registry.models import BusinessUnit, Duty, ReviewPolicy, RoleAssignment, User

    root, long_ago = BusinessUnit.objects.get(parent=None), date.today() - timedelta(days=9)

    def duty(where: Any) -> Any:
        return RoleAssignment(person=first(User, 2), duty=Duty.RISK_OFFICER, unit=where, starts_on=long_ago)

    return {
        "a policy of the organisation is approved": lambda: changed(policy(), status="approved"),
        "a release policy comes into force": lambda: changed(ReviewPolicy(
            unit=root, number=1, source="", body=release_policy(), status="in_force", author=first(User)
        )),
        "a duty is given in a unit": lambda: changed(duty(BusinessUnit.objects.get(name="Team 6"))),
        "a duty is given in the organisation": lambda: changed(duty(root)),
        "a duty ends": lambda: changed(
            RoleAssignment.objects.get(person=first(User, 2), unit=root), ends_on=date.today() - timedelta(days=1)
        ),
        "a person is renamed": lambda: changed(first(User, 4), name="Other"),
        "a unit is added": lambda: changed(BusinessUnit(name="New", slug="new-unit", parent=root)),
    }  # fmt: skip


def release_policy() -> dict[str, Any]:
    """The shipped policy, with more asked of cards."""
    from copy import deepcopy

    from registry import policy

    body = deepcopy({key: value for key, value in policy.shipped().items() if key != "number"})
    for tier in body["tiers"].values():
        tier["card_completeness"] = 1.0
    return body


def policy() -> Any:
    """A policy of the organisation."""
    from django.utils import timezone

    from registry.models import BusinessUnit, RegisterEntry, User

    people = list(User.objects.all()[:2])
    return RegisterEntry(
        kind="policy_document", number=1_000_000, title="AI policy", fields={"policy_type": "ai_policy", "text": TEXT},
        unit=BusinessUnit.objects.get(parent=None), owner=people[0], author=people[0], approved_by=people[1],
        approved_at=timezone.now(), due_on=date.today() + timedelta(days=90),
    )  # fmt: skip


if __name__ == "__main__":
    sys.path.insert(0, str(ROOT))
    if sys.argv[1:2] == ["measure"]:
        measure(int(sys.argv[2]))
    else:
        main()
