"""Refusals of engine and sandbox: templates with values, told in the language of whoever reads them."""

import ast
import re
from collections.abc import Iterator

import polib
import pytest
from django.urls import reverse
from django.utils import translation

from config.places import ROOT
from config.texts import CATALOGUE
from rai import actions
from rai.checks.contract import InputError
from rai.checks.saying import PLACE, Said, said_of
from rai.models import CheckRun, Predictions
from rai.running import runs
from rai.sandbox.heard import heard
from rai.wording.refusals import in_words
from registry import jobs
from registry.errors import BadInput
from registry.models import JobStatus
from tests import factories
from tests.rai.plans import FAIRNESS
from tests.rai.uploads import text_of

FOLDERS = ("checks", "engine", "sandbox")
CHINESE = re.compile(r"[\u4e00-\u9fff]")


def sites() -> Iterator[tuple[str, ast.Call]]:
    """Every call that makes a refusal or a part of one, with its place."""
    for folder in FOLDERS:
        for path in sorted((ROOT / "rai" / folder).glob("*.py")):
            for node in ast.walk(ast.parse(path.read_text())):
                if isinstance(node, ast.Call) and getattr(node.func, "id", "") in {"InputError", "Said"} and node.args:
                    yield f"{path.name}:{node.lineno}", node


def templates() -> Iterator[tuple[str, str, ast.Call]]:
    """Place and template of every call that has one of its own."""
    for place, call in sites():
        if isinstance(call.args[0], ast.Constant):
            yield place, call.args[0].value, call


@pytest.fixture(scope="module")
def chinese() -> dict[str, str]:
    """The catalogue."""
    return {entry.msgid: entry.msgstr for entry in polib.pofile(str(ROOT / CATALOGUE))}


def test_every_refusal_is_a_template_and_no_finished_english_text():
    """A text put together before it is shown cannot be translated any more."""
    finished = [place for place, call in sites() if isinstance(call.args[0], ast.JoinedStr | ast.BinOp)]
    assert finished == []
    assert len(list(templates())) > 180


def test_every_place_of_a_template_has_its_value():
    for place, template, call in templates():
        given = {word.arg for word in call.keywords}
        if None not in given:
            assert set(PLACE.findall(template)) == given, place


def test_every_template_stands_in_chinese(chinese):
    """S-189."""
    for place, template, _call in templates():
        assert CHINESE.search(chinese.get(template, "")) or not re.search(r"[a-z]{3}", PLACE.sub("", template)), place


def test_only_names_are_filled_whatever_a_template_says():
    """Not the language of format strings, in which a template could read attributes or grow without end."""
    said = Said("{a.__class__} {a!r} {a:>99999} {a} {b}", a="x")
    assert str(said) == "{a.__class__} {a!r} {a:>99999} x {b}"


def test_a_sentence_in_a_sentence_is_told_too():
    said = InputError("{file}: {place}.", file="a.csv", place=Said("row {number}", number=3)).said
    assert str(said) == "a.csv: row 3."
    assert str(said_of(said.to_json())) == "a.csv: row 3."
    with translation.override("zh-hans"):
        assert in_words(Said("row {number}", number=3)) == "第 3 行"


@pytest.mark.parametrize(
    "kept",
    [
        None, "text", {"template": 1, "values": {}}, {"template": "{a}"}, {"template": "{a}" * 13, "values": {"a": "x"}},
        {"template": "{a}", "values": {"a": {"template": "{a}", "values": {"a": {"template": "{a}", "values": {"a": {}}}}}}},
    ],
)  # fmt: skip
def test_what_a_child_cannot_have_meant_is_not_heard(kept):
    """A hostile child sends what it likes."""
    assert heard(kept) is None


def test_what_a_child_says_is_made_plain():
    said = heard({"template": "a\u202eb\n{x}", "values": {"x": "1\x1b[2J"}})
    assert str(said) == "ab 1[2J"


@pytest.fixture(autouse=True)
def _language_ends():
    """A page asked for in Chinese leaves no Chinese to the tests after it."""
    with translation.override("en"):
        yield


def refused(cast) -> CheckRun:
    """A run that the engine refuses."""
    version = factories.make_version(cast)
    content = b"y,yhat,sex\n" + b"".join(b"%d,%d,f\n" % (n % 3, n % 2) for n in range(30))
    table = actions.upload_predictions(version, content=content, name="three.csv", actor=cast.owner)
    jobs.work(Predictions, str(table.pk), runs.read_columns)
    table.refresh_from_db()
    run = actions.request_check(
        version, slug="group_fairness", predictions=table, parameters=FAIRNESS, actor=cast.owner
    )
    jobs.work(CheckRun, str(run.pk), runs.run_check)
    return CheckRun.objects.get(pk=run.pk)


def test_a_refused_run_is_told_in_the_readers_language(client, cast):
    """S-189: by the same row, in both languages; the log and the interfaces keep English."""
    run = refused(cast)
    assert run.status == JobStatus.ERRORED
    assert 'Column "y" of three.csv holds 3 different labels' in run.reason
    client.force_login(cast.owner)
    assert "holds 3 different labels" in text_of(client.get(run.get_absolute_url()))
    page = text_of(client.get(run.get_absolute_url(), headers={"Accept-Language": "zh-hans"}))
    assert "three.csv 的列“y”含有 3 个不同标签" in page
    assert "different labels" not in page


def test_a_rule_that_cannot_be_judged_is_refused_in_the_readers_language(cast):
    with translation.override("zh-hans"), pytest.raises(BadInput, match="不是规则"):
        factories.make_limit(cast, factories.make_system(cast), rule="nonsense")


def test_a_refused_upload_is_told_in_the_readers_language(client, cast):
    version = factories.make_version(cast)
    table = actions.upload_predictions(version, content=b"y,y\n1,2\n", name="twice.csv", actor=cast.owner)
    jobs.work(Predictions, str(table.pk), runs.read_columns)
    client.force_login(cast.owner)
    page = text_of(client.get(reverse("predictions", args=[table.pk]), headers={"Accept-Language": "zh-hans"}))
    assert "twice.csv 有两列都叫“y”" in page
