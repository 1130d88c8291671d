"""What runs where: environments kept apart, owners, shared endpoints, fall-back, drift of bytes, and what is kept."""

import hashlib
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from registry import fallback, serving
from registry.actions import artifacts, deployments, endings, observing, releases
from registry.audit import verification
from registry.errors import BadInput, NotAllowed
from registry.models import AISystem, AuditEntry, Deployment, ModelVersion, Stage, Task
from tests import factories
from tests.api.test_rest import bearer
from tests.registry import releasing

WHY = "The new one answers nonsense since noon."


def run(cast, release, environment="production", **where) -> Deployment:
    """A deployment that serves."""
    return deployments.start_deployment(
        release, environment=environment, actor=cast.publisher, **{"region": "eu-central", **where}
    )


@pytest.fixture
def pair(cast):
    """Two published releases of one model; the second falls back to the first."""
    first = releasing.served(cast)
    observing.mark_known_good(first.version, good=True, reason="Served a year without a fault.", actor=cast.owner)
    return first, releasing.served(cast, factories.make_version(cast, first.version.model), rollback_to=first)


def body_of(action: str) -> str:
    """What the log keeps of the last such act."""
    return bytes(AuditEntry.objects.filter(action=action).latest("seq").body.body).decode()


# ---- environments


@pytest.mark.parametrize("environment", ["pilot", "production"])
def test_a_sandbox_never_serves_as_production(cast, environment):
    """S-014: it is not moved there, and its endpoint is not shared with what serves."""
    release = releasing.served(cast)
    sandbox = run(cast, release, "sandbox", endpoint="https://try.example/v1")
    with pytest.raises(NotAllowed, match="A sandbox never serves as"):
        deployments.redeploy(sandbox, reason=WHY, environment=environment, actor=cast.publisher)
    with pytest.raises(BadInput, match="what is for trial never serves as production"):
        run(cast, release, environment, endpoint="https://try.example/v1")
    with pytest.raises(BadInput, match="environment cannot be set here"):
        deployments.edit_deployment(sandbox, environment=environment, actor=cast.publisher)
    assert AISystem.objects.get(pk=release.system_id).lifecycle_stage == Stage.DEVELOPMENT


def test_moving_makes_a_deployment_of_its_own(cast):
    """S-014: what ran before ends, and says what took over."""
    test = run(cast, releasing.served(cast), "test", rate_limit="5 a second")
    moved = deployments.redeploy(test, reason=WHY, region="eu-west", actor=cast.publisher)
    test.refresh_from_db()
    assert (test.status, moved.replaces, moved.region, moved.environment) == ("stopped", test, "eu-west", "test")
    assert moved.rate_limit == "5 a second"
    assert str(moved.pk) in body_of("deployment.redeployed")


def test_only_a_published_release_runs(cast):
    with pytest.raises(NotAllowed, match="only a published release is deployed"):
        run(cast, releasing.agreed(cast, factories.make_releasable(cast)))


# ---- owners, region, quotas, stores


def test_owners_come_from_the_system_unless_named_anew(cast):
    """S-002."""
    release = releasing.served(cast)
    inherited, own = run(cast, release), run(cast, release, "test", technical_owner=cast.approver)
    assert inherited.owners == (cast.owner, cast.owner)
    assert own.owners == (cast.owner, cast.approver)
    assert own.is_own(cast.approver) and not inherited.is_own(cast.approver)
    own = deployments.edit_deployment(own, technical_owner=None, actor=cast.publisher)
    assert own.owners == (cast.owner, cast.owner)


def test_region_failover_redundancy_and_quotas_are_on_record(cast, client):
    """S-171, S-017: kept, shown, changed with an entry in the log."""
    row = run(
        cast, releasing.served(cast), failover_region="eu-west", redundancy="Two zones, both active",
        rate_limit="50 a second", quotas=[{"consumer": "Branch app", "limit": "30 a second"}],
    )  # fmt: skip
    deployments.edit_deployment(row, redundancy="Three zones", actor=cast.publisher)
    client.force_login(cast.owner)
    page = client.get(row.get_absolute_url()).content.decode()
    for words in ("eu-central", "eu-west", "Three zones", "50 a second", "Branch app", "30 a second"):
        assert words in page
    assert AuditEntry.objects.filter(action="deployment.edited").count() == 1


