"""The pages of uploaded predictions: what they take, what they refuse, and how columns are mapped."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from rai import actions, tasks
from rai.models import Predictions
from registry import jobs
from registry.models import AuditBody, AuditEntry
from tests import factories
from tests.rai.uploads import CSV, read_table, text_of


@pytest.fixture
def version(cast):
    """A draft version of the owner."""
    return factories.make_version(cast)


@pytest.fixture
def table(cast, version):
    """Uploaded predictions whose columns were read."""
    return read_table(cast, version)


def test_owner_uploads_predictions_and_is_led_to_their_page(client, cast, version):
    """The log knows the upload."""
    client.force_login(cast.owner)
    file = SimpleUploadedFile("preds.csv", CSV)
    response = client.post(reverse("predictions-upload", args=[version.pk]), {"file": file, "role": "development"})
    row = Predictions.objects.get()
    assert response.url == row.get_absolute_url()
    assert row.role == "development"
    assert AuditEntry.objects.filter(action="predictions.uploaded", object_id=row.pk).exists()


def test_upload_form_says_its_limits_beforehand(client, cast, version):
    client.force_login(cast.owner)
    page = text_of(client.get(reverse("predictions-upload", args=[version.pk])))
    assert "At most 512 MB" in page
    assert "Parquet" in page


@pytest.mark.parametrize(
    ("file", "sentence"),
    [
        (SimpleUploadedFile("model.pkl", b"x"), "predictions are a .csv or a .parquet file"),
        (SimpleUploadedFile("preds.csv", b""), "The file is empty"),
        (None, "Choose a .csv or .parquet file"),
    ],
)
def test_refused_upload_says_why_and_keeps_what_was_typed(client, cast, version, file, sentence):
    client.force_login(cast.owner)
    posted = {"role": "development"} | ({"file": file} if file else {})
    response = client.post(reverse("predictions-upload", args=[version.pk]), posted)
    assert response.status_code == 422
    assert sentence in text_of(response)
    assert response.context["form"]["role"].value() == "development"
    assert not Predictions.objects.exists()


def test_risk_officer_may_not_upload_predictions(client, cast, version):
    """The access matrix: dataset.upload is the owner's."""
    client.force_login(cast.risk_officer)
    response = client.post(
        reverse("predictions-upload", args=[version.pk]), {"file": SimpleUploadedFile("p.csv", CSV), "role": "test"}
    )
    assert response.status_code == 409
    assert "You may not do this (dataset.upload)" in text_of(response)
    assert not Predictions.objects.exists()


def test_unread_table_shows_progress_that_asks_again_by_itself(client, cast, version):
    row = actions.upload_predictions(version, content=CSV, name="preds.csv", actor=cast.owner)
    client.force_login(cast.owner)
    page = text_of(client.get(row.get_absolute_url()))
    assert 'hx-trigger="every 2s"' in page
    assert "Run the check" not in page


def test_unreadable_table_says_what_was_wrong_with_it(client, cast, version):
    row = actions.upload_predictions(version, content=CSV, name="preds.csv", actor=cast.owner)
    jobs.fail(jobs.claim(Predictions, row.pk), "preds.csv has no rows. Export it again with its rows.")
    client.force_login(cast.owner)
    page = text_of(client.get(row.get_absolute_url()))
    assert "preds.csv has no rows." in page
    assert reverse("predictions-upload", args=[version.pk]) in page


def test_columns_stand_on_the_page_as_the_worker_read_them(client, cast, table):
    client.force_login(cast.owner)
    page = text_of(client.get(table.get_absolute_url()))
    assert "female, male" in page
    assert "numbers" in page


def test_guessed_columns_are_named_on_the_page(client, cast, table):
    client.force_login(cast.owner)
    response = client.get(table.get_absolute_url())
    form = response.context["form"]
    assert (form["target"].value(), form["prediction"].value(), form["sensitive"].value()) == ("y", "yhat", ["sex"])
    assert "Preselected by the names of the columns" in text_of(response)


PERSONS = "y,mail,note,full_name,opened,amount\n" + "".join(
    f"{n % 2},jane{n % 3}@example.com,call +49 30 90182{n % 3} today,Jane Roe {n},2026-01-0{n % 3 + 1},{n % 3 + 1}000000\n"
    for n in range(24)
)


@pytest.mark.django_db
def test_people_in_the_most_frequent_values_are_masked_wherever_they_are_shown_and_counts_are_kept(
    client, cast, version
):
    """S-093: page, REST and log hold the kind and not the cell; what is no person's stays as it is."""
    client.force_login(cast.owner)
    file = SimpleUploadedFile("preds.csv", PERSONS.encode())
    client.post(reverse("predictions-upload", args=[version.pk]), {"file": file, "role": "test"})
    row = Predictions.objects.get()
    tasks.read_columns(str(row.pk))
    found = {one["name"]: one for one in client.get(f"/api/v1/predictions/{row.pk}").json()["columns"]}
    assert {name: one["values"] for name, one in found.items() if name != "y"} == {
        "mail": ["[masked: email]"],
        "note": ["call [masked: phone] today"],
        "full_name": ["[masked: name]"],
        "opened": ["2026-01-01", "2026-01-02", "2026-01-03"],
        "amount": ["1000000", "2000000", "3000000"],
    }
    assert [found[name]["distinct"] for name in ("mail", "note", "full_name")] == [3, 3, 24]
    page = text_of(client.get(row.get_absolute_url()))
    bodies = b"".join(bytes(one.body or b"") for one in AuditBody.objects.all()).decode()
    for shown in (page, str(found), bodies):
        assert not [cell for cell in ("jane0", "90182", "Jane Roe") if cell in shown]
    assert "[masked: email]" in page and "2026-01-01" in page
