"""Several files with the same columns are one table: its digest, its counts, its refusals, its downloads."""

import itertools
import json
import re

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from rai import actions
from rai.engine.counts import digest_of
from rai.models import CheckRun, Predictions
from rai.running import replaying, runs
from registry import jobs
from registry.errors import BadInput
from registry.models import AuditEntry, Blob, JobStatus
from tests import factories
from tests.rai.plans import FAIRNESS, HEAD, rows_of
from tests.rai.uploads import text_of

WHOLE = rows_of(120, 150, each=300).decode()
LINES = WHOLE.removeprefix(HEAD).splitlines(keepends=True)
PARTS = [(f"part-{n}.csv", (HEAD + "".join(LINES[200 * n : 200 * n + 200])).encode()) for n in range(3)]


@pytest.fixture
def version(cast):
    """A version to upload for."""
    return factories.make_version(cast)


def read(row: Predictions) -> Predictions:
    """The table after a worker read its columns."""
    jobs.work(Predictions, str(row.pk), runs.read_columns)
    return Predictions.objects.get(pk=row.pk)


def in_parts(cast, version, files=PARTS) -> Predictions:
    """A table in several files."""
    return read(actions.upload_parts(version, files=files, actor=cast.owner))


def checked(cast, table, **more) -> CheckRun:
    """Group fairness on it."""
    run = actions.request_check(
        table.version, slug="group_fairness", predictions=table, parameters=FAIRNESS | more, actor=cast.owner
    )
    jobs.work(CheckRun, str(run.pk), runs.run_check)
    return CheckRun.objects.get(pk=run.pk)


def figures(run: CheckRun) -> str:
    """What was found, without what it was found in."""
    return json.dumps([run.evidence.outcome[name] for name in ("rows", "groups", "thresholds")], sort_keys=True)


def test_the_counts_are_those_of_one_file(cast, version):
    """Issue C 1: files as one table."""
    whole = read(actions.upload_predictions(version, content=WHOLE.encode(), name="whole.csv", actor=cast.owner))
    table = in_parts(cast, version)
    assert (table.status, table.rows, table.name) == (JobStatus.FINISHED, 600, "part-0.csv and 2 more")
    assert table.columns == whole.columns
    assert figures(checked(cast, table)) == figures(checked(cast, whole))


def test_the_digest_is_that_of_the_command_whatever_order_they_came_in(cast, version, tmp_path):
    """P6. As `measure` has it: the SHA-256 of the sorted digests."""
    paths = [tmp_path / name for name, _content in PARTS]
    for path, (_name, content) in zip(paths, PARTS):
        path.write_bytes(content)
    found = {in_parts(cast, version, list(order)).blob.digest for order in itertools.permutations(PARTS)}
    assert found == {digest_of(paths)}
    first, second = (in_parts(cast, version, order) for order in (PARTS, PARTS[::-1]))
    assert checked(cast, first).evidence.digest == checked(cast, second).evidence.digest


def test_every_file_is_in_the_log(cast, version):
    table = in_parts(cast, version)
    kept = AuditEntry.objects.filter(action="predictions.part_kept", actor=cast.owner)
    assert kept.count() == len(PARTS)
    assert [name for _blob, name in table.files] == [
        name for _digest, name in sorted((blob.sha256, name) for blob, name in table.files)
    ]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"y,yhat\n1,1\n", '"sex"'),
        (b"y,yhat,sex,age\n1,1,f,3\n", '"age"'),
        (b"y,sex,yhat\n1,f,1\n", "another order of columns"),
        (b"y;yhat;sex\n1;1;f\n", "another delimiter"),
    ],
)
def test_a_file_with_other_columns_is_named_with_them(cast, version, content, said):
    """Issue C, bad input: differing columns, named by file."""
    table = in_parts(cast, version, [PARTS[0], ("odd.csv", content)])
    assert table.status == JobStatus.ERRORED
    assert {"odd.csv", "part-0.csv"} <= set(re.split(r"[ :]", table.reason))
    assert said in table.reason


def test_the_same_bytes_twice_are_refused(cast, version):
    """Their rows would count twice."""
    with pytest.raises(BadInput, match=r"copy\.csv holds the same bytes as part-0\.csv"):
        actions.upload_parts(version, files=[*PARTS, ("copy.csv", PARTS[0][1])], actor=cast.owner)
    assert not Predictions.objects.exists()


def test_two_formats_are_refused_by_name(cast, version):
    table = in_parts(cast, version, [PARTS[0], ("two.parquet", b"PAR1 and so on")])
    assert table.status == JobStatus.ERRORED
    assert "two.parquet" in table.reason


def test_files_are_chosen_at_once_on_the_page_and_each_is_downloaded(client, cast, version):
    client.force_login(cast.owner)
    files = [SimpleUploadedFile(name, content) for name, content in PARTS]
    answer = client.post(reverse("predictions-upload", args=[version.pk]), {"file": files, "role": "test"})
    table = read(Predictions.objects.get())
    assert answer.url == table.get_absolute_url()
    page = text_of(client.get(answer.url))
    assert all(name in page for name, _content in PARTS)
    place = reverse("predictions-file", args=[table.pk])
    got = {b"".join(client.get(place, {"part": n}).streaming_content) for n in (1, 2, 3)}
    assert got == {content for _name, content in PARTS}
    assert client.get(place, {"part": 4}).status_code == 404


def test_files_are_posted_at_once_by_rest(client, cast, version):
    client.force_login(cast.owner)
    files = [SimpleUploadedFile(name, content) for name, content in PARTS]
    answer = client.post("/api/v1/predictions/", {"version": version.pk, "file": files})
    assert answer.status_code == 202
    assert answer.json()["name"] == "part-0.csv and 2 more"


def test_a_replay_reads_the_same_files(cast, version):
    """P6. And says so when one of them is no longer what was measured."""
    run = checked(cast, in_parts(cast, version))
    assert replaying.replayed(run.evidence).is_same
    path = Blob.objects.get(pk=run.predictions.files[1][0].pk).path
    path.chmod(0o600)
    path.write_bytes(PARTS[0][1] + b"1,1,f\n")
    with pytest.raises(BadInput, match="was changed on disk"):
        replaying.replayed(run.evidence)


def test_a_glob_that_matches_nothing_is_said_on_the_command_line(tmp_path, capsys):
    """Issue C, bad input: a glob that matches nothing."""
    from django.core.management import ManagementUtility

    words = ["manage.py", "measure", "group_fairness", "--data", str(tmp_path / "2026-*.parquet"), "--target", "y"]
    with pytest.raises(SystemExit) as ended:
        ManagementUtility([*words, "--prediction", "yhat", "--sensitive", "sex"]).execute()
    said = capsys.readouterr().err
    assert ended.value.code == 3
    assert "2026-*.parquet does not exist and no file matches it; check folder and pattern." in said
    assert len(said.strip().splitlines()) == 1
