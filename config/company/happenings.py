"""What goes on in a company besides releases: uses that were found, a choice, an incident, an end that is planned."""

from datetime import timedelta
from decimal import Decimal
from typing import Final

from django.utils import timezone

from config.company.story import Company, Story, texts
from registry.actions import comparisons, intake, retirement
from risk import actions as risks

LOSSES: Final = 3  # so many systems of which somebody said what a risk may cost


def happen(company: Company, stories: list[Story]) -> None:
    """All of it, on the first systems that it can happen to."""
    for told in texts()["found_uses"]:
        actor = company.owners[told["unit"]][1]
        intake.note_uses(company.units[told["unit"]], names=told["names"], source=told["source"], actor=actor)
    live = [story for story in stories if story.stage in {"pilot", "production"} and "incident" in story.words]
    generative = [story for story in live if story.told.get("generative")]
    report(generative[0])
    for place, story in enumerate(live[:LOSSES], 1):
        estimate(story, place)
    compare(company, generative[0])
    for story in generative:
        retirement.write_plan(story.version, **story.words["plan"], actor=story.system.technical_owner)


def report(story: Story) -> None:
    """An incident that was noticed yesterday."""
    risks.report_incident(
        story.system, kind="wrong_output", severity="medium", version=story.version, actor=story.system.technical_owner,
        detected_at=timezone.now() - timedelta(hours=20), **story.words["incident"],
    )  # fmt: skip


def estimate(story: Story, place: int) -> None:
    """What its risk may cost, so that the view in money has a curve."""
    risks.estimate_loss(
        story.system.risks.earliest("created_at"), per_year=Decimal(4 - place), least=Decimal(1_000 * place),
        likely=Decimal(4_000 * place), most=Decimal(15_000 * place * place), currency="EUR",
        assumptions=story.words["loss"], actor=story.system.technical_owner,
    )  # fmt: skip


def compare(company: Company, story: Story) -> None:
    """Two models of one vendor for one use, and the choice."""
    told, actor = dict(story.words["comparison"]), story.system.technical_owner
    reason = told.pop("reason")
    comparison = comparisons.start_comparison(story.system, **told, actor=actor)
    candidates = [
        comparisons.add_candidate(
            comparison, thing=company.components[name], actor=actor,
            values={each: {"value": str(company.draw.randrange(60, 95)), "source": texts()["datasets"]["golden"]["name"]}
                    for each in told["criteria"]},
        )
        for name in ("aurora-chat 3", "aurora-chat 4")
    ]  # fmt: skip
    comparisons.choose(comparison, candidate=candidates[1], reason=reason, actor=actor)
