"""What an installation can be set to, and where that is written down."""

import re

from config.places import ROOT

ONLY_FOR_TESTS = {"ATTESTRY_TESTING", "ATTESTRY_TEST_DB"}


def test_every_setting_that_is_read_stands_in_the_example():
    """Whoever sets up an installation finds all of them in one file."""
    source = (ROOT / "config" / "settings.py").read_text()
    read = {f"ATTESTRY_{name}" for name in re.findall(r'\benv(?:\.\w+)?\(\s*"([A-Z0-9_]+)"', source)}
    example = set(re.findall(r"^#(ATTESTRY_[A-Z0-9_]+)=", (ROOT / ".env.example").read_text(), re.MULTILINE))
    assert len(read) > 20
    assert read - example - ONLY_FOR_TESTS == set()


def test_every_picture_of_the_readme_is_there_and_small():
    pictures = re.findall(r"!\[[^\]]+\]\(([^)]+)\)", (ROOT / "README.md").read_text())
    assert pictures
    assert [one for one in pictures if not 0 < (ROOT / one).stat().st_size < 300_000] == []
