"""Checks that take a second table: which one may be named, and how its bytes are bound into the evidence; the whole way through a worker."""

import csv
import io

import pytest
import yaml
from django.urls import reverse

from config.places import ROOT
from rai import actions
from rai.catalogue import CHECKS
from rai.models import CheckRun, MetricBaseline, Predictions
from rai.running import runs
from registry import jobs
from registry.errors import BadInput
from registry.models import Evidence
from tests import factories
from tests.rai.uploads import read_table, text_of

ASKED = {"drift": {"prediction": "yhat", "target": "y"}}


def people(shift: int) -> bytes:
    """A table of four hundred people; a larger shift makes them older and more of them selected."""
    rows = [
        f"{place % 2},{int((place + shift) % 3 == 0)},{'women' if place % 5 < 2 else 'men'},{20 + place % 40 + shift},p{place + 400 * (shift > 0)}"
        for place in range(400)
    ]
    return "\n".join(["y,yhat,sex,age,person", *rows]).encode()


@pytest.fixture
def version(cast):
    """A draft version of the owner."""
    return factories.make_version(cast)


def uploaded(cast, version, shift=0) -> Predictions:
    """A table whose columns the child has read."""
    row = actions.upload_predictions(version, content=people(shift), name=f"month-{shift}.csv", actor=cast.owner)
    jobs.work(Predictions, row.pk, runs.read_columns)
    return Predictions.objects.get(pk=row.pk)


def worked(run: CheckRun) -> CheckRun:
    """The run as the worker's task leaves it."""
    jobs.work(CheckRun, run.pk, runs.run_check)
    return CheckRun.objects.get(pk=run.pk)


def asked(cast, version, table, slug, **parameters) -> CheckRun:
    """A check that waits."""
    return actions.request_check(version, slug=slug, predictions=table, parameters=parameters, actor=cast.owner)


@pytest.fixture
def tables(cast, version):
    """This month's table and that of the release."""
    return uploaded(cast, version, 7), uploaded(cast, version)


def test_drift_binds_the_bytes_of_both_tables_into_the_evidence(client, cast, version, tables):
    """S-142, P6: evidence, chart, figures and JSON come out of the worker's own steps."""
    current, reference = tables
    run = worked(asked(cast, version, current, "drift", reference=str(reference.pk), **ASKED["drift"]))
    assert run.status == "finished", run.reason
    outcome = run.evidence.outcome
    assert outcome["inputs"]["data"] == current.blob.digest
    assert outcome["inputs"]["parameters"]["reference"] == reference.blob.digest
    assert run.evidence.shows == ["drift.data", "drift.prediction", "drift.performance"]
    client.force_login(cast.auditor)
    page = text_of(client.get(run.get_absolute_url()))
    assert reference.blob.digest in page and "age moved most" in page
    lines = list(csv.reader(io.StringIO(client.get(reverse("check-figures", args=[run.pk])).content.decode())))
    assert ["column", "", "age", "psi"] in [line[:4] for line in lines]
    assert client.get(reverse("check-chart", args=[run.pk])).content.startswith(b"<svg")


def test_doubles_across_splits_bind_the_other_table_too(client, cast, version, tables):
    """S-070: a limit of the system fails the table that shares rows with the training split."""
    current, other = tables
    wanted = {"other": str(other.pk), "target": "y", "key": ["person"], "expected": "age: 0..50; sex: women|men"}
    run = worked(asked(cast, version, current, "data_quality", **wanted))
    assert run.status == "finished", run.reason
    assert run.evidence.outcome["inputs"]["parameters"]["other"] == other.blob.digest
    assert run.evidence.shows == ["data.quality", "data.duplication", "data.leakage"]
    client.force_login(cast.auditor)
    page = text_of(client.get(run.get_absolute_url()))
    assert "break “age: 0..50”" in page and "Rows that are not as they should be" in page


def test_representation_goes_the_whole_way(client, cast, version):
    table = uploaded(cast, version)
    run = worked(
        asked(cast, version, table, "representation", target="y", sensitive=["sex"], shares="sex: women=0.5, men=0.5")
    )
    assert run.status == "finished", run.reason
    assert run.evidence.shows == ["fairness.representation"]
    client.force_login(cast.auditor)
    assert "men is the largest of 2 groups" in text_of(client.get(run.get_absolute_url()))
    assert client.get(reverse("check-chart", args=[run.pk])).content.startswith(b"<svg")


def test_reference_shares_that_cannot_be_used_end_the_run_with_a_sentence(cast, version):
    table = uploaded(cast, version)
    run = worked(asked(cast, version, table, "representation", target="y", sensitive=["sex"], shares="sex: women=0.5"))
    assert (run.status, run.evidence) == ("errored", None)
    assert "add up to 0.5" in run.reason


def test_training_rows_as_reference_show_the_skew_to_serving(cast, version, tables):
    current, reference = tables
    wanted = {"reference": str(reference.pk), "reference_is": "training", "prediction": "yhat"}
    run = asked(cast, version, current, "drift", **wanted)
    assert CHECKS["drift"].shows_with(run.parameters) == [
        "drift.data",
        "drift.prediction",
        "drift.training_serving_skew",
    ]


