"""The command `test` splits the tests into two lanes and ends with the worse of their codes."""

import pytest

from config import lanes
from config.places import ROOT
from tests import order, servers


@pytest.fixture
def runs(monkeypatch):
    """What would have been run, with the exit codes that the lanes return."""
    seen, codes = [], {"sqlite": 0, "real": 0}

    def run(name, options, theirs, env):
        seen.append((name, options, theirs, env))
        return codes[name]

    monkeypatch.setattr(lanes, "run", run)
    return seen, codes


def test_two_lanes_run_and_the_second_has_the_servers(runs):
    assert lanes.main([]) == 0
    assert [(name, options[:2]) for name, options, *_ in runs[0]] == [
        ("sqlite", ["-m", "not real"]),
        ("real", ["-m", "real or both"]),
    ]


@pytest.mark.parametrize(
    ("cores", "processes"), [(1, [None, None]), (2, ["2", None]), (4, ["4", "3"]), (16, ["4", "4"])]
)
def test_each_lane_takes_as_many_processes_as_the_machine_has_room_for(runs, monkeypatch, cores, processes):
    monkeypatch.setattr("os.cpu_count", lambda: cores)
    lanes.main([])
    said = [options[options.index("-n") + 1] if "-n" in options else None for _, options, *_ in runs[0]]
    assert said == processes


def test_fast_is_the_first_lane_alone_without_its_long_tests(runs):
    lanes.main(["--fast"])
    assert [(name, options[1]) for name, options, *_ in runs[0]] == [("sqlite", "not real and not long")]


def test_the_second_lane_is_told_to_fail_for_absent_servers(runs):
    lanes.main(["--require-real"])
    assert ["--require-real" in options for _, options, *_ in runs[0]] == [False, True]


def test_full_and_other_arguments_are_handed_on(runs):
    lanes.main(["--full", "tests/rai", "-k", "drift"])
    assert all(theirs == ["tests/rai", "-k", "drift"] for _, _, theirs, _ in runs[0])
    assert all(env["ATTESTRY_FULL"] == "1" for *_, env in runs[0])


def test_a_callers_markers_narrow_each_lane(runs):
    lanes.main(["-m", "slow"])
    assert [options[1] for _, options, *_ in runs[0]] == ["(not real) and (slow)", "(real or both) and (slow)"]


@pytest.mark.parametrize(
    ("sqlite", "real", "worse"), [(0, 1, 1), (1, 0, 1), (0, 5, 0), (5, 0, 0), (5, 5, 5), (2, 1, 2)]
)
def test_the_worse_code_counts_and_an_empty_lane_does_not(runs, sqlite, real, worse):
    runs[1].update(sqlite=sqlite, real=real)
    assert lanes.main([]) == worse


def test_both_lanes_share_one_seed(runs):
    lanes.main([])
    assert len({env["ATTESTRY_SEED"] for *_, env in runs[0]}) == 1


@pytest.mark.parametrize(("required", "ending"), [(False, pytest.skip.Exception), (True, pytest.fail.Exception)])
def test_an_absent_server_is_a_skip_unless_real_ones_are_required(lacking, pytestconfig, monkeypatch, required, ending):
    monkeypatch.setattr(pytestconfig.option, "require_real", required)
    monkeypatch.setattr(servers, "USED", {})
    with pytest.raises(ending, match="no such server"):
        lacking("Valkey", "no such server")


def test_every_file_that_begins_first_is_there():
    assert [name for name in order.FIRST if not (ROOT / "tests" / name).is_file()] == []


def test_every_test_that_was_measured_as_long_is_there():
    """A renamed test would be back in --fast unseen."""
    places = [line.split("::") for line in order.MEASURED_LONG]
    told = {file: (ROOT / "tests" / file).read_text() for file, _name in places}
    assert [(file, name) for file, name in places if f"def {name}(" not in told[file]] == []
