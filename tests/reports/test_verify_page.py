"""The page that verifies packs offline, in Chromium: it judges as verify.py does, in two languages, with no network."""

import base64
import random
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from reports import pack
from reports.verifier import verify
from tests.reports import mutants
from tests.reports.sample_packs import KEY, PREDICATE, STRANGER, good_pack, unpacked

pytestmark = pytest.mark.real

PAGE = Path(verify.__file__).with_name("verify.html")
MANY = 100
JUDGE = """async ([packs, fingerprint]) => Promise.all(packs.map(async (text) => {
  const found = await judged(Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0)), fingerprint);
  return [found.result, ...found.lines.map((line) => filled(line))];
}))"""


@pytest.fixture
def verifier(page):
    """The page, opened from the disk; what it asks of a network is kept in `asked`."""
    page.asked = []
    page.on("request", lambda request: page.asked.append(request.url))
    page.goto(PAGE.as_uri())
    return page


def answers(page: Any, packs: Sequence[bytes], fingerprint: str = KEY.fingerprint) -> list[list[str]]:
    """What the page says of each: its result and its lines."""
    said: list[list[str]] = []
    for start in range(0, len(packs), MANY):
        texts = [base64.b64encode(content).decode() for content in packs[start : start + MANY]]
        said += page.evaluate(JUDGE, [texts, fingerprint])
    return said


def places(lines: Sequence[str]) -> set[str]:
    """The member, or the container, that each reason begins with; what no reader sees is a question mark."""
    shown = ["".join(letter if letter.isprintable() else "?" for letter in line) for line in lines]
    return {"a name" if ": its name " in line else line.split(": ")[0].split(" lacks ")[0] for line in shown}


def test_the_page_tells_the_same_as_the_script(verifier):
    """P4: the third verifier, for auditors without Python; test_four_verifiers.py holds it to more packs."""
    ((result, *lines),) = answers(verifier, [good_pack()])
    counts = [line.split(";")[0] for line in verify.verify(good_pack(), KEY.fingerprint)]
    assert result == "accepted" and [line.split(";")[0] for line in lines] == counts


def test_a_pack_of_each_format_is_accepted_for_ever(verifier):
    golden = [path.read_bytes() for path in sorted((Path(__file__).parent / "golden").glob("pack-format-*.zip"))]
    assert [result for result, *_lines in answers(verifier, golden)] == ["accepted"] * len(golden)


def test_another_key_than_the_expected_one_is_refused_and_none_expected_is_left_open(verifier):
    """P4: the page never takes the key of the pack for the right one."""
    assert answers(verifier, [good_pack()], STRANGER.fingerprint)[0][0] == "refused"
    assert answers(verifier, [good_pack()], "")[0][0] == "open"
    assert answers(verifier, [good_pack()], "12")[0] == ["refused", "The fingerprint is not 64 hex digits."]


def test_a_reader_drops_a_pack_and_sees_every_file_verified_in_two_languages(verifier, tmp_path):
    """P4: nothing is asked of a network, and names that a stranger chose are shown as text."""
    hostile = "<img src=x onerror=alert(1)>".replace("<", "(").replace(">", ")")
    content = pack.write({f"{hostile}.txt": b"<script>"}, key=KEY, predicate=PREDICATE, verifier_source=b"")
    (tmp_path / "pack.zip").write_bytes(content)
    verifier.fill("#fingerprint", KEY.fingerprint.upper())
    verifier.set_input_files("#pack", tmp_path / "pack.zip")
    verifier.wait_for_selector("#verdict[data-result=accepted]")
    assert verifier.locator("#members tbody tr").count() == len(unpacked(content))
    verifier.click("button[lang=zh-Hans]")
    assert "已接受" in verifier.inner_text("#verdict") and "签名" in verifier.inner_text("#reasons")
    (tmp_path / "spoilt.zip").write_bytes(mutants.a_member_added(random.Random(1)))
    verifier.set_input_files("#pack", tmp_path / "spoilt.zip")
    verifier.wait_for_selector("#verdict[data-result=refused]")
    assert "MANIFEST.sha256 未列出" in verifier.inner_text("#reasons")
    assert verifier.asked == [PAGE.as_uri()]


def test_every_text_of_the_page_is_there_in_chinese(verifier):
    texts = verifier.evaluate(
        """() => [...document.scripts[0].text.matchAll(/(?:say|need)\\([^"]*?"((?:[^"\\\\]|\\\\.)*)"/g)].map((m) => m[1])
        .concat([...document.querySelectorAll("[data-t]")].map((e) => e.dataset.t), Object.values(VERDICTS))"""
    )
    assert len(texts) > 50
    assert verifier.evaluate("(texts) => texts.filter((text) => text.includes(' ') && !CHINESE[text])", texts) == []
