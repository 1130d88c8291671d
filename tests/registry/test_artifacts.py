"""Artefacts beside models: their versions, what freezes them, what a release lists, and what may not be taken away."""

import hashlib

import pytest
from django.urls import reverse

from registry.actions import artifacts, datasets, deployments, inventory, releases
from registry.audit import verification
from registry.errors import BadInput, NotAllowed
from registry.models import Artifact, ArtifactType, ArtifactVersion, AuditEntry, Release, Review, SignOff
from tests import factories
from tests.registry import releasing

Form = ArtifactVersion.Form


def make_artifact(cast, name="Offer prompt", artifact_type="prompt") -> Artifact:
    """An artefact of the owner."""
    return artifacts.register_artifact(cast.unit, name=name, artifact_type=artifact_type, actor=cast.owner)


def make_text(cast, artifact=None, text="Answer politely.\n", version="1") -> ArtifactVersion:
    """A draft of a text."""
    return artifacts.register_artifact_version(
        artifact or make_artifact(cast), version=version, form=Form.TEXT, content=text, actor=cast.owner
    )


@pytest.mark.parametrize("kind", ArtifactType.values)
def test_every_kind_of_artefact_is_versioned_by_hash(cast, kind):
    """S-018, S-074: prompt, guardrail, retrieval index, embedding, flow, agent configuration, tool, parameters, rubric."""
    row = make_text(cast, make_artifact(cast, f"A {kind}", kind), text=f"the {kind}")
    assert row.hash == "sha256:" + hashlib.sha256(f"the {kind}".encode()).hexdigest()
    assert row.artifact.get_artifact_type_display()
    assert list(verification.findings()) == []


def test_json_is_hashed_in_canonical_form(cast):
    """S-018: order and spaces do not make another version; numbers stay numbers."""
    artifact = make_artifact(cast, "Sampling", "inference_parameters")
    row = artifacts.register_artifact_version(
        artifact, version="1", form=Form.JSON, content='{"top_p": 0.9,\n "temperature": 0.70}', actor=cast.owner
    )
    assert row.content.read() == b'{"temperature":0.7,"top_p":0.9}'
    with pytest.raises(BadInput, match="registered already, as Sampling 1"):
        artifacts.register_artifact_version(
            artifact, version="2", form=Form.JSON, content={"temperature": 0.7, "top_p": 0.9}, actor=cast.owner
        )


@pytest.mark.parametrize("wrong", ['{"a": NaN}', "{", '{"a": 12345678901234567890}', "[" * 5000])
def test_what_is_no_json_is_refused_with_a_sentence(cast, wrong):
    with pytest.raises(BadInput, match="no JSON text"):
        artifacts.register_artifact_version(
            make_artifact(cast), version="1", form=Form.JSON, content=wrong, actor=cast.owner
        )


def test_line_ends_of_a_browser_do_not_make_another_text(cast):
    assert make_text(cast, text="one\r\ntwo").content.read() == b"one\ntwo"


def test_a_draft_is_written_anew_and_a_submitted_version_never(cast):
    """S-018: immutable from the submission of a release that lists it."""
    row = make_text(cast)
    row = artifacts.edit_artifact_version(row, content="Answer briefly.", actor=cast.owner)
    releases.submit_for_review(
        factories.make_submittable(cast), notes="With the prompt.", artifact_versions=[row], actor=cast.owner
    )
    row.refresh_from_db()
    assert row.status == ArtifactVersion.Status.FROZEN and row.frozen_at
    with pytest.raises(NotAllowed, match="Register a new version instead"):
        artifacts.edit_artifact_version(row, content="Answer rudely.", actor=cast.owner)
    assert row.content.read() == b"Answer briefly."


def test_only_its_owner_adds_versions(cast):
    artifact = make_artifact(cast)
    for person in (cast.risk_officer, cast.outsider, cast.approver):
        with pytest.raises(NotAllowed):
            artifacts.register_artifact_version(artifact, version="1", form=Form.TEXT, content="x", actor=person)


# ---- what a release lists


