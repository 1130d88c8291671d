"""A version of data as a Croissant document, and data cards by the API."""

import io
import json
from datetime import date

import mlcroissant
import pytest
from absl import logging as croissants_logging
from django.urls import reverse

from registry.datasets import croissant
from registry.models import AuditEntry, Dataset, DatasetVersion
from tests.registry import data as steps

# It keeps the stream that it found when imported, which is pytest's, and closes it when logging is set up anew.
croissants_logging.get_absl_handler().python_handler.stream = io.StringIO()


@pytest.fixture
def data(cast):
    """A version with every line that the export takes."""
    dataset = steps.described(
        cast, name="Kundenkonten 客户", format="text/csv", intended_use="Selecting addressees; nothing else.",
        special_categories=True,
    )  # fmt: skip
    return steps.version_of(
        dataset, licence="CC-BY-4.0", contains_personal_data=True, lawful_basis="Contract", version="1.2.0",
        known_biases="Few customers under 25.", provenance="Branch system.", retention_until=date(2030, 1, 1),
    )  # fmt: skip


def read(document, tmp_path):
    """The document as mlcroissant reads it, from a file and without the network."""
    file = tmp_path / "croissant.json"
    file.write_text(json.dumps(document), encoding="utf-8")
    return mlcroissant.Dataset(jsonld=str(file))


def test_the_page_exports_a_document_that_mlcroissant_accepts(cast, data, client, tmp_path):
    """Croissant 1.0 with the responsible-AI fields: no error, no warning."""
    client.force_login(cast.auditor)
    answer = client.get(reverse("croissant", args=[data.pk]))
    assert answer["Content-Type"].startswith("application/ld+json")
    found = read(answer.json(), tmp_path)
    assert (found.metadata.issues.errors, found.metadata.issues.warnings) == (set(), set())
    assert found.metadata.name == "Kundenkonten 客户"
    assert found.metadata.version == "1.2.0"
    assert found.metadata.distribution[0].sha256 == data.hash.removeprefix("sha256:")
    assert found.metadata.license == ["https://creativecommons.org/licenses/by/4.0/legalcode"]
    assert found.metadata.data_biases == ["Few customers under 25."]
    assert found.metadata.data_use_cases == ["Selecting addressees; nothing else."]
    assert set(found.metadata.personal_sensitive_information) == {
        "Personal data", "Special categories of personal data", "Contract",
    }  # fmt: skip


def test_a_card_with_nothing_on_it_is_exported_as_well(cast, client, tmp_path):
    days = ("collected_from", "collected_until")
    bare = steps.version_of(steps.described(cast, **{name: None if name in days else "" for name in steps.CARD}))
    document = croissant.document(bare, page="https://attestry.example/dataset-versions/1/")
    assert read(document, tmp_path).metadata.issues.errors == set()
    assert "rai:dataBiases" not in document


def test_the_api_registers_data_with_a_card_and_gives_them_as_croissant(cast, client, tmp_path):
    client.force_login(cast.owner)
    body = {"unit": str(cast.unit.pk), "name": "Letters", "classification": "confidential", "origin": "Post room"}
    made = client.post("/api/v1/datasets", body, content_type="application/json")
    assert made.status_code == 201, made.content
    assert (made.json()["classification"], made.json()["steward"]) == ("confidential", str(cast.owner.pk))
    address = f"/api/v1/datasets/{made.json()['id']}/card"
    assert (
        client.put(address, {"receipt": "By courier"}, content_type="application/json").json()["origin"] == "Post room"
    )
    version = {"dataset": made.json()["id"], "version": "1", "hash": "sha256:" + "a" * 64, "use": "rag"}
    row = client.post("/api/v1/dataset-versions", version, content_type="application/json")
    assert row.status_code == 201, row.content
    document = client.get(f"/api/v1/dataset-versions/{row.json()['id']}/croissant").json()
    assert read(document, tmp_path).metadata.name == "Letters"
    assert AuditEntry.objects.filter(action="dataset.edited").count() == 1


@pytest.mark.parametrize("body", [{"status": "approved"}, {"classification": "public"}, {"steward": "x"}])
def test_neither_status_nor_class_nor_steward_is_written_by_the_card(cast, client, body):
    dataset = steps.described(cast)
    client.force_login(cast.owner)
    answer = client.put(f"/api/v1/datasets/{dataset.pk}/card", body, content_type="application/json")
    assert answer.status_code == 400
    assert Dataset.objects.get(pk=dataset.pk).snapshot() == dataset.snapshot()
    assert not DatasetVersion.objects.exists()
