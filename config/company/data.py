"""Data sets with their cards, their versions, and the approval of each version for its use."""

from datetime import timedelta
from typing import Any

from django.utils import timezone

from config.company.story import Company, texts
from registry.actions import datasets
from registry.models import Dataset, DatasetVersion


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
            collected_until=timezone.localdate() - timedelta(days=60), **card,
        )  # fmt: skip
        uses = {told["use"]: "2026-09"} | ({"test": "2026-09-test"} if told["use"] == "training" else {})
        company.datasets[key] = [approved(company, dataset, told, use, name, reason) for use, name in uses.items()]


def approved(
    company: Company, dataset: Dataset, told: dict[str, Any], use: str, version: str, reason: str
) -> DatasetVersion:
    """A version by a drawn digest, put before the privacy officer and approved for its use."""
    row = datasets.register_dataset_version(
        dataset, version=version, hash=f"sha256:{company.draw.randbytes(32).hex()}", use=use,
        contains_personal_data=told["personal"], provenance=told["about"], licence="Internal use",
        lawful_basis="Contract" if told["personal"] else "", actor=dataset.steward,
    )  # fmt: skip
    datasets.ask_approval(row, uses=[use], approver=company.people["privacy"], actor=dataset.steward)
    return datasets.decide_source(row, decision="approved", reason=reason, actor=company.people["privacy"])
