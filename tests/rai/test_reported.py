"""Figures that a pipeline computed elsewhere and posts: counted as reported, shown so, never measured."""

import json
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from registry import policy
from registry.models import AuditEntry, Evidence
from registry.release_gates import answering, newest_evidence
from reports.measured_rows import runs
from reports.scope import Scope
from tests import factories
from tests.rai.uploads import text_of

PLACE = "/api/v1/evidence/reported/"
DIGEST = "sha256:" + "ab" * 32


def posted(version, **changes):
    """What a pipeline posts."""
    body = {
        "version": str(version.pk),
        "shows": ["robustness.adversarial"],
        "measured_at": (timezone.now() - timedelta(hours=1)).isoformat(),
        "tool": "attack-suite 2.1",
        "inputs": [{"name": "attacks.parquet", "digest": DIGEST}],
        "code": {"name": "git 4f2a", "digest": "sha256:" + "cd" * 32},
        "figures": [
            {"metric": "attack_success_rate", "value": 0.04, "low": 0.02, "high": 0.07, "n": 500},
            {"metric": "attack_success_rate", "value": None, "group": {"attack": "noise"}, "n": 0},
        ],
    }
    return body | changes


def post(client, body):
    """The request of a pipeline."""
    return client.post(PLACE, json.dumps(body), content_type="application/json")


@pytest.fixture
def version(client, cast):
    """A version, and its owner's session."""
    client.force_login(cast.owner)
    return factories.make_version(cast)


def test_posted_figures_are_kept_as_reported_with_their_digests(client, cast, version):
    """Issue C: a result computed elsewhere, with input and code digests."""
    answer = post(client, posted(version))
    assert answer.status_code == 201, answer.content
    kept = Evidence.objects.get()
    assert (kept.kind, kept.verdict, kept.shows) == ("reported", "recorded", ["robustness.adversarial"])
    assert kept.outcome["reported"]["inputs"] == [{"name": "attacks.parquet", "digest": DIGEST}]
    assert kept.digest == kept.outcome["digest"] == answer.json()["digest"]
    assert AuditEntry.objects.filter(action="evidence.reported", object_id=kept.pk, actor=cast.owner).exists()


def test_they_are_shown_as_reported_and_never_as_measured(client, version):
    post(client, posted(version))
    tab = text_of(client.get(reverse("version-evidence", args=[version.pk])))
    assert "Reported: robustness.adversarial" in tab
    assert "computed elsewhere, not measured here" in tab
    page = text_of(client.get(Evidence.objects.get().get_absolute_url()))
    assert "Reported, not measured: attack-suite 2.1 computed these figures elsewhere" in page
    assert "0.040 (0.020–0.070)" in page
    assert "attack: noise" in page
    assert "cannot be computed" in page
    assert DIGEST in page


def test_reports_count_them_as_reported(client, version):
    """The basis of a requirement that rests on them."""
    post(client, posted(version))
    scope = Scope(user=None, as_of=timezone.now())
    scope.systems_served_by = lambda _version: [version.home_system.pk]
    assert [(one.check, one.basis, one.outcome) for one in runs(scope)] == [
        ("robustness.adversarial", "reported", "recorded")
    ]


def test_a_gate_takes_what_was_measured_here_before_what_is_reported(client, cast, version):
    """Otherwise a later report would hide a check of this installation."""
    measured = factories.make_evidence(cast, version, shows=["fairness.group_metrics"])
    post(client, posted(version, shows=["fairness.group_metrics"]))
    assert Evidence.objects.filter(shows__icontains="fairness.group_metrics").count() == 2
    assert answering("fairness.group_metrics", newest_evidence(version))[-1] == measured


def test_an_evaluation_that_a_pipeline_reports_drives_the_gate(client, cast, monkeypatch):
    """S-141: too little is known until it is posted, and the gate says so; then it is open."""
    body = policy.of_tier("limited").body
    asked = {"evidence": [{"check": "robustness.adversarial", "verdict": "recorded"}]}
    monkeypatch.setattr(policy, "of_system", lambda _system: policy.Policy(body | asked))
    version = factories.make_releasable(cast)
    client.force_login(cast.owner)
    assert answers(client, version)["evidence"] == "insufficient"
    assert post(client, posted(version)).status_code == 201
    assert answers(client, version)["evidence"] == "passed"


def answers(client, version) -> dict[str, str]:
    """What a pipeline is told by the gate."""
    told = client.get(f"/api/v1/versions/{version.pk}/gate/").json()
    return {row["gate"]: row["result"] for row in told["gates"]}


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"shows": ["robustness.nonsense"]}, "“robustness.nonsense” is no check of the vocabulary"),
        ({"shows": []}, "name at least one"),
        ({"inputs": []}, "1 to 50 files with their digests"),
        ({"inputs": [{"name": "a.csv", "digest": "md5:12"}]}, "a.csv: “md5:12” is no digest"),
        ({"figures": []}, "Post 1 to 500 figures"),
        ({"figures": [{"metric": "rate", "value": 0.4, "low": 0.5, "high": 0.7}]}, "rate lies outside its own interval"),
        ({"figures": [{"metric": "rate", "value": 0.4, "n": -1}]}, "rate is of fewer than 0 rows"),
        ({"measured_at": "2100-01-01T00:00:00Z"}, "measured in the future"),
        ({"measured_at": "2020-01-01T00:00:00Z"}, "older than evidence of this tier may be"),
        ({"verdict": "pass"}, "This key is not known here"),
        ({"figures": [{"metric": "rate", "value": 0.4, "verdict": "pass"}]}, "This key is not known here"),
    ],
)  # fmt: skip
def test_what_is_no_sound_report_is_refused(client, version, changes, sentence):
    """No pipeline posts a verdict, and none without saying what it measured."""
    answer = post(client, posted(version, **changes))
    assert answer.status_code == 400
    assert sentence in json.dumps(answer.json(), ensure_ascii=False)
    assert not Evidence.objects.exists()


def test_the_same_figures_are_kept_once(client, version):
    body = posted(version)
    post(client, body)
    again = post(client, body)
    assert again.status_code == 400
    assert "stand already" in json.dumps(again.json())
    assert Evidence.objects.count() == 1


def test_an_auditor_posts_nothing(client, cast, version):
    client.force_login(cast.auditor)
    assert post(client, posted(version)).status_code == 403
