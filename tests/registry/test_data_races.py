"""Links at the same moment: no two of them close a circle, and none slips past a rise of the data's class."""

import pytest

from registry.actions import inventory
from registry.datasets import inputs, standard
from registry.errors import BadInput
from registry.models import Dataset, LineageLink
from risk import actions
from risk.models import AffectedVersion
from tests import factories
from tests.registry import data as steps
from tests.registry.test_races import at_once, require_sound_log

pytestmark = [pytest.mark.both, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def people(transactional_db):
    """The people of every story, in a database that all threads see."""
    return factories.make_cast()


def said(act, *args, **named):
    """An act that answers with its refusal."""

    def begin() -> str:
        try:
            act(*args, **named)
        except BadInput as refusal:
            return str(refusal)
        return "done"

    return begin


def test_two_links_at_once_cannot_close_a_circle(people, amount):
    """One waits for the other at the head of the log, sees its link and is refused."""
    for _round in range(amount(20)):
        first, second = factories.make_version(people), factories.make_version(people)
        answers = at_once(
            said(inventory.add_link, first, relation="fine_tuned_from", target=second, actor=people.owner),
            said(inventory.add_link, second, relation="fine_tuned_from", target=first, actor=people.owner),
        )
        assert sorted(answers)[1] == "done"
        assert "would close a circle" in sorted(answers)[0]
        assert LineageLink.objects.of(first).count() == 1
    require_sound_log()


def test_no_link_slips_past_a_rise_of_the_class(people, amount):
    """S-065, S-067: either the link is refused, or its version is among those with a task."""
    for _round in range(amount(20)):
        data = steps.version_of(steps.described(people))
        version = factories.make_version(people)
        answers = at_once(
            said(
                inventory.add_link,
                version,
                relation="trained_on",
                purpose="It is made from them.",
                target=data,
                actor=people.owner,
            ),
            said(actions.reclassify, data.dataset, new_class="restricted", reason=steps.REASON, actor=people.owner),
        )
        assert answers[1] == "done"
        is_linked = answers[0] == "done"
        assert AffectedVersion.objects.filter(version=version).exists() == is_linked
        assert is_linked or "“Restricted”" in answers[0]
        found = Dataset.objects.get(pk=data.dataset_id).classification
        assert standard.rank_of(found) > standard.rank_of(inputs.clearance_of(version.home_system))
    require_sound_log()
