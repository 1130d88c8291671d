"""Parts and releases of another unit, named in a release: as good as none, by form and by REST."""

from django.urls import reverse

from registry.actions import artifacts, inventory
from registry.models import Release
from tests import factories
from tests.registry import releasing

WHY = "Both reviewers agree, and marketing waits."


def theirs(cast):
    """An artefact version and a published release of the other unit."""
    there = factories.invite("their.owner", "Theirs", "technical_owner", cast.other_unit, cast.administrator)
    artifact = artifacts.register_artifact(cast.other_unit, name="Secret", artifact_type="tool", actor=there)
    row = artifacts.register_artifact_version(artifact, version="1", form="text", content="s", actor=there)
    system = inventory.register_system(
        cast.other_unit, name="Their system", purpose="Sorts the letters of insurance.", business_owner=there,
        technical_owner=there, risk_tier="minimal", actor=there,
    )  # fmt: skip
    model = inventory.register_model(system, name="Their model", actor=there)
    version = inventory.register_version(model, version="1", artifact=b"t", artifact_name="t", actor=there)
    release = Release(system=system, version=version, author=there, status=Release.Status.PUBLISHED)
    release.save()
    return row, release


def test_ids_of_another_unit_are_as_good_as_none(cast, client):
    """S-021, S-027: in the forms and by REST, with the same words as for nothing at all."""
    secret, foreign = theirs(cast)
    nothing = "00000000-0000-4000-8000-000000000000"
    version = factories.make_releasable(cast)
    releasing.served(cast, factories.make_version(cast, version.model))
    release = releasing.agreed(cast, version)
    said = []
    for field, tried in (("artifact_versions", [secret.pk, nothing]), ("rollback_to", [foreign.pk, nothing])):
        client.force_login(cast.owner if field == "artifact_versions" else cast.publisher)
        for pk in tried:
            place = f"/api/v1/releases/{release.pk}/"
            if field == "artifact_versions":
                answer = client.patch(place, {field: [str(pk)]}, content_type="application/json")
            else:
                answer = client.post(
                    f"{place}publish", {"reason": WHY, field: str(pk)}, content_type="application/json"
                )
            said.append((answer.status_code, answer.content))
    assert said[0] == said[1] and said[2] == said[3]
    assert {status for status, _content in said} == {400}
    page = client.post(reverse("release-publish", args=[release.pk]), {"reason": WHY, "rollback_to": foreign.pk})
    assert page.status_code == 422 and str(foreign.version) not in page.content.decode()
    client.force_login(cast.owner)
    page = client.post(reverse("release-edit", args=[release.pk]), {"notes": WHY, "artifact_versions": [secret.pk]})
    assert page.status_code == 422 and "Secret" not in page.content.decode()
