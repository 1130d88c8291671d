"""Cards are filled from records and runs, written by people, and never lose what one of two writers wrote."""

import pytest
from django.db import transaction
from django.urls import reverse

from registry import cards
from registry.actions import cards as actions, datasets, inventory, releases
from registry.actions.cards import CardChanged
from registry.errors import BadInput
from registry.models import AuditEntry, DatasetVersion, ModelCard
from tests import factories

OUTCOME = {
    "check": "performance", "verdict": "pass",
    "overall": {"n": 2454, "metrics": {
        "accuracy": {"value": 0.21049, "low": 0.18, "high": 0.2437, "method": "wilson", "n": 2454},
        "roc_auc": {"value": None, "low": None, "high": None, "method": "none", "n": 0, "reason": "one class"},
    }},
    "groups": [{"by": ["sex"], "group": {"sex": "F"}, "n": 12, "metrics": {"accuracy": {"value": 0.5, "low": 0.2, "high": 0.8, "n": 12}}}],
    "thresholds": [{"rule": "accuracy>=0.2", "value": 0.2105, "low": 0.18, "high": 0.2437, "verdict": "pass"}],
}  # fmt: skip


@pytest.fixture
def version(cast):
    """A draft of a limited-tier system."""
    return factories.make_version(cast)


def value(version, field: str) -> cards.Value:
    """A field of the newest card."""
    return next(one for one in cards.values(version, version.card) if one.field.id == field)


def run(cast, version, **changes):
    """A run of the performance check."""
    fields = {"check_slug": "performance", "shows": ["performance.holdout", "performance.slices"], "outcome": OUTCOME}
    return factories.make_evidence(cast, version, **{**fields, **changes})


# ---- filled by the registry


def test_a_measured_field_shows_number_interval_run_and_digest(cast, version):
    """S-059: every number on the card resolves to a run and its digest."""
    evidence = run(cast, version)
    found = value(version, "results")
    assert "accuracy = 0.2105 (0.18–0.2437), n = 2454" in found.text
    assert "accuracy>=0.2: 0.2105 (0.18–0.2437), pass" in found.text
    assert (found.source.kind, found.source.id, found.source.digest) == ("check", str(evidence.pk), evidence.digest)
    assert found.source.at == evidence.effective_at


def test_results_of_groups_name_their_group(cast, version):
    """S-060: how each group fared stands on the card."""
    run(cast, version)
    assert "[sex=F] accuracy = 0.5 (0.2–0.8), n = 12" in value(version, "slice_results").text


def test_the_page_shows_the_worst_figures_of_a_run_and_the_export_all_of_them(cast, version):
    groups = [OUTCOME["groups"][0] | {"group": {"age": str(age)}} for age in range(40)]
    kept, missed = (OUTCOME["thresholds"][0] | {"rule": f"{name}>=0", "verdict": name} for name in ("pass", "fail"))
    run(cast, version, outcome=OUTCOME | {"groups": groups, "thresholds": [kept, missed]})
    found = value(version, "slice_results")
    assert found.text.count("[age=") == 40
    assert found.shown.splitlines()[1].startswith("fail>=0") and found.shown.count("[age=") == 3
    assert found.shown.splitlines()[-1] == "… and 37 more in the run"


def test_the_latest_run_that_stands_fills_the_field(cast, version):
    run(cast, version)
    later = run(cast, version, verdict="fail", outcome=OUTCOME | {"verdict": "fail", "thresholds": []})
    assert value(version, "results").source.id == str(later.pk)


def test_a_withdrawn_run_no_longer_fills_the_field(cast, version):
    from django.utils import timezone

    row = run(cast, version)
    row.withdrawn_at = timezone.now()
    row.save()
    assert value(version, "results").text == ""


def test_records_and_lineage_fill_their_fields_with_time_and_id(cast, version):
    """S-059: data sets with their origin come from the links, purpose and people from the records."""
    data = datasets.register_dataset(cast.unit, name="Customers", description="Invented customers.", actor=cast.owner)
    row = datasets.register_dataset_version(
        data, version="1", hash="sha256:" + "a" * 64, use=DatasetVersion.Use.TRAINING, provenance="Drawn by a script.",
        actor=cast.owner,
    )  # fmt: skip
    inventory.add_link(version, relation="trained_on", purpose="It is made from them.", target=row, actor=cast.owner)
    assert str(row) in value(version, "training_data").text
    origin = value(version, "data_provenance")
    assert "Drawn by a script." in origin.text
    assert (origin.source.kind, origin.source.id) == ("record", str(row.pk))
    assert value(version, "purpose").source.id == str(version.home_system.pk)


def test_what_the_registry_fills_cannot_be_typed_only_annotated(cast, version):
    """S-059: typed text never takes the place of the registry's value; it stands beside it as a note."""
    before = value(version, "purpose").text
    actions.save_card(version, fields={"purpose": "Something else.", "users.note": "Also trainees."}, actor=cast.owner)
    assert value(version, "purpose").text == before
    assert value(version, "purpose").note == "Something else."
    assert value(version, "users").note == "Also trainees."


