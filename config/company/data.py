"""Data sets with their cards, their versions and pipelines, the approval of each version, and what they are used for."""

from datetime import timedelta
from typing import Any

from django.utils import timezone

from config.company.story import Company, Story, texts
from registry.actions import data_access, data_use, datasets, inventory, pipeline_steps
from registry.datasets.fitness import asks_approval
from registry.models import Agreement, AISystem, Dataset, DatasetVersion, DataUse, Deployment


def settle_data(company: Company) -> None:
    """Each data set with a version and, where models learn from it, one kept apart for tests.

    The technical owner of the unit registers them and becomes the steward; the privacy officer approves the use.
    """
    for key, told in texts()["datasets"].items():
        steward, card = company.owners[told["unit"]][1], dict(texts()["data_cards"][told.get("lang", "en")])
        reason = card.pop("approved")
        dataset: Dataset = datasets.register_dataset(
            company.units[told["unit"]], name=told["name"], description=told["about"], actor=steward,
            classification="confidential" if told["personal"] else "internal",
            collected_until=timezone.localdate() - timedelta(days=60), kind=told.get("kind", "business"),
            is_offered=told.get("offered", False), access_rules=words_of(told)["readers"], **card,
        )  # fmt: skip
        uses = {told["use"]: "2026-09"} | ({"test": "2026-09-test"} if told["use"] == "training" else {})
        company.datasets[key] = [approved(company, dataset, told, use, name, reason) for use, name in uses.items()]


def words_of(told: dict[str, Any]) -> dict[str, Any]:
    """The texts about data in the language of a data set or a system."""
    return dict(texts()["data_words"][told.get("lang", "en")])


def approved(
    company: Company, dataset: Dataset, told: dict[str, Any], use: str, version: str, reason: str
) -> DatasetVersion:
    """A version by a drawn digest with its pipeline, put before the privacy officer and approved for its use."""
    row = datasets.register_dataset_version(
        dataset, version=version, hash=drawn(company), use=use, contains_personal_data=told["personal"],
        provenance=told["about"], licence="Internal use", lawful_basis="Contract" if told["personal"] else "",
        retention_until=timezone.localdate() + timedelta(days=150), actor=dataset.steward, **said_of(company, told),
    )  # fmt: skip
    pipe(company, row, told)
    datasets.ask_approval(row, uses=[use], approver=company.people["privacy"], actor=dataset.steward)
    return datasets.decide_source(row, decision="approved", reason=reason, actor=company.people["privacy"])


def drawn(company: Company) -> str:
    """A digest by the seeded generator."""
    return f"sha256:{company.draw.randbytes(32).hex()}"


def said_of(company: Company, told: dict[str, Any]) -> dict[str, Any]:
    """How the data were obtained, consented to and labelled."""
    words, obtained = words_of(told), told.get("obtained", "collected")
    found: dict[str, Any] = {"obtained": obtained}
    if obtained in {"bought", "synthetic"}:
        found["obtained_terms"] = words["terms"]
    if obtained == "bought":
        found["agreement"] = Agreement.objects.order_by("title").first()
    if obtained == "synthetic":
        found |= {"generator": words["generator"], "synthetic_share": 1.0}
    if told["personal"]:
        found["consent_terms"] = words["consent"]
    if told.get("labelled"):
        found |= {
            "labelled_by": words["labellers"], "labelling_instructions": words["instructions"],
            "label_agreement": company.draw.randrange(71, 95) / 100, "label_measure": words["measure"],
            "label_source": words["source"],
        }  # fmt: skip
    return found


def pipe(company: Company, row: DatasetVersion, told: dict[str, Any]) -> None:
    """The steps from collection to storage, each checked; of data that are only watched, nobody checked the last."""
    words, read = words_of(told), drawn(company)
    for number, name in enumerate(words["steps"], start=1):
        is_last = number == len(words["steps"])
        wrote = row.hash if is_last else drawn(company)
        check = {"check_name": words["check"], "verdict": "pass", "source": f"https://ci.heron.example/{wrote[7:15]}"}
        pipeline_steps.add_step(
            row, name=name, code_digest=drawn(company), input_digests=[read], output_digest=wrote,
            actor=row.dataset.steward, **({} if is_last and row.use == "monitoring" else check),
        )  # fmt: skip
        read = wrote


def use(company: Company, story: Story, rows: DatasetVersion) -> None:
    """Link data to the version of a system: with access where they are of another unit, and with a review of their fit."""
    words, owner = words_of(story.told), story.system.technical_owner
    if not story.system.unit.path.startswith(rows.dataset.unit.path):
        lend(company, story.system, rows.dataset, words, Deployment.Environment.PRODUCTION)
    link = inventory.add_link(
        story.version, relation="trained_on" if rows.use == "training" else "evaluated_on", target=rows,
        purpose=words["purpose"], actor=owner,
    )  # fmt: skip
    if asks_approval(story.system):
        begun = DataUse.objects.get(link=link)
        data_use.review_fit(begun, fit="fits", reason=words["fit"], actor=company.people["risk"])


def lend(company: Company, system: AISystem, dataset: Dataset, words: dict[str, Any], environment: str) -> Any:
    """Access of a system to a data set, asked for by its technical owner and granted by the steward."""
    if system.data_accesses.filter(dataset=dataset, environment=environment).exists():
        return None
    row = data_access.request_access(
        dataset, system=system, environment=environment, people=words["people"], purpose=words["purpose"],
        ends_on=timezone.localdate() + timedelta(days=300), actor=system.technical_owner,
    )  # fmt: skip
    return data_access.decide_access(row, decision="granted", reason=words["granted"], actor=dataset.steward)


def lend_copies(company: Company, stories: list[Story]) -> None:
    """A copy for tests that was reviewed, and a request that waits for its steward."""
    lent = [row for story in stories for row in story.system.data_accesses.select_related("dataset__steward", "system")]
    first, last = lent[0], lent[-1]
    words = words_of({})
    copy = lend(company, first.system, first.dataset, words, Deployment.Environment.TEST)
    data_access.review_access(
        copy, outcome="kept", reason=words["reviewed"], found_digest=first.dataset.versions.get_queryset()[0].hash,
        actor=first.dataset.steward,
    )  # fmt: skip
    data_access.request_access(
        last.dataset, system=last.system, environment=Deployment.Environment.STAGING, people=words["people"],
        purpose=words["purpose"], ends_on=timezone.localdate() + timedelta(days=90), actor=last.system.technical_owner,
    )  # fmt: skip
