"""What comes from others, and artefacts, as the rules of frameworks see them."""

from registry.actions import artifacts
from registry.models import Stage
from tests import factories
from tests.registry import supply
from tests.reports.test_sources import facts_now


def used(cast):
    """A system in production that uses an approved component of a vendor with terms that were read."""
    vendor = supply.approved_vendor(cast)
    supply.agreement(cast, vendor)
    component = supply.approved_component(cast, vendor=vendor)
    version = factories.make_version(cast)
    supply.used(cast, version, component, modifications="Temperature is fixed.")
    system = version.home_system
    system.lifecycle_stage = Stage.PRODUCTION
    system.save()
    return vendor, component, version


def test_vendors_and_agreements_are_rows_about_themselves_and_the_systems_that_rest_on_them(cast):
    """vendors in reports."""
    vendor, _component, version = used(cast)
    system = ("system", str(version.home_system.pk))
    [row] = facts_now().records("vendor")
    assert (row.fields["name"], row.fields["status"], row.fields["criticality"]) == (vendor.name, "approved", "high")
    assert system in row.also
    [row] = facts_now().records("agreement")
    assert (row.fields["status"], row.fields["vendor"]) == ("active", str(vendor.pk))
    assert row.fields["data_use_terms"] == "Inputs are not used for training."
    assert system in row.also


def test_components_say_their_supplier_what_was_changed_and_when_their_terms_were_read(cast):
    """the catalogue in reports."""
    vendor, component, version = used(cast)
    [row] = facts_now().records("component")
    assert (row.fields["supplier"], row.fields["version"]) == (vendor.name, component.version)
    assert row.fields["modifications"] == "Temperature is fixed."
    assert row.fields["terms_reviewed_at"] is not None
    assert {("system", str(version.home_system.pk)), ("vendor", str(vendor.pk))} <= row.also


def test_versions_of_artefacts_are_rows_with_kind_digest_and_owner(cast):
    """prompts, guardrails and the like in reports."""
    artifact = artifacts.register_artifact(cast.unit, name="Greeting", artifact_type="prompt", actor=cast.owner)
    prompt = artifacts.register_artifact_version(
        artifact, version="1", form="text", content="Answer politely.", actor=cast.owner
    )
    [row] = facts_now().records("artifact_version")
    told = (row.fields["artifact_type"], row.fields["hash"], row.fields["owner"], row.fields["status"])
    assert told == ("prompt", prompt.hash, str(cast.owner.pk), "draft")


def test_vendors_that_were_let_in_and_models_of_theirs_in_use_are_populations(cast):
    """rules that speak of vendors find them; a proposed one is left out."""
    vendor, component, _version = used(cast)
    supply.proposed_vendor(cast)
    facts = facts_now()
    assert [one.id for one in facts.population("active_vendors", None)] == [str(vendor.pk)]
    assert [one.id for one in facts.population("critical_vendors", None)] == [str(vendor.pk)]
    assert [one.id for one in facts.population("vendor_models_in_use", None)] == [str(component.pk)]
