"""A new version's card begins with what people wrote on the card before; figures of other runs stay behind."""

import pytest
from django.urls import reverse

from registry.actions import cards, inventory
from registry.errors import NotAllowed
from registry.models import AuditEntry
from tests import factories

TEXTS = {"contact": "model-team@bank.example", "context": "Once a month, on the list of customers who agreed."}


@pytest.fixture
def two(cast):
    """Two versions of one model; the first has a card, a text of which cites a run."""
    model = factories.make_model(cast)
    first, second = factories.make_version(cast, model), factories.make_version(cast, model)
    cites = {"caveats": "The limit was read from sha256:0123456789ab."}
    cards.save_card(first, fields={**TEXTS, **cites, "results": "See the run of the check."}, actor=cast.owner)
    return first, second


def test_the_card_before_is_offered_and_taken_without_measurements_and_citations(cast, two, client):
    """S-056: one click on the tab of the card; in the log as any saving."""
    client.force_login(cast.owner)
    address = reverse("version-card", args=[two[1].pk])
    assert f"Begin with the card of {two[0]}" in client.get(address).content.decode()
    client.post(reverse("version-card-begin", args=[two[1].pk]))
    assert two[1].card.fields == TEXTS
    assert AuditEntry.objects.filter(action="card.saved", object_id=two[1].card.pk).count() == 1
    assert "Begin with the card of" not in client.get(address).content.decode()


def test_a_version_that_has_a_card_or_none_before_it_is_refused(cast, two):
    with pytest.raises(NotAllowed, match="no card to begin with"):
        cards.begin_card(two[0], actor=cast.owner)
    cards.begin_card(two[1], actor=cast.owner)
    with pytest.raises(NotAllowed, match="has one already"):
        cards.begin_card(two[1], actor=cast.owner)


# ---- the licence of a version


def test_the_licence_of_a_version_fills_its_card_and_is_told_by_form_page_and_api(cast, client):
    """S-056: a column of the version, from which the card reads."""
    version = factories.make_version(cast, licence="Apache-2.0")
    client.force_login(cast.owner)
    assert "Apache-2.0" in client.get(version.get_absolute_url()).content.decode()
    assert "Apache-2.0" in client.get(reverse("version-card", args=[version.pk])).content.decode()
    assert client.get(f"/api/v1/versions/{version.pk}/").json()["licence"] == "Apache-2.0"
    inventory.edit_version(version, licence="MIT", actor=cast.owner)
    assert client.get(f"/api/v1/versions/{version.pk}/").json()["licence"] == "MIT"
