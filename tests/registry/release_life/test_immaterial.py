"""What a policy calls immaterial voids nothing, and is in sight."""

import pytest

from registry import gates, policy
from registry.actions import releases
from registry.models import AuditEntry, Release, SignOff
from tests import factories
from tests.registry import releasing
from tests.registry.reviews.scenes import under

GOOD = "Read the notes; a slip of the pen was mended, nothing else."


def edited(cast, release: Release, notes: str) -> Release:
    releases.edit_release(release, notes=notes, actor=cast.owner)
    return Release.objects.get(pk=release.pk)


def voided(release: Release) -> int:
    return SignOff.objects.filter(review__release=release, voided_at__isnull=False).count()


def test_a_change_of_an_immaterial_part_voids_nothing_and_is_written_down(cast, monkeypatch):
    """Once for each change, with what changed it and who; the release can still be published."""
    under(monkeypatch, immaterial=["notes"])
    release = releasing.agreed(cast, factories.make_releasable(cast))
    release = edited(cast, release, "A release of the model, with a slip of the pen mended.")
    release = edited(cast, release, "A release of the model, with a slip of the pen mended.")
    assert voided(release) == 0
    assert [(row["part"], row["who"]) for row in release.immaterial_changes] == [("notes", str(cast.owner))]
    assert AuditEntry.objects.filter(action="release.immaterial_change").count() == 1
    assert gates.answer("binding", release).is_open
    releases.publish(release, reason=GOOD, actor=cast.publisher)


def test_without_that_word_the_same_change_voids(cast):
    release = edited(cast, releasing.agreed(cast, factories.make_releasable(cast)), "Other notes than were agreed on.")
    assert voided(release) == 2
    assert release.immaterial_changes == []


def test_what_counts_is_the_policy_that_was_frozen(cast, monkeypatch):
    """A policy that is loosened later loosens nothing that was agreed on before."""
    release = releasing.agreed(cast, factories.make_releasable(cast))
    under(monkeypatch, immaterial=["notes"])
    assert voided(edited(cast, release, "Other notes than were agreed on.")) == 2


@pytest.mark.parametrize("part", sorted(policy.ALWAYS_MATERIAL))
def test_no_policy_calls_bytes_parts_evidence_rules_or_context_immaterial(part):
    """P3: a word in a policy does not unbind what was signed."""
    assert policy.Policy({"immaterial": [part, "notes"]}).immaterial == {"notes"}
