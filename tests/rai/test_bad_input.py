"""Bad input from the upload to the page: a sentence with place and remedy, nothing half done, nothing typed lost.

The tables are read by the real child process. In the lane with real servers a real worker reads them too.
"""

import html
import io
import time
from typing import Any

import pyarrow
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from pyarrow import parquet

from rai import tasks
from rai.models import CheckRun, Predictions
from registry.audit import verification
from registry.models import AuditEntry, Evidence, JobStatus, ModelVersion
from tests import factories
from tests.rai.test_sandbox import claiming
from tests.rai.uploads import text_of

ROWS = "y,yhat,sex\n" + "".join(f"{n % 2},{int(n % 3 > 0)},{'fm'[n % 2]}\n" for n in range(200))
CHOSEN = {"check": "group_fairness", "target": "y", "prediction": "yhat", "sensitive": ["sex"], "positive": "1",
          "intersections": "1", "min_group": "40"}  # fmt: skip


def table(**columns: list) -> bytes:
    """A Parquet file."""
    file = io.BytesIO()
    parquet.write_table(pyarrow.table(columns), file)
    return file.getvalue()


# What is said of a table that cannot be read: the name, the bytes, and words that must stand on its page.
UNREADABLE = {
    "header without rows": ("p.csv", b"y,yhat,sex\n", ["p.csv has no rows", "Export it again with its rows"]),
    "nothing but line ends": ("p.csv", b"\n\n", ["p.csv is an empty file", "Export it again"]),
    "Latin-1": ("p.csv", (ROWS + "1,1,män\n").encode("latin-1"), ["not UTF-8 (line 202)", 'save it again as "CSV UTF-8"']),
    "UTF-16": ("p.csv", ROWS.encode("utf-16"), ["text in UTF-16", "Save it again as UTF-8"]),
    "pickle": ("p.csv", b"\x80\x04\x95abc.", ["Python pickle", "never opened here", "upload a table of predictions"]),
    "short line": ("p.csv", (ROWS + "1,1\n").encode(), ["line 202: it has 2 fields, the header 3", "Correct that line"]),
    "cut Parquet": ("p.parquet", table(y=[0, 1], yhat=[1, 0], sex=["f", "m"])[:-30], ["p.parquet is damaged", "write the file again"]),
}  # fmt: skip

# What is said of a table that can be read and not be used: the bytes, and words that must stand on the run's page.
UNUSABLE = {
    "a third label": (
        (ROWS + "maybe,1,f\n").encode(),
        [
            'Column "y" of p.csv',
            '"maybe" (1 row)',
            '"maybe" stands first in row 201 below the header',
            "Two are needed",
        ],
    ),
    "other words for the labels": (
        ROWS.replace("\n1,", "\nyes,").replace("\n0,", "\nno,").encode(),
        ['"yes" (100 rows)', 'never the positive label "1"', "Name one of them as the positive value"],
    ),
    "scores for labels": (
        ("y,yhat,sex\n" + "".join(f"{n % 2},0.{n:03d},{'fm'[n % 2]}\n" for n in range(200))).encode(),
        ['Column "yhat" of p.csv', "predict by a cut-off such as 'yhat>=0.5'"],
    ),
    "NaN in a group": (
        (ROWS + "1,1,NaN\n").encode(),
        ['Group column "sex" of p.csv holds NaN in 1 row', "row 201 below the header", "leave the field empty"],
    ),
}

# What is said of a table on which nothing can be settled.
UNSETTLED = {
    "one group only": (
        ROWS.replace(",m\n", ",f\n").encode(),
        ["by sex could not be compared: every row is of one group, f", "Group by another column"],
    ),
    "three rows": (
        b"y,yhat,sex\n1,1,f\n0,1,m\n1,0,f\n",
        ["fewer than two groups have rows enough", "Upload a table with more rows of each group"],
    ),
}


@pytest.fixture
def version(cast) -> ModelVersion:
    """A draft version of a system with one limit in force."""
    return limited(cast)


def limited(cast) -> ModelVersion:
    """A draft version of a system with one limit in force."""
    version = factories.make_version(cast)
    factories.make_limit(cast, version.home_system, rule="selection_rate_difference<=0.1")
    return version


@pytest.fixture
def owner(client, cast):
    """The owner's browser."""
    client.force_login(cast.owner)
    return client


def upload(owner, version, name: str, content: bytes) -> Any:
    """The answer to an upload by the form."""
    posted = {"file": SimpleUploadedFile(name, content), "role": "test"}
    return owner.post(reverse("predictions-upload", args=[version.pk]), posted)


def read(owner, version, name: str, content: bytes) -> Predictions:
    """An upload whose columns a task has read, or not."""
    assert upload(owner, version, name, content).status_code == 302
    row = Predictions.objects.get()
    tasks.read_columns(str(row.pk))
    return Predictions.objects.get()


