"""Benchmark: lists, filters, search and impact in an inventory of 100,000 models, on SQLite and PostgreSQL.

Each engine has a process and a database of its own, filled by `manage.py seed scale`. Pages are asked for in process,
through the whole of the product's middleware; time in the database is that of every statement with its rows fetched.
"""

import json
import os
import re
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
MODELS, ROUNDS, PAGES = 100_000, 3, 3
LISTS = ("systems", "models", "versions", "datasets", "deployments")
FILTERS = (
    "systems/?tier=critical", "systems/?stage=suspended", "systems/?vendor=Northlight", "systems/?is_generative=yes",
    "systems/?owner=Person 017", "models/?tier=critical", "models/?tier=minimal&stage=production", "models/?owner=Person 017",
    "models/?vendor=Northlight", "models/?base_model=Northlight base 7", "models/?sort=-created_at",
    "models/?sort=-name&tier=high", "models/?unit={unit}", "versions/?status=suspended", "versions/?status=published",
    "versions/?vendor=Datenwerk&tier=critical", "versions/?base_model=Meridian AI base 3", "versions/?unit={unit}",
    "versions/?tier=critical&status=draft", "datasets/?unit={unit}", "datasets/?owner=Person 44",
)  # fmt: skip
WORDS = ("model", "credit scoring model", "信贷", "信", "northlight", "base 7", "person 12", "0123", "{digest}", "{id}",
         "zzzz", "fraud detection model 000", "team 17", "e")  # fmt: skip


def main(rows: int = MODELS) -> dict[str, dict[str, float]]:
    """Each engine in turn; `rows` is how many models. Figures in milliseconds by engine and name."""
    from config import postgres, services

    # As for a disk without moving parts (docs/operations.md).
    postgres.HABITS = ("listen_addresses=", "jit=off", "shared_buffers=512MB", "random_page_cost=1.1")
    found = {}
    with tempfile.TemporaryDirectory() as folder:
        found["SQLite"] = measured("SQLite", Path(folder), "", rows)
        try:
            server = postgres.start_private(Path(folder) / "postgres.log")
        except services.ServiceError as error:
            print(f"PostgreSQL: not measured, {error}")
            return found
        try:
            found["PostgreSQL"] = measured("PostgreSQL", Path(folder), server.url("postgres"), rows)
        finally:
            server.stop()
    return found


def measured(name: str, folder: Path, url: str, rows: int) -> dict[str, float]:
    """Run this file for one engine; `ATTESTRY_BENCH_STATE` keeps what SQLite was filled with, for the next run."""
    state = Path(os.environ.get("ATTESTRY_BENCH_STATE") or folder) / name
    state.mkdir(parents=True, exist_ok=True)
    environment = {
        **{key: value for key, value in os.environ.items() if not key.startswith("ATTESTRY_")},
        "ATTESTRY_DATA_DIR": str(state), "ATTESTRY_DATABASE_URL": url, "PYTHONPATH": str(ROOT),
        "DJANGO_SETTINGS_MODULE": "config.settings",
    }  # fmt: skip
    done = subprocess.run(
        [sys.executable, __file__, "engine", str(rows)], env=environment, cwd=ROOT, stdout=subprocess.PIPE, text=True,
        check=True,
    )  # fmt: skip
    found: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    print(f"-- {name}")
    for figure, value in found.items():
        print(f"{figure:<60} {value:12,.1f}", flush=True)
    return found


# ---- in the process of one engine


class Clock:
    """How long the database took since it was last asked."""

    def __init__(self) -> None:
        self.seconds = 0.0

    @contextmanager
    def running(self) -> Iterator[None]:
        """Count what happens inside."""
        started = time.perf_counter()
        try:
            yield
        finally:
            self.seconds += time.perf_counter() - started


def engine(models: int) -> None:
    """Fill where it is empty, measure, and print the figures as the last line."""
    import django

    django.setup()
    from django.core.management import call_command

    from config import migrated, scale

    migrated.migrate()
    figures: dict[str, float] = {}
    if scale.is_empty():
        started = time.perf_counter()
        call_command("seed", "scale", models=models, stdout=sys.stderr)
        figures["seeding, seconds"] = time.perf_counter() - started
    clock = clocked()
    for who in (scale.READER, scale.OFFICER):
        figures |= pages(who, clock)
        figures |= searches(who)
    figures |= impact()
    print(json.dumps(figures))


def clocked() -> Clock:
    """Time every statement of this process's connection, with the fetching of its rows."""
    from django.db import connection
    from django.db.backends.utils import CursorWrapper

    clock = Clock()

    class Timed(CursorWrapper):
        """A cursor that counts its time."""

    def timed(name: str) -> Callable[..., Any]:
        def call(self: Any, *args: Any, **kwargs: Any) -> Any:
            with clock.running():
                return CursorWrapper.__getattr__(self, name)(*args, **kwargs)

        return call

    for name in ("fetchone", "fetchmany", "fetchall"):
        setattr(Timed, name, timed(name))

    def executed(execute: Any, *args: Any) -> Any:
        with clock.running():
            return execute(*args)

    connection.make_cursor = lambda cursor: Timed(cursor, connection)  # type: ignore[method-assign]
    connection.execute_wrappers.append(executed)
    return clock


