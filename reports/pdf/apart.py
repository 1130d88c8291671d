"""Has a long document drawn by a program of its own, which divides the work; nothing of the installation goes with it."""

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, Final, cast

from reports.pdf import cutting
from reports.pdf.engine import AtPage, DocumentIncomplete

ROOT: Final = Path(__file__).parents[2]
TAG: Final = re.compile("<[^>]*>")
NEEDED: Final = ('<section class="cover">', '<section class="chapter">')  # of a document that can be divided
# Where libraries and fonts are found; no address, no password and no key of the installation.
KEPT: Final = ("PATH", "LD_LIBRARY_PATH", "HOME", "TMPDIR", "XDG_CACHE_HOME", "FONTCONFIG_FILE", "FONTCONFIG_PATH")


def is_long(html: str) -> bool:
    """More than some sixty pages, by its words and elements: the machine has no part in it."""
    words, tags = TAG.subn("", html)
    pages = (len(words.encode()) + tags * cutting.EACH / 2) / cutting.PAGE
    return pages > cutting.PAGES_A_PART and all(mark in html for mark in NEEDED)


def drawn(html: str, *, fixed_id: str, data: bytes, at_page: AtPage) -> tuple[bytes, list[str]]:
    """The bytes, and what the renderer warned of. Raises DocumentIncomplete when the program ended without a file."""
    page = html.encode()
    asked = json.dumps({"fixed_id": fixed_id, "html": len(page), "data": len(data)}).encode()
    with program() as child:
        into, out, errors = (cast(IO[bytes], end) for end in (child.stdin, child.stdout, child.stderr))
        with suppress(BrokenPipeError):  # it ended already; what it said of that is read below
            into.write(asked + b"\n" + page + data)
            into.close()
        for line in out:
            told = json.loads(line)
            if "page" not in told:
                return out.read(told["size"]), told["warned"]
            at_page(told["page"])
        said = errors.read().decode(errors="replace").strip().splitlines() or [str(child.wait())]
    raise DocumentIncomplete(f"The document was not issued, because its drawing ended early: {said[-1]}")


@contextmanager
def program() -> Iterator["subprocess.Popen[bytes]"]:
    """The program while it draws; it does not outlive the body."""
    surroundings = {name: os.environ[name] for name in KEPT if name in os.environ}
    child = subprocess.Popen(
        [sys.executable, "-m", "reports.pdf.chapters"], cwd=ROOT, env=surroundings,
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )  # fmt: skip
    with child:
        try:
            yield child
        finally:
            child.kill()
