"""The bill of materials: made from the record alone, the same each time, and accepted by the strict validator."""

import json
import random
from datetime import date

import pytest
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator
from django.utils import translation

from registry.actions import components, datasets, inventory
from registry.models import ModelVersion
from registry.supply import ml_bom
from tests import factories
from tests.registry.supply import approved_component, approved_vendor, proposed_component, used

pytestmark = pytest.mark.django_db
HOSTILE = [
    "名" * 160, "שלום עולם\u202e", "<script>alert(1)</script>", '"; DROP TABLE x; --', "=1+1", "\u0000ab".replace("\u0000", ""),
    "é\u0301\u0301\u0301", "a\tb\r\nc", "😀👩‍👩‍👧‍👦", "\\u0000\\", "{{ 7*7 }}", "%s %(x)d", "urn:cdx:x", "१२३", "\u2028\u2029",
]  # fmt: skip


def bill_of(version, person):
    """The bill as a stranger reads it, after the strict validator has accepted its bytes."""
    content = ml_bom.written(ModelVersion.objects.get(pk=version.pk), person)
    assert JsonStrictValidator(SchemaVersion.V1_6).validate_str(content.decode()) is None
    bill = json.loads(content)
    refs = [part["bom-ref"] for part in [bill["metadata"]["component"], *bill["components"], *bill.get("services", [])]]
    assert len(set(refs)) == len(refs)
    assert {line["ref"] for line in bill["dependencies"]} == set(refs)
    assert {to for line in bill["dependencies"] for to in line.get("dependsOn", [])} <= set(refs)
    return bill


def dataset_version(cast, **changes):
    """A data set with a version."""
    dataset = datasets.register_dataset(
        cast.unit, name=f"Customers {next(factories.numbers)}", description="One row a customer", actor=cast.owner
    )
    fields = {
        "version": "1",
        "hash": f"sha256:{next(factories.numbers):064x}",
        "use": "training",
        "licence": "CC-BY-4.0",
    }
    return datasets.register_dataset_version(dataset, actor=cast.owner, **{**fields, **changes})


def bare(cast):
    """A version of which nothing is said."""
    return factories.make_version(cast)


def with_card(cast):
    """One whose card is full."""
    version = factories.make_version(cast)
    factories.fill_card(cast, version)
    return version


def with_lineage(cast):
    """One that was tuned from another and trained on data; the other was trained on other data."""
    base, version = factories.make_version(cast), factories.make_version(cast)
    for source, relation, target in (
        (base, "trained_on", dataset_version(cast)),
        (version, "fine_tuned_from", base),
        (version, "trained_on", dataset_version(cast, contains_personal_data=True)),
    ):
        inventory.add_link(source, relation=relation, target=target, purpose="Made from them.", actor=cast.owner)
    return version


def with_components(cast):
    """One that uses a vendor's service, a library, a model, a data set, a tool and hardware."""
    version, vendor = factories.make_version(cast), approved_vendor(cast)
    for kind, licence in (
        ("service", "LicenseRef-Aurora"), ("library", "Apache-2.0"), ("model", "MIT OR Apache-2.0"),
        ("dataset", "CC-BY-4.0"), ("tool", "Some terms of their own"), ("hardware", ""),
    ):  # fmt: skip
        row = approved_component(
            cast, component_type=kind, licence=licence, vendor=vendor if kind == "service" else None,
            hash="sha256:" + "a" * 64 if kind == "library" else "", end_of_life=date(2030, 1, 1),
        )  # fmt: skip
        used(cast, version, row)
    return version


def all_at_once(cast):
    """One with everything, and a component that the whole system uses for two things."""
    version = with_lineage(cast)
    factories.fill_card(cast, version)
    row = approved_component(cast)
    used(cast, version, row)
    used(cast, version.home_system, row, use="internal")
    used(cast, version.home_system, proposed_component(cast, component_type="service"))
    return version


@pytest.mark.parametrize("shape", [bare, with_card, with_lineage, with_components, all_at_once])
def test_the_strict_validator_accepts_bills_of_every_shape(cast, shape):
    version = shape(cast)
    bill = bill_of(version, cast.owner)
    subject = bill["metadata"]["component"]
    assert subject["type"] == "machine-learning-model"
    assert subject["hashes"] == [{"alg": "SHA-256", "content": version.artifact.sha256}]
    assert "modelCard" in subject


