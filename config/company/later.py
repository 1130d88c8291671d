"""What befell releases after they were agreed on: one was rolled back, the approval of another has ended.

Roll-outs in progress come by themselves: the policy gives production to the high tier step by step.
"""

from datetime import timedelta
from itertools import chain

from django.db import transaction
from django.utils import timezone

from config.company import data
from config.company.releasing import decide, deploy
from config.company.story import Company, Story, texts
from registry.actions import cards, inventory, releases, rollbacks
from registry.audit import log
from registry.models import Release, Review


def befall(company: Company, stories: list[Story]) -> None:
    """Both, on the systems that the file names."""
    told, by_name = texts()["later"], {story.told["name"]: story for story in stories}
    roll_back(company, by_name[told["rolled_back"]["system"]])
    end_approval(by_name[told["ended"]["system"]])


def roll_back(company: Company, story: Story) -> None:
    """A second release took over from the first, and everything of it fell back to that."""
    words, owner = texts()["later"]["rolled_back"], story.system.technical_owner
    first = Release.objects.get(version=story.version)
    next_version(company, story)
    review = releases.submit_for_review(
        story.version, notes=words["notes"], quality_thresholds=story.words["thresholds"], actor=owner
    )
    decide(company, story, review)
    release = Review.objects.get(pk=review.pk).release
    releases.publish(release, reason=words["published"], rollback_to=first, actor=company.people["publisher"])
    deploy(company, story, Release.objects.get(pk=release.pk))
    rollbacks.roll_back_release(release, reason=words["reason"], actor=owner)


def next_version(company: Company, story: Story) -> None:
    """A version after the first one, of the same model, on the same data."""
    before, owner = story.version, story.system.technical_owner
    story.row = inventory.register_version(
        before.model, version=f"{before.version}.1", artifact=company.draw.randbytes(2048), artifact_name="model.bin",
        provider=before.provider, training_run=before.training_run, retirement_date=before.retirement_date, actor=owner,
    )  # fmt: skip
    for rows in chain.from_iterable(company.datasets[key] for key in story.told["data"]):
        data.use(company, story, rows)
    fields = {name: story.say(text) for name, text in story.words["card"].items()}
    cards.save_card(story.version, fields=fields, actor=owner)


def end_approval(story: Story) -> None:
    """An approval of years ago that was brought over, with its end, from the register before this one."""
    release = Release.objects.get(version=story.version)
    release.approval_ends_on = timezone.localdate() - timedelta(days=6)
    with transaction.atomic():
        release.save()
        log.record(None, "release.approval_brought_over", release, reason=texts()["later"]["ended"]["reason"])
