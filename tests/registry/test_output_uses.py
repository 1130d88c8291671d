"""What the output of a system may be used for, and links that would use it otherwise."""

import pytest
from django.urls import reverse

from registry.actions import data_terms, inventory
from registry.errors import BadInput
from registry.models import DataTerms, LineageLink
from tests import factories
from tests.registry import data as steps

TERMS = {"output_class": "internal", "output_protection": "Inside the house.", "output_retention_days": 30}


def allow(cast, system, *uses):
    """Say what the output of the system may be used for."""
    return data_terms.set_output_terms(system, **TERMS, output_uses=uses, actor=cast.owner)


def test_output_is_not_fed_to_another_model_where_its_owner_does_not_allow_it(cast):
    """S-052."""
    giver, taker = factories.make_version(cast), factories.make_version(cast)
    allow(cast, giver.home_system, "shown")
    with pytest.raises(BadInput, match="“Fed to other models or systems” is not among what its owner allows"):
        inventory.add_link(giver, relation="feeds", target=taker, actor=cast.owner)
    assert not LineageLink.objects.exists()
    allow(cast, giver.home_system, "shown", "feeds")
    inventory.add_link(giver, relation="feeds", target=taker, actor=cast.owner)
    assert LineageLink.objects.count() == 1


def test_nothing_is_distilled_from_a_model_whose_output_may_not_train(cast):
    """S-052."""
    teacher, pupil = factories.make_version(cast), factories.make_version(cast)
    allow(cast, teacher.home_system, "decides", "feeds")
    with pytest.raises(BadInput, match="“Used to train, tune or test models”"):
        inventory.add_link(pupil, relation="distilled_from", target=teacher, actor=cast.owner)


def test_data_that_a_model_generated_train_no_other_where_its_output_may_not(cast):
    """S-052: by way of a data set as well."""
    maker, learner = factories.make_version(cast), factories.make_version(cast)
    data = steps.version_of(steps.described(cast, classification="internal"))
    inventory.add_link(data, relation="generated_by", target=maker, actor=cast.owner)
    allow(cast, maker.home_system, "shown")
    with pytest.raises(BadInput, match="“Used to train, tune or test models”"):
        inventory.add_link(learner, relation="trained_on", purpose="To learn", target=data, actor=cast.owner)


def test_a_use_that_stands_is_ended_before_it_is_no_longer_allowed(cast):
    """S-052."""
    giver, taker = factories.make_version(cast), factories.make_version(cast)
    inventory.add_link(giver, relation="feeds", target=taker, actor=cast.owner)
    with pytest.raises(BadInput, match="serves so already"):
        allow(cast, giver.home_system, "shown")
    with pytest.raises(BadInput, match="“sold” is no use of output; known are: shown"):
        allow(cast, giver.home_system, "sold")


def test_the_form_says_what_output_may_be_used_for_and_the_page_that_nobody_has_said(cast, client):
    """S-052."""
    system = factories.make_system(cast)
    client.force_login(cast.owner)
    assert "nobody has said" in client.get(reverse("system-data", args=[system.pk])).content.decode()
    sent = {**TERMS, "output_uses": ["shown", "feeds"]}
    assert client.post(reverse("system-output", args=[system.pk]), sent).status_code == 302
    assert DataTerms.objects.get(system=system).output_uses == ["feeds", "shown"]
    assert (
        "Fed to other models or systems; Shown to people"
        in client.get(reverse("system-data", args=[system.pk])).content.decode()
    )
