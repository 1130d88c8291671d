"""The dry run of a proposed policy: which approved and published releases would fail it, and why."""

import pytest
from django.core.management import call_command
from django.urls import reverse

from registry import policy
from registry.actions import tokens
from registry.models import AuditEntry, Release
from registry.policies.dry_run import dry_run
from registry.policies.reading import read
from tests import factories
from tests.policies import writing
from tests.registry import releasing

pytestmark = pytest.mark.django_db


@pytest.fixture
def live(cast):
    """A published release, an approved one, and one in review."""
    first, second = factories.make_releasable(cast), factories.make_releasable(cast)
    found = [releasing.published(cast, first), releasing.agreed(cast, second)]
    releasing.releases.submit_for_review(
        factories.make_releasable(cast), notes="Waits for its reviewers.", actor=cast.owner
    )
    return found


def tried(change, **more):
    """What the shipped policy would do after a change."""
    found = read(writing.text(change), people=False)
    assert not found.problems, found.problems
    return dry_run(found.body, **more)


def limited(**values):
    """A change of the limited tier."""
    return lambda body: body["tiers"]["limited"].update(values)


TIGHTER = {
    "condition:facts": limited(gates=[{"facts": ["stop_mechanism"]}]),
    "condition:risks": limited(gates=[{"risks": {"level": "medium", "at_most": 0}}]),
    "evidence": limited(evidence=[{"check": "explain.global_attribution", "verdict": "recorded"}]),
    "sign-offs": limited(stages=[[{"duty": "risk_officer", "count": 1}], [{"duty": "approver", "count": 2}]]),
}


def test_a_tightened_policy_lists_what_would_fail_with_the_reason(live):
    """E: dry run: which approved versions would fail the new policy, with reasons."""
    assert tried(None) == [], "the policy in force fails nothing that it let through"
    for slug, change in TIGHTER.items():
        fates = tried(change)
        assert [fate.release for fate in fates] == live, slug
        for fate in fates:
            assert fate.is_new and fate.new == {slug}
            assert [(found.slug, bool(found.reason), bool(found.title)) for found in fate.closed] == [
                (slug, True, True)
            ]
    at_publication = limited(gates=[{"at": "publication", "facts": ["stop_mechanism"]}])
    assert [fate.release for fate in tried(at_publication)] == live[:1], "a moment not reached is not asked"


def test_what_is_closed_today_already_is_told_apart_from_what_the_policy_would_close(cast, live):
    published, approved = live
    published.version.retirement_date = None
    published.version.save()
    fates = {fate.release: fate for fate in tried(None)}
    assert set(fates) == {published} and not fates[published].is_new
    both = {fate.release: fate.is_new for fate in tried(limited(gates=[{"facts": ["stop_mechanism"]}]))}
    assert both == {published: True, approved: True}


def test_a_dry_run_changes_nothing_and_shows_only_what_the_reader_may_see(cast, live):
    entries = AuditEntry.objects.count()
    change = limited(gates=[{"facts": ["stop_mechanism"]}])
    assert len(tried(change, person=cast.auditor)) == 2 and tried(change, person=cast.outsider) == []
    assert AuditEntry.objects.count() == entries
    assert not any(hasattr(release, "supposed_policy") for release in Release.objects.all())
    assert policy.of_release(live[0]).body == live[0].review.policy


def test_the_command_the_page_and_the_rest_address_say_the_same(cast, live, client, tmp_path, capsys):
    """E: page on the proposal, command and REST of the dry run."""
    people = writing.governors(cast)
    source = writing.text(limited(gates=[{"facts": ["stop_mechanism"]}]))
    row = writing.proposed(people, source)
    client.force_login(people["author"])
    page = client.get(reverse("policy-dry-run", args=[row.pk])).content.decode()
    assert all(release.get_absolute_url() in page for release in live) and "how it is stopped" in page
    file = tmp_path / "tight.yaml"
    file.write_text(source, encoding="utf-8")
    with pytest.raises(SystemExit) as ended:
        call_command("policy", "dry-run", str(file))
    printed = capsys.readouterr().out
    assert ended.value.code == 1 and all(str(release.version_id) in printed for release in live)
    _row, secret = tokens.create_token(people["author"], name="t", scopes=["models:read"], unit=row.unit, days=3)
    bearer = {"HTTP_AUTHORIZATION": f"Bearer {secret}"}
    told = client.get(f"/api/v1/policies/{row.pk}/dry-run", **bearer).json()
    sent = client.post("/api/v1/policies/dry-run", {"source": source}, content_type="application/json", **bearer).json()
    assert told == sent and {one["release"] for one in told["releases"]} == {str(release.pk) for release in live}
    wrong = client.post("/api/v1/policies/dry-run", {"source": "name: x"}, content_type="application/json", **bearer)
    assert wrong.json()["problems"] and wrong.json()["releases"] == []
