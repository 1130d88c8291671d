"""Benchmark: an evidence pack of a unit with so many objects, built as a worker builds it, then judged by verify.py.

Objects are outcomes of checks, each with its entries in the log; a checkpoint makes every entry one with a proof.
"""

import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent


def main(rows: int = 1000) -> dict[str, float]:
    """Seconds to build and to verify, megabytes at the peak of building, and the size of the pack."""
    with tempfile.TemporaryDirectory() as folder:
        own = {key: value for key, value in os.environ.items() if not key.startswith("ATTESTRY_")}
        env = {**own, "ATTESTRY_TESTING": "1", "ATTESTRY_DATA_DIR": folder, "PYTHONPATH": str(ROOT)}
        env["DJANGO_SETTINGS_MODULE"] = "config.settings"
        told = subprocess.run(
            [sys.executable, __file__, str(rows), folder], env=env, check=True, stdout=subprocess.PIPE
        )
        figures = json.loads(told.stdout.splitlines()[-1])
        fingerprint = figures.pop("fingerprint")
        started = time.perf_counter()
        command = [str(ROOT / "reports/verifier/verify.py"), f"{folder}/pack.zip", "--key-fingerprint", fingerprint]
        subprocess.run([sys.executable, "-I", *command], check=True, stdout=subprocess.DEVNULL)
        figures["verify.py, seconds"] = time.perf_counter() - started
    print(f"a pack of {rows} objects, load {os.getloadavg()[0]:.1f}")
    for name, value in figures.items():
        print(f"{name:<30} {value:10.3g}")
    return figures


def build(rows: int, folder: Path) -> dict[str, Any]:
    """Make the rows, then the pack, in an installation of its own."""
    import resource

    import django

    django.setup()
    from django.core.management import call_command
    from django.utils import timezone

    call_command("migrate", verbosity=0)
    from registry.audit import checkpoints
    from reports import desk
    from reports.models import Pack
    from reports.packs import building
    from tests import factories

    cast = factories.make_cast()
    version = factories.make_version(cast)
    for _ in range(rows):
        factories.make_evidence(cast, version)
    checkpoints.make()
    pack, key = Pack(of_unit=cast.unit, shows_people=True, salt="00" * 32), desk.own_key()
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    started = time.perf_counter()
    with (folder / "pack.zip").open("w+b") as file:
        building.packed(pack, file, as_of=timezone.now(), key=key)
        size = file.seek(0, os.SEEK_END)
    seconds = time.perf_counter() - started
    grown = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024
    return {"build, seconds": seconds, "build, more MB at the peak": grown, "pack, MB": size / 1e6,
            "fingerprint": key.fingerprint}  # fmt: skip


if __name__ == "__main__":
    if len(sys.argv) == 3:
        print(json.dumps(build(int(sys.argv[1]), Path(sys.argv[2]))))
    else:
        main()
