"""What a proposed policy would say of what is released already: which releases would fail it, and why."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any, Final

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from registry import gates, policy
from registry.decision.stages import Stage
from registry.gate_results import GateResult
from registry.models import Deployment, Release, SignOff
from registry.policies import conditions
from registry.policies.conditions import DEPLOYMENT, PUBLICATION, RELEASE, Case

# What was signed off is bound to the policy of its day; that a new one is another is no fault of the release.
LEFT_OUT: Final = "binding"
SIGN_OFFS: Final = "sign-offs"
# A page and a call read so many and say how many they left; the command reads all.
MOST_AT_ONCE: Final = 500
CHUNK: Final = 100


@dataclass(frozen=True)
class Fate:
    """A release that would fail, with every answer that is no; `new` are those that its own policy does not give today."""

    release: Release
    closed: tuple[GateResult, ...]
    new: frozenset[str]

    @property
    def is_new(self) -> bool:
        """It fails because of the proposed policy."""
        return bool(self.new)

    @property
    def reasons(self) -> list[tuple[GateResult, bool]]:
        """Each answer, and whether it is new."""
        return [(found, found.slug in self.new) for found in self.closed]


@dataclass(frozen=True)
class Trial:
    """The releases that would fail, the oldest first, and how many were not asked any more."""

    fates: list[Fate]
    unread: int

    @property
    def new(self) -> list[Fate]:
        """Those that fail because of the proposed policy."""
        return [fate for fate in self.fates if fate.is_new]

    @property
    def old(self) -> list[Fate]:
        """Those that have a closed gate today already."""
        return [fate for fate in self.fates if not fate.is_new]


def trial(body: dict[str, Any], *, person: Any) -> Trial:
    """What a person is shown of a dry run: of the releases that he or she may see, the first so many."""
    rows = live(person)
    return Trial(list(fates(rows[:MOST_AT_ONCE], body)), max(0, rows.count() - MOST_AT_ONCE))


def dry_run(body: dict[str, Any]) -> Iterator[Fate]:
    """Of all approved and published releases those that would fail this policy, one after the other as they are read.

    `body` is what a policy's text was read into. Nothing is changed, and nothing is bound to the answer.
    """
    return fates(live(), body)


def live(person: Any = None) -> QuerySet[Release]:
    """The approved and published releases, of all or of those that a person may see, the oldest first."""
    rows = Release.objects.all() if person is None else Release.objects.visible_to(person)
    rows = rows.filter(status__in=[Release.Status.APPROVED, Release.Status.PUBLISHED]).order_by("created_at", "pk")
    return rows.select_related("system__unit", "version__model__system__unit", "version__artifact", "card", "review")


def fates(rows: QuerySet[Release], body: dict[str, Any]) -> Iterator[Fate]:
    """Those of these releases that would fail."""
    for release in rows.iterator(chunk_size=CHUNK):
        fate = fate_of(release, body)
        if fate is not None:
            yield fate


def fate_of(release: Release, body: dict[str, Any]) -> Fate | None:
    """What would become of a release; None where it would pass."""
    before = {found.slug for found in answers(release, policy.of_release(release)) if not found.is_open}
    asked = policy.of_system(release.system, {"number": None, **body})
    closed = tuple(found for found in answers(release, asked) if not found.is_open)
    return Fate(release, closed, frozenset(found.slug for found in closed) - before) if closed else None


def answers(release: Release, asked: policy.Policy) -> list[GateResult]:
    """Everything that a policy asks of a release where it stands: gates, conditions of each moment, sign-offs."""
    with policy.supposing(release, asked):
        built_in = [gates.answer(slug, release) for slug in gates.GATES if slug != LEFT_OUT]
        return [*built_in, *distinct(release, asked), sign_offs(release, asked)]


def distinct(release: Release, asked: policy.Policy) -> Iterator[GateResult]:
    """The answers of the conditions at every moment that the release has reached; where it runs, for each place."""
    places = [
        Case(release.system, f"{DEPLOYMENT}:{running.environment}", release=release, deployment=running)
        for running in Deployment.objects.running().filter(release=release).select_related("release__system")
    ]
    reached = [Case(release.system, moment, release=release) for moment in moments(release)]
    for case in [*reached, *places]:
        found = [gates.carried(one.slug, release, one) for one in conditions.answers(case, asked.conditions)]
        where = f"@{case.deployment.pk}" if case.deployment else ""
        yield from (replace(one, slug=f"{one.slug}{where}") for one in found)


def moments(release: Release) -> tuple[str, ...]:
    """The moments of decision that it has passed."""
    return (RELEASE, PUBLICATION) if release.status == Release.Status.PUBLISHED else (RELEASE,)


def sign_offs(release: Release, asked: policy.Policy) -> GateResult:
    """Those who agreed would have been enough."""
    slots = SignOff.objects.approving().filter(review__release=release, review__round=round_of(release))
    given = [slot.duty for slot in slots]
    short = next((stage for stage in asked.stages if agreed(stage, given) < stage.quorum), None)
    name = {"slug": SIGN_OFFS, "title": _("Sign-offs")}
    if short is None:
        return replace(GateResult.passed(_("Those who agreed are enough.")), **name)
    place = release.review.get_absolute_url() if hasattr(release, "review") else release.get_absolute_url()
    said = _("Stage %(number)d asks for %(quorum)d sign-offs; %(given)d of these duties were given.") % {
        "number": short.number, "quorum": short.quorum, "given": agreed(short, given),
    }  # fmt: skip
    return replace(GateResult.failed(said, place), **name)


def round_of(release: Release) -> int:
    """The round of the review that counts."""
    return release.review.round if hasattr(release, "review") else 0


def agreed(stage: Stage, given: list[str]) -> int:
    """How many of the sign-offs of a stage were given; more of one duty than it asks for count no more."""
    return sum(min(ask.count, given.count(ask.duty)) for ask in stage.asks)
