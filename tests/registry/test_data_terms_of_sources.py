"""What must be said of data by how they were obtained, by their type and by their labels; asked where it is missing."""

from datetime import date, timedelta

import pytest
from django.urls import reverse
from rest_framework.test import APIClient

from registry import gates, release_gates
from registry.actions import data_use, datasets, inventory
from registry.datasets import asked, croissant
from registry.errors import BadInput
from registry.models import AuditEntry, DatasetVersion, DataUse
from tests import factories
from tests.registry import data as steps, supply
from tests.registry.data import REASON

TERMS = "Models may learn from it; the rows may not be passed on."
SYNTHETIC = {
    "obtained": "synthetic", "generator": "SDV 1.10, copula, fitted on v1", "synthetic_share": 0.8, "obtained_terms": TERMS,
}  # fmt: skip
LABELLED = {
    "labelled_by": "Four clerks, trained for a day",
    "labelling_instructions": "Mark a complaint as a complaint.",
}


def refusal(cast, data):
    """Why nobody can be asked to approve the data for training."""
    with pytest.raises(BadInput) as refused:
        datasets.ask_approval(data, uses=["training"], approver=cast.privacy_officer, actor=data.dataset.steward)
    return str(refused.value)


def gate_about_data(version):
    """The answer of the gate."""
    return gates.answer("data", release_gates.preview(version))


# ---- synthetic and bought data


@pytest.mark.parametrize("missing", ["generator", "synthetic_share", "obtained_terms"])
def test_synthetic_data_are_approved_only_with_generator_share_and_terms(cast, missing):
    """S-078."""
    told = {name: value for name, value in SYNTHETIC.items() if name != missing}
    data = steps.version_of(steps.described(cast), **told)
    assert str(DatasetVersion._meta.get_field(missing).verbose_name) in refusal(cast, data)
    datasets.edit_dataset_version(data, actor=cast.owner, **SYNTHETIC)
    assert steps.approved(cast, DatasetVersion.objects.get()).status == "approved"


def test_bought_data_name_the_agreement_with_their_vendor(cast, client):
    """S-078: the agreement of the registry, which the page shows by name."""
    data = steps.version_of(steps.described(cast), obtained="bought", obtained_terms=TERMS)
    assert "agreement with its vendor" in refusal(cast, data)
    agreement = supply.agreement(cast)
    datasets.edit_dataset_version(data, agreement=agreement, actor=cast.owner)
    steps.approved(cast, DatasetVersion.objects.get())
    client.force_login(cast.auditor)
    page = client.get(data.get_absolute_url()).content.decode()
    assert all(text in page for text in ("Bought", str(agreement), TERMS))


def test_data_of_which_nobody_said_how_they_were_obtained_are_not_approved(cast):
    """S-078: nothing slips through unmarked."""
    assert "how it was obtained" in refusal(cast, steps.version_of(steps.described(cast), obtained=""))


def test_terms_that_are_missing_close_the_gate_of_a_high_tier_and_stand_on_the_page(cast, client):
    """S-078: also where the data were approved before the terms were asked for."""
    version = factories.make_version(cast, factories.make_model(cast, factories.make_system(cast, risk_tier="high")))
    data = steps.approved(cast, steps.version_of(steps.described(cast)))
    inventory.add_link(version, relation="trained_on", target=data, purpose=REASON, actor=cast.owner)
    data_use.review_fit(DataUse.objects.get(), fit="fits", reason=REASON, actor=cast.risk_officer)
    assert gate_about_data(version).is_open
    older = DatasetVersion.objects.get(pk=data.pk)  # as a registry of before this was asked would have it
    older.obtained = "bought"
    older.save()
    assert "agreement with its vendor" in gate_about_data(version).reason
    client.force_login(cast.auditor)
    assert "Not said yet: agreement with its vendor" in client.get(data.get_absolute_url()).content.decode()


def test_the_croissant_document_says_that_data_are_synthetic_and_what_their_terms_are(cast):
    """S-078."""
    data = steps.version_of(steps.described(cast), **SYNTHETIC)
    told = croissant.document(data, page="https://registry.example/")
    assert told["rai:dataCollectionType"] == ["Synthetic data"]
    assert TERMS in told["rai:dataLimitations"]


def test_whoever_changes_what_was_said_of_approved_data_asks_for_a_new_approval(cast):
    """S-078: an approval rests on the terms that the approver read."""
    data = steps.approved(cast, steps.version_of(steps.described(cast), **SYNTHETIC))
    datasets.edit_dataset_version(data, obtained_terms="The rows may be passed on.", actor=cast.owner)
    data = DatasetVersion.objects.get()
    assert (data.status, data.approved_uses) == ("draft", [])
    assert AuditEntry.objects.filter(action="dataset_version.edited", object_id=data.pk).count() == 1


def test_an_agreement_that_the_person_may_not_read_cannot_be_named(cast):
    """S-078: an id is not enough."""
    agreement = supply.agreement(cast)
    factories.grant(cast, cast.outsider, "technical_owner", unit=cast.other_unit)
    other = datasets.register_dataset(cast.other_unit, name="Theirs", actor=cast.outsider)
    with pytest.raises(BadInput, match="no such agreement"):
        steps.version_of(other, obtained="bought", agreement=agreement)


# ---- types of data


