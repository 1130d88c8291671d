"""One story of the lending unit with a row of every kind that the registry's pages show, and the addresses of those pages."""

from dataclasses import dataclass

from django.urls import reverse

from registry.actions import datasets, inventory, releases
from registry.models import AISystem, AuditEntry, Dataset, LineageLink, Model, ModelVersion, Review
from tests import factories

LISTS = (
    "home", "systems", "models", "datasets", "reviews", "releases", "deployments", "retirements", "audit", "people",
    "units", "tokens", "checkpoints", "note-check", "erasures",
)  # fmt: skip
FORMS = ("system-new", "dataset-new")


@dataclass(frozen=True)
class Story:
    """A system of the lending unit with a version in review and one still in draft."""

    system: AISystem
    model: Model
    draft: ModelVersion
    submitted: ModelVersion
    review: Review
    dataset: Dataset
    link: LineageLink


def make_story(cast: factories.Cast) -> Story:
    """Rows of every kind that the registry's pages show."""
    system = factories.make_system(cast)
    model = factories.make_model(cast, system)
    draft, submitted = factories.make_version(cast, model), factories.make_version(cast, model)
    factories.fill_card(cast, submitted)
    factories.make_evidence(cast, submitted)
    review = releases.submit_for_review(submitted, notes="First release of the model.", actor=cast.owner)
    dataset = datasets.register_dataset(cast.unit, name="Customers", actor=cast.owner)
    data = datasets.register_dataset_version(
        dataset, version="1", hash="sha256:" + "a" * 64, use="training", actor=cast.owner
    )
    link = inventory.add_link(draft, relation="trained_on", purpose="To learn from", target=data, actor=cast.owner)
    return Story(system, model, draft, submitted, review, dataset, link)


def places(story: Story) -> dict[str, str]:
    """The pages about one thing of the lending unit."""
    version, review, release = story.submitted, story.review, story.review.release
    tabs = ("card", "evidence", "lineage", "decisions", "releases", "history")
    return {
        "system": story.system.get_absolute_url(),
        "model": story.model.get_absolute_url(),
        "version": version.get_absolute_url(),
        **{tab: reverse(f"version-{tab}", args=[version.pk]) for tab in tabs},
        "version as of today": reverse("version-as-of", args=[version.pk]),
        "entry of the log": reverse("audit-entry", args=[AuditEntry.objects.about(version).first().pk]),
        "evidence piece": version.evidence.get().get_absolute_url(),
        "data set": story.dataset.get_absolute_url(),
        "lineage of version": reverse("lineage", args=["version", story.draft.pk]),
        "lineage of data": reverse("lineage", args=["dataset", story.link.target_id]),
        "review": review.get_absolute_url(),
        "release": release.get_absolute_url(),
    }
