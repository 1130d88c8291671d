"""What goes on in a company besides releases: uses that were found, a choice, an incident, an end that is planned."""

from datetime import timedelta

from django.utils import timezone

from config.company.story import Company, Story, texts
from registry.actions import comparisons, intake, retirement
from risk import actions as risks


def happen(company: Company, stories: list[Story]) -> None:
    """All of it, on the first systems that it can happen to."""
    for told in texts()["found_uses"]:
        actor = company.owners[told["unit"]][1]
        intake.note_uses(company.units[told["unit"]], names=told["names"], source=told["source"], actor=actor)
    live = [story for story in stories if story.stage in {"pilot", "production"} and "incident" in story.words]
    generative = [story for story in live if story.told.get("generative")]
    report(generative[0])
    compare(company, generative[0])
    for story in generative:
        retirement.write_plan(story.version, **story.words["plan"], actor=story.system.technical_owner)


def report(story: Story) -> None:
    """An incident that was noticed yesterday."""
    risks.report_incident(
        story.system, kind="wrong_output", severity="medium", version=story.version, actor=story.system.technical_owner,
        detected_at=timezone.now() - timedelta(hours=20), **story.words["incident"],
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
