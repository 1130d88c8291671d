"""The command `measure`: published numbers on standard output, verdicts as exit codes, one sentence for every error."""

import json
import subprocess
import sys

import pytest
from django.core.management import ManagementUtility

from config.places import ROOT

ARGUMENTS = ["group_fairness", "--target", "y", "--prediction", "p", "--sensitive", "g"]
ROWS = {"a": (300, 1000), "b": (330, 1000)}


@pytest.fixture
def data(tmp_path):
    """A table of two groups with selection rates 0.30 and 0.33."""
    lines = [f"{g},{place % 2},{int(place < x)}" for g, (x, n) in ROWS.items() for place in range(n)]
    (tmp_path / "data.csv").write_text("\n".join(["g,y,p", *lines]) + "\n")
    return tmp_path / "data.csv"


@pytest.fixture
def measure(capsys):
    """Runs the command as the command line does: (exit code, standard output, standard error)."""

    def run(*arguments):
        with pytest.raises(SystemExit) as caught:
            ManagementUtility(["manage.py", "measure", *map(str, arguments)]).execute()
        captured = capsys.readouterr()
        return caught.value.code, captured.out, captured.err

    return run


def test_propublicas_table_comes_out(measure, shared_data):
    """S-121: by the arguments that are published."""
    code, out, _ = measure(
        "group_fairness", "--data", shared_data / "compas_two_years.csv", "--target", "two_year_recid",
        "--prediction", "score_text!=Low", "--sensitive", "race", "--json", "-",
    )  # fmt: skip
    outcome = json.loads(out)
    counts = {entry["group"]["race"]: entry["counts"] for entry in outcome["groups"]}
    assert (code, outcome["rows"], outcome["verdict"]) == (0, 7214, "recorded")
    assert counts["African-American"] == {"tp": 1369, "fp": 805, "fn": 532, "tn": 990}
    assert counts["Caucasian"] == {"tp": 505, "fp": 349, "fn": 461, "tn": 1139}


@pytest.mark.parametrize(
    ("rule", "code", "verdict"),
    [
        ("selection_rate_difference<=0.1", 0, "pass"),
        ("selection_rate_difference<=0.05", 2, "insufficient"),
        ("selection_rate<=0.2", 1, "fail"),
    ],
)
def test_the_verdict_is_the_exit_code(measure, data, rule, code, verdict):
    found, out, _ = measure(*ARGUMENTS, "--data", data, "--threshold", rule)
    assert (found, json.loads(out)["verdict"]) == (code, verdict)


def test_rules_may_be_given_together_or_one_by_one(measure, data):
    rules = ["selection_rate_difference<=0.1", "accuracy>=0.1"]
    together = measure(*ARGUMENTS, "--data", data, "--threshold", *rules)
    one_by_one = measure(*ARGUMENTS, "--data", data, "--threshold", rules[0], "--threshold", rules[1])
    digests = [json.loads(out)["digest"] for _, out, _ in (together, one_by_one)]
    assert digests[0] == digests[1]


def test_the_outcome_can_go_into_a_file(measure, data, tmp_path):
    code, out, _ = measure(*ARGUMENTS, "--data", data, "--json", tmp_path / "out.json")
    assert (code, out) == (0, "")
    assert json.loads((tmp_path / "out.json").read_text())["check"] == "group_fairness"


def test_timings_name_every_step(measure, data):
    _, out, _ = measure(*ARGUMENTS, "--data", data)
    assert set(json.loads(out)["timings"]) == {"hash", "read", "count", "intervals"}


def test_all_options_reach_the_check(measure, data):
    _, out, _ = measure(
        *ARGUMENTS, "--data", data, "--confidence", "0.9", "--min-group", "50", "--small-groups", "disclose",
        "--reference", "g=b", "--attempt", "3", "--role", "development", "--seed", "4", "--intersections", "2",
    )  # fmt: skip
    expected = {
        "confidence": 0.9, "min_group": 50, "small_groups": "disclose", "reference": {"g": "b"}, "attempt": 3,
        "role": "development", "seed": 4, "intersections": 2,
    }  # fmt: skip
    assert expected.items() <= json.loads(out)["inputs"]["parameters"].items()


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ([], "required"),
        (["group_fairnes"], "invalid choice"),
        (ARGUMENTS, "--data"),
        ([*ARGUMENTS, "--data", "none.csv"], "none.csv does not exist"),
        ([*ARGUMENTS, "--data", "DATA", "--confidence", "high"], "invalid float"),
        ([*ARGUMENTS, "--data", "DATA", "--nonsense"], "unrecognized"),
        ([*ARGUMENTS, "--data", "DATA", "--sensitive", "race"], 'no column "race"'),
        ([*ARGUMENTS, "--data", "DATA", "--threshold", "roc_auc>=0.8"], "cannot judge"),
        ([*ARGUMENTS, "--data", "DATA", "--reference", "b"], "names no value"),
        ([*ARGUMENTS, "--data", "DATA", "--json", "/no/such/folder/out.json"], "cannot be written"),
        ([*ARGUMENTS, "--data", "DATA", "--positive", "yes"], "--positive"),
    ],
)
def test_every_error_ends_with_three_and_one_sentence(measure, data, arguments, says):
    code, out, err = measure(*(str(data) if each == "DATA" else each for each in arguments))
    assert (code, out) == (3, "")
    assert says in err
    assert len(err.strip().splitlines()) == 1


def test_a_defect_ends_with_three_too(measure, data, monkeypatch):
    def broken(options):
        raise ZeroDivisionError("a defect")

    monkeypatch.setattr("rai.measuring.groups.group_fairness", broken)
    code, _, err = measure(*ARGUMENTS, "--data", data)
    assert code == 3
    assert "ZeroDivisionError: a defect" in err
    assert len(err.strip().splitlines()) == 1


def test_a_score_that_is_not_used_is_said_to_be(measure, data):
    code, _, err = measure(*ARGUMENTS, "--data", data, "--score", "p")
    assert code == 0
    assert "--score is not used" in err


def test_the_same_file_has_the_same_digest_in_other_processes(data):
    """P6: another process, hash seed, time zone and language; and no database to be found."""
    digests = set()
    for seed, zone, language in (("1", "UTC", "C"), ("2", "Asia/Tokyo", "en_US.UTF-8")):
        run = subprocess.run(
            [sys.executable, "manage.py", "measure", *ARGUMENTS, "--data", str(data), "--threshold", "accuracy>=0.1"],
            cwd=ROOT, capture_output=True, text=True, timeout=60, check=True,
            env={"PATH": "/usr/bin:/bin", "PYTHONHASHSEED": seed, "TZ": zone, "LANG": language,
                 "ATTESTRY_DATA_DIR": str(data.parent / "var"), "ATTESTRY_DATABASE_URL": "sqlite:////no/such/folder/none.sqlite3"},
        )  # fmt: skip
        digests.add(json.loads(run.stdout)["digest"])
    assert len(digests) == 1
