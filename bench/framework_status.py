"""Benchmark: the status of every NIST AI RMF subcategory for a thousand systems, from cold and after one change."""

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
SYSTEMS = 1_000
RISKS, LIMITS, RUNS, ENTRIES, RELEASES = 3, 3, 4, 20, 1
TEXT = "Written to measure with, and long enough to count as filled in."


def main(rows: int = SYSTEMS) -> dict[str, float]:
    """`rows` is how many systems; in a process and a database of its own. Seconds by what was done."""
    with tempfile.TemporaryDirectory() as folder:
        environment = {
            **{key: value for key, value in os.environ.items() if not key.startswith("ATTESTRY_")},
            "ATTESTRY_DATA_DIR": folder, "PYTHONPATH": str(ROOT), "DJANGO_SETTINGS_MODULE": "config.settings",
        }  # fmt: skip
        command = [sys.executable, __file__, "measure", str(rows)]
        done = subprocess.run(command, env=environment, cwd=ROOT, stdout=subprocess.PIPE, text=True, check=True)
    found: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    print(f"72 subcategories, {rows:,} systems, one process")
    for name, value in found.items():
        print(f"{name:<60} {value:12,.2f}", flush=True)
    return found


def measure(systems: int) -> None:
    """Fill, decide from cold, change one thing of each sort and decide again."""
    import django

    django.setup()
    from config import migrated, scale

    migrated.migrate()
    scale.MODELS_A_SYSTEM = 2
    scale.fill(scale.Scale(systems * 2))
    for kind, rows in further(systems):
        scale.enter(kind, rows)
    from reports.framework_files import load
    from reports.standings import keeping, kept
    from reports.standings.live import Standings

    figures: dict[str, float] = {}
    started, worked = time.perf_counter(), time.process_time()
    standings = Standings(load("nist_ai_rmf"))
    figures["from cold, seconds"] = time.perf_counter() - started
    figures["from cold, processor seconds"] = time.process_time() - worked
    started = time.perf_counter()
    keeping.store(standings, standings.keys)
    figures["kept in the table, seconds"] = time.perf_counter() - started
    started = time.perf_counter()
    assert kept.current(load("nist_ai_rmf"), "") is not None
    figures["read from the table and believed, seconds"] = time.perf_counter() - started
    for name, change in changes().items():
        change()
        started, worked = time.perf_counter(), time.process_time()
        touched = standings.refresh(standings.as_of)
        keeping.store(standings, touched)
        figures[f"after {name}, seconds"] = time.perf_counter() - started
        figures[f"after {name}, processor seconds"] = time.process_time() - worked
        figures[f"after {name}, systems touched"] = len(touched)
    print(json.dumps(figures))


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
    """One logged change of each sort."""
    from django.db import transaction

    from registry.audit import log
    from registry.models import AISystem, Evidence, RegisterEntry
    from risk.models import Risk

    def changed(row: Any, **columns: Any) -> None:
        with transaction.atomic():
            for name, value in columns.items():
                setattr(row, name, value)
            row.save()
            log.record(None, "row.edited", row)

    return {
        "a risk is rated anew": lambda: changed(Risk.objects.first(), residual_level="high"),
        "a run is withdrawn": lambda: changed(Evidence.objects.first(), verdict="fail"),
        "an entry of a register changes": lambda: changed(
            RegisterEntry.objects.filter(kind="control").first(), title="Other"
        ),
        "a policy of the organisation changes": lambda: changed(policy(), status="approved"),
        "the tier of a system changes": lambda: changed(AISystem.objects.first(), risk_tier="critical"),
    }


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
