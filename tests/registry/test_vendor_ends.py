"""Vendors' lists of ends: read with every bad cell named, matched to what rests on them, proposed and never written over."""

import json
from datetime import date

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from registry.actions import vendor_ends
from registry.errors import BadInput, NotAllowed
from registry.models import Task, VendorEnd, VendorEndMatch
from registry.retirement import vendor_lists
from tests import factories
from tests.registry import supply

HEAD = "provider,model,deprecation_date,retirement_date,replacement,source,quotation\n"
LINE = "Vendor,Large 3,2027-01-10,2027-06-30,Large 4,https://vendor.example/ends,Large 3 will be retired on June 30.\n"
OTHER = "Vendor,Unheard of,,2027-06-30,,https://vendor.example/ends,It ends too.\n"
GOOD = "We move to the newer model before that day."


@pytest.fixture
def version(cast):
    """A version that rests on the vendor's model, its own day being later."""
    return factories.make_version(cast, provider="Vendor", base_model="large-3", retirement_date=date(2028, 1, 1))


def take(cast, text: str, *, dry_run: bool = False, name: str = "ends.csv"):
    """The list as the owner takes it in."""
    return vendor_ends.import_list(cast.unit, name=name, content=text.encode(), dry_run=dry_run, actor=cast.owner)


def test_a_dry_run_says_what_matches_and_how_and_writes_nothing(version, cast):
    """Row 45."""
    taken = take(cast, HEAD + LINE + OTHER, dry_run=True)
    assert [[(m.version, m.how) for m in found] for _end, found in taken.rows] == [[(version, "base_model")], []]
    assert not VendorEnd.objects.exists() and not Task.objects.filter(kind="vendor_end").exists()


def test_a_list_is_kept_with_source_and_words_and_the_owners_are_asked(version, cast):
    """Row 45: lines that touch nothing are kept too."""
    take(cast, HEAD + LINE + OTHER)
    end = VendorEnd.objects.get(model="Large 3")
    assert (end.source, end.quotation) == ("https://vendor.example/ends", "Large 3 will be retired on June 30.")
    assert VendorEnd.objects.get(model="Unheard of").matches.count() == 0
    assert Task.objects.waiting().filter(kind="vendor_end", person=cast.owner).count() == 1


def test_a_list_that_is_taken_in_twice_changes_nothing(version, cast):
    for _twice in range(2):
        take(cast, HEAD + LINE)
    assert (
        VendorEnd.objects.count()
        == VendorEndMatch.objects.count()
        == Task.objects.filter(kind="vendor_end").count()
        == 1
    )


def test_the_day_of_a_version_changes_only_when_its_owner_takes_it(version, cast):
    take(cast, HEAD + LINE)
    version.refresh_from_db()
    assert version.retirement_date == date(2028, 1, 1)
    vendor_ends.accept_end(VendorEndMatch.objects.get(), reason=GOOD, actor=cast.owner)
    version.refresh_from_db()
    assert (version.deprecation_date, version.retirement_date) == (date(2027, 1, 10), date(2027, 6, 30))
    assert not Task.objects.waiting().filter(kind="vendor_end").exists()


def test_an_own_day_that_comes_sooner_is_not_put_off(version, cast):
    version.retirement_date = date(2027, 5, 1)
    version.save()
    take(cast, HEAD + LINE)
    with pytest.raises(NotAllowed, match="ends earlier already"):
        vendor_ends.accept_end(VendorEndMatch.objects.get(), reason=GOOD, actor=cast.owner)
    vendor_ends.dismiss_end(VendorEndMatch.objects.get(), reason=GOOD, actor=cast.owner)
    assert VendorEndMatch.objects.get().status == "dismissed"


@pytest.mark.parametrize(
    ("written", "listed"),
    [("large-3", "Large 3"), ("Vendor Large 3", "Large 3"), ("LARGE_3", "large 3"), ("模型三", "模型三")],
)
def test_writings_of_one_name_match(written, listed, cast):
    version = factories.make_version(cast, provider="Vendor", base_model=written)
    (found,) = [found for _end, found in take(cast, HEAD + LINE.replace("Large 3", listed), dry_run=True).rows]
    assert [match.version for match in found] == [version]


