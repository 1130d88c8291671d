"""Reclassified data: what is touched, one task for each version, the way to the end, and the gate meanwhile."""

import pytest
from django.urls import reverse

from registry import gates, release_gates
from registry.actions import inventory
from registry.audit import verification
from registry.errors import BadInput, NotAllowed
from registry.models import AuditEntry, Dataset, Duty, LineageLink, ModelVersion, Task
from risk import actions, affected
from risk.models import AffectedVersion, Reclassification
from tests import factories
from tests.registry import data as steps

REASON = "A court held that postcodes of small villages name people."


@pytest.fixture
def data(cast):
    """A version of internal data."""
    return steps.version_of(steps.described(cast, name="Letters"))


def learned(cast, data, *tuned):
    """A version that was trained on the data, and others fine-tuned one from another."""
    versions = [factories.make_version(cast)]
    inventory.add_link(versions[0], relation="trained_on", purpose="To learn from", target=data, actor=cast.owner)
    for _number in tuned:
        versions.append(factories.make_version(cast))
        inventory.add_link(versions[-1], relation="fine_tuned_from", target=versions[-2], actor=cast.owner)
    return versions


def raised(cast, data, **changes):
    """The steward raises the class."""
    return actions.reclassify(
        data.dataset, **{"new_class": "restricted", "reason": REASON, "actor": cast.owner, **changes}
    )


def tasks():
    """The tasks that wait for owners."""
    return Task.objects.waiting().filter(kind=Task.Kind.RECLASSIFIED)


def test_a_class_raised_lists_every_version_system_deployment_and_output_directly_or_by_lineage(cast, data):
    """S-067: with the ways; a version of another data set is left out."""
    first, second = learned(cast, data, "tuned")
    learned(cast, steps.version_of(steps.described(cast)))
    output = steps.version_of(steps.described(cast, name="Scores"), use="feedback")
    inventory.add_link(second, relation="feeds", target=output, actor=cast.owner)
    found = affected.affected_by(data.dataset)
    assert [each.row for each in found.versions] == [first, second]
    assert {one.pk for one in found.systems} == {first.home_system.pk, second.home_system.pk}
    assert [each.row for each in found.outputs] == [output]
    way = affected.way_words(cast.owner, found.versions[1].way)
    assert way == f"{first} was trained on {data}; {second} was fine-tuned from {first}"


def test_what_runs_is_touched_too(cast, data):
    """S-067."""
    from tests.authz.world import make_deployment

    deployment = make_deployment(cast)
    inventory.add_link(
        deployment.release.version, relation="trained_on", purpose="To learn from", target=data, actor=cast.owner
    )
    assert affected.affected_by(data.dataset).deployments == [deployment]


def test_each_affected_version_gets_one_task_for_its_owner_and_all_of_it_is_logged(cast, data):
    """S-068."""
    versions = learned(cast, data, "tuned", "tuned again")
    record = raised(cast, data)
    assert Dataset.objects.get(pk=data.dataset_id).classification == "restricted"
    assert {row.version for row in record.affected.all()} == set(versions)
    assert {task.system for task in tasks()} == {version.home_system for version in versions}
    assert {task.person for task in tasks()} == {cast.owner}
    counted = {name: AuditEntry.objects.filter(action=name).count() for name in (
        "dataset.reclassified", "dataset.class_changed", "version.affected",
    )}  # fmt: skip
    assert counted == {"dataset.reclassified": 1, "dataset.class_changed": 1, "version.affected": 3}
    assert list(verification.findings()) == []


def test_a_second_rise_opens_tasks_of_its_own(cast, data):
    learned(cast, data)
    raised(cast, data, new_class="confidential")
    raised(cast, data)
    assert tasks().count() == 2


def test_no_version_passes_a_gate_before_what_was_decided_is_done(cast, data):
    """S-068: open, decided and done; the gate is closed until the last."""
    (version,) = learned(cast, data)
    record = raised(cast, data)
    row = record.affected.get()
    assert not gates.answer("reclassified-data", release_gates.preview(version)).is_open
    actions.decide_affected(row, disposition="retrain", reason=REASON, actor=cast.owner)
    record.refresh_from_db()
    assert (record.status, tasks().count()) == ("in_progress", 1)
    assert not gates.answer("reclassified-data", release_gates.preview(version)).is_open
    actions.finish_affected(row, outcome_note="Trained again without the letters.", actor=cast.owner)
    record.refresh_from_db()
    assert (record.status, tasks().count()) == ("completed", 0)
    assert record.completed_at is not None
    assert gates.answer("reclassified-data", release_gates.preview(version)).is_open


