"""The command `replay`: an old check comes out as it was stored, or the places are named where it does not."""

import copy
import io

import pytest
from django.core.management import CommandError, call_command
from django.db.models import QuerySet

from rai import actions
from rai.catalogue import CHECKS
from rai.models import CheckRun, Predictions
from rai.running import runs
from registry import jobs
from registry.models import AuditEntry, Evidence
from tests import factories

RULE = "selection_rate_difference<=0.1"
CHOSEN = {"target": "y", "prediction": "yhat", "sensitive": ["sex"]}
ROWS = "y,yhat,sex\n" + "".join(f"{n % 3 == 0:d},{n % 5 < 2:d},{'fm'[n % 2]}\n" for n in range(400))


@pytest.fixture
def version(cast):
    """A version whose system is held to one limit."""
    version = factories.make_version(cast)
    factories.make_limit(cast, version.home_system, rule=RULE)
    return version


def computed(cast, version, *, slug="group_fairness", rows=ROWS, **chosen):
    """Evidence as the worker makes it, without the charts."""
    table = actions.upload_predictions(version, content=rows.encode(), name="rows.csv", actor=cast.owner)
    runs.read_columns(jobs.claim(Predictions, table.pk))
    table = Predictions.objects.get(pk=table.pk)
    parameters = {**CHOSEN, **chosen} if slug == "group_fairness" else chosen
    run = actions.request_check(version, slug=slug, predictions=table, parameters=parameters, actor=cast.owner)
    job = jobs.claim(CheckRun, run.pk)
    check = CHECKS[slug]
    runs.record_outcome(job, check, runs.resolved(check.compute)(job), {})
    return CheckRun.objects.get(pk=run.pk).evidence


@pytest.fixture
def evidence(cast, version):
    """Evidence of group fairness."""
    return computed(cast, version)


def replay(evidence):
    """Exit code and what was said."""
    out = io.StringIO()
    try:
        call_command("replay", str(getattr(evidence, "pk", evidence)), stdout=out)
    except SystemExit as ended:
        return ended.code, out.getvalue()
    return 0, out.getvalue()


def tampered(evidence, change):
    """The stored outcome changed past the program, as whoever owns the database can."""
    outcome = copy.deepcopy(evidence.outcome)
    change(outcome)
    QuerySet(model=Evidence).filter(pk=evidence.pk).update(outcome=outcome)


def test_an_old_check_comes_out_as_it_was_stored(evidence):
    """P6."""
    code, said = replay(evidence)
    assert (code, evidence.digest in said) == (0, True)
    assert said.startswith("Same")


@pytest.mark.long
def test_checks_of_every_table_come_out_as_they_were_stored_too(cast, version):
    """P6: the command knows no check by name."""
    lines = ROWS.splitlines()
    scored = "\n".join([f"{lines[0]},s", *(f"{line},0.{n % 9 + 1}" for n, line in enumerate(lines[1:]))]) + "\n"
    asked = {
        "representation": {"target": "y", "sensitive": ["sex"]},
        "performance": {"target": "y", "prediction": "yhat", "score": "s", "sensitive": ["sex"]},
        "calibration": {"target": "y", "score": "s", "sensitive": ["sex"]},
        "data_quality": {"target": "y"},
    }
    for slug, chosen in asked.items():
        found = computed(cast, version, slug=slug, rows=scored, **chosen)
        assert replay(found) == (0, f"Same: {found} comes out as it was stored ({found.digest}).\n"), slug


def test_a_replay_keeps_nothing(evidence):
    before = AuditEntry.objects.count(), Evidence.objects.count(), CheckRun.objects.get(evidence=evidence).snapshot()
    replay(evidence)
    assert (AuditEntry.objects.count(), Evidence.objects.count()) == before[:2]
    assert CheckRun.objects.get(evidence=evidence).snapshot() == before[2]


