"""The dry run of a proposed policy: which approved and published releases would fail it, and why."""

import pytest
from django.core.management import call_command
from django.urls import reverse

from registry import gates, policy
from registry.actions import tokens
from registry.models import AuditEntry, Release
from registry.policies import dry_run
from registry.policies.reading import read
from tests import factories, kept_cast
from tests.policies import writing
from tests.registry import releasing

pytestmark = pytest.mark.django_db


@pytest.fixture
def live(cast):
    """A published release, an approved one, and one in review."""
    return list(kept_cast.story("live and waiting", cast, make_live))


def make_live(cast):
    """The same, made afresh."""
    first, second = factories.make_releasable(cast), factories.make_releasable(cast)
    found = releasing.published(cast, first), releasing.agreed(cast, second)
    releasing.releases.submit_for_review(
        factories.make_releasable(cast), notes="Waits for its reviewers.", actor=cast.owner
    )
    return found


def body(change):
    """The shipped policy after a change."""
    found = read(writing.text(change), people=False)
    assert not found.problems, found.problems
    return found.body


def tried(change):
    """What it would do."""
    return list(dry_run.dry_run(body(change)))


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
    assert len(dry_run.trial(body(change), person=cast.auditor).new) == 2
    assert dry_run.trial(body(change), person=cast.outsider) == dry_run.Trial([], 0)
    assert AuditEntry.objects.count() == entries
    assert not policy.SUPPOSED.get()
    assert policy.of_release(live[0]).body == live[0].review.policy


def brute_force(body):
    """Of every release in the table those that are live and whose gates, asked under the policy, hold a no."""
    found = []
    for release in Release.objects.order_by("created_at", "pk"):
        if release.status not in {"approved", "published"}:
            continue
        with policy.supposing(release, policy.of_system(release.system, {"number": None, **body})):
            answers = [gates.answer(slug, release) for slug in gates.slugs(release) if slug != "binding"]
        if not all(answer.is_open for answer in answers):
            found.append(release)
    return found


def test_all_releases_are_read_however_many_and_a_page_says_how_many_it_left(
    cast, live, client, monkeypatch, capsys, tmp_path
):
    """E: the dry run lists what a brute-force evaluation lists, past the border of a page and of a chunk, too."""
    monkeypatch.setattr(dry_run, "CHUNK", 1)
    change = limited(gates=[{"facts": ["stop_mechanism"]}])
    assert [fate.release for fate in dry_run.dry_run(body(change))] == brute_force(body(change)) == live
    people = writing.governors(cast)
    row = writing.proposed(people, writing.text(change))
    client.force_login(people["author"])
    address = reverse("policy-dry-run", args=[row.pk])
    assert "not asked here" not in client.get(address).content.decode()
    monkeypatch.setattr(dry_run, "MOST_AT_ONCE", 1)
    page = client.get(address).content.decode()
    assert "One more release was not asked here" in page and live[1].get_absolute_url() not in page
    assert client.get(f"/api/v1/policies/{row.pk}/dry-run").json()["unread"] == 1
    file = tmp_path / "tight.yaml"
    file.write_text(writing.text(change), encoding="utf-8")
    with pytest.raises(SystemExit):
        call_command("policy", "dry-run", str(file))
    assert all(str(release.version_id) in capsys.readouterr().out for release in live[1:])


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