def test_a_release_lists_the_exact_version_and_digest_of_each_part(cast, client):
    """S-021: model, artefacts and data, by id and digest, on the page and by REST."""
    prompt, data = make_text(cast), make_data(cast)
    version = factories.make_submittable(cast)
    release = releases.submit_for_review(
        version, notes="With all its parts.", artifact_versions=[prompt], dataset_versions=[data], actor=cast.owner
    ).release
    assert [(part["kind"], part["id"], part["digest"]) for part in release.components] == [
        ("model", str(version.pk), version.artifact_hash), ("dataset", str(data.pk), data.hash),
        ("prompt", str(prompt.pk), prompt.hash),
    ]  # fmt: skip
    client.force_login(cast.risk_officer)
    page = client.get(release.get_absolute_url()).content.decode()
    assert prompt.hash in page and data.hash in page and version.artifact_hash in page
    answer = client.get(reverse("api-releases-detail", args=[release.pk])).json()
    assert answer["components"] == release.components


def make_data(cast, name="Customers"):
    """A version of a data set."""
    dataset = datasets.register_dataset(cast.unit, name=name, actor=cast.owner)
    digest = "sha256:" + hashlib.sha256(name.encode()).hexdigest()
    return datasets.register_dataset_version(dataset, version="1", hash=digest, use="training", actor=cast.owner)


def test_what_the_links_name_is_suggested_and_what_is_said_holds(cast):
    """S-021: silence takes what lineage says; an empty choice is a choice."""
    version, data, prompt = factories.make_submittable(cast), make_data(cast), make_text(cast)
    inventory.add_link(version, relation="trained_on", purpose="It is made from them.", target=data, actor=cast.owner)
    inventory.add_link(prompt, relation="feeds", target=version, actor=cast.owner)
    review = releases.submit_for_review(version, notes="Parts by lineage.", actor=cast.owner)
    assert {part["kind"] for part in review.release.components} == {"model", "dataset", "prompt"}
    releases.withdraw(review.release, reason="Once more without them.", actor=cast.owner)
    version.refresh_from_db()
    review = releases.submit_for_review(
        version, notes="The model alone.", artifact_versions=[], dataset_versions=[], actor=cast.owner
    )
    assert [part["kind"] for part in review.release.components] == ["model"]


def test_another_prompt_voids_the_sign_offs(cast):
    """S-021: the parts are material; a change is decided on anew."""
    artifact = make_artifact(cast)
    one, two = make_text(cast, artifact), make_text(cast, artifact, "Answer briefly.", "2")
    release = releasing.agreed(cast, factories.make_releasable(cast), artifact_versions=[one])
    releases.edit_release(release, artifact_versions=[two], actor=cast.owner)
    release.refresh_from_db()
    assert release.status == Release.Status.IN_REVIEW
    voided = SignOff.objects.filter(review__release=release, voided_at__isnull=False)
    assert voided.count() == 2
    assert "components changed" in voided[0].void_reason
    two.refresh_from_db()
    assert two.status == ArtifactVersion.Status.FROZEN
    assert list(verification.findings()) == []


def test_an_edit_that_changes_nothing_voids_nothing(cast):
    release = releasing.agreed(cast, factories.make_releasable(cast))
    releases.edit_release(release, notes=release.notes, actor=cast.owner)
    assert not SignOff.objects.filter(voided_at__isnull=False).exists()


def test_what_is_published_is_not_edited(cast):
    release = releasing.served(cast)
    with pytest.raises(NotAllowed, match="stays as it is"):
        releases.edit_release(release, notes="Other words than before.", actor=cast.owner)


def test_what_one_may_not_see_is_no_part(cast):
    there = factories.invite("their.owner", "Theirs", "technical_owner", cast.other_unit, cast.administrator)
    secret = artifacts.register_artifact(cast.other_unit, name="Secret", artifact_type="tool", actor=there)
    row = artifacts.register_artifact_version(secret, version="1", form=Form.TEXT, content="s", actor=there)
    with pytest.raises(BadInput, match="not there"):
        releases.submit_for_review(
            factories.make_submittable(cast), notes="With theirs.", artifact_versions=[row], actor=cast.owner
        )
    assert not Review.objects.exists()


# ---- notes


def test_without_thresholds_nothing_is_approved_or_published(cast):
    """S-022: the gate names what is missing; a written threshold opens it."""
    from registry import gates

    version = factories.make_submittable(cast)
    bare = releases.submit_for_review(version, notes="Nothing but words.", actor=cast.owner).release
    answer = gates.answer("notes", bare)
    assert (answer.result, "No quality threshold" in answer.reason) == ("failed", True)
    releases.edit_release(bare, quality_thresholds="recall at least 0.8", actor=cast.owner)
    bare.refresh_from_db()
    assert gates.answer("notes", bare).is_open