def test_limits_and_attempts_are_those_of_then(cast, version, evidence):
    """P6: a limit taken out of force and a later attempt change nothing of the past."""
    limit = version.home_system.baselines.get(rule=RULE)
    actions.supersede_baseline(limit, reason="Replaced by a stricter one.", actor=cast.risk_officer)
    factories.make_limit(cast, version.home_system, rule="selection_rate_difference<=0.2")
    second = computed(cast, version, rows=ROWS + "1,1,f\n")
    assert second.outcome["thresholds"][0]["attempt"] == 2
    assert [replay(each)[0] for each in (evidence, second)] == [0, 0]


def test_a_changed_figure_is_named_by_its_place(evidence):
    """P6: what was stored, and what comes out."""
    value = evidence.outcome["groups"][0]["metrics"]["selection_rate"]["value"]

    def change(outcome):
        outcome["groups"][0]["metrics"]["selection_rate"]["value"] = 0.25

    tampered(evidence, change)
    code, said = replay(evidence)
    assert code == 1
    assert f"groups[0].metrics.selection_rate.value: stored 0.25, now {value}" in said
    assert "digest: stored" in said


def test_a_changed_verdict_with_a_mended_digest_is_found(evidence):
    """P6: a digest made to fit the changed outcome helps nobody."""
    from rai.checks.contract import digest_of_value
    from rai.running.replaying import content

    def change(outcome):
        outcome["verdict"] = outcome["thresholds"][0]["verdict"] = "fail"
        outcome["digest"] = digest_of_value(content(outcome))
        QuerySet(model=Evidence).filter(pk=evidence.pk).update(digest=outcome["digest"])

    assert evidence.verdict == "pass"
    tampered(evidence, change)
    code, said = replay(evidence)
    assert code == 1
    assert 'verdict: stored "fail", now "pass"' in said
    assert "digest" not in said.splitlines()[1]


def test_last_digits_are_within_the_tolerance(evidence):
    from rai.checks.contract import digest_of_value
    from rai.running.replaying import content

    def change(outcome):
        outcome["groups"][0]["metrics"]["selection_rate"]["low"] *= 1 + 1e-11
        outcome["digest"] = digest_of_value(content(outcome))
        QuerySet(model=Evidence).filter(pk=evidence.pk).update(digest=outcome["digest"])

    tampered(evidence, change)
    assert replay(evidence)[0] == 0


def test_another_library_version_is_told_and_is_no_difference(evidence):
    from rai.checks.contract import digest_of_value
    from rai.running.replaying import content

    def change(outcome):
        outcome["environment"]["packages"]["duckdb"] = "0.0.1"
        outcome["digest"] = digest_of_value(content(outcome))
        QuerySet(model=Evidence).filter(pk=evidence.pk).update(digest=outcome["digest"])

    tampered(evidence, change)
    code, said = replay(evidence)
    assert code == 0
    assert 'environment.packages.duckdb: stored "0.0.1"' in said


def test_a_missing_file_is_named_with_the_remedy(evidence):
    path = evidence.run.predictions.blob.path
    kept = path.read_bytes()
    path.unlink()
    try:
        with pytest.raises(CommandError, match=r"rows\.csv .* is no longer stored; put it back from a backup"):
            replay(evidence)
    finally:
        path.write_bytes(kept)


def test_a_file_that_was_changed_is_not_measured(evidence):
    """P6: the digest of the table is part of the evidence."""
    path = evidence.run.predictions.blob.path
    kept = path.read_bytes()
    path.chmod(0o600)
    path.write_bytes(kept.replace(b"f", b"m", 1))
    try:
        with pytest.raises(CommandError, match="changed on disk"):
            replay(evidence)
    finally:
        path.write_bytes(kept)


@pytest.mark.parametrize("text", ["no-id", "00000000-0000-0000-0000-000000000000"])
def test_an_id_that_leads_nowhere_is_a_sentence(db, text):
    with pytest.raises(CommandError, match="no evidence"):
        replay(text)
