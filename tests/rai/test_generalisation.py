"""The check generalisation: quality by time, place or source against scikit-learn, time zones, verdicts, bad input, the page."""

import csv
import io
import json
from datetime import UTC, datetime, timedelta, timezone

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from django.core.management import ManagementUtility
from django.urls import reverse
from sklearn import metrics

from rai.checks.contract import InputError
from rai.checks.generalisation import run
from rai.engine.intervals import mover_difference, wilson
from rai.engine.parts import Asked, parts_of, read_parts
from rai.running import replaying
from tests import factories
from tests.rai.test_score_pages import ran, uploaded
from tests.rai.uploads import text_of

Z = 1.959963984540054
DATA_SETS = 20
ASKED = Asked("plant", "y", "score>=0.5", score="score")


def drawn(seed, n=900):
    """Plants of different quality, moments over five months, labels and scores, amounts and what was said of them."""
    draw = np.random.default_rng(seed)
    plant, y = draw.integers(4, size=n), draw.integers(2, size=n)
    score = np.clip(0.35 + np.where(plant == 3, 0.1, 0.3) * y + draw.normal(0, 0.2, n), 0, 1).round(4)
    amount = draw.normal(100, 20, n).round(3)
    start = datetime(2026, 1, 1, tzinfo=UTC)
    at = [start + timedelta(minutes=int(each)) for each in draw.integers(60 * 24 * 150, size=n)]
    return {"plant": np.array(list("ABCD"))[plant], "at": at, "y": y, "score": score, "amount": amount, "said": (amount + draw.normal(0, 3 + plant, n)).round(3)}  # fmt: skip


def write(path, columns):
    """Columns as CSV."""
    with path.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(columns)
        writer.writerows(zip(*[[each.isoformat() if isinstance(each, datetime) else each for each in column] for column in columns.values()], strict=True))  # fmt: skip
    return path


def by_part(outcome):
    """Part → metric → value."""
    return {next(iter(each["group"].values())): {name: value["value"] for name, value in each["metrics"].items()} for each in outcome["groups"]}  # fmt: skip


def test_every_part_is_measured_as_scikit_learn_says(tmp_path, amount, seed):
    """Within 1e-12 on seeded data sets, labels and numbers."""
    for place in range(amount(DATA_SETS)):
        found = drawn(seed + place)
        path = write(tmp_path / "rows.csv", found)
        outcome = run(read_parts(path, ASKED)).to_json()
        numbers = run(read_parts(path, Asked("plant", "amount", "said", kind="regression"))).to_json()
        for part in "ABCD":
            inside = found["plant"] == part
            y, score, guess = found["y"][inside], found["score"][inside], found["score"][inside] >= 0.5
            expected = {
                "accuracy": metrics.accuracy_score(y, guess), "recall": metrics.recall_score(y, guess),
                "precision": metrics.precision_score(y, guess), "balanced_accuracy": metrics.balanced_accuracy_score(y, guess),
                "roc_auc": metrics.roc_auc_score(y, score), "brier_score": metrics.brier_score_loss(y, score),
            }  # fmt: skip
            for name, value in expected.items():
                assert by_part(outcome)[part][name] == pytest.approx(value, abs=1e-12), name
            error = metrics.mean_absolute_error(found["amount"][inside], found["said"][inside])
            assert by_part(numbers)[part]["mean_absolute_error"] == pytest.approx(error, abs=1e-12)


def test_each_part_is_held_against_all_others_with_mover_limits(tmp_path):
    found = drawn(1)
    outcome = run(read_parts(write(tmp_path / "rows.csv", found), ASKED)).to_json()
    right = (found["score"] >= 0.5) == found["y"]
    sides = [right[found["plant"] == "A"], right[found["plant"] != "A"]]
    p, n = ([np.array(float(value)) for value in each] for each in zip(*[(side.mean(), len(side)) for side in sides]))
    low, high = mover_difference(p[0], *wilson(p[0], n[0], Z), p[1], *wilson(p[1], n[1], Z))
    (gap,) = [
        one["difference"]
        for one in outcome["to_rest"]
        if one["group"] == {"plant": "A"} and one["metric"] == "accuracy"
    ]
    assert (gap["value"], gap["low"], gap["high"]) == pytest.approx(
        (float(p[0] - p[1]), float(low), float(high)), abs=1e-12
    )