def test_the_notes_link_documents_and_the_page_shows_them(cast, client):
    """S-022."""
    release = releasing.agreed(
        cast, factories.make_releasable(cast), quality_thresholds="recall at least 0.8",
        rai_documents="Impact assessment https://example.org/impact\nCard /models/",
    )  # fmt: skip
    client.force_login(cast.risk_officer)
    page = client.get(release.get_absolute_url()).content.decode()
    assert 'href="https://example.org/impact"' in page and "recall at least 0.8" in page
    assert "selection_rate_difference" in page  # the approved limit, by itself
    assert "Model card, revision 1" in page


@pytest.mark.parametrize("line", ["No address here", "Click javascript:alert(1)", "data:text/html,x"])
def test_a_document_without_an_address_is_refused(cast, line):
    """S-022: nothing that a browser would run."""
    with pytest.raises(BadInput, match="does not end in an address"):
        releases.submit_for_review(
            factories.make_submittable(cast), notes="With a document.", rai_documents=line, actor=cast.owner
        )


def test_a_release_says_which_clients_fit(cast, client):
    """S-031."""
    release = releasing.served(cast, clients=[{"client": "Branch app", "versions": "3.1 to 3.4"}])
    row = deployments.start_deployment(release, environment="pilot", region="eu", actor=cast.publisher)
    client.force_login(cast.owner)
    for place in (release.get_absolute_url(), row.get_absolute_url()):
        page = client.get(place).content.decode()
        assert "Branch app" in page and "3.1 to 3.4" in page


@pytest.mark.parametrize(
    "wrong", ["x", [{"client": "a"}], [{"client": "a", "versions": 3}], [{"client": "", "versions": "1"}]]
)
def test_clients_of_another_shape_are_refused(cast, wrong):
    with pytest.raises(BadInput, match="each with “client” and “versions”"):
        releases.submit_for_review(
            factories.make_submittable(cast), notes="With clients.", clients=wrong, actor=cast.owner
        )


# ---- taking away


def test_what_serves_or_would_be_fallen_back_to_is_not_withdrawn(cast):
    """S-032: the prompt of the running release and that of its fall-back stay; a third goes."""
    artifact = make_artifact(cast)
    old, new, other = (make_text(cast, artifact, f"prompt {n}", str(n)) for n in (1, 2, 3))
    first = releasing.published(cast, artifact_versions=[old])
    second = releasing.published(cast, releasing.next_version(cast, first), rollback_to=first, artifact_versions=[new])
    running = deployments.start_deployment(second, environment="pilot", region="eu", actor=cast.publisher)
    for needed in (old, new):
        with pytest.raises(NotAllowed, match="to serve or to fall back to"):
            artifacts.withdraw_artifact_version(needed, reason="No longer wanted.", actor=cast.owner)
    artifacts.withdraw_artifact_version(other, reason="Never used at all.", actor=cast.owner)
    deployments.stop_deployment(running, reason="End of the pilot.", actor=cast.publisher)
    row = artifacts.withdraw_artifact_version(old, reason="No longer wanted.", actor=cast.owner)
    assert row.status == ArtifactVersion.Status.WITHDRAWN
    with pytest.raises(BadInput, match="is withdrawn"):
        releases.submit_for_review(
            factories.make_submittable(cast), notes="With the old one.", artifact_versions=[row], actor=cast.owner
        )


# ---- pages and REST


