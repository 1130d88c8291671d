"""Benchmark: audited writes through the service layer, and verify_audit, on SQLite and PostgreSQL, on two cores.

The peer of the first is the same change saved without its entry; that of the second is reading and hashing the same
bytes without asking anything of them. Both engines force every commit to the disk.
"""

import hashlib
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
CORES, WRITERS, SECONDS, WARM_UP, SYSTEMS = 2, 2, 8.0, 5.0, 1000


def main(entries: int = 100_000) -> None:
    """Each engine in a process of its own with a database of its own."""
    from config import postgres, services

    postgres.HABITS = ("listen_addresses=", "jit=off")  # what the tests leave out: here commits are forced to the disk
    with tempfile.TemporaryDirectory() as folder:
        print(f"{CORES} of {os.cpu_count()} cores, {SECONDS:.0f} s of writing, a log of {entries:,} entries")
        print(f"load of the machine before: {os.getloadavg()[0]:.1f}", flush=True)
        measured("SQLite", Path(folder), "", entries)
        try:
            server = postgres.start_private(Path(folder) / "postgres.log")
        except services.ServiceError as error:
            print(f"PostgreSQL: not measured, {error}")
            return
        try:
            measured(f"PostgreSQL {server.version}", Path(folder), server.url("postgres"), entries)
        finally:
            server.stop()


def measured(name: str, folder: Path, url: str, entries: int) -> None:
    """Run this file for one engine."""
    state = folder / name.split()[0]
    state.mkdir()
    environment = {
        **{key: value for key, value in os.environ.items() if not key.startswith("ATTESTRY_")},
        "ATTESTRY_DATA_DIR": str(state), "ATTESTRY_DATABASE_URL": url, "PYTHONPATH": str(ROOT),
        "DJANGO_SETTINGS_MODULE": "config.settings",
    }  # fmt: skip
    done = subprocess.run(
        [sys.executable, __file__, "engine", str(entries)], env=environment, cwd=ROOT, capture_output=True, text=True,
        check=False,
    )  # fmt: skip
    print(f"-- {name}\n{done.stdout or done.stderr}", flush=True)


# ---- in the process of one engine


def engine(entries: int) -> None:
    """Fill, write, verify; one line a figure."""
    import django

    os.sched_setaffinity(0, set(sorted(os.sched_getaffinity(0))[:CORES]))
    django.setup()
    from django.core.management import call_command

    call_command("migrate", verbosity=0)
    filled()
    tell("audited writes, 1 writer", "writes/s", written(1, "audited"))
    both = written(WRITERS, "audited")
    tell(f"audited writes, {WRITERS} writers", "writes/s", both)
    bare = written(WRITERS, "unaudited")
    tell("the same without an entry", "writes/s", bare)
    tell("audited / without an entry", "", both / bare)
    lengthen(entries)
    verify()
    prove(entries)


def tell(name: str, unit: str, value: float) -> None:
    """One figure."""
    print(f"{name:<48} {value:12,.2f} {unit}", flush=True)


def filled() -> None:
    """An owner with a thousand systems of one unit."""
    from registry.actions import inventory, people
    from registry.models import BusinessUnit, Duty

    administrator = people.make_first_administrator("administrator@bank.example", installation="Bench")
    unit = people.add_unit("Lending", parent=BusinessUnit.objects.get(), actor=administrator)
    owner = people.invite("owner@bank.example", name="Owner", unit=unit, duty=Duty.TECHNICAL_OWNER, actor=administrator)
    words = "Chooses which existing customers receive an offer by post; no credit is decided. " * 3
    for number in range(SYSTEMS):
        inventory.register_system(
            unit, name=f"System {number}", purpose=words, business_owner=owner, technical_owner=owner,
            risk_tier="limited", actor=owner,
        )  # fmt: skip


def audited(system: Any, text: str, owner: Any) -> None:
    """The action that a person's form calls."""
    from registry.actions import inventory

    inventory.edit_system(system, intended_uses=text, actor=owner)


def unaudited(system: Any, text: str, owner: Any) -> None:
    """The same row saved in a transaction, and nothing else."""
    from django.db import transaction

    with transaction.atomic():
        system.intended_uses = text
        system.save()


def written(writers: int, how: str) -> float:
    """Writes a second, by so many processes on systems of their own, from one moment on; tells also those a CPU second."""
    start = time.time() + WARM_UP
    command = [sys.executable, __file__, "writer", how, str(writers), str(start)]
    started = [
        subprocess.Popen([*command, str(number)], stdout=subprocess.PIPE, text=True) for number in range(writers)
    ]  # fmt: skip
    said = [process.communicate()[0].split() for process in started]
    done, busy = sum(int(one[0]) for one in said), sum(float(one[1]) for one in said)
    tell(f"{how}, {writers} at once, of their own time", "writes/s", done / busy)
    return done / SECONDS