@pytest.mark.parametrize(
    ("rule", "verdict"),
    [("accuracy_difference<=0.05", "fail"), ("accuracy_difference<=0.6", "pass"), ("accuracy_group_min>=0.55", "insufficient"),
     ("accuracy_difference_to_reference<=0.6", "pass"), ("roc_auc_difference<=0.01", "fail"), ("accuracy>=0.6", "pass")],
)  # fmt: skip
def test_rules_are_judged_over_the_parts(tmp_path, rule, verdict):
    (entry,) = run(
        read_parts(write(tmp_path / "rows.csv", drawn(2)), ASKED), thresholds=(rule,), reference="B"
    ).to_json()["thresholds"]
    assert entry["verdict"] == verdict


def test_a_part_with_too_few_rows_is_never_judged(tmp_path):
    """S-128."""
    found = drawn(3, 300)
    found["plant"] = np.where(np.arange(300) < 12, "E", np.where(np.arange(300) % 2, "A", "B"))
    (entry,) = run(
        read_parts(write(tmp_path / "rows.csv", found), ASKED), thresholds=("accuracy_difference<=0.9",)
    ).to_json()["thresholds"]
    assert (entry["verdict"], entry["reasons"]) == ("insufficient", ["small_group"])
    assert [one["group"] for one in entry["left_out"]] == [{"plant": "E"}]


# ---- time


@pytest.mark.parametrize(
    ("unit", "expected"),
    [("day", "2026-03-31"), ("month", "2026-03"), ("quarter", "2026-Q1"), ("year", "2026")],
)
@pytest.mark.parametrize("written", ["2026-04-01T00:30:00+02:00", "2026-03-31T22:30:00Z", "2026-03-31 17:00:00.5-05:30", "2026-03-31 23:30+0100"])  # fmt: skip
def test_times_with_a_zone_are_turned_into_utc(tmp_path, unit, expected, written):
    path = tmp_path / "rows.csv"
    path.write_text("at,y,p\n" + f"{written},1,1\n" * 2 + "2024-01-05T00:00:00Z,0,0\n")
    parts = read_parts(path, Asked("at", "y", "p", unit))
    assert expected in {group[0] for group in parts.cube.table(("at",)).groups}
    assert parts.span.is_converted


def test_parquet_times_with_a_zone_are_turned_into_utc_and_those_without_stay(tmp_path, monkeypatch):
    moment = datetime(2026, 4, 1, 0, 30, tzinfo=timezone(timedelta(hours=2)))
    columns = {
        "zoned": pa.array([moment, moment + timedelta(days=40)], pa.timestamp("us", "Europe/Berlin")),
        "bare": pa.array([moment.replace(tzinfo=None)] * 2, pa.timestamp("ns")), "day": pa.array([moment.date()] * 2),
        "y": [0, 1], "p": [0, 1],
    }  # fmt: skip
    pq.write_table(pa.table(columns), tmp_path / "rows.parquet")
    found = {}
    for name in ("zoned", "bare", "day"):
        parts = read_parts(tmp_path / "rows.parquet", Asked(name, "y", "p", "month"))
        found[name] = ([group[0] for group in parts.cube.table((name,)).groups], parts.span.zones)
    with pytest.raises(InputError, match=r'"zoned" of rows\.parquet holds times with a zone; put them into days'):
        read_parts(tmp_path / "rows.parquet", Asked("zoned", "y", "p"))
    assert found == {"zoned": (["2026-03", "2026-05"], ("UTC",)), "bare": (["2026-04"], ()), "day": (["2026-04"], ())}


def test_rows_without_a_time_are_a_part_that_is_not_judged(tmp_path):
    found = drawn(4)
    path = tmp_path / "rows.csv"
    write(path, {**found, "at": ["" if place < 100 else each.isoformat() for place, each in enumerate(found["at"])]})
    outcome = run(
        read_parts(path, Asked("at", "y", "score>=0.5", "month")), thresholds=("accuracy_difference<=0.9",)
    ).to_json()
    assert outcome["span"]["missing"] == 100
    assert outcome["thresholds"][0]["reasons"] == ["missing_values"]


# ---- bad input


