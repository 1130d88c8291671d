"""System libraries without installing anything: the machine's own, else Debian packages unpacked into a private folder."""

import ctypes
import os
import re
import shlex
import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from xml.sax.saxutils import escape

from config.places import cache_folder, home

PANGO_LIBRARIES = ("libgobject-2.0.so.0", "libpango-1.0.so.0", "libpangoft2-1.0.so.0", "libharfbuzz.so.0",
                   "libharfbuzz-subset.so.0", "libfontconfig.so.1")  # fmt: skip
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
# Only in the sysroot's search path through the machine's own loader: these must match the loader and the kernel.
NEVER_UNPACKED = {"libc6", "libc-bin", "libc-l10n", "dpkg", "apt"}


@dataclass(frozen=True)
class Part:
    """Something that the machine has, or that packages bring."""

    name: str
    packages: tuple[str, ...]
    is_present: Callable[[], bool]
    lack: str


def loads(*libraries: str) -> bool:
    """The loader finds every one of these libraries."""
    try:
        for library in libraries:
            ctypes.CDLL(library)
    except OSError:
        return False
    return True


def installed_browser() -> Path | None:
    """A Chromium on the machine's search path."""
    found = next(filter(None, map(shutil.which, BROWSERS)), None)
    return Path(found) if found else None


def has_postgres(folder: Path) -> bool:
    """The folder holds the server and the program that makes its files; a client's package has neither."""
    return all(os.access(folder / name, os.X_OK) for name in ("postgres", "initdb"))


def newest_postgres(root: Path) -> Path | None:
    """The newest complete server below a root folder, where Debian's packages lie."""
    found = [folder for folder in root.glob("usr/lib/postgresql/*/bin") if has_postgres(folder)]
    return max(found, key=lambda folder: float(folder.parent.name), default=None)


def installed_postgres() -> Path | None:
    """The machine's server programs: Debian's newest, else those on the search path."""
    on_path = shutil.which("postgres")
    beside = Path(on_path).resolve().parent if on_path else None
    return newest_postgres(Path("/")) or (beside if beside and has_postgres(beside) else None)


PARTS = {
    "pango": Part(
        "pango",
        ("libpango-1.0-0", "libpangoft2-1.0-0", "libharfbuzz-subset0", "fontconfig-config", "fonts-dejavu-core"),
        lambda: loads(*PANGO_LIBRARIES),
        "PDFs cannot be made: install Pango with the machine's package manager",
    ),
    "openmp": Part(
        "openmp",
        ("libgomp1",),
        lambda: loads("libgomp.so.1"),
        "LightGBM models cannot be explained: install libgomp with the machine's package manager",
    ),
    "atomic": Part(
        "atomic",
        ("libatomic1",),
        lambda: loads("libatomic.so.1"),
        "the browser cannot be driven: install libatomic with the machine's package manager",
    ),
    "chromium": Part(
        "chromium",
        ("chromium", "fonts-liberation"),
        lambda: installed_browser() is not None,
        "browser tests are skipped: install Chromium with the machine's package manager",
    ),
    "postgresql": Part(
        "postgresql",
        ("postgresql",),
        lambda: installed_postgres() is not None,
        "tests use the server of a wheel, else SQLite: install PostgreSQL with the machine's package manager",
    ),
    "bubblewrap": Part(
        "bubblewrap",
        ("bubblewrap",),
        lambda: shutil.which("bwrap") is not None,
        "level B of the sandbox is not tested: install bubblewrap with the machine's package manager",
    ),
    "pip": Part("pip", ("python3-pip-whl",), lambda: False, "pip is missing: install python3-venv"),
}
RUNTIME_PARTS = ("pango", "openmp")
TEST_PARTS = (*RUNTIME_PARTS, "atomic", "chromium", "postgresql", "bubblewrap")
# Linked into our own processes; a browser's libraries go to the browser alone.
LINKED_PARTS = (*RUNTIME_PARTS, "atomic")


# ---- asking


@cache
def place() -> Path:
    """The folder of unpacked packages; for root with a clone that others cannot enter, one that they can read.

    Servers that refuse root run as another user, who has to reach their files.
    """
    kept = cache_folder() / "sysroot.place"
    if kept.exists() and is_ours(Path(kept.read_text().strip())):
        return Path(kept.read_text().strip())
    folder = home() / ".cache" / "sysroot"
    if os.geteuid() == 0 and not is_open_to_all(folder.parent):
        folder = Path(tempfile.mkdtemp(prefix="attestry-sysroot-"))
        folder.chmod(0o755)
        kept.write_text(str(folder))
    return folder