def test_write_once_storage_is_recorded_verified_and_warned_of(cast, client):
    """S-174."""
    row = run(cast, releasing.served(cast), log_store="s3://answers, object lock", log_write_once=True)
    assert serving.is_overdue(row)
    client.force_login(cast.owner)
    assert "not verified in time" in client.get(row.get_absolute_url()).content.decode()
    row = observing.verify_write_once(row, note="Tried to delete an object: refused.", actor=cast.owner)
    assert not serving.is_overdue(row)
    assert "not verified in time" not in client.get(row.get_absolute_url()).content.decode()
    row.write_once_verified_at = timezone.now() - timedelta(days=91)
    assert serving.is_overdue(row)
    row = deployments.edit_deployment(row, log_store="s3://elsewhere", actor=cast.publisher)
    assert row.write_once_verified_at is None
    plain = run(cast, releasing.served(cast))
    with pytest.raises(NotAllowed, match="names no store"):
        observing.verify_write_once(plain, note="There is none to look at.", actor=cast.owner)


def test_commercial_models_are_listed_by_environment(cast, client):
    """S-162: a filter of the list of deployments."""
    bought = factories.make_version(cast)
    run(cast, releasing.served(cast, bought), "test")
    bought = ModelVersion.objects.get(pk=bought.pk)
    bought.commercial = True
    bought.save()
    run(cast, releasing.served(cast), "test")
    client.force_login(cast.risk_officer)
    page = client.get(reverse("deployments"), {"commercial": "yes", "environment": "test"}).content.decode()
    assert bought.model.name in page
    assert (
        client.get(reverse("deployments"), {"commercial": "yes", "environment": "production"})
        .content.decode()
        .count(bought.model.name)
        == 0
    )
    sheet = client.get(reverse("list-export", args=["deployments", "csv"]), {"commercial": "yes"}).getvalue().decode()
    assert bought.provider in sheet and sheet.count("\n") == 2


# ---- shared endpoints


def test_a_shared_endpoint_names_its_applications_and_warns_where_rules_differ(cast, client):
    """S-016: tier and guardrail differ; with the same of both there is no warning."""
    guard = artifacts.register_artifact(cast.unit, name="Filter", artifact_type="guardrail", actor=cast.owner)
    strict, loose = (
        artifacts.register_artifact_version(guard, version=v, form="text", content=v, actor=cast.owner)
        for v in ("strict", "loose")
    )
    place = {"endpoint": "https://answers.example/v1"}
    one = run(cast, releasing.served(cast, artifact_versions=[strict]), **place)
    same = run(cast, releasing.served(cast, artifact_versions=[strict]), **place)
    client.force_login(cast.owner)
    page = client.get(one.get_absolute_url()).content.decode()
    assert str(same.release.system) in page and "share this endpoint differ" not in page
    other = releasing.served(cast, artifact_versions=[loose])
    run(cast, other, **place)
    page = client.get(one.get_absolute_url()).content.decode()
    assert "share this endpoint differ" in page and "Filter loose / Filter strict" in page
    found = serving.differences([one, *serving.others_at(one, cast.owner)])
    assert found == ["Guardrail: they differ (Filter loose / Filter strict)."]
    one.release.system.risk_tier = "high"
    assert serving.differences([one, *serving.others_at(one, cast.owner)])[0] == "Their tiers differ: High, Limited."


def test_what_another_unit_runs_on_the_endpoint_is_not_named(cast):
    release = releasing.served(cast)
    one = run(cast, release, endpoint="https://shared.example")
    run(cast, release, "pilot", endpoint="https://shared.example")
    assert serving.others_at(one, cast.owner).count() == 1
    assert not serving.others_at(one, cast.outsider).exists()


# ---- fall-back


def test_a_second_release_names_the_one_to_fall_back_to(cast):
    """S-027: the first has none to name; from then on it is asked for."""
    first = releasing.published(cast)
    assert first.rollback_to is None
    release = releasing.agreed(cast, releasing.next_version(cast, first))
    with pytest.raises(BadInput, match="Name the published release to fall back to"):
        releases.publish(release, reason=WHY, actor=cast.publisher)
    with pytest.raises(BadInput, match="no published release of another version"):
        releases.publish(release, reason=WHY, rollback_to=release, actor=cast.publisher)
    with pytest.raises(BadInput, match="no published release of another version"):
        releases.publish(release, reason=WHY, rollback_to=releasing.served(cast), actor=cast.publisher)
    releases.publish(release, reason=WHY, rollback_to=first, actor=cast.publisher)
    release.refresh_from_db()
    assert (release.status, release.rollback_to) == ("published", first)