@pytest.mark.parametrize("disposition", ["remove_data", "replace_data", "retrain", "restrict", "accept"])
def test_an_owner_removes_replaces_retrains_restricts_or_accepts_with_a_reason(cast, data, disposition):
    """S-068: to accept ends the matter at once; nothing is decided without a reason."""
    learned(cast, data)
    row = raised(cast, data).affected.get()
    with pytest.raises(BadInput, match="at least 10"):
        actions.decide_affected(row, disposition=disposition, reason="fine", actor=cast.owner)
    found = actions.decide_affected(row, disposition=disposition, reason=REASON, actor=cast.owner)
    assert (found.done_at is not None) == (disposition == "accept")
    assert AuditEntry.objects.filter(action="affected_version.decided", object_id=row.pk).count() == 1


def test_nothing_is_done_before_it_is_decided_and_nothing_twice(cast, data):
    learned(cast, data)
    row = raised(cast, data).affected.get()
    with pytest.raises(NotAllowed, match="decide first"):
        actions.finish_affected(row, outcome_note=REASON, actor=cast.owner)
    actions.decide_affected(row, disposition="accept", reason=REASON, actor=cast.owner)
    with pytest.raises(NotAllowed, match="done already"):
        actions.decide_affected(row, disposition="retrain", reason=REASON, actor=cast.owner)


def test_a_lower_class_opens_no_task_and_is_not_for_the_steward_to_give(cast, data):
    learned(cast, data)
    raised(cast, data, new_class="confidential")
    with pytest.raises(NotAllowed):
        raised(cast, data, new_class="public")
    before = tasks().count()
    record = raised(cast, data, new_class="public", actor=cast.privacy_officer)
    assert (record.status, tasks().count()) == ("completed", before)


def test_versions_of_other_units_get_their_tasks_and_are_only_counted_for_the_steward(cast, data, client):
    """S-067, S-068: the steward sees a number; the owner elsewhere sees the version and not the name of the data."""
    theirs = version_elsewhere(cast)
    link_by_the_system(theirs, data)
    learned(cast, data)
    client.force_login(cast.owner)
    page = client.get(reverse("dataset-reclassify", args=[data.dataset_id])).content.decode()
    assert "1 more that you may not see" in page
    assert str(theirs) not in page
    record = raised(cast, data)
    assert tasks().count() == 2
    row = AffectedVersion.objects.get(version=theirs)
    assert client.get(row.get_absolute_url()).status_code == 404
    assert str(theirs) not in client.get(record.get_absolute_url()).content.decode()
    client.force_login(theirs.home_system.technical_owner)
    own = client.get(row.get_absolute_url()).content.decode()
    assert "a data set that you may not see" in own
    assert "Letters" not in own
    assert client.get(record.get_absolute_url()).status_code == 404


def version_elsewhere(cast) -> ModelVersion:
    """A version of the other unit, with an owner of its own."""
    owner = factories.invite("tess", "Tess Technical", Duty.TECHNICAL_OWNER, cast.other_unit, cast.administrator)
    system = inventory.register_system(
        cast.other_unit, name="Claims", purpose="Sorts claims.", risk_tier="minimal", business_owner=owner,
        technical_owner=owner, actor=owner,
    )  # fmt: skip
    model = inventory.register_model(system, name="Claims model", actor=owner)
    return inventory.register_version(
        model, version="1", artifact=b"bytes elsewhere", artifact_name="model.txt", actor=owner
    )


def link_by_the_system(version, data) -> None:
    """A link that an import made across units."""
    from django.db import transaction

    from registry.audit import log

    with transaction.atomic():
        row = LineageLink(
            unit=version.unit, relation="trained_on", source_type=version._meta.label, source_id=version.pk,
            source_label=str(version), target_type=data._meta.label, target_id=data.pk, target_label="…",
        )  # fmt: skip
        row.save()
        log.record(None, "link.added", row)


def test_a_class_that_joins_opens_the_review_of_outputs_below_it(cast, data):
    """S-069: a rise of the class joins like new data."""
    learned(cast, data)
    raised(cast, data)
    assert Task.objects.waiting().filter(kind=Task.Kind.OUTPUT_CLASS).count() == 1


def test_who_has_no_part_in_the_data_does_not_reclassify_them(cast, data, client):
    with pytest.raises(NotAllowed):
        raised(cast, data, actor=cast.publisher)
    with pytest.raises(BadInput, match="already"):
        raised(cast, data, new_class="internal")
    assert not Reclassification.objects.exists()