def writer(how: str, writers: int, start: float, number: int) -> None:
    """One of the writers: prints how often it wrote."""
    import django

    django.setup()
    from registry.models import AISystem, User

    write = {"audited": audited, "unaudited": unaudited}[how]
    owner = User.objects.get(email="owner@bank.example")
    mine, done = list(AISystem.objects.select_related("unit").order_by("name"))[number::writers], 0
    time.sleep(max(0.0, start - time.time()))
    before = time.process_time()
    while time.time() < start + SECONDS:
        write(mine[done % len(mine)], f"Text {done} of {number}", owner)
        done += 1
    print(done, time.process_time() - before)


# ---- the long log


def lengthen(entries: int) -> None:
    """Lawful entries on the systems and a checkpoint for each 256, laid in at once, until the log has so many."""
    from django.db import connection

    from registry.audit import checkpoints, keys, log, notes
    from registry.models import AISystem, AuditBody, AuditCheckpoint, AuditEntry, AuditHead

    key, signed = keys.log_key(), []
    head = AuditHead.objects.get()
    edge, before, made = log.frontier(head), bytes(head.entry_hash), drafts(list(AISystem.objects.all()))
    rows: list[Any] = []
    bodies: list[Any] = []
    for seq in range(head.size + 1, entries + 1):
        said, body = next(made)
        salt = os.urandom(32)
        said |= {"seq": seq, "body_commit": log.sha256(log.BODY, salt, body).hex()}
        exact = log.canonical(said)
        leaf = log.sha256(log.LEAF, exact)
        after = log.sha256(log.ENTRY, before, leaf)
        hashes = {"header": exact, "leaf_hash": leaf, "prev_hash": before, "entry_hash": after}
        rows.append(AuditEntry(**log.columns_of(said), **hashes))
        bodies.append(AuditBody(entry_id=seq, salt=salt, body=body))
        before = after
        edge.append(leaf)
        if seq % checkpoints.ENTRIES == 0:
            root = edge.root()
            signed.append(AuditCheckpoint(size=seq, root=root, note=notes.signed(seq, root, key), key_fingerprint="-"))
    AuditCheckpoint.objects.bulk_create(signed)
    AuditEntry.objects.bulk_create(rows, batch_size=500)
    AuditBody.objects.bulk_create(bodies, batch_size=500)
    head.size, head.entry_hash, head.frontier = edge.size, before, edge.packed()
    head.save()
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")  # as the database does by itself when nobody lays in so much at once


def drafts(systems: list[Any]) -> Iterator[tuple[dict[str, Any], bytes]]:
    """Headers without number and commitment, and bodies: an edit of one system after the other that changed nothing."""
    from django.db.models import Max

    from registry.audit import log
    from registry.models import AuditEntry

    revisions = dict(AuditEntry.objects.values_list("object_id").annotate(last=Max("object_rev")).order_by())
    ready = []
    for system in systems:
        snapshot = system.snapshot()
        said = log.header_of(system.technical_owner, "system.edited", system, log.object_digest(snapshot), "")
        ready.append((said, log.canonical({"snapshot": snapshot, "reason": "", "data": {}, "actor": "Owner"})))
    while True:
        for system, (said, body) in zip(systems, ready, strict=True):
            revisions[system.pk] += 1
            yield said | {"object_rev": revisions[system.pk]}, body


def verify() -> None:
    """The whole of verify_audit, and its peer."""
    from registry.audit import verification

    walk = verification.Walk()
    started, busy = time.perf_counter(), time.process_time()
    found = list(verification.findings(walk))
    seconds, busy = time.perf_counter() - started, time.process_time() - busy
    assert not found, found[:3]
    tell("verify_audit", "entries/s", walk.edge.size / seconds)
    tell("verify_audit, of its own time", "entries/s", walk.edge.size / busy)
    started = time.perf_counter()
    for line in verification.lines():
        hashlib.sha256(line.header)
        hashlib.sha256(line.body)
    bare = time.perf_counter() - started
    tell("read and hash alone", "entries/s", walk.edge.size / bare)
    tell("verify_audit / read and hash", "", bare / seconds)


def prove(entries: int) -> None:
    """One proof of each kind, the dearest: of the first entry, and from half of the log to the whole."""
    from registry.audit import proofs

    for name, proof in (("inclusion", partial(proofs.inclusion, 1, entries)),
                        ("consistency", partial(proofs.consistency, entries // 2 + 1, entries))):  # fmt: skip
        started = time.perf_counter()
        proof()
        tell(f"one proof of {name}", "ms", 1000 * (time.perf_counter() - started))


if __name__ == "__main__":
    sys.path.insert(0, str(ROOT))
    if sys.argv[1:2] == ["engine"]:
        engine(int(sys.argv[2]))
    elif sys.argv[1:2] == ["writer"]:
        writer(sys.argv[2], int(sys.argv[3]), float(sys.argv[4]), int(sys.argv[5]))
    else:
        main()