def pages(who: str, clock: Clock) -> dict[str, float]:
    """First and later pages of every list, and filtered ones."""
    from registry.models import BusinessUnit

    client, name = signed_in(who), who.split("@")[0]
    unit = BusinessUnit.objects.get(name="Team 0").pk
    plain = partial(turns, client, clock, [f"/{one}/" for one in LISTS])
    filtered = partial(turns, client, clock, ["/" + one.format(unit=unit) for one in FILTERS])
    plain(), filtered()  # the first time templates are read and plans are made
    return {**told(f"{name}: list pages", plain()), **told(f"{name}: filter pages", filtered())}


def signed_in(who: str) -> Any:
    """A client with a session."""
    from django.conf import settings
    from django.test import Client

    from registry.models import User

    settings.ALLOWED_HOSTS = ["testserver"]
    client = Client()
    client.force_login(User.objects.get(email=who))
    return client


def turns(client: Any, clock: Clock, addresses: list[str]) -> dict[str, list[tuple[float, float]]]:
    """Milliseconds in the database and whole, of each address and the pages that follow it."""
    found: dict[str, list[tuple[float, float]]] = {}
    for _round in range(ROUNDS):
        for address in addresses:
            here = address
            for _page in range(PAGES):
                clock.seconds, started = 0.0, time.perf_counter()
                answer = client.get(here)
                whole = time.perf_counter() - started
                assert answer.status_code == 200, (here, answer.status_code)
                found.setdefault(address, []).append((1000 * clock.seconds, 1000 * whole))
                onward = re.search(rb'rel="next" href="([^"]+)"', answer.content)
                if not onward:
                    break
                here = address.partition("?")[0] + onward[1].decode().replace("&amp;", "&")
    return found


def told(name: str, found: Mapping[str, list[tuple[float, float]]]) -> dict[str, float]:
    """Medians, 95th percentiles and the slowest address."""
    database = [turn[0] for turn in (turn for each in found.values() for turn in each)]
    whole = [turn[1] for turn in (turn for each in found.values() for turn in each)]
    slowest = max(found, key=lambda address: statistics.median(turn[0] for turn in found[address]))
    if os.environ.get("ATTESTRY_BENCH_EACH"):
        for address, each in found.items():
            print(
                f"{statistics.median(t[0] for t in each):8.1f} {max(t[1] for t in each):8.1f} {address}",
                file=sys.stderr,
            )
    return {
        f"{name}, in the database, median": statistics.median(database),
        f"{name}, in the database, p95": percentile(database),
        f"{name}, in the database, slowest ({slowest})": statistics.median(turn[0] for turn in found[slowest]),
        f"{name}, whole, median": statistics.median(whole),
        f"{name}, whole, p95": percentile(whole),
    }


def percentile(values: list[float], share: float = 0.95) -> float:
    """The value that so many lie below."""
    return sorted(values)[min(len(values) - 1, int(share * len(values)))]


def searches(who: str) -> dict[str, float]:
    """Every kind of question, hits of all kinds of rows fetched."""
    from config import scale
    from registry import search
    from registry.models import User

    person, took = User.objects.get(email=who), {}
    words = [word.format(digest=scale.digest_of(77), id=scale.id_of("model", 4711)) for word in WORDS]
    for word in words:
        times = []
        for _round in range(ROUNDS):
            started = time.perf_counter()
            search.hits(person, word)
            times.append(1000 * (time.perf_counter() - started))
        took[word] = times[1:]
    slowest = max(took, key=lambda word: statistics.median(took[word]))
    every = [each for times in took.values() for each in times]
    name = who.split("@")[0]
    return {
        f"{name}: search, median": statistics.median(every),
        f"{name}: search, p95": percentile(every),
        f"{name}: search, slowest word ({slowest[:12]}), median": statistics.median(took[slowest]),
    }


def impact() -> dict[str, float]:
    """Everything that came of one version, with paths, as its reader sees it."""
    from config import scale
    from registry import lineage
    from registry.models import LineageLink, User

    links, times = LineageLink.objects.visible_to(User.objects.get(email=scale.READER)), []
    for _round in range(ROUNDS):
        started = time.perf_counter()
        below = lineage.came_of(scale.id_of("version", 0), links)
        times.append(1000 * (time.perf_counter() - started))
    return {
        "impact, things found": len(below),
        "impact, median": statistics.median(times),
        "impact, p95": percentile(times),
    }


if __name__ == "__main__":
    sys.path.insert(0, str(ROOT))
    if sys.argv[1:2] == ["engine"]:
        engine(int(sys.argv[2]))
    else:
        main()