def test_an_approved_revision_stands_on_the_card_of_the_next(cast, version):
    """S-056: a card has its own versions and approvals."""
    from django.utils import timezone

    card = actions.save_card(version, fields={"contact": "a@bank.example"}, actor=cast.owner)
    with transaction.atomic():
        actions.set_card_status(card, ModelCard.Status.APPROVED, actor=cast.owner, approved_at=timezone.now())
    assert "1" in value(version, "approvals").text
    assert value(version, "approvals").source.kind == "workflow"


# ---- numbers name their source


@pytest.mark.parametrize(
    "text",
    [
        "0.93",
        "Accuracy was 93 % on test rows",
        "good\naccuracy = 0.93",
        "دقة ٩٣",
        "AUC .93 of many",
        "准确率为 0.93",
        "−0.2",
    ],
)
def test_a_typed_number_without_a_source_is_refused(cast, version, text):
    """S-059: the sentence names the field, the line and the remedy."""
    with pytest.raises(BadInput, match="names no source") as refusal:
        actions.save_card(version, fields={"results": text}, actor=cast.owner)
    assert refusal.value.field == "results"
    assert version.card is None


@pytest.mark.parametrize("text", ["See the run.", "F1 rose in v1.2", "run of 2026-03-01", "ISO-9001 was asked for"])
def test_names_and_dates_are_no_numbers(cast, version, text):
    actions.save_card(version, fields={"results": text}, actor=cast.owner)
    assert value(version, "results").text == text


def test_a_number_that_cites_a_run_of_this_version_is_taken(cast, version):
    evidence = factories.make_evidence(cast, version)
    for cited in (evidence.digest, evidence.digest[:19], str(evidence.pk)):
        actions.save_card(version, fields={"robustness": f"drop of 0.02 under noise, {cited}"}, actor=cast.owner)
    assert "0.02" in value(version, "robustness").text


def test_a_run_of_another_version_is_no_source(cast, version):
    other = factories.make_evidence(cast, factories.make_version(cast))
    with pytest.raises(BadInput, match="line 2"):
        actions.save_card(version, fields={"robustness": f"drop\n0.02, {other.digest}"}, actor=cast.owner)


def test_a_note_on_a_measured_field_is_held_to_the_same(cast, version):
    run(cast, version)
    with pytest.raises(BadInput, match="names no source"):
        actions.save_card(version, fields={"results.note": "really 0.99"}, actor=cast.owner)


def test_prose_may_hold_numbers(cast, version):
    """Thresholds, counts and years in prose are no measurements."""
    actions.save_card(version, fields={"caveats": "Retrain after 12 months; alarm at 0.8."}, actor=cast.owner)
    assert value(version, "caveats").is_filled


# ---- two people, one card


def test_the_second_of_two_writers_sees_the_difference_and_nothing_is_lost(cast, version):
    """Bad input of the inventory: two people editing one card."""
    first = cards.token(version.card)
    actions.save_card(version, fields={"contact": "one@bank.example"}, actor=cast.owner, token=first)
    with pytest.raises(CardChanged) as refusal:
        actions.save_card(version, fields={"contact": "two@bank.example"}, actor=cast.owner, token=first)
    (change,) = refusal.value.changes
    assert (change.id, change.before, change.after) == ("contact", "one@bank.example", "two@bank.example")
    assert version.card.fields == {"contact": "one@bank.example"}
    actions.save_card(version, fields={"contact": "two@bank.example"}, actor=cast.owner, token=refusal.value.token)
    assert version.card.fields == {"contact": "two@bank.example"}


def test_the_page_shows_both_texts_and_takes_over_what_the_second_did_not_touch(client, cast, version):
    actions.save_card(version, fields={"contact": "a@bank.example", "caveats": "Old."}, actor=cast.owner)
    client.force_login(cast.owner)
    url = reverse("version-card-edit", args=[version.pk])
    form = client.get(url).context["form"]
    opened = {name: form.initial.get(name, "") for name in form.fields}
    actions.save_card(version, fields={"caveats": "New by the first.", "contact": "b@bank.example"}, actor=cast.owner)
    answer = client.post(url, opened | {"contact": "c@bank.example", "inputs": "A row a customer"})
    assert answer.status_code == 409
    merged = answer.context["form"]
    assert [(one.title, one.stored, one.mine, one.is_open) for one in merged.clashes] == [
        ("Contact for questions and reports", "b@bank.example", "c@bank.example", True),
        ("Caveats and recommendations", "New by the first.", "", False),
    ]
    again = {name: merged[name].value() or "" for name in merged.fields}
    assert client.post(url, again).status_code == 302
    assert version.card.fields == {
        "contact": "c@bank.example", "caveats": "New by the first.", "inputs": "A row a customer",
    }  # fmt: skip


