"""The command `test`: two pytest runs, the lane without servers and the lane with real ones."""

import argparse
import os
import secrets
import subprocess
import sys

from config.places import ROOT, cache_folder

NOTHING_COLLECTED, MOST_PROCESSES = 5, 4
# Set where the lanes run without a network; the plugin says which test runs when something tries to reach one.
NO_NETWORK = "ATTESTRY_TEST_NO_NETWORK"
WITHOUT_NETWORK, SAYING_WHICH = ("-m", "config.no_network", sys.executable), ("-p", "tests.running")


def main(arguments: list[str]) -> int:
    """Run the lanes; the worse of the two exit codes."""
    ours, theirs = parse(arguments)
    env = {**os.environ, "ATTESTRY_SEED": os.environ.get("ATTESTRY_SEED") or str(secrets.randbelow(2**31))}
    if ours.full:
        env["ATTESTRY_FULL"] = "1"
    first = "not real and not long" if ours.fast else "not real"
    if ours.no_network:
        env[NO_NETWORK] = "1"
    cores = os.cpu_count() or 1
    codes = [run("sqlite", lane(first, ours.marker) + parallel(theirs, cores), theirs, env)]
    if not ours.fast:
        required = ["--require-real"] if ours.require_real else []
        # What the tests of this lane start beside them, servers, workers and browsers, has a quarter of the cores.
        options = [*lane("real or both", ours.marker), *required, *parallel(theirs, cores * 3 // 4)]
        codes.append(run("real", options, theirs, env))
    return worse(codes)


def parse(arguments: list[str]) -> tuple[argparse.Namespace, list[str]]:
    """Our own options, and what pytest gets."""
    parser = argparse.ArgumentParser(
        prog="manage.py test", description=main.__doc__, epilog="Other options go to pytest."
    )
    parser.add_argument("--fast", action="store_true", help="the first lane only: no servers, no long tests")
    parser.add_argument(
        "--require-real", action="store_true", help="an absent server or browser is a failure, not a skip"
    )
    parser.add_argument("--full", action="store_true", help="full counts, not a seeded tenth")
    parser.add_argument(
        "--no-network", action="store_true", help="nothing leads out of this machine; what tries to leave fails the run"
    )
    parser.add_argument("-m", dest="marker", default="", metavar="MARKERS", help="as pytest's, within each lane")
    return parser.parse_known_args(arguments)


def lane(expression: str, marker: str) -> list[str]:
    """The lane's tests, narrowed by what the caller asked for."""
    return ["-m", f"({expression}) and ({marker})" if marker else expression]


def parallel(theirs: list[str], cores: int) -> list[str]:
    """As many processes as cores, unless the caller chose or there is room for one; files begin in the order of tests/order.py."""
    chosen = any(word.startswith(("-n", "--numprocesses", "--pdb", "-x")) for word in theirs)
    processes = min(cores, MOST_PROCESSES)
    return [] if chosen or processes < 2 else ["-n", str(processes), "--dist", "loadfile", "--no-loadscope-reorder"]


def run(name: str, options: list[str], theirs: list[str], env: dict[str, str]) -> int:
    """One lane in a process of its own."""
    print(f"\n---- lane {name} (seed {env['ATTESTRY_SEED']}) ----", flush=True)
    # In a clone that this user may not write, caches lie elsewhere.
    around, more = (WITHOUT_NETWORK, SAYING_WHICH) if env.get(NO_NETWORK) else ((), ())
    pytest = ["-m", "pytest", *more, "-o", f"cache_dir={cache_folder() / 'pytest'}"]
    command = [sys.executable, *around, *pytest, *options, *theirs]
    return subprocess.run(command, cwd=ROOT, env={**env, "ATTESTRY_TEST_LANE": name}, check=False).returncode


def worse(codes: list[int]) -> int:
    """The worse exit code; a lane in which nothing was chosen does not count beside one that ran."""
    counted = [code for code in codes if code != NOTHING_COLLECTED] or [NOTHING_COLLECTED]
    return max(counted, key=abs)
