"""Vendors, components and their uses as tests begin with them, made by the actions that people use."""

from datetime import date, timedelta
from typing import Any

from registry.actions import components, vendors
from registry.models import Agreement, Component, ComponentUse, Vendor
from tests import factories

REASON = "Read the questionnaire and the terms; nothing stands against it."
NEXT_YEAR = date.today() + timedelta(days=365)
SCOPE = {
    "uses": ["internal", "decisions"],
    "data_classes": ["public", "internal", "confidential"],
    "valid_until": NEXT_YEAR,
}


def proposed_vendor(cast: factories.Cast, **changes: Any) -> Vendor:
    """A vendor that the owner entered."""
    fields = {
        "name": f"Aurora {next(factories.numbers)}", "services": "A language model behind an interface",
        "criticality": "high", "contact": "Ada, key account, ada@aurora.example",
    }  # fmt: skip
    return vendors.propose_vendor(cast.unit, actor=cast.owner, **{**fields, **changes})


def approved_vendor(cast: factories.Cast, **changes: Any) -> Vendor:
    """A vendor with an assessment that was accepted."""
    vendor = proposed_vendor(cast, **changes)
    assessed(cast, vendor)
    vendors.approve_vendor(vendor, reason=REASON, actor=cast.risk_officer)
    return vendor


def assessed(cast: factories.Cast, vendor: Vendor) -> None:
    """The result of an assessment on the vendor's entry."""
    vendors.record_assessment(
        vendor, result="accepted", score=20, level="low", valid_until=NEXT_YEAR, actor=cast.risk_officer,
        practice="It publishes a model card and tests for bias before each version.",
    )  # fmt: skip


def agreement(cast: factories.Cast, vendor: Vendor | None = None, **changes: Any) -> Agreement:
    """Terms in force that the risk officer has read."""
    fields = {
        "title": "Terms of the supplier", "kind": "terms_of_service", "terms_version": "3", "terms_date": date(2026, 3, 1),
        "data_use_terms": "Inputs are not used for training.",
    }  # fmt: skip
    row = vendors.add_agreement(vendor or approved_vendor(cast), actor=cast.owner, **{**fields, **changes})
    vendors.read_terms(row, reason=REASON, review_due=NEXT_YEAR, actor=cast.risk_officer)
    return row


def proposed_component(cast: factories.Cast, **changes: Any) -> Component:
    """A vendor's model that the owner proposed."""
    fields = {
        "component_type": "model", "provider": "Aurora", "name": f"aurora-chat-{next(factories.numbers)}",
        "version": "4", "family": "aurora-chat", "licence": "LicenseRef-Aurora", "released_on": date(2026, 1, 15),
    }  # fmt: skip
    return components.propose_component(cast.unit, actor=cast.owner, **{**fields, **changes})


def approved_component(cast: factories.Cast, **changes: Any) -> Component:
    """One that may be used inside the organisation on data up to confidential."""
    row = proposed_component(cast, **changes)
    components.approve_component(row, reason=REASON, actor=cast.risk_officer, **SCOPE)
    return row


def used(cast: factories.Cast, user: Any, component: Component | None = None, **changes: Any) -> ComponentUse:
    """A use that the catalogue allows."""
    fields = {"use": "decisions", "data_class": "confidential"}
    return components.add_use(
        user, component=component or approved_component(cast), actor=cast.owner, **{**fields, **changes}
    )