def test_known_good_versions_are_offered_first(cast, pair):
    """S-027, S-028: the mark is an act with a reason, for what has served."""
    first, second = pair
    third = releasing.served(cast, factories.make_version(cast, second.version.model))
    assert list(fallback.targets(third)) == [first, second]
    observing.mark_known_good(first.version, good=False, reason="A fault was found after all.", actor=cast.owner)
    assert list(fallback.targets(third)) == [second, first]
    with pytest.raises(NotAllowed, match="is not published"):
        observing.mark_known_good(factories.make_version(cast), good=True, reason=WHY, actor=cast.owner)


def test_falling_back_is_one_recorded_act(cast, pair):
    """S-027: the old one stops, the target starts in its place, and both say so in the log."""
    first, second = pair
    bad = run(cast, second, endpoint="https://answers.example", rate_limit="5 a second")
    back = deployments.roll_back(bad, reason=WHY, actor=cast.owner)
    bad.refresh_from_db()
    assert (bad.status, back.status, back.release) == ("stopped", "running", first)
    assert (back.environment, back.region, back.endpoint, back.rate_limit) == (
        bad.environment, bad.region, bad.endpoint, "5 a second",
    )  # fmt: skip
    said = body_of("deployment.rolled_back")
    assert WHY in said and str(back.pk) in said and str(first.version) in said
    assert str(bad.pk) in body_of("deployment.started")
    assert AISystem.objects.get(pk=second.system_id).lifecycle_stage == Stage.PRODUCTION
    assert list(verification.findings()) == []
    with pytest.raises(NotAllowed, match="does not run"):
        deployments.roll_back(bad, reason=WHY, actor=cast.owner)


def test_who_may_not_stop_it_does_not_let_it_fall_back(cast, pair):
    bad = run(cast, pair[1])
    for person in (cast.approver, cast.auditor, cast.outsider):
        with pytest.raises(NotAllowed):
            deployments.roll_back(bad, reason=WHY, actor=person)


def test_without_a_target_one_stops_it(cast):
    with pytest.raises(NotAllowed, match="stop it instead"):
        deployments.roll_back(run(cast, releasing.served(cast)), reason=WHY, actor=cast.owner)


def test_the_fall_back_of_what_runs_is_not_retired(cast, pair):
    """S-032: until another is named, or nothing runs."""
    first, second = pair
    running = run(cast, second)
    with pytest.raises(NotAllowed, match="to serve or to fall back to"):
        fallback.require_dispensable(first.version)
    with pytest.raises(NotAllowed):
        endings.retire(first, reason=WHY, actor=cast.approver)
    assert ModelVersion.objects.get(pk=first.version_id).status == "published"
    deployments.stop_deployment(running, reason=WHY, actor=cast.publisher)
    fallback.require_dispensable(first.version)


def test_another_fall_back_can_be_named(cast, pair):
    """S-027."""
    first, second = pair
    third = releasing.served(cast, factories.make_version(cast, second.version.model), rollback_to=second)
    third = releases.choose_fallback(third, rollback_to=first, reason=WHY, actor=cast.publisher)
    assert third.rollback_to == first
    assert AuditEntry.objects.filter(action="release.fallback_chosen").exists()


# ---- drift


def test_other_bytes_than_released_raise_an_alarm_until_all_match(cast, client):
    """S-030: task to the technical owner, an entry, a red line on both pages; a full matching report ends it."""
    prompt = artifacts.register_artifact(cast.unit, name="Prompt", artifact_type="prompt", actor=cast.owner)
    text = artifacts.register_artifact_version(prompt, version="1", form="text", content="Hi", actor=cast.owner)
    release = releasing.published(cast, artifact_versions=[text])
    row, model = run(cast, release), release.version.artifact_hash
    strange = "sha256:" + "e" * 64
    row = observing.report_observed(row, digests=[model, strange], actor=cast.owner)
    assert row.drift_since
    task = Task.objects.waiting().get(kind=Task.Kind.DRIFT)
    assert (task.person, task.url) == (cast.owner, row.get_absolute_url())
    assert strange in body_of("deployment.drifted")
    client.force_login(cast.owner)
    for place in (row.get_absolute_url(), release.version.get_absolute_url()):
        assert "other bytes than were released" in client.get(place).content.decode()
    row = observing.report_observed(row, digests=[model], actor=cast.owner)
    assert row.drift_since, "a report that leaves the prompt out proves nothing about it"
    row = observing.report_observed(row, digests=[model, text.hash], actor=cast.owner)
    assert row.drift_since is None
    assert not Task.objects.waiting().filter(kind=Task.Kind.DRIFT).exists()
    assert "other bytes than were released" not in client.get(row.get_absolute_url()).content.decode()
    assert AuditEntry.objects.filter(action="deployment.matched").count() == 1
    assert list(verification.findings()) == []