def test_data_and_base_models_stand_in_the_bill_with_who_rests_on_whom(cast):
    version = with_lineage(cast)
    bill = bill_of(version, cast.owner)
    kinds = sorted(part["type"] for part in bill["components"])
    assert kinds == ["data", "data", "machine-learning-model"]
    rests = {line["ref"]: line.get("dependsOn", []) for line in bill["dependencies"]}
    base = next(part["bom-ref"] for part in bill["components"] if part["type"] == "machine-learning-model")
    assert base in rests[f"version:{version.pk}"] and len(rests[f"version:{version.pk}"]) == 2
    assert len(rests[base]) == 1
    personal = [part for part in bill["components"] if part.get("data", [{}])[0].get("sensitiveData")]
    assert len(personal) == 1


def test_a_service_of_a_vendor_stands_among_the_services(cast):
    bill = bill_of(with_components(cast), cast.owner)
    assert len(bill["services"]) == 1 and len(bill["components"]) == 5
    assert bill["services"][0]["data"] == [{"flow": "bi-directional", "classification": "confidential"}]
    licences = {part["type"]: part.get("licenses") for part in bill["components"]}
    assert licences["library"] == [{"license": {"id": "Apache-2.0"}}]
    assert licences["machine-learning-model"] == [{"expression": "MIT OR Apache-2.0"}]
    assert licences["application"] == [{"license": {"name": "Some terms of their own"}}]


def test_the_bill_is_the_same_each_time_and_in_each_language(cast):
    """The serial number comes from the content, the time from the version."""
    version = all_at_once(cast)
    first = ml_bom.written(ModelVersion.objects.get(pk=version.pk), cast.owner)
    with translation.override("zh-hans"):
        assert ml_bom.written(ModelVersion.objects.get(pk=version.pk), cast.owner) == first
    assert json.loads(first)["metadata"]["timestamp"][:10] == version.created_at.date().isoformat()


def test_another_component_gives_another_serial_number(cast):
    version = with_lineage(cast)
    before = bill_of(version, cast.owner)["serialNumber"]
    used(cast, version)
    assert bill_of(version, cast.owner)["serialNumber"] != before


def test_names_of_any_script_and_length_are_written_as_they_are(cast, seed):
    """Whatever people call their things, the validator accepts the bill and the name comes back."""
    dice = random.Random(seed)
    words = HOSTILE + ["".join(chr(dice.randrange(0x20, 0xD7FF)) for _ in range(150)) for _ in range(5)]
    system = factories.make_system(cast, name=dice.choice(words)[:160] or "x", purpose="長" * 10_000)
    version = factories.make_version(cast, inventory.register_model(system, name=words[0], slug="m", actor=cast.owner))
    inventory.edit_version(version, change_note="📜" * 10_000, base_model=dice.choice(words)[:200], actor=cast.owner)
    factories.cards.save_card(
        version, fields={field.id: dice.choice(words) * 5 for field in factories.schema()[:40]}, actor=cast.owner
    )
    for word in words:
        row = components.propose_component(
            cast.unit, component_type="library", provider=word, name=word, version=word[:100], licence=word[:120],
            risk_note=word * 50, actor=cast.owner,
        )  # fmt: skip
        used(cast, version, row, modifications=word)
    inventory.add_link(
        version,
        relation="trained_on",
        purpose="To learn from",
        target=dataset_version(cast, provenance=words[1] * 500),
        actor=cast.owner,
    )
    bill = bill_of(version, cast.owner)
    assert {part["name"] for part in bill["components"] if part["type"] == "library"} >= set(map(str, words))
    assert bill["metadata"]["component"]["description"] == "📜" * 10_000


def test_what_the_reader_may_not_see_is_not_in_the_bill(cast):
    version = with_lineage(cast)
    assert len(bill_of(version, cast.owner)["components"]) == 3
    assert len(bill_of(version, cast.publisher)["components"]) == 1  # a publisher sees no data sets
