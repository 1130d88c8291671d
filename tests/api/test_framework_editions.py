"""Editions of frameworks over REST: brought, compared and approved by people, read by tokens, refused with the place."""

import pytest

from reports.imported import actions
from reports.models import FrameworkEdition
from tests.api.test_rest import bearer, problem_of, session, upload
from tests.policies import writing
from tests.reports import catalogues

pytestmark = pytest.mark.django_db
URL = "/api/v1/framework-editions/"
WHY = "Our own controls, as the board asked for them."


@pytest.fixture
def people(cast):
    """Who governs the whole organisation."""
    return writing.governors(cast)


@pytest.fixture
def catalogue(people) -> FrameworkEdition:
    """A catalogue without rules, in force at once."""
    content = catalogues.text(catalogues.OSCAL)
    return actions.bring(content=content, file="house.json", slug="house_controls", reason=WHY, actor=people["author"])


def sent(client, content: bytes, *, file: str, to: str = URL, **more: str):
    """A file as a script sends it."""
    return client.post(to, {"file": upload(file, content), **more}, format="multipart")


def rules_of(people) -> dict:
    """Rules for the catalogue, brought by the author."""
    answer = sent(session(people["author"]), catalogues.RULES.encode(), file="rules.yaml", reason=WHY)
    assert answer.status_code == 201, answer.content
    return answer.json()


def test_a_framework_is_brought_compared_and_approved_by_two_over_rest(people, catalogue):
    """F: list, read, propose, difference list and approval of editions over REST."""
    row = rules_of(people)
    assert (row["slug"], row["status"], row["approvals"], "body" in row) == ("house_controls", "proposed", [], False)
    told = session(people["first"]).get(f"{URL}{row['id']}/difference").json()
    assert "use-1.a" in told["added"] and told["removed"] == [] and "automation" in told["changed"]["use-1"]
    first = session(people["first"]).post(f"{URL}{row['id']}/approve", {"reason": WHY}, format="json")
    assert first.status_code == 200, first.content
    assert (first.json()["status"], len(first.json()["approvals"])) == ("proposed", 1)
    second = session(people["second"]).post(f"{URL}{row['id']}/approve", {"reason": WHY}, format="json").json()
    assert (second["status"], [one["reason"] for one in second["approvals"]]) == ("in_force", [WHY, WHY])
    listed = session(people["first"]).get(URL).json()["results"]
    assert {one["id"]: one["status"] for one in listed} == {row["id"]: "in_force", str(catalogue.pk): "superseded"}
    whole = session(people["first"]).get(f"{URL}{row['id']}").json()
    assert whole["body"]["groups"][0]["controls"][0]["evidence"]


def test_who_brought_it_does_not_approve_it_over_rest_and_takes_it_back(people, catalogue):
    """P5: REST goes through the same separation as the pages."""
    row, author = rules_of(people), session(people["author"])
    problem_of(author.post(f"{URL}{row['id']}/approve", {"reason": WHY}, format="json"), 403)
    taken_back = author.post(f"{URL}{row['id']}/reject", {"reason": WHY}, format="json")
    assert taken_back.json()["status"] == "rejected"


def test_a_token_reads_and_tries_out_and_neither_brings_nor_decides(cast, people, catalogue):
    row = rules_of(people)
    for name in ("author", "first"):
        client = bearer(people[name], catalogue.unit)
        assert client.get(f"{URL}{row['id']}/difference").status_code == 200
        assert sent(client, catalogues.RULES.encode(), file="r.yaml", to=f"{URL}difference").status_code == 200
        problem_of(sent(client, catalogues.RULES.encode(), file="rules.yaml", reason=WHY), 403)
        for verb in ("approve", "reject"):
            problem_of(client.post(f"{URL}{row['id']}/{verb}", {"reason": WHY}, format="json"), 403)
    assert FrameworkEdition.objects.get(pk=row["id"]).status == "proposed"
    assert bearer(people["first"], catalogue.unit, "models:read").get(URL).status_code == 403


def test_a_file_is_tried_out_and_nothing_of_it_is_kept(cast, people, catalogue):
    """The difference list of a file that is stored nowhere, for whoever may read frameworks."""
    client = session(cast.auditor)
    told = sent(client, catalogues.RULES.encode(), file="rules.yaml", to=f"{URL}difference").json()
    assert "use-1.a" in told["added"] and FrameworkEdition.objects.count() == 1
    other = sent(client, catalogues.text(catalogues.OSCAL), file="a.json", to=f"{URL}difference", slug="another").json()
    assert other["added"] == ["in-1", "in-1.1", "in-3", "use-1"]
    problem_of(sent(session(cast.administrator), b"a: b", file="a.yaml", to=f"{URL}difference"), 403)


FAULTS = {
    "an id twice": ('{"framework": "ab", "name": "x", "version": "1", "groups": [{"id": "g", "title": "G", "controls": ['
                    '{"id": "c", "title": "C"}, {"id": "c", "title": "C"}]}]}', "a.json", "a.json, g / c: this id stands twice"),
    "an unknown entity": (catalogues.RULES.replace("ai_system", "ai_systems"), "rules.yaml",
                          "rules.yaml, use-1.a: entity names 'ai_systems', which the vocabulary does not have; it has 'ai_system'"),
    "no JSON": ('{"framework": "ab",\n "name" "x"}', "a.json", "line 2 column 9"),
    "no YAML": ("framework: ab\nname: [x\n", "a.yaml", "line 3, column 1"),
}  # fmt: skip


@pytest.mark.parametrize("name", FAULTS)
def test_a_faulty_file_is_refused_with_its_name_the_place_in_it_and_the_remedy(people, catalogue, name):
    """F: a framework with duplicate ids, a rule naming an unknown entity; the same by REST as on the page."""
    content, file, said = FAULTS[name]
    for to, more in ((URL, {"reason": WHY}), (f"{URL}difference", {})):
        found = problem_of(sent(session(people["author"]), content.encode(), file=file, to=to, **more), 400)
        assert found["detail"].startswith(file) and said in found["detail"], found["detail"]
        assert found["errors"]["file"] == [found["detail"]]
    assert FrameworkEdition.objects.count() == 1


def test_the_schema_describes_what_is_sent_and_what_comes_back(people):
    schema = session(people["author"]).get("/api/v1/schema/?format=json").json()
    posted = schema["paths"]["/api/v1/framework-editions/"]["post"]["requestBody"]["content"]
    assert posted["multipart/form-data"]["schema"]["$ref"].endswith("/BringPayload")
    compared = schema["paths"]["/api/v1/framework-editions/{id}/difference/"]["get"]["responses"]["200"]
    assert compared["content"]["application/json"]["schema"]["$ref"].endswith("/Difference")
    assert {"approve", "reject"} == {
        path.split("/")[-2] for path in schema["paths"] if path.startswith("/api/v1/framework-editions/{id}/")
    } - {"difference", "{id}"}


def test_a_stranger_to_the_organisation_sees_no_edition(cast, people, catalogue):
    """P11: another's framework is as good as none."""
    row = rules_of(people)
    client = session(cast.administrator)
    assert client.get(URL).json()["results"] == []
    assert client.get(f"{URL}{row['id']}").status_code == 404