def is_ours(folder: Path) -> bool:
    """The folder still exists and nobody else can have put libraries into it."""
    if not folder.is_dir():
        return False
    status = folder.stat()
    return status.st_uid == os.geteuid() and not status.st_mode & 0o022


def is_open_to_all(folder: Path) -> bool:
    """Every folder on the way can be entered by other users."""
    return all(step.stat().st_mode & 0o001 for step in (folder, *folder.parents) if step.exists())


def is_unpacked(part: str) -> bool:
    """The part's packages were unpacked completely."""
    return (place() / f"{part}.done").exists()


@cache
def is_provided(part: str) -> bool:
    """Unpacked, or on the machine."""
    return is_unpacked(part) or PARTS[part].is_present()


def is_unlinked() -> bool:
    """Libraries were unpacked, and this process was not started with them in its library path."""
    return any(map(is_unpacked, LINKED_PARTS)) and str(library_folders()[0]) not in os.environ.get(
        "LD_LIBRARY_PATH", ""
    ).split(":")


def environment(*parts: str) -> dict[str, str]:
    """The environment for a process that uses the given unpacked parts (what is linked into ours where none is named)."""
    variables = dict(os.environ)
    if not any(is_unpacked(part) for part in parts or LINKED_PARTS):
        return variables
    folders = [str(folder) for folder in library_folders()]
    before = [folder for folder in variables.get("LD_LIBRARY_PATH", "").split(":") if folder and folder not in folders]
    variables["LD_LIBRARY_PATH"] = ":".join([*folders, *before])
    if not Path("/etc/fonts/fonts.conf").exists():
        variables.setdefault("FONTCONFIG_FILE", str(place() / "fonts.conf"))
    return variables


def library_folders() -> list[Path]:
    """Where the unpacked packages have their libraries."""
    triples = sorted(place().glob("usr/lib/*-linux-gnu*")) + sorted(place().glob("lib/*-linux-gnu*"))
    return [*triples, *(folder / "pulseaudio" for folder in triples if (folder / "pulseaudio").is_dir())] or [
        place() / "usr/lib"
    ]


def browser() -> Path | None:
    """The Chromium to test with: the machine's, else the unpacked one (its program, not Debian's wrapper script)."""
    unpacked = place() / "usr/lib/chromium/chromium"
    return installed_browser() or (unpacked if is_unpacked("chromium") else None)


def bubblewrap() -> Path | None:
    """The program that holds children in at level B: the machine's, else the unpacked one."""
    installed, unpacked = shutil.which("bwrap"), place() / "usr/bin/bwrap"
    return Path(installed) if installed else unpacked if is_unpacked("bubblewrap") else None


def unpacked_postgres() -> Path | None:
    """The unpacked server programs."""
    return newest_postgres(place()) if is_unpacked("postgresql") else None


# ---- unpacking


def provide(name: str, say: Callable[[str], None]) -> bool:
    """Unpack the part unless the machine has it; False, and a line that says what is lacking, when it cannot be had."""
    part = PARTS[name]
    is_provided.cache_clear()
    if is_provided(name):
        return True
    if not shutil.which("apt-get") or not shutil.which("dpkg"):
        say(f"{name} is not on this machine and there is no apt-get to fetch it with; {part.lack}.")
        return False
    begun = time.monotonic()
    say(f"Unpacking {name} privately (nothing is installed on the machine) ...")
    try:
        count = unpack(part)
    except (subprocess.CalledProcessError, OSError) as error:
        end = "\n".join((getattr(error, "stderr", None) or str(error)).splitlines()[-5:])
        say(f"{end}\n{name} could not be fetched; {part.lack}, or start again when the package mirror can be reached.")
        return False
    say(f"{name}: {count} packages unpacked ({time.monotonic() - begun:.0f} s).")
    is_provided.cache_clear()
    return True


def unpack(part: Part) -> int:
    """Fetch a part's packages with what they need and this machine lacks; the number of packages."""
    place().mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="attestry-apt-") as name:
        folder = Path(name)
        apt = Apt(folder)
        apt.update()
        wanted = apt.needed(part.packages)
        apt.run("apt-get", "download", *(f"{package}={version}" for package, version in wanted), cwd=folder)
        for package in sorted(folder.glob("*.deb")):
            subprocess.run(["dpkg", "-x", package, place()], check=True, capture_output=True, text=True)
    (place() / "fonts.conf").write_text(fonts_conf())
    (place() / f"{part.name}.done").write_text("\n".join("=".join(pair) for pair in wanted) + "\n")
    return len(wanted)