@pytest.mark.parametrize(
    ("kind", "words"),
    [
        ("user", ("consent, and what it covers", "kept until", "lawful basis", "who may read it")),
        ("session", ("consent, and what it covers", "kept until", "who may read it")),
        ("knowledge", ("kept until", "who may read it")),
    ],
)
def test_each_type_of_data_asks_for_retention_and_access_before_its_approval(cast, kind, words):
    """S-081: data of users, of sessions and private knowledge are types with rules of their own."""
    data = steps.version_of(steps.described(cast, kind=kind))
    assert set(words) <= set(asked.unsaid(data))
    with pytest.raises(BadInput):
        datasets.ask_approval(data, uses=["test"], approver=cast.privacy_officer, actor=cast.owner)
    assert asked.unsaid(steps.version_of(steps.described(cast))) == []


def test_data_of_sessions_are_not_kept_longer_than_their_type_allows(cast):
    """S-081: 180 days for sessions, and none asked for business data."""
    late = date.today() + timedelta(days=400)
    with pytest.raises(BadInput, match="kept 180 days at most"):
        steps.version_of(steps.described(cast, kind="session"), retention_until=late)
    assert steps.version_of(steps.described(cast), retention_until=late).retention_until == late


def test_a_type_serves_only_the_uses_of_its_rules(cast):
    """S-081: nothing learns from sessions or private knowledge; the link and the approval are refused."""
    data = steps.version_of(steps.described(cast, kind="session"))
    with pytest.raises(BadInput, match="Data of sessions never serve for: Training"):
        datasets.ask_approval(data, uses=["training"], approver=cast.privacy_officer, actor=cast.owner)
    with pytest.raises(BadInput, match="of the type “Data of sessions”"):
        inventory.add_link(
            factories.make_version(cast), relation="trained_on", target=data, purpose=REASON, actor=cast.owner
        )
    inventory.add_link(
        factories.make_version(cast), relation="evaluated_on", target=data, purpose=REASON, actor=cast.owner
    )


def test_the_type_is_chosen_on_the_card_and_read_by_the_api(cast, client):
    """S-081: form, page and REST."""
    dataset = steps.described(cast)
    data = steps.version_of(dataset)
    client.force_login(cast.owner)
    sent = {"name": dataset.name, "kind": "knowledge", "access_rules": "The claims team alone."}
    page = client.post(reverse("dataset-edit", args=[dataset.pk]), sent, follow=True).content.decode()
    assert all(text in page for text in ("Private knowledge", "The claims team alone."))
    api = APIClient()
    api.force_login(cast.auditor)
    told = api.get(f"/api/v1/dataset-versions/{data.pk}/").json()
    assert told["kind"] == "knowledge"
    assert told["open_questions"] == ["Not said yet: kept until."]


# ---- labels


def test_how_data_were_labelled_is_kept_with_them(cast, client):
    """S-082: who, by which instructions, and how far they agreed, with measure and source; on the page and in Croissant."""
    data = steps.version_of(
        steps.described(cast), **LABELLED, label_agreement=0.82, label_measure="Cohen’s kappa",
        label_source="Report of 3 March, table 2",
    )  # fmt: skip
    client.force_login(cast.auditor)
    page = client.get(data.get_absolute_url()).content.decode()
    assert all(text in page for text in (*LABELLED.values(), "0.82", "Cohen’s kappa", "Report of 3 March, table 2"))
    told = croissant.document(data, page="https://registry.example/")
    assert LABELLED["labelling_instructions"] in told["rai:dataAnnotationProtocol"]
    assert told["rai:dataAnnotationAnalysis"] == ["Cohen’s kappa: 0.82 (Report of 3 March, table 2)"]


@pytest.mark.parametrize("missing", ["label_measure", "label_source"])
def test_a_figure_of_agreement_without_measure_or_source_is_refused(cast, missing):
    """S-082."""
    told = {"label_agreement": 0.82, "label_measure": "kappa", "label_source": "Report of 3 March", missing: ""}
    with pytest.raises(BadInput, match="without its measure and its source") as refused:
        steps.version_of(steps.described(cast), **LABELLED, **told)
    assert refused.value.field == missing


def test_labels_without_instructions_are_not_approved(cast):
    """S-082: whoever says who labelled is asked how."""
    data = steps.version_of(steps.described(cast), labelled_by="Four clerks")
    assert "instructions to the labellers" in refusal(cast, data)


def test_labels_are_told_by_the_api_and_said_later_by_the_steward(cast):
    """S-082: PUT on the facts of a version, which names the keys it takes."""
    data = steps.version_of(steps.described(cast))
    api = APIClient()
    api.force_login(cast.owner)
    address = f"/api/v1/dataset-versions/{data.pk}/facts/"
    assert api.put(address, {"status": "approved"}, format="json").status_code == 400
    answer = api.put(address, {**LABELLED, "label_agreement": "nan"}, format="json")
    assert answer.status_code in {400, 422}
    assert api.put(address, LABELLED, format="json").json()["labelled_by"] == LABELLED["labelled_by"]


def test_the_form_says_more_of_a_version(cast, client):
    data = steps.version_of(steps.described(cast))
    client.force_login(cast.owner)
    address = reverse("dataset-version-edit", args=[data.pk])
    assert client.get(address).status_code == 200
    page = client.post(address, {**SYNTHETIC, **LABELLED}, follow=True).content.decode()
    assert all(text in page for text in ("Synthetic", TERMS, *LABELLED.values()))
