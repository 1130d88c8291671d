"""The command `lock`: writes the hash-locked requirement files anew from what is asked for."""

import subprocess
import sys

from config.places import ROOT, cache_folder

UV = "uv==0.9.11"
LOCKS = {
    "requirements.txt": ["config/requirements/base.in"],
    "tests/requirements.txt": ["tests/requirements.in"],
    # Not of the product's environment: the extra for warehouses, and peers of the benchmarks.
    "requirements-warehouse.txt": ["config/requirements/warehouse.in"],
    "bench/requirements/aequitas.txt": ["bench/requirements/aequitas.in"],
    "bench/requirements/mlflow.txt": ["bench/requirements/mlflow.in"],
}


def main(arguments: list[str]) -> int:
    """Resolve each file for every system and both Pythons; `--upgrade` takes newer versions of what is not pinned."""
    folder = cache_folder() / "lock"
    program = folder / "bin" / "uv"
    if not program.exists():
        # Not a package of the product: it is fetched into a folder of its own when a lock is made.
        subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(folder)], check=True)
        subprocess.run([sys.executable, "-m", "pip", "--python", str(folder), "install", "-q", UV], check=True)
    for target, asked in LOCKS.items():
        command = [
            str(program),
            "pip",
            "compile",
            "--universal",
            "--python-version",
            "3.11",
            "--generate-hashes",
            "--quiet",
        ]
        subprocess.run([*command, "--no-header", *arguments, "-o", target, *asked], cwd=ROOT, check=True)
        print(f"{target} written")
    return 0
