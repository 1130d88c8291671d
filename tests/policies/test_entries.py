"""A policy asks for an entry of a register before it lets a release through."""

import pytest
from django.utils import timezone

from registry.errors import BadInput
from registry.policies import reading
from registry.registers import kind_named
from tests import factories
from tests.policies import writing
from tests.policies.test_conditions import said
from tests.registry.registers import samples

pytestmark = pytest.mark.django_db
BUDGET = {"title": "Training", "period": "2026", "amount": "9000", "currency": "EUR"}


def test_the_cost_of_training_is_on_record_before_the_approval(cast, monkeypatch):
    """S-169: a budget for training about the system itself; one for another phase or system does not do."""
    version = factories.make_version(cast)
    writing.asks(monkeypatch, {"entry": "cost_budget", "fields": {"phase": "training"}})
    samples.written(kind_named("cost_budget"), cast, version.home_system, **BUDGET, phase="operation")
    samples.written(kind_named("cost_budget"), cast, factories.make_system(cast), **BUDGET, phase="training")
    found = said(version, "condition:entry")
    assert found.result == "insufficient" and "phase: training" in found.reason
    samples.written(kind_named("cost_budget"), cast, version.home_system, **BUDGET, phase="training")
    assert said(version, "condition:entry").result == "passed"


def test_an_entry_that_must_be_approved_counts_when_it_is(cast, monkeypatch):
    """Unknown is no: a draft of a statement says nothing yet."""
    version = factories.make_version(cast)
    writing.asks(monkeypatch, {"entry": "signed_statement"})
    row = samples.written(kind_named("signed_statement"), cast, version.home_system)
    assert said(version, "condition:entry").result == "insufficient"
    row.status, row.approved_by, row.approved_at = "approved", cast.approver, timezone.now()
    row.save()
    assert said(version, "condition:entry").result == "passed"


def test_a_register_that_is_none_is_refused_with_its_line(db):
    """The text names what there is."""
    with pytest.raises(BadInput, match=r"“piggy_bank” is not one of: .*cost_budget"):
        reading.require_readable(writing.with_gates({"entry": "piggy_bank"}))
