"""The command `lint`: formatting, types, import rules, forbidden calls, templates and migrations, each with its verdict."""

import ast
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from config.places import ROOT, cache_folder

CODE = ("manage.py", "config", "registry", "risk", "rai", "reports", "client", "bench", "tests")
APPS = ("config", "registry", "risk", "rai", "reports")
FORBIDDEN_MODULES = {"pickle", "cPickle", "cloudpickle", "dill", "marshal", "shelve", "joblib", "torch"}
FORBIDDEN_CALLS = {"eval", "exec", "read_pickle", "to_pickle"}
MODELS_ARE_DATA = "stored objects are code: use JSON, Parquet or the sandboxed formats"


def main(arguments: list[str]) -> int:
    """Run every part, or the parts that are named; 0 when all are clean."""
    wanted = [name for name in PARTS if not arguments or name in arguments]
    if not wanted:
        print(f"Unknown part; there are: {', '.join(PARTS)}.")
        return 1
    failed = [name for name in wanted if not passes(name)]
    print(f"\nlint: {', '.join(failed)} not clean" if failed else "\nlint: clean")
    return 1 if failed else 0


def passes(name: str) -> bool:
    """Run one part and print its verdict, with its output when it is not clean."""
    begun = time.monotonic()
    code, output = PARTS[name]()
    print(f"{'ok  ' if code == 0 else 'FAIL'} {name} ({time.monotonic() - begun:.1f} s)", flush=True)
    if code:
        print(output.rstrip(), flush=True)
    return code == 0


def tool(*command: str) -> tuple[int, str]:
    """Run a module of the environment in the repository; its exit code and output."""
    done = subprocess.run(
        [sys.executable, "-m", *command], cwd=ROOT, env=private_env(), capture_output=True, text=True, check=False
    )
    return done.returncode, done.stdout + done.stderr


def private_env() -> dict[str, str]:
    """Settings load without an installation: no database, no secret of one is touched."""
    ours = {name: value for name, value in os.environ.items() if not name.startswith("ATTESTRY_")}
    folder = cache_folder()
    caches = {"RUFF_CACHE_DIR": str(folder / "ruff"), "MYPY_CACHE_DIR": str(folder / "mypy")}
    return {**ours, **caches, "ATTESTRY_TESTING": "1", "ATTESTRY_DATA_DIR": str(folder / "lint")}


def present(names: tuple[str, ...]) -> list[str]:
    """Those that exist in this checkout."""
    return [name for name in names if (ROOT / name).exists()]


def ruff() -> tuple[int, str]:
    """Lint rules."""
    return tool("ruff", "check", *present(CODE))


def formatting() -> tuple[int, str]:
    """The formatter would change nothing."""
    return tool("ruff", "format", "--check", *present(CODE))


def types() -> tuple[int, str]:
    """Types, with Django's and DRF's plugins."""
    return tool("mypy")


def imports(root: Path = ROOT) -> tuple[int, str]:
    """The contracts of pyproject.toml."""
    code = "from importlinter.cli import lint_imports; raise SystemExit(lint_imports(no_cache=True))"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=root, env=private_env(), capture_output=True, text=True, check=False
    )
    return done.returncode, done.stdout + done.stderr


def templates() -> tuple[int, str]:
    """Templates have no broken or unclosed tags."""
    return tool("djlint", "--lint", "--quiet", *present(APPS))


def translations(root: Path = ROOT) -> tuple[int, str]:
    """No template shows text that gettext does not know of."""
    from config.translations import unmarked

    findings = list(unmarked(root))
    return bool(findings), "\n".join(findings)


def texts(root: Path = ROOT) -> tuple[int, str]:
    """Every text stands translated, what is compiled is what is written, and no translation lost a placeholder."""
    from config.texts import faults, missing

    findings = [*missing(root), *faults(root)]
    return bool(findings), "\n".join(findings)


def migrations() -> tuple[int, str]:
    """Every change of a model has its migration."""
    return tool("django", "makemigrations", "--check", "--dry-run", "--settings", "config.settings")


def bans(root: Path = ROOT) -> tuple[int, str]:
    """Nothing unpickles, evaluates or executes what it was given."""
    findings = [finding for path in (*sources(root), *beside(root)) for finding in banned(path)]
    return bool(findings), "\n".join(findings)


def sources(root: Path) -> Iterator[Path]:
    """The product's own Python files under a root."""
    for name in (*APPS, "client"):
        yield from sorted((root / name).rglob("*.py"))


def beside(root: Path) -> Iterator[Path]:
    """What is no part of the product, and held to the bans all the same: benchmarks, tests and the one door."""
    yield from sorted(root.glob("*.py"))
    for name in ("bench", "tests"):
        yield from sorted((root / name).rglob("*.py"))


def banned(path: Path) -> Iterator[str]:
    """One line for each forbidden import or call in a file."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        what = banned_import(node) or banned_call(node)
        if what:
            yield f"{path}:{node.lineno}: {what} is banned; {MODELS_ARE_DATA}"  # type: ignore[attr-defined]


def banned_import(node: ast.AST) -> str | None:
    """The forbidden module that a statement imports."""
    names: list[str] = []
    if isinstance(node, ast.Import):
        names = [alias.name for alias in node.names]
    elif isinstance(node, ast.ImportFrom) and node.level == 0:
        names = [node.module or ""]
    return next((name for name in names if name.split(".")[0] in FORBIDDEN_MODULES), None)


def banned_call(node: ast.AST) -> str | None:
    """The forbidden function or argument of a call."""
    if not isinstance(node, ast.Call):
        return None
    called = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
    owner = getattr(node.func.value, "id", "") if isinstance(node.func, ast.Attribute) else ""
    if called in {"eval", "exec"} and owner:
        return None  # a method of that name, such as a data frame's or a regular expression's
    if called in FORBIDDEN_CALLS:
        return f"{called}()"
    if any(word.arg == "allow_pickle" and getattr(word.value, "value", True) for word in node.keywords):
        return "allow_pickle"
    return None


PARTS = {
    "ruff": ruff,
    "format": formatting,
    "imports": imports,
    "bans": bans,
    "templates": templates,
    "translations": translations,
    "texts": texts,
    "migrations": migrations,
    "types": types,
}