def test_an_approved_limit_turns_a_shift_into_an_alarm(cast, version, tables):
    current, reference = tables
    limit = actions.propose_baseline(
        version.home_system, slug="drift", rule="data_ks<=0.02", rationale="Ages moved by a year are too far.", actor=cast.risk_officer
    )  # fmt: skip
    limit.status = "approved"
    limit.save()
    run = worked(
        asked(cast, version, current, "drift", reference=str(reference.pk), features=["age"], prediction="yhat")
    )
    assert (run.verdict, Evidence.objects.get().verdict) == ("fail", "fail")


def test_the_same_rows_judged_again_with_other_inputs_are_a_further_attempt(cast, version, tables):
    """S-128: choosing inputs until the alarm is gone does not pay; the same run again is no attempt."""
    current, reference = tables
    actions.propose_baseline(
        version.home_system, slug="drift", rule="data_ks<=0.5", rationale="Half of the people may be others.", actor=cast.risk_officer
    )  # fmt: skip
    limit = MetricBaseline.objects.get()
    limit.status = "approved"
    limit.save()
    wanted = {"reference": str(reference.pk), "prediction": "yhat"}
    chosen = ({"features": ["age"]}, {"features": ["age"]}, {"features": ["sex", "age"]})
    runs = [worked(asked(cast, version, current, "drift", **wanted, **more)) for more in chosen]
    assert [run.evidence.outcome["thresholds"][0]["attempt"] for run in runs] == [1, 1, 2]


# ---- which table may be named


def test_a_table_of_another_system_is_refused(cast, version):
    table = read_table(cast, version)
    other = read_table(cast, factories.make_version(cast))
    with pytest.raises(BadInput, match="another system"):
        asked(cast, version, table, "drift", reference=str(other.pk), **ASKED["drift"])


@pytest.mark.parametrize(("value", "said"), [("", "Choose"), ("nonsense", "no table"), ("00000000-0000-0000-0000-000000000000", "no table")])  # fmt: skip
def test_a_table_that_does_not_exist_is_refused(cast, version, value, said):
    table = read_table(cast, version)
    with pytest.raises(BadInput, match=said):
        asked(cast, version, table, "drift", reference=value, **ASKED["drift"])


def test_a_table_is_not_compared_with_itself(cast, version):
    table = read_table(cast, version)
    with pytest.raises(BadInput, match="with itself"):
        asked(cast, version, table, "drift", reference=str(table.pk), **ASKED["drift"])


def test_a_table_whose_columns_were_not_read_is_refused(cast, version):
    table = read_table(cast, version)
    unread = actions.upload_predictions(version, content=b"a,b\n1,2\n", name="late.csv", actor=cast.owner)
    with pytest.raises(BadInput, match="have not been read"):
        asked(cast, version, table, "drift", reference=str(unread.pk), **ASKED["drift"])


def test_a_choice_that_is_not_offered_is_refused(cast, version):
    table, other = read_table(cast, version), read_table(cast, version)
    with pytest.raises(BadInput, match="no choice"):
        asked(cast, version, table, "drift", reference=str(other.pk), reference_is="mine", **ASKED["drift"])


def test_the_form_offers_the_other_tables_of_the_system(client, cast, version):
    """An outsider's system is not among them."""
    table, other = read_table(cast, version), read_table(cast, version)
    foreign = read_table(cast, factories.make_version(cast))
    client.force_login(cast.owner)
    page = text_of(client.get(table.get_absolute_url() + "?check=drift"))
    assert f'<option value="{other.pk}">' in page
    assert f'<option value="{table.pk}">' not in page
    assert f'<option value="{foreign.pk}">' not in page


def test_a_request_by_the_form_starts_the_check(client, cast, version):
    table, other = read_table(cast, version), read_table(cast, version)
    client.force_login(cast.owner)
    posted = {"check": "drift", "predictions": table.pk, "reference": other.pk, "reference_is": "earlier", "prediction": "yhat", "positive": "1", "looks": "12"}  # fmt: skip
    response = client.post(reverse("check-request", args=[version.pk]), posted)
    assert response.url == CheckRun.objects.get().get_absolute_url()
    assert CheckRun.objects.get().parameters["reference"] == str(other.pk)


@pytest.mark.parametrize("slug", ["representation", "drift", "data_quality"])
def test_every_name_that_a_check_shows_is_of_the_vocabulary(slug):
    known = yaml.safe_load((ROOT / "registry" / "data" / "evidence_vocabulary.yaml").read_text())["checks"]
    assert set(CHECKS[slug].may_show()) <= set(known)


def test_what_a_run_shows_follows_from_what_was_asked():
    shown = {"target": "y", "other": None, "reference_is": "earlier"}
    assert CHECKS["data_quality"].shows_with(shown) == ["data.quality", "data.leakage"]
    assert CHECKS["drift"].shows_with({"reference_is": "earlier"}) == ["drift.data", "drift.prediction"]
    assert CHECKS["group_fairness"].shows_with({"intersections": 2})[-1] == "fairness.intersectional"