class Apt:
    """apt with lists, cache and log of its own and without the machine's hooks, so that it needs no rights."""

    def __init__(self, folder: Path) -> None:
        for name in ("lists/partial", "cache/archives/partial", "log"):
            (folder / name).mkdir(parents=True)
        machine = subprocess.run(["apt-config", "dump"], check=True, capture_output=True, text=True).stdout
        kept = [line for line in machine.splitlines() if re.match(r"(Acquire|APT::Architecture)", line)]
        own = {
            "Dir::Etc::parts": "/dev/null",
            "Dir::Etc::main": "/dev/null",
            "Dir::State": folder,
            "Dir::State::lists": folder / "lists",
            "Dir::State::status": "/var/lib/dpkg/status",
            "Dir::State::extended_states": folder / "extended_states",
            "Dir::Cache": folder / "cache",
            "Dir::Log": folder / "log",
            "APT::Sandbox::User": "",
            "APT::Install-Recommends": "false",
            "Debug::NoLocking": "true",
            "Acquire::Languages": "none",
            "Acquire::Retries": "3",
        }
        self.conf = folder / "apt.conf"
        self.conf.write_text("\n".join([*kept, *(f'{key} "{value}";' for key, value in own.items())]) + "\n")

    def update(self) -> None:
        """Fetch the lists of packages; one dead third-party source must not stop the others, all dead ones must."""
        done = self.run("apt-get", "update", check=False)
        if done.returncode and not any((self.conf.parent / "lists").glob("*Packages*")):
            done.check_returncode()

    def output(self, *command: str) -> str:
        """What one of apt's commands prints. Raises CalledProcessError."""
        return self.run(*command).stdout

    def run(self, *command: str, check: bool = True, cwd: Path | None = None) -> "subprocess.CompletedProcess[str]":
        """Run one of apt's commands with this configuration alone."""
        variables = {**os.environ, "APT_CONFIG": str(self.conf), "LC_ALL": "C.UTF-8"}
        variables.pop("LD_LIBRARY_PATH", None)
        return subprocess.run(command, check=check, capture_output=True, text=True, env=variables, cwd=cwd)

    def needed(self, packages: tuple[str, ...]) -> list[tuple[str, str]]:
        """The packages and versions that an installation would bring to this machine, the wanted ones always."""
        try:
            plan = self.output("apt-get", "install", "-s", "-y", *packages)
        except subprocess.CalledProcessError:
            # The machine's own packages are in disorder: resolve as if it had none.
            plan = self.output("apt-get", "install", "-s", "-y", "-o", "Dir::State::status=/dev/null", *packages)
        # Lines like: Inst libpango-1.0-0 [old] (1.50.12 Debian:12/stable [amd64])
        found = dict(re.findall(r"^Inst (\S+) (?:\[[^]]*\] )?\((\S+) ", plan, flags=re.MULTILINE))
        for package in packages:
            if package not in found:
                found[package] = self.candidate(package)
        return sorted((package, version) for package, version in found.items() if package not in NEVER_UNPACKED)

    def candidate(self, package: str) -> str:
        """The version of a package that apt would take."""
        policy = self.output("apt-cache", "policy", package)
        found = re.search(r"Candidate: (\S+)", policy)
        if not found or found[1] == "(none)":
            raise OSError(f"No package {shlex.quote(package)} in the machine's apt sources.")
        return found[1]


def fonts_conf() -> str:
    """Where the unpacked font library finds fonts, for machines without a configuration of their own."""
    fonts = [
        place() / "usr/share/fonts",
        Path("/usr/share/fonts"),
        Path("/usr/local/share/fonts"),
        Path.home() / ".fonts",
    ]
    rules = [place() / f"usr/share/fontconfig/conf.avail/{name}.conf" for name in
             ("30-metric-aliases", "45-generic", "45-latin", "60-generic", "60-latin", "65-nonlatin")]  # fmt: skip
    lines = [f"<dir>{escape(str(folder))}</dir>" for folder in fonts]
    lines += [f'<include ignore_missing="yes">{escape(str(rule))}</include>' for rule in rules]
    lines += [f"<cachedir>{escape(str(cache_folder() / 'fontconfig'))}</cachedir>"]
    return '<?xml version="1.0"?>\n<fontconfig>\n' + "\n".join(lines) + "\n</fontconfig>\n"