def test_an_artefact_goes_its_way_on_the_pages(cast, client):
    """S-018: register, add a version, write it anew, compare, link, download."""
    client.force_login(cast.owner)
    client.post(reverse("artifact-new"), {"name": "Greeting", "artifact_type": "prompt", "unit": cast.unit.pk})
    artifact = Artifact.objects.get(name="Greeting")
    new = reverse("artifact-version-new", args=[artifact.pk])
    assert client.post(new, {"version": "1", "form": "text", "text": "Hello <b>you</b>\nBye\n"}).status_code == 302
    assert client.post(new, {"version": "2", "form": "text", "text": "Hello <b>you</b>\nSo long\n"}).status_code == 302
    two, one = artifact.versions.order_by("-created_at")
    page = client.get(two.get_absolute_url()).content.decode()
    assert "Hello &lt;b&gt;you&lt;/b&gt;" in page and "<b>you" not in page
    compare = client.get(reverse("artifact-compare", args=[artifact.pk]), {"from": one.pk, "to": two.pk})
    assert "<code>Bye</code>" in compare.content.decode() and "<code>So long</code>" in compare.content.decode()
    edit = reverse("artifact-version-edit", args=[two.pk])
    assert client.post(edit, {"text": "Hello again"}).status_code == 302
    data = make_data(cast)
    link = {"relation": "retrieves_from", "purpose": "It answers from them.", "target": f"dataset:{data.pk}"}
    assert client.post(reverse("artifact-link-add", args=[two.pk]), link).status_code == 302
    assert "Customers 1" in client.get(two.get_absolute_url()).content.decode()
    assert client.get(reverse("lineage", args=["artifact", two.pk])).status_code == 200
    answer = client.get(reverse("artifact-version-file", args=[two.pk]))
    assert b"".join(answer.streaming_content) == b"Hello again"
    assert AuditEntry.objects.filter(action="artifact_version.file_downloaded").exists()


@pytest.mark.parametrize("given", [{}, {"text": "a", "file": True}])
def test_text_or_file_one_of_the_two(cast, client, given):
    from django.core.files.uploadedfile import SimpleUploadedFile

    client.force_login(cast.owner)
    body = {"version": "1", **given} | ({"file": SimpleUploadedFile("a.bin", b"x")} if "file" in given else {})
    answer = client.post(reverse("artifact-version-new", args=[make_artifact(cast).pk]), body)
    assert answer.status_code == 422
    assert "one of the two" in answer.content.decode()


def test_a_submission_on_the_page_takes_the_chosen_parts(cast, client):
    """S-021: chosen at submission."""
    version, prompt = factories.make_submittable(cast), make_text(cast)
    client.force_login(cast.owner)
    assert str(prompt) in client.get(version.get_absolute_url()).content.decode()
    client.post(reverse("version-submit", args=[version.pk]), {
        "notes": "With the prompt.", "artifact_versions": [prompt.pk], "clients": "Branch app: 3.1",
    })  # fmt: skip
    release = Release.objects.get()
    assert list(release.artifact_versions.all()) == [prompt]
    assert release.clients == [{"client": "Branch app", "versions": "3.1"}]


def test_artefacts_are_registered_and_read_by_rest(cast, client):
    """S-018 by REST: JSON, text and file."""
    from django.core.files.uploadedfile import SimpleUploadedFile

    client.force_login(cast.owner)
    body = {"unit": str(cast.unit.pk), "name": "Filter", "artifact_type": "guardrail"}
    made = client.post("/api/v1/artifacts", body, content_type="application/json")
    assert made.status_code == 201, made.content
    place = f"/api/v1/artifacts/{made.json()['id']}/versions"
    one = client.post(place, {"version": "1", "json": {"b": 1, "a": [True]}}, content_type="application/json").json()
    assert one["hash"] == "sha256:" + hashlib.sha256(b'{"a":[true],"b":1}').hexdigest()
    two = client.post(place, {"version": "2", "file": SimpleUploadedFile("f.bin", b"\x00\x01")}).json()
    assert (two["form"], two["size"], two["file_name"]) == ("bytes", 2, "f.bin")
    content = client.get(f"/api/v1/artifact-versions/{one['id']}/content").json()
    assert content["hash"] == one["hash"]
    none = client.post(place, {"version": "3"}, content_type="application/json")
    assert (none.status_code, "one of file, text and json" in none.content.decode()) == (400, True)
    gone = client.post(
        f"/api/v1/artifact-versions/{two['id']}/withdraw", {"reason": "Never in use."}, content_type="application/json"
    )
    assert gone.json()["status"] == "withdrawn"


def test_artefacts_are_found_by_name_and_digest(cast, client):
    row = make_text(cast)
    client.force_login(cast.owner)
    for words in ("Offer pro", row.hash[:20]):
        assert row.artifact.name in client.get(reverse("search"), {"q": words}).content.decode()
