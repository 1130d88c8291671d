"""Maintainer script: fetches the front-end files named below from npm, checks them and lays them into config/static/vendor."""

import base64
import hashlib
import json
import re
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path

VENDOR = Path(__file__).resolve().parent.parent / "config" / "static" / "vendor" / "tabler"
PACKAGE = "@tabler/core@1.6.1"
INTEGRITY = "sha512-lgmR9gcxRp5JlLxcmRi9Rz85JrEvH6Bz71KnlcPVSa97wtwQNjgSs3g3fxwbAlulHyRMghhIV04QUuW3pqDsIg=="
# The style sheet alone: menus are <details> elements, so Tabler's 135 kB of script have nothing to do here.
FILES = ("dist/css/tabler.min.css",)
LICENCE = "MIT"
# The maps are not shipped, and a dangling reference breaks static storages that rename files by their content.
SOURCE_MAP = re.compile(rb"\n?(//# sourceMappingURL=\S+|/\*# sourceMappingURL=\S+ \*/)\s*$")


def integrity(data: bytes, algorithm: str) -> str:
    """The hash as browsers and npm write it: algorithm, dash, base64."""
    return f"{algorithm}-{base64.b64encode(hashlib.new(algorithm, data).digest()).decode()}"


def fetch(folder: Path) -> Path:
    """The package's tarball, as npm hands it out."""
    said = subprocess.run(
        ["npm", "pack", PACKAGE, "--json"], cwd=folder, check=True, stdout=subprocess.PIPE, text=True
    ).stdout
    return folder / json.loads(said)[0]["filename"]


def licence_text() -> str:
    """The licence kept beside the files; the package itself ships none."""
    place = VENDOR / "LICENSE"
    if not place.exists():
        sys.exit(f"{place} is missing. Put the licence texts of Tabler and what it bundles there, then run this again.")
    return place.read_text()


def copy(tarball: Path) -> list[dict[str, str]]:
    """Lay the named files into the vendor folder; one entry with its hashes for each."""
    entries = []
    with tarfile.open(tarball) as archive:
        facts = json.load(archive.extractfile("package/package.json"))  # type: ignore[arg-type]
        if facts["license"] != LICENCE:
            sys.exit(f"{PACKAGE} is now under {facts['license']}, not {LICENCE}. Read it before shipping the files.")
        for name in FILES:
            original = archive.extractfile(f"package/{name}").read()  # type: ignore[union-attr]
            kept = SOURCE_MAP.sub(b"\n", original)
            (VENDOR / Path(name).name).write_bytes(kept)
            entries.append(
                {
                    "file": Path(name).name,
                    "source": name,
                    "source_integrity": integrity(original, "sha384"),
                    "integrity": integrity(kept, "sha384"),
                    "change": "source map reference removed" if kept != original else "none",
                }
            )
    return entries


def main() -> None:
    """Fetch, refuse a tarball whose hash is not the pinned one, copy, write vendor.json."""
    licence_text()
    with tempfile.TemporaryDirectory() as folder:
        tarball = fetch(Path(folder))
        found = integrity(tarball.read_bytes(), "sha512")
        if found != INTEGRITY:
            sys.exit(f"{PACKAGE} has {found}, pinned is {INTEGRITY}. Nothing was copied.")
        entries = copy(tarball)
    record = {
        "package": PACKAGE,
        "integrity": INTEGRITY,
        "licence": LICENCE,
        "licence_file": "LICENSE",
        "files": entries,
    }
    (VENDOR / "vendor.json").write_text(json.dumps(record, indent=2) + "\n")
    print(f"{PACKAGE}: {len(entries)} file(s) in {VENDOR}")


if __name__ == "__main__":
    main()