def ask(owner, version, row: Predictions, **changes: Any) -> Any:
    """The answer to asking for a check by the form."""
    posted = CHOSEN | {"predictions": row.pk} | changes
    return owner.post(reverse("check-request", args=[version.pk]), posted)


def checked(owner, version, content: bytes, **changes: Any) -> CheckRun:
    """A check of these rows that a task has run."""
    row = read(owner, version, "p.csv", content)
    assert row.status == JobStatus.FINISHED, row.reason
    assert ask(owner, version, row, **changes).status_code == 302
    run = CheckRun.objects.get()
    tasks.run_check(str(run.pk))
    return CheckRun.objects.get()


def words_of(owner, address: str) -> str:
    """The page as people read it."""
    return html.unescape(text_of(owner.get(address)))


def require_said(page: str, words: list[str]) -> None:
    """All of these words stand on the page."""
    assert [one for one in words if one not in page] == []


def require_sound_log() -> None:
    """The log verifies, and all rows agree with it."""
    assert list(verification.findings()) == []


# ---- tables that cannot be read


@pytest.mark.parametrize("name", UNREADABLE)
def test_a_table_that_cannot_be_read_says_why_on_its_page_and_what_to_do(owner, version, name):
    """The job ends ERRORED with the sentence; nothing was computed, and the way on stands below it."""
    file, content, words = UNREADABLE[name]
    row = read(owner, version, file, content)
    assert (row.status, row.columns, row.rows) == (JobStatus.ERRORED, [], None)
    page = words_of(owner, row.get_absolute_url())
    require_said(page, [*words, "Upload again"])
    assert "Run the check" not in page
    assert AuditEntry.objects.filter(action="predictions.errored", object_id=row.pk).count() == 1
    require_sound_log()


@pytest.mark.parametrize(
    ("rows", "groups", "text", "words"),
    [
        (1_000_000, 200, "x", ["claims.parquet has 200,000,000 rows", "more than the 5,000,000", "random sample"]),
        (20_000, 150, "x" * 1000, ["claims.parquet says that it unpacks to 2.8 GiB", "Upload fewer rows or columns"]),
    ],
)
def test_a_footer_that_claims_too_much_is_refused_unread(owner, version, tmp_path, rows, groups, text, words):
    """Attack 8: a file of some hundred kilobytes that speaks of 200 million rows, or of 2 GB."""
    content = claiming(tmp_path, rows_a_group=rows, groups=groups, text=text).read_bytes()
    assert len(content) < 500_000
    began = time.monotonic()
    row = read(owner, version, "claims.parquet", content)
    assert time.monotonic() - began < 10
    assert row.status == JobStatus.ERRORED
    require_said(words_of(owner, row.get_absolute_url()), words)
    require_sound_log()


def test_an_upload_of_nothing_is_refused_at_its_field_and_leaves_no_row(owner, version):
    answer = upload(owner, version, "p.csv", b"")
    assert answer.status_code == 422
    assert "The file is empty. Nothing was stored." in text_of(answer)
    assert not Predictions.objects.exists()


# ---- tables that can be read and not be used


@pytest.mark.parametrize("name", UNUSABLE)
def test_a_check_that_cannot_use_the_rows_names_column_row_and_value(owner, version, name):
    """No evidence, no verdict, no chart; the sentence and the way on stand on the run's page."""
    content, words = UNUSABLE[name]
    run = checked(owner, version, content)
    assert (run.status, run.verdict, run.evidence) == (JobStatus.ERRORED, "", None)
    require_said(words_of(owner, run.get_absolute_url()), [*words, "Ask again with other columns"])
    assert not Evidence.objects.exists()
    assert AuditEntry.objects.filter(action="check.errored", object_id=run.pk).count() == 1
    require_sound_log()


def test_after_an_errored_check_the_form_holds_what_was_chosen(owner, version):
    """Nothing is lost: one choice is mended, the others are not made anew."""
    run = checked(owner, version, UNUSABLE["other words for the labels"][0])
    again = f"{run.predictions.get_absolute_url()}?check=group_fairness&again={run.pk}#run"
    assert html.escape(again) in text_of(owner.get(run.get_absolute_url()))
    form = owner.get(again).context["form"]
    assert (form["sensitive"].value(), form["min_group"].value()) == (["sex"], 40)
    assert ask(owner, version, run.predictions, positive="yes").status_code == 302


def test_a_tampered_address_of_an_earlier_run_shows_the_empty_form(owner, version):
    row = read(owner, version, "p.csv", ROWS.encode())
    form = owner.get(row.get_absolute_url() + "?again=1%00").context["form"]
    assert form["sensitive"].value() == ["sex"]


