"""The standard of data classes: what a system is cleared for, and the class of its output against that of its data."""

import pytest
from django.urls import reverse

from registry.actions import data_terms, datasets, inventory
from registry.datasets import standard
from registry.errors import BadInput, NotAllowed
from registry.models import AuditEntry, DataTerms, LineageLink, Task
from tests import factories
from tests.registry import data as steps
from tests.registry.data import REASON

OUTPUT = {"output_protection": "Named people only, encrypted.", "output_retention_days": 90}


def data_of(cast, classification):
    """A version of data of a class."""
    return steps.version_of(steps.described(cast, classification=classification))


def test_the_standard_is_data_in_order_and_refuses_a_label_that_it_does_not_hold(cast):
    """S-066: one standard of classes for all data."""
    assert list(standard.classes()) == ["public", "internal", "confidential", "restricted"]
    assert standard.highest(["internal", "restricted", "public"]) == "restricted"
    with pytest.raises(BadInput, match="no class of the standard; it holds public, internal"):
        datasets.register_dataset(cast.unit, name="Letters", classification="secret", actor=cast.owner)


def test_a_class_that_the_standard_no_longer_holds_counts_as_the_highest():
    assert standard.rank_of("gone") > standard.rank_of("restricted")


def test_data_above_the_clearance_cannot_be_linked_and_the_refusal_names_both_classes(cast):
    """S-065."""
    version, data = factories.make_version(cast), data_of(cast, "restricted")
    with pytest.raises(BadInput, match=r"class “Restricted” to .* cleared up to “Confidential”"):
        inventory.add_link(version, relation="trained_on", purpose="To learn from", target=data, actor=cast.owner)
    assert not LineageLink.objects.exists()
    steps.cleared(cast, version.home_system)
    inventory.add_link(version, relation="trained_on", purpose="It is made from them.", target=data, actor=cast.owner)
    assert LineageLink.objects.count() == 1


def test_data_above_the_clearance_do_not_come_by_way_of_another_model_either(cast):
    """S-065: a fine-tune inherits what its base learned from."""
    base, tuned = factories.make_version(cast), factories.make_version(cast)
    steps.cleared(cast, base.home_system)
    inventory.add_link(
        base, relation="trained_on", purpose="To learn from", target=data_of(cast, "restricted"), actor=cast.owner
    )
    with pytest.raises(BadInput, match="“Restricted”"):
        inventory.add_link(tuned, relation="fine_tuned_from", target=base, actor=cast.owner)


def test_a_base_model_does_not_pass_new_data_on_to_systems_that_are_cleared_for_less(cast):
    """S-065: the system below is not named to who may not see it."""
    base, tuned = factories.make_version(cast), factories.make_version(cast)
    inventory.add_link(tuned, relation="fine_tuned_from", target=base, actor=cast.owner)
    steps.cleared(cast, base.home_system)
    with pytest.raises(BadInput, match="a system that uses this version, cleared up to “Confidential”"):
        inventory.add_link(
            base, relation="trained_on", purpose="To learn from", target=data_of(cast, "restricted"), actor=cast.owner
        )


def test_the_owner_does_not_clear_his_own_system_and_nobody_clears_it_for_less_than_it_uses(cast):
    version = factories.make_version(cast)
    with pytest.raises(NotAllowed):
        data_terms.clear_system(version.home_system, clearance="restricted", reason=REASON, actor=cast.owner)
    inventory.add_link(
        version, relation="trained_on", purpose="To learn from", target=data_of(cast, "confidential"), actor=cast.owner
    )
    with pytest.raises(BadInput, match="uses data of the class “Confidential” already"):
        steps.cleared(cast, version.home_system, "internal")


def test_class_protection_and_retention_of_the_output_are_set_by_system_with_a_form(cast, client):
    """S-179."""
    system = factories.make_system(cast)
    client.force_login(cast.owner)
    answer = client.post(reverse("system-output", args=[system.pk]), {"output_class": "confidential", **OUTPUT})
    assert answer.status_code == 302
    terms = DataTerms.objects.get(system=system)
    assert (terms.output_class, terms.output_retention_days) == ("confidential", 90)
    assert AuditEntry.objects.filter(action="data_terms.output_labelled").count() == 1
    page = client.get(reverse("system-data", args=[system.pk])).content.decode()
    assert "Named people only, encrypted." in page


def test_data_of_a_higher_class_than_the_output_open_a_review_that_ends_with_a_label_or_a_reason(cast):
    """S-069."""
    version = factories.make_version(cast)
    system = version.home_system
    inventory.add_link(
        version, relation="trained_on", purpose="To learn from", target=data_of(cast, "internal"), actor=cast.owner
    )
    assert not Task.objects.filter(kind=Task.Kind.OUTPUT_CLASS).exists()
    inventory.add_link(
        version, relation="trained_on", purpose="To learn from", target=data_of(cast, "confidential"), actor=cast.owner
    )
    task = Task.objects.get(kind=Task.Kind.OUTPUT_CLASS)
    assert (task.person, task.system) == (system.business_owner, system)
    with pytest.raises(BadInput, match="go up to the class “Confidential”"):
        data_terms.set_output_terms(system, output_class="internal", **OUTPUT, actor=cast.owner)
    reason = "A score between 0 and 1 tells nothing of a person's account."
    data_terms.set_output_terms(system, output_class="internal", output_reason=reason, **OUTPUT, actor=cast.owner)
    task.refresh_from_db()
    assert task.done_at is not None


def test_where_a_system_runs_its_labels_are_shown_by_environment(cast, client):
    """S-066: the label of the data and of the output of what runs there."""
    from tests.authz.world import make_deployment

    deployment = make_deployment(cast)
    version, system = deployment.release.version, deployment.release.system
    inventory.add_link(
        version, relation="trained_on", purpose="To learn from", target=data_of(cast, "confidential"), actor=cast.owner
    )
    client.force_login(cast.auditor)
    page = client.get(reverse("system-data", args=[system.pk])).content.decode()
    row = page[page.index("Labels where it runs") :]
    assert "Pilot" in row
    assert "Confidential" in row


def test_regulated_data_that_trained_further_models_are_seen_in_the_lineage(cast, client):
    """S-096: on the page of the data the models that came from them, and on that of a system the data far above."""
    data = steps.version_of(steps.described(cast), contains_personal_data=True)
    base, tuned = factories.make_version(cast), factories.make_version(cast)
    inventory.add_link(base, relation="trained_on", purpose="It is made from them.", target=data, actor=cast.owner)
    inventory.add_link(tuned, relation="fine_tuned_from", target=base, actor=cast.owner)
    client.force_login(cast.auditor)
    page = client.get(data.get_absolute_url()).content.decode()
    assert "2 versions came from them" in page
    assert str(tuned) in page
    below = client.get(reverse("system-data", args=[tuned.home_system.pk])).content.decode()
    assert str(data) in below
    assert str(base) in below
