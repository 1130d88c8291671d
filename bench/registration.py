"""Benchmark: registering a version over HTTP against MLflow's REST registration, in turn, each server with SQLite.

Ours is `manage.py up` with its broker and workers, and takes the artefact's bytes, hashes and flushes them and writes
the log; MLflow's server, in the environment of its own lock, takes the address of an artefact that lies elsewhere.
"""

import http.client
import json
import os
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from itertools import count
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
BOUNDARY = "attestry-bench"
STARTING = 120.0
Register = Callable[[http.client.HTTPConnection, int], None]


def main(rows: int = 100, rounds: int = 7) -> dict[str, float]:
    """`rows` registrations of one client a round, one after the other; milliseconds each, and the rounds' ratios."""
    with tempfile.TemporaryDirectory() as folder, ours(Path(folder)) as here, peer(Path(folder)) as there:
        numbers = count(1)
        pairs = [(timed(*there, rows, numbers), timed(*here, rows, numbers)) for _ in range(rounds + 1)][1:]
    figures = {
        "MLflow, milliseconds": 1000 * statistics.median(theirs for theirs, _own in pairs),
        "ours, milliseconds": 1000 * statistics.median(own for _theirs, own in pairs),
        "ratio, median of rounds": statistics.median(theirs / own for theirs, own in pairs),
        "ratio, smallest": min(theirs / own for theirs, own in pairs),
    }
    print(f"{rounds} rounds of {rows} registrations each, load {os.getloadavg()[0]:.1f}")
    for name, value in figures.items():
        print(f"{name:<30} {value:10.3g}")
    return figures


def timed(port: int, register: Register, rows: int, numbers: Iterator[int]) -> float:
    """Seconds of one registration, over one connection that stays open."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    register(connection, next(numbers))  # the first opens the connection
    started = time.perf_counter()
    for _ in range(rows):
        register(connection, next(numbers))
    seconds = time.perf_counter() - started
    connection.close()
    return seconds / rows


def asked(
    connection: http.client.HTTPConnection,
    path: str,
    body: bytes,
    media_type: str,
    headers: Mapping[str, str] | None = None,
) -> None:
    """One request, which must succeed."""
    connection.request("POST", path, body, {"Content-Type": media_type, **(headers or {})})
    answer = connection.getresponse()
    said = answer.read()
    assert answer.status in {200, 201}, (path, answer.status, said[:500])


@contextmanager
def ours(folder: Path) -> Iterator[tuple[int, Register]]:
    """`manage.py up` on an installation with one model, and how a version of it is registered."""
    from config import services

    port = services.free_port()
    environment = {
        **{key: value for key, value in os.environ.items() if not key.startswith("ATTESTRY_")},
        "ATTESTRY_DATA_DIR": str(folder / "ours"), "ATTESTRY_BIND": f"127.0.0.1:{port}", "ATTESTRY_API_RATE": "1000000/min",
        "ATTESTRY_UPLOADS_PER_MINUTE": "1000000",
        "PYTHONPATH": str(ROOT), "DJANGO_SETTINGS_MODULE": "config.settings",
    }  # fmt: skip
    (folder / "ours").mkdir()
    told = subprocess.run(
        [sys.executable, __file__, "prepare"], env=environment, cwd=ROOT, stdout=subprocess.PIPE, text=True, check=True
    )
    token, model = json.loads(told.stdout.splitlines()[-1])

    def register(connection: http.client.HTTPConnection, number: int) -> None:
        parts = {"model": model, "version": f"1.{number}", 'artifact"; filename="model.txt': f"model {number}"}
        body = "".join(f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'
                       for name, value in parts.items()) + f"--{BOUNDARY}--\r\n"  # fmt: skip
        kind = f"multipart/form-data; boundary={BOUNDARY}"
        asked(connection, "/api/v1/versions/", body.encode(), kind, {"Authorization": f"Bearer {token}"})

    with served([sys.executable, str(ROOT / "manage.py"), "up"], environment, port, "/livez"):
        yield port, register


@contextmanager
def peer(folder: Path) -> Iterator[tuple[int, Register]]:
    """MLflow's server as its manual starts it, with one model, and how a version of it is registered."""
    from config import extras, services

    port = services.free_port()
    python = extras.make(extras.MLFLOW)
    command = [str(python), "-m", "mlflow", "server", "--host", "127.0.0.1", "--port", str(port),
               "--backend-store-uri", f"sqlite:///{folder}/mlflow.db", "--artifacts-destination", str(folder / "bytes")]  # fmt: skip
    made, kind = "/api/2.0/mlflow/registered-models/create", "application/json"

    def register(connection: http.client.HTTPConnection, number: int) -> None:
        asked(connection, "/api/2.0/mlflow/model-versions/create",
              json.dumps({"name": "model", "source": f"s3://models/{number}"}).encode(), kind)  # fmt: skip

    place = {**os.environ, "PATH": f"{python.parent}{os.pathsep}{os.environ['PATH']}"}
    with served(command, place, port, "/health"):
        asked(http.client.HTTPConnection("127.0.0.1", port), made, b'{"name": "model"}', kind)
        yield port, register


@contextmanager
def served(command: list[str], environment: Mapping[str, str], port: int, health: str) -> Iterator[None]:
    """A server of its own process group, ready to answer; it ends with the block."""
    process = subprocess.Popen(
        command, env=environment, cwd=ROOT, start_new_session=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        wait_for(process, port, health)
        yield
    finally:
        process.terminate()
        try:
            process.wait(30)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)


def wait_for(process: "subprocess.Popen[bytes]", port: int, health: str) -> None:
    """Return when the server answers."""
    deadline = time.monotonic() + STARTING
    while time.monotonic() < deadline:
        assert process.poll() is None, process.args
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
        try:
            connection.request("GET", health)
            if connection.getresponse().status == 200:
                return
        except OSError:
            time.sleep(0.2)
        finally:
            connection.close()
    raise TimeoutError(process.args)


def prepare() -> None:
    """In the process of our installation: a model, and a token that may register versions of it."""
    import django

    django.setup()
    from config import migrated
    from registry.actions import inventory, people, tokens
    from registry.models import BusinessUnit, Duty

    migrated.migrate()
    administrator = people.make_first_administrator("administrator@bench.example", installation="Bench")
    unit = BusinessUnit.objects.get(parent=None)
    owner = people.invite(
        "owner@bench.example", name="Owner", unit=unit, duty=Duty.TECHNICAL_OWNER, actor=administrator
    )
    system = inventory.register_system(
        unit, name="System", purpose="Measured.", risk_tier="limited", business_owner=owner, technical_owner=owner,
        actor=owner,
    )  # fmt: skip
    model = inventory.register_model(system, name="Model", actor=owner)
    _token, secret = tokens.create_token(owner, name="bench", scopes=["models:read", "models:write"], unit=unit)
    print(json.dumps([secret, str(model.pk)]))


if __name__ == "__main__":
    sys.path.insert(0, str(ROOT))
    if sys.argv[1:2] == ["prepare"]:
        prepare()
    else:
        main()
