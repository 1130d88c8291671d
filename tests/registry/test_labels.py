"""Tags, custom fields and kept filters: written by who may edit the row, checked, logged, filtered by and exported."""

import json

import pytest
from django.urls import reverse

from registry.actions import datasets, labels
from registry.errors import BadInput, NotAllowed
from registry.models import AuditEntry, CustomField, Labels, SavedFilter
from tests import factories


def write(bearer, actor, *tags, **values) -> Labels:
    """Tags and values, by their short names with underscores."""
    named = {name.replace("_", "-"): value for name, value in values.items()}
    return labels.write_labels(bearer, tags=list(tags), values=named, actor=actor)


def define(cast, name: str, type: str, **more) -> CustomField:
    """A custom field of systems."""
    given = {"choices": [], "is_required": False, "kind": "systems", **more}
    return labels.define_field(name=name, type=type, actor=cast.administrator, **given)


def listed(client, name: str, **query) -> list[str]:
    """The rows of a list."""
    return [str(row) for row in client.get(reverse(name), query).context["page"].objects]


def test_tags_stand_on_everything_and_lists_filter_by_them(cast, client):
    """S-013: systems, models, versions and data sets bear free words."""
    version = factories.make_version(cast)
    data = datasets.register_dataset(cast.unit, name="Letters", actor=cast.owner)
    bearers = {"systems": version.home_system, "models": version.model, "versions": version, "datasets": data}
    client.force_login(cast.owner)
    for name, bearer in bearers.items():
        write(bearer, cast.owner, "Cost Centre 7", "项目")
        assert listed(client, name, tag="cost centre 7") == listed(client, name, tag="项目") == [str(bearer)]
        assert listed(client, name, tag="other") == []


def test_tags_are_kept_once_each_and_logged(cast):
    system = factories.make_system(cast)
    assert write(system, cast.owner, " b ", "A", "B", "").tags == ["A", "B"]
    write(system, cast.owner, "c")
    entry = AuditEntry.objects.filter(action="labels.written").order_by("-seq").first()
    assert json.loads(bytes(entry.body.body))["snapshot"]["tags"] == ["c"]
    assert (str(entry.about_id), Labels.objects.count()) == (str(system.pk), 1)


@pytest.mark.parametrize("tags", [["x" * 41], [str(number) for number in range(21)]])
def test_tags_that_nobody_could_use_are_refused(cast, tags):
    with pytest.raises(BadInput):
        write(factories.make_system(cast), cast.owner, *tags)


def test_whoever_may_not_edit_a_thing_may_not_label_it(cast):
    system = factories.make_system(cast)
    for person in (cast.auditor, cast.outsider, cast.approver):
        with pytest.raises(NotAllowed):
            write(system, person, "mine")


@pytest.mark.parametrize(
    ("type", "right", "wrong"),
    [("text", "Anything", "x" * 201), ("number", "1.50", "NaN"), ("number", "-3", "three"), ("day", "2026-11-21", "21.11."),
     ("choice", "A", "C"), ("yes_no", "yes", "maybe")],
)  # fmt: skip
def test_a_custom_field_takes_values_of_its_type_alone(cast, type, right, wrong):
    define(cast, "Cost centre", type, choices=["A", "B"] if type == "choice" else [])
    system = factories.make_system(cast)
    assert write(system, cast.owner, cost_centre=right).values == {"cost-centre": right}
    with pytest.raises(BadInput) as refusal:
        write(system, cast.owner, cost_centre=wrong)
    assert refusal.value.field == "cost-centre"


def test_a_required_field_must_be_filled_and_an_ended_one_is_asked_no_more(cast):
    field = define(cast, "Cost centre", "text", is_required=True)
    system = factories.make_system(cast)
    with pytest.raises(BadInput, match="Cost centre"):
        write(system, cast.owner, "tag")
    labels.end_field(field, actor=cast.administrator)
    assert write(system, cast.owner, "tag").tags == ["tag"]
    with pytest.raises(BadInput):
        write(system, cast.owner, cost_centre="7")


def test_only_administrators_define_fields(cast):
    with pytest.raises(NotAllowed):
        labels.define_field(
            kind="systems", name="X", type="text", choices=[], is_required=False, actor=cast.risk_officer
        )


def test_custom_fields_are_filtered_by_and_exported(cast, client):
    define(cast, "Cost centre", "choice", choices=["North", "South"])
    system = factories.make_system(cast)
    factories.make_system(cast)
    write(system, cast.owner, "one", cost_centre="North")
    client.force_login(cast.owner)
    assert listed(client, "systems", **{"field-cost-centre": "North"}) == [str(system)]
    rows = json.loads(
        b"".join(client.get(reverse("list-export", args=["systems", "json"]), {"tag": "one"}).streaming_content)
    )
    assert [(row["tags"], row["field-cost-centre"]) for row in rows] == [(["one"], "North")]


def test_labels_are_written_on_a_page(cast, client):
    define(cast, "Cost centre", "number")
    system = factories.make_system(cast)
    client.force_login(cast.owner)
    url = reverse("labels", args=["system", system.pk])
    assert client.post(url, {"tags": "a，b, c", "field-cost-centre": "nought"}).status_code == 422
    client.post(url, {"tags": "a，b, c", "field-cost-centre": "7"})
    kept = Labels.objects.get()
    assert (kept.tags, kept.values) == (["a", "b", "c"], {"cost-centre": "7"})


def test_an_administrator_adds_and_ends_a_field_on_pages(cast, client):
    client.force_login(cast.administrator)
    given = {"kind": "systems", "name": "Cost centre", "type": "choice", "choices": "A\nB\n"}
    client.post(reverse("custom-field-add"), given)
    field = CustomField.objects.get()
    assert field.choices == ["A", "B"]
    client.post(reverse("custom-field-end", args=[field.pk]))
    assert not CustomField.objects.get().is_used
    assert "Cost centre" in client.get(reverse("custom-fields")).content.decode()


def test_a_filter_is_kept_under_a_name_and_forgotten_by_its_person_alone(cast, client):
    client.force_login(cast.owner)
    keep = reverse("filter-keep", args=["systems"])
    answer = client.post(keep, {"name": "Mine", "query": "tier=high&sort=-name"})
    assert answer.headers["Location"] == reverse("systems") + "?tier=high&sort=-name"
    client.post(keep, {"name": "Mine", "query": "tier=limited"})
    kept = SavedFilter.objects.get()
    assert kept.query == "tier=limited"
    assert "?tier=limited" in client.get(reverse("systems")).content.decode()
    client.force_login(cast.risk_officer)
    assert "Mine" not in client.get(reverse("systems")).content.decode()
    assert client.post(reverse("filter-drop", args=[kept.pk])).status_code == 404
    client.force_login(cast.owner)
    client.post(reverse("filter-drop", args=[kept.pk]))
    assert not SavedFilter.objects.exists()


def test_a_kept_filter_leads_nowhere_else(cast, client):
    client.force_login(cast.owner)
    answer = client.post(reverse("filter-keep", args=["systems"]), {"name": "x", "query": "//evil.example/"})
    assert answer.headers["Location"].startswith(reverse("systems") + "?")
