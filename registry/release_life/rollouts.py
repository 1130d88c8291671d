"""How far a deployment is rolled out by the steps of its policy, and what the next step waits for."""

from dataclasses import dataclass
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from registry import policy
from registry.models import Deployment, RolloutStep


@dataclass(frozen=True)
class Rollout:
    """The steps that were begun, the step that would be next, and why it cannot begin yet (empty where it can)."""

    steps: list[RolloutStep]
    planned: list[dict[str, int]]
    waits_for: str = ""

    @property
    def last(self) -> RolloutStep:
        """The step it stands at."""
        return self.steps[-1]

    @property
    def next_number(self) -> int:
        """The step after the last one; a step that was stopped begins anew."""
        return self.last.number if self.last.is_halted else self.last.number + 1

    @property
    def next_share(self) -> int | None:
        """The share that the next step gives; None where the last step is reached."""
        return self.planned[self.next_number - 1]["share"] if self.next_number <= len(self.planned) else None

    @property
    def serves(self) -> int:
        """The share of use that it has now; nothing while it is stopped."""
        return 0 if self.last.is_halted else self.last.share


def planned_for(deployment: Deployment) -> list[dict[str, int]]:
    """The steps that the frozen policy asks for where it runs; only production is given step by step."""
    if deployment.environment != Deployment.Environment.PRODUCTION:
        return []
    return policy.of_release(deployment.release).rollout


def of(deployment: Deployment) -> Rollout | None:
    """The roll-out of a deployment; None where it was given everything at once."""
    steps = list(deployment.rollout_steps.select_related("person"))
    return told(Rollout(steps, planned_for(deployment))) if steps else None


def told(rollout: Rollout) -> Rollout:
    """With what the next step waits for."""
    last = rollout.last
    if last.is_halted or last.is_baked or rollout.next_share is None:
        return rollout
    said = _("Step %(number)d bakes until %(moment)s.") % {
        "number": last.number, "moment": timezone.localtime(last.baked_on).strftime("%Y-%m-%d %H:%M"),
    }  # fmt: skip
    return Rollout(rollout.steps, rollout.planned, said)


def in_progress(release: Any) -> list[Deployment]:
    """The running deployments of a release that are given step by step."""
    return list(Deployment.objects.running().filter(release=release, rollout_steps__isnull=False).distinct())