def test_a_column_that_the_table_lacks_is_named_at_its_field_and_the_rest_is_kept(owner, version):
    row = read(owner, version, "p.csv", ROWS.encode())
    answer = ask(owner, version, row, sensitive=["race"], min_group="50")
    assert answer.status_code == 422
    assert "The table has no column “race”. Choose among those that are offered." in text_of(answer)
    assert answer.context["form"]["min_group"].value() == "50"
    assert not CheckRun.objects.exists()


@pytest.mark.parametrize("name", UNSETTLED)
def test_rows_that_settle_nothing_are_insufficient_and_say_what_would(owner, version, name):
    """A check that cannot tell is no pass and no crash."""
    content, words = UNSETTLED[name]
    run = checked(owner, version, content)
    assert (run.status, run.verdict) == (JobStatus.FINISHED, "insufficient"), run.reason
    page = words_of(owner, run.get_absolute_url())
    require_said(page, words)
    assert "interval – to –" not in page
    require_sound_log()


def test_empty_cells_are_a_group_of_their_own_and_missing_outcomes_are_counted_apart(owner, version):
    """Rows without a group or an outcome are shown, not dropped in silence."""
    run = checked(owner, version, (ROWS + "1,1,\n,1,f\n").encode())
    assert run.status == JobStatus.FINISHED, run.reason
    page = words_of(owner, run.get_absolute_url())
    require_said(page, ["(missing) (1 row) was not judged", "1 row was not counted: they hold no true outcome"])


# ---- models


def explained(owner, cast, name: str, content: bytes) -> CheckRun:
    """An attribution of a model of these bytes that a task has run."""
    version = factories.make_version(cast, artifact=content, artifact_name=name)
    row = read(owner, version, "p.csv", ROWS.encode())
    assert ask(owner, version, row, check="feature_attribution").status_code == 302
    run = CheckRun.objects.get()
    tasks.run_check(str(run.pk))
    return CheckRun.objects.get()


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("model.pkl", b"\x80\x04\x95cposix\nsystem\n.", ["model.pkl is recognised as: Python pickle", "is never opened here", "Export the model as ONNX"]),
        ("model.txt", b"tree\nversion=v4\nnum_class=1\n", ["model.txt begins like a LightGBM text model but is not whole", "save_model"]),
    ],
)  # fmt: skip
def test_a_model_that_is_never_opened_or_not_whole_is_named_with_the_remedy(owner, cast, name, content, words):
    """No pickle is opened, whatever its name; the table stays usable for other checks."""
    run = explained(owner, cast, name, content)
    assert (run.status, run.evidence) == (JobStatus.ERRORED, None)
    require_said(words_of(owner, run.get_absolute_url()), words)
    require_sound_log()


# ---- people


def test_a_wrong_role_is_told_so_and_nothing_is_asked_for(client, cast, version, owner):
    """The approver may not run checks: a sentence, no row, no entry."""
    row = read(owner, version, "p.csv", ROWS.encode())
    before = AuditEntry.objects.count()
    client.force_login(cast.approver)
    answer = ask(client, version, row)
    assert answer.status_code == 422
    assert "You may not do this (check.run)" in text_of(answer)
    assert "Ask an administrator which duty of your unit permits it." in text_of(answer)
    assert not CheckRun.objects.exists()
    assert AuditEntry.objects.count() == before


# ---- the same with a real worker


@pytest.mark.real
@pytest.mark.django_db(transaction=True)
def test_a_real_worker_ends_every_bad_table_with_its_sentence_on_the_page(
    client, transactional_db, start_worker, settings
):
    """All cases in one worker: none takes it down, none is left waiting, and the log verifies."""
    settings.JOBS_PER_PERSON = settings.JOBS_PER_UNIT = 100
    cast = factories.make_cast()
    version = limited(cast)
    client.force_login(cast.owner)
    start_worker(concurrency=2)
    expected = {}
    for name, content, words in UNREADABLE.values():
        expected[upload(client, version, name, content).url] = words
    for content, words in [*UNUSABLE.values(), *UNSETTLED.values()]:
        place = upload(client, version, "p.csv", content).url
        row = over(Predictions, place)
        assert row.status == JobStatus.FINISHED, row.reason
        expected[ask(client, version, row).url] = words
    for place, words in expected.items():
        over(CheckRun if "/checks/" in place else Predictions, place)
        require_said(words_of(client, place), words)
    assert not CheckRun.objects.exclude(status__in=[JobStatus.ERRORED, JobStatus.FINISHED]).exists()
    assert Evidence.objects.count() == len(UNSETTLED)
    require_sound_log()


def over(model: type, place: str) -> Any:
    """The row behind an address once the worker has done with it."""
    pk = place.rstrip("/").rsplit("/", 1)[-1]
    end = time.monotonic() + 60
    while time.monotonic() < end:
        row = model.objects.get(pk=pk)
        if row.is_over:
            return row
        time.sleep(0.1)
    raise AssertionError(f"{place} was not done in a minute: {row.status}")