@pytest.mark.parametrize("of_version", [True, False])
def test_a_component_in_use_matches_what_uses_it(of_version, cast):
    """Row 45, S-157: the version that uses it, or every version of the system where the system does."""
    first = factories.make_version(cast)
    second = factories.make_version(cast, first.model)
    part = supply.proposed_component(cast, provider="Vendor", name="Large", version="3")
    supply.used(cast, first if of_version else first.home_system, part)
    (found,) = [found for _end, found in take(cast, HEAD + LINE, dry_run=True).rows]
    assert {match.version for match in found} == ({first} if of_version else {first, second})
    assert {match.how for match in found} == {"component"}


@pytest.mark.parametrize("near", ["large-30", "large", "larger-3"])
def test_names_that_are_only_alike_do_not_match(near, cast):
    factories.make_version(cast, provider="Vendor", base_model=near)
    assert take(cast, HEAD + LINE, dry_run=True).matched == 0


def test_every_bad_cell_is_named_and_nothing_is_taken_in(version, cast):
    """Row 45; D, bad input: row, column, value, reason."""
    bad = [
        LINE, LINE,
        "Vendor,A,2027-09-01,2027-06-30,,https://v.example/,Said.\n", "Vendor,B,,30.6.2027,,https://v.example/,Said.\n",
        ",C,,2027-06-30,,javascript:alert(1),\n", f"Vendor,{'x' * 300},,2027-02-30,,https://v.example/,Said.\n",
    ]  # fmt: skip
    taken = take(cast, HEAD + "".join(bad))
    assert [(fault.row, fault.column) for fault in taken.faults] == [
        (3, "model"), (4, "retirement_date"), (5, "retirement_date"), (6, "provider"), (6, "quotation"), (6, "source"),
        (7, "model"), (7, "retirement_date"),
    ]  # fmt: skip
    assert "Stands in row 2 already" in taken.faults[0].reason
    assert not VendorEnd.objects.exists()


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("provider;model\n", "missing columns"), (HEAD.replace("source", "sauce"), "unknown columns: sauce"),
        (HEAD, "holds 0 rows"), ("[1, 2]", "list of objects"), ("{", "is no JSON"), ("", "missing columns"),
        (HEAD + '"open', "row 2"),
    ],
)  # fmt: skip
def test_a_file_that_is_no_list_is_refused_in_a_sentence(text, says, cast):
    with pytest.raises(BadInput, match=says):
        take(cast, text)


def test_a_list_may_be_json(version, cast):
    row = {
        "provider": "Vendor",
        "model": "Large 3",
        "retirement_date": "2027-06-30",
        "source": "https://v.example/",
        "quotation": "It ends.",
    }
    for text in (json.dumps([row]), json.dumps({"models": [row]})):
        assert take(cast, text, dry_run=True, name="ends.json").matched == 1


def test_a_file_in_another_encoding_is_refused(cast):
    with pytest.raises(BadInput, match="not written in UTF-8"):
        vendor_lists.read("ends.csv", (HEAD + "Größe").encode("latin-1"))


def test_versions_of_another_unit_are_not_matched(version, cast):
    """P11: nobody learns from a list what other units use."""
    people = factories.invite("their.dev", "Theo", "technical_owner", cast.other_unit, cast.administrator)
    taken = vendor_ends.import_list(
        cast.other_unit, name="ends.csv", content=(HEAD + LINE).encode(), dry_run=True, actor=people
    )
    assert taken.matched == 0


def test_a_list_is_tried_and_taken_in_by_the_page(version, cast, client):
    client.force_login(cast.owner)
    address = reverse("vendor-ends-import")

    def send(text: str, **more):
        return client.post(
            address, {"file": SimpleUploadedFile("ends.csv", text.encode()), "unit": cast.unit.pk, **more}
        )

    tried = send(HEAD + LINE, dry_run="on").content.decode()
    assert str(version) in tried and "Nothing was written down" in tried
    wrong = send(HEAD + LINE.replace("2027-06-30", "soon"))
    assert wrong.status_code == 422 and "Is no date" in wrong.content.decode()
    assert send(HEAD + LINE).status_code == 302
    page = client.get(VendorEndMatch.objects.get().get_absolute_url()).content.decode()
    assert "Large 3 will be retired on June 30." in page and "https://vendor.example/ends" in page