def test_a_submitted_revision_stays_as_it_is(cast):
    """S-056: what is under review is pinned; the text goes into the next revision."""
    version = factories.make_submittable(cast)
    releases.submit_for_review(version, notes="First version for the spring.", actor=cast.owner)
    pinned = dict(version.card.fields)
    actions.save_card(version, fields={"caveats": "A later thought."}, actor=cast.owner)
    first, second = version.cards.order_by("number")
    assert (first.fields, first.status, second.status) == (pinned, "in_review", "draft")
    assert second.fields["caveats"] == "A later thought."


# ---- odd texts


@pytest.mark.parametrize(
    "text",
    [
        "作者:李雷、Łukasz، أحمد 🦉",
        "x" * 10_000,
        "<script>alert(1)</script><img src=x onerror=alert(1)>",
        "{{ 7|add:1 }}",
    ],
)
def test_any_text_is_kept_and_shown_as_text(client, cast, version, text):
    """S-056: names in any script, ten thousand characters, HTML in any field."""
    actions.save_card(version, fields={"card_authors": text, "contact": text}, actor=cast.owner)
    client.force_login(cast.owner)
    page = client.get(reverse("version-card", args=[version.pk])).content.decode()
    assert "<script>alert" not in page
    assert "<img src=x" not in page
    assert value(version, "contact").text == text


def test_the_markdown_of_a_card_holds_no_tag_and_no_heading_of_a_writer(client, cast, version):
    actions.save_card(version, fields={"caveats": "# Approved\n<b>by all</b>"}, actor=cast.owner)
    client.force_login(cast.owner)
    text = client.get(reverse("version-card-export", args=[version.pk])).content.decode()
    assert "\\# Approved\n\\<b>by all\\</b>" in text


def test_a_field_that_is_too_long_is_refused_by_its_name(cast, version):
    with pytest.raises(BadInput, match=r"Contact.*50001 characters"):
        actions.save_card(version, fields={"contact": "x" * 50_001}, actor=cast.owner)


# ---- completeness and differences


def test_eighty_per_cent_are_needed_to_submit_and_all_to_approve_a_high_tier(cast):
    """S-056: the gate of the card reads the policy of the tier."""
    from registry import gates
    from registry.release_gates import preview

    version = factories.make_version(cast, factories.make_model(cast, factories.make_system(cast, risk_tier="high")))
    factories.fill_card(cast, version)
    assert gate_of(gates, preview(version)) == gates.PASSED
    actions.save_card(version, fields={"caveats": ""}, actor=cast.owner)
    assert cards.completeness(version, version.card).share > 0.8
    assert gate_of(gates, preview(version)) == gates.FAILED


def gate_of(gates, release) -> str:
    """The answer of the card's gate."""
    return next(one.result for one in gates.evaluate(release) if one.slug == "card")


def test_two_versions_are_compared_field_by_field(client, cast, version):
    """S-056: knowledge passes from one version to the next, and what changed is seen."""
    actions.save_card(version, fields={"caveats": "Old text.", "contact": "a@bank.example"}, actor=cast.owner)
    later = factories.make_version(cast, version.model)
    actions.save_card(later, fields={"caveats": "New text.", "contact": "a@bank.example"}, actor=cast.owner)
    client.force_login(cast.owner)
    answer = client.get(reverse("version-card-compare", args=[later.pk]))
    changed = {one.id: (one.before, one.after) for one in answer.context["changes"]}
    assert changed["caveats"] == ("Old text.", "New text.")
    assert changed["version"] == (version.version, later.version)
    assert "contact" not in changed


def test_a_strangers_revision_cannot_be_compared(client, cast, version):
    """Promise P11: an id of another unit is as good as none."""
    card = actions.save_card(factories.make_version(cast), fields={"caveats": "Of another model."}, actor=cast.owner)
    client.force_login(cast.owner)
    url = reverse("version-card-compare", args=[version.pk])
    assert client.get(url, {"after": str(card.pk)}).status_code == 404


def test_every_save_stands_in_the_log(cast, version):
    actions.save_card(version, fields={"caveats": "Once."}, actor=cast.owner)
    assert AuditEntry.objects.filter(action="card.saved", about_id=version.pk).count() == 1


def test_the_completeness_of_a_card_can_be_kept_as_evidence(cast, version):
    """S-056: the row of `doc.card_completeness` says how many fields are filled, and which are not."""
    from registry.actions.record_checks import run_record_check

    short = run_record_check(version, check="doc.card_completeness", actor=cast.owner)
    assert (short.verdict, short.shows) == ("fail", ["doc.card_completeness"])
    assert "overview" in short.outcome["findings"][0]["facts"]["missing"]
    factories.fill_card(cast, version)
    assert run_record_check(version, check="doc.card_completeness", actor=cast.owner).verdict == "pass"