def test_redeploying_ends_the_alarm(cast):
    """S-030."""
    row = run(cast, releasing.served(cast))
    observing.report_observed(row, digests=["sha256:" + "e" * 64], actor=cast.owner)
    fresh = deployments.redeploy(row, reason="Redeployed from the registry.", actor=cast.publisher)
    assert fresh.drift_since is None
    assert not Task.objects.waiting().filter(kind=Task.Kind.DRIFT).exists()


def test_the_bytes_of_another_version_are_named(cast, client, pair):
    """S-030: that an older version is served says more than that a digest is strange."""
    first, second = pair
    row = observing.report_observed(run(cast, second), digests=[first.version.artifact_hash], actor=cast.owner)
    client.force_login(cast.owner)
    page = client.get(row.get_absolute_url()).content.decode()
    assert "these are the bytes of" in page and first.version.get_absolute_url() in page


@pytest.mark.parametrize("digests", [[], ["sha256:E" + "e" * 63], ["e" * 64], ["sha256:" + "e" * 64] * 201])
def test_what_is_no_digest_is_no_report(cast, digests):
    row = run(cast, releasing.served(cast))
    with pytest.raises(BadInput):
        observing.report_observed(row, digests=digests, actor=cast.owner)


def test_a_pipeline_reports_by_token_and_by_nothing_more(cast):
    """S-030 by REST: the scope lets the report through and neither stops, starts nor falls back."""
    release = releasing.served(cast)
    row, client = run(cast, release), bearer(cast.owner, cast.unit, "deployments:report")
    place = f"/api/v1/deployments/{row.pk}/"
    good = client.post(f"{place}observed", {"digests": [release.version.artifact_hash]}, format="json")
    assert (good.status_code, good.json()["matches"], good.json()["drift_since"]) == (200, True, None)
    bad = client.post(f"{place}observed", {"digests": ["sha256:" + "e" * 64]}, format="json").json()
    assert (bad["matches"], bad["strange"]) == (False, ["sha256:" + "e" * 64])
    for act in ("roll-back", "redeploy"):
        assert client.post(f"{place}{act}", {"reason": WHY}, format="json").status_code == 403
    other = bearer(cast.owner, cast.unit, "models:read")
    assert other.get(place).json()["is_drifting"] is True
    assert other.post(f"{place}observed", {"digests": ["sha256:" + "e" * 64]}, format="json").status_code == 403


# ---- pages


def test_the_publisher_walks_the_pages_of_what_runs(cast, client, pair):
    """S-014, S-027: publish with a fall-back, deploy, report, fall back, on pages."""
    first, second = pair
    client.force_login(cast.publisher)
    page = client.get(second.get_absolute_url()).content.decode()
    assert "Falls back to" in page and str(first.version) in page
    where = {"environment": "pilot", "region": "eu", "endpoint": "https://a.example"}
    assert client.post(reverse("release-deploy", args=[second.pk]), where).status_code == 302
    row = Deployment.objects.get()
    report = {"digests": hashlib.sha256(b"x").hexdigest()}
    assert client.post(reverse("deployment-observed", args=[row.pk]), report).status_code == 422
    assert (
        client.post(
            reverse("deployment-observed", args=[row.pk]), {"digests": second.version.artifact_hash}
        ).status_code
        == 302
    )
    edit = {"failover_region": "eu-west", "quotas": "Branch app: 5 a second"}
    assert client.post(reverse("deployment-edit", args=[row.pk]), edit).status_code == 302
    assert client.post(reverse("deployment-roll-back", args=[row.pk]), {"reason": "short"}).status_code == 422
    assert client.post(reverse("deployment-roll-back", args=[row.pk]), {"reason": WHY}).status_code == 302
    back = Deployment.objects.running().get()
    assert (back.release, back.failover_region) == (first, "eu-west")
    assert back.quotas == [{"consumer": "Branch app", "limit": "5 a second"}]
    assert client.post(reverse("deployment-redeploy", args=[back.pk]), {"reason": WHY, **where}).status_code == 302
    last = Deployment.objects.running().get()
    assert client.post(reverse("deployment-stop", args=[last.pk]), {"reason": WHY}).status_code == 302
    assert client.get(last.get_absolute_url()).status_code == 200