@pytest.mark.parametrize(
    ("cells", "says"),
    [
        (["2026-01-05", "soon"], 'holds "soon" in row 2 below the header, which is no time'),
        (["2026-01-05", "NaN"], 'holds "NaN" in row 2'),
        (["2026-01-05T10:00:00+02:00", "2026-01-05T10:00:00"], "names a zone in some cells"),
        (["2026-01-05", "2026-02-30"], '"2026-02-30"'),
        (["2026-01-05 10:00:00 Europe/Berlin"], "is no time"),
    ],
)
def test_times_that_cannot_be_used_are_one_sentence(tmp_path, cells, says):
    (tmp_path / "rows.csv").write_text("at,y,p\n" + "".join(f"{cell},1,1\n" for cell in cells))
    with pytest.raises(InputError, match=says.replace("(", r"\(")):
        read_parts(tmp_path / "rows.csv", Asked("at", "y", "p", "month"))


def test_one_part_alone_and_an_unknown_reference_are_refused(tmp_path):
    found = drawn(5, 100)
    path = write(tmp_path / "rows.csv", found)
    with pytest.raises(InputError, match='There is no part "Z" in "plant"; its parts are A, B, C, D'):
        run(read_parts(path, ASKED), reference="Z")
    write(path, {**found, "plant": ["A"] * 100})
    with pytest.raises(InputError, match="two parts are needed"):
        run(read_parts(path, ASKED))


def test_too_many_parts_are_refused(tmp_path):
    path = tmp_path / "rows.csv"
    path.write_text("plant,y,score\n" + "".join(f"p{place},1,0.9\n" for place in range(1_001)))
    with pytest.raises(InputError, match="makes 1,001 parts, more than 1,000"):
        read_parts(path, ASKED)


def test_what_the_child_sends_is_checked(tmp_path):
    """A hostile file may have taken the child over."""
    parts = read_parts(write(tmp_path / "rows.csv", drawn(6, 200)), Asked("at", "y", "score>=0.5", "month", "score"))
    message = json.loads(json.dumps(parts.to_json()))
    assert run(parts_of(message)).digest == run(parts).digest
    for change in ({"cube": None}, {"book": {}}, {"span": {"column": 3}}, {"asked": {}}):
        with pytest.raises(InputError, match="run the check again"):
            parts_of({**message, **change})


# ---- the command and the page


@pytest.mark.parametrize(
    ("more", "code"),
    [(["--threshold", "accuracy_difference<=0.6"], 0), (["--threshold", "accuracy_difference<=0.05"], 1),
     (["--threshold", "accuracy_group_min>=0.55"], 2), (["--reference", "y=1"], 3), (["--kind", "multiclass"], 3), (["--unit", "month"], 3)],
)  # fmt: skip
def test_the_verdict_is_the_exit_code(tmp_path, capsys, more, code):
    path = write(tmp_path / "rows.csv", drawn(2))
    arguments = ["--data", str(path), "--part", "plant", "--target", "y", "--prediction", "score>=0.5", *more]
    with pytest.raises(SystemExit) as caught:
        ManagementUtility(["manage.py", "measure", "generalisation", *arguments]).execute()
    captured = capsys.readouterr()
    assert caught.value.code == code, captured.err
    assert len(captured.err.strip().splitlines()) == (1 if code == 3 else 0)


def test_months_go_the_whole_way(client, cast, tmp_path):
    """P6: child, verdict, sentences, chart, tables, CSV, replay."""
    version = factories.make_version(cast)
    factories.make_limit(cast, version.home_system, slug="generalisation", rule="accuracy_difference<=0.5")
    lines = write(tmp_path / "rows.csv", drawn(7)).read_text().splitlines()
    asked = {"column": "at", "unit": "month", "target": "y", "prediction": "score", "cut": ">=0.5", "score": "score", "reference": "2026-01"}  # fmt: skip
    run_ = ran(cast, version, uploaded(cast, version, lines), "generalisation", asked)
    assert (run_.verdict, run_.evidence.shows) == ("pass", ["performance.generalisation"])
    client.force_login(cast.owner)
    page = text_of(client.get(run_.get_absolute_url()))
    for words in (
        "turned into UTC",
        "Each part less all other parts together",
        "at: 2026-03",
        "Over the 5 parts by at",
    ):
        assert words in page, words
    assert client.get(reverse("check-chart", args=[run_.pk])).content.startswith(b"<svg")
    found = list(
        csv.DictReader(io.StringIO(text_of(client.get(reverse("check-figures", args=[run_.pk]))).lstrip("\ufeff")))
    )
    assert {"overall", "group", "part less rest", "threshold"} <= {line["part"] for line in found}
    assert replaying.replayed(run_.evidence).is_same
