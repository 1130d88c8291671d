"""What several tests of checks and of their sandbox need."""

from pathlib import Path

import pytest

from rai.sandbox import launcher
from rai.sandbox.launcher import run
from tests.rai.children import FRAME


@pytest.fixture
def hostile(tmp_path, monkeypatch):
    """A child whose task is the given lines, inside the real frame: same start, same walls, same wire."""

    def start(body: str, **more):
        indented = "\n".join("    " + line for line in body.strip().splitlines())
        return bare(FRAME.format(child=str(Path(launcher.__file__).with_name("child.py")), body=indented), **more)

    def bare(script: str, *, files=None, **more):
        path = tmp_path / "hostile.py"
        path.write_text(script)
        monkeypatch.setattr(launcher, "CHILD", path)
        return run("hostile", {}, files=files or {}, **more)

    start.bare = bare
    return start
