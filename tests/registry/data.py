"""Steps that stories about data share."""

from datetime import date
from typing import Any

from registry.actions import data_terms, datasets
from registry.models import AISystem, Dataset, DatasetVersion
from tests import factories
from tests.factories import Cast

REASON = "Read with the privacy officer; nothing stands against it."
CARD = {
    "description": "One row is a customer with a current account.",
    "origin": "Written by the branch system when an account is opened.",
    "source_reputation": "Reconciled with the ledger every month.",
    "receipt": "Delivered nightly over the internal transfer service, digest compared.",
    "storage": "Encrypted in the data centre of the unit.",
    "right_to_process": "Contract with the customer.",
    "collected_from": date(2024, 1, 1),
    "collected_until": date(2026, 6, 30),
}  # fmt: skip


def described(cast: Cast, **changes: Any) -> Dataset:
    """A data set of the owner with a card on which somebody can decide."""
    name = changes.pop("name", f"Accounts {next(factories.numbers)}")
    return datasets.register_dataset(cast.unit, name=name, actor=cast.owner, **{**CARD, **changes})


def version_of(dataset: Dataset, **changes: Any) -> DatasetVersion:
    """A version by a digest of its own, registered by the steward."""
    number = next(factories.numbers)
    fields: dict[str, Any] = {
        "version": f"v{number}",
        "hash": f"sha256:{number:064x}",
        "use": "training",
        "obtained": "collected",
    }
    return datasets.register_dataset_version(dataset, actor=dataset.steward, **{**fields, **changes})


def approved(cast: Cast, data: DatasetVersion, *uses: str) -> DatasetVersion:
    """Approved by the privacy officer for these uses."""
    asked = datasets.ask_approval(
        data, uses=list(uses) or ["training"], approver=cast.privacy_officer, actor=data.dataset.steward
    )
    return datasets.decide_source(asked, decision="approved", reason=REASON, actor=cast.privacy_officer)


def cleared(cast: Cast, system: AISystem, clearance: str = "restricted") -> Any:
    """The system is cleared by the risk officer."""
    return data_terms.clear_system(system, clearance=clearance, reason=REASON, actor=cast.risk_officer)
