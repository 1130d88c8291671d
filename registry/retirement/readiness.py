"""Whether a version may be retired: its plan, and each line of the checklist with what shows it."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from django.utils.translation import gettext as _, ngettext

from registry.errors import NotAllowed
from registry.models import Consumer, Deployment, ModelVersion, PlanItem, RetirementPlan
from registry.retirement.rules import Line, rules


@dataclass(frozen=True)
class Standing:
    """A line of the checklist as it stands for a version: what somebody did, or what the registry sees by itself."""

    line: Line
    item: PlanItem | None
    seen: str = ""

    @property
    def is_closed(self) -> bool:
        """The registry sees it, or a second person signed it."""
        return bool(self.seen) or (self.item is not None and self.item.signed_by_id is not None)

    @property
    def waits_for_signature(self) -> bool:
        """Somebody did it and nobody else has looked yet."""
        return self.item is not None and not self.is_closed


def plan_of(version: ModelVersion) -> RetirementPlan | None:
    """The plan for its end, or None."""
    return RetirementPlan.objects.filter(version=version).first()


def checklist(version: ModelVersion) -> list[Standing]:
    """Every line that the tier asks for, in order."""
    done = PlanItem.objects.filter(plan__version=version).exclude(evidence="")
    items = {item.key: item for item in done.select_related("done_by", "signed_by", "plan__version")}
    return [
        Standing(line, items.get(line.id), SEES[line.shown_by](version) if line.shown_by else "")
        for line in rules().of_tier(version.home_system.risk_tier)
    ]


def nothing_runs(version: ModelVersion) -> str:
    """A sentence when no deployment of it runs."""
    running = Deployment.objects.running().filter(release__version=version).exists()
    return "" if running else _("No deployment of it runs.")


def consumers_know(version: ModelVersion) -> str:
    """A sentence when everybody who uses it acknowledged the end."""
    rows = Consumer.objects.standing().filter(version=version).select_related("version")
    if not all(row.has_acknowledged for row in rows):
        return ""
    return ngettext("%d who uses it acknowledged.", "All %d who use it acknowledged.", len(rows)) % len(rows) if rows \
        else _("Nobody is known to use it.")  # fmt: skip


SEES: Final[dict[str, Callable[[ModelVersion], str]]] = {"deployments": nothing_runs, "consumers": consumers_know}


def require_ready(version: ModelVersion) -> None:
    """Refuse to retire what has no plan, or whose checklist is open, with the lines that are."""
    if plan_of(version) is None:
        raise NotAllowed(
            _("%s has no plan for its end. Write one on the page “Retirement” of the version, then retire it.")
            % version
        )
    still = [each.line.title for each in checklist(version) if not each.is_closed]
    if still:
        raise NotAllowed(
            _(
                "The checklist of %(version)s is open: %(lines)s. Each line needs evidence and another person's sign-off."
            )
            % {"version": version, "lines": "; ".join(still)}
        )
