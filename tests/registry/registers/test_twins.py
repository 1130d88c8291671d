"""What a reader sees of the registers is the same with and without entries of another unit."""

from django.test import Client

from registry.registers import kinds
from tests import factories
from tests.authz.test_twins import masked, mirrored
from tests.authz.world import make_entry
from tests.registry.registers import samples


def test_no_register_tells_of_entries_of_another_unit(cast):
    """P11: the page of all registers, lists, exports and REST, byte for byte."""
    there = mirrored(cast)
    make_entry(cast, factories.make_system(cast))
    client = Client()
    client.force_login(cast.risk_officer)
    names = ("contingency_plan", "runbook", "policy_document", "concern", "cost_entry")
    urls = ["/registers/", "/search/?q=Outage", "/api/v1/entries/", *(f"/registers/{name}/" for name in names),
            *(f"/lists/{name}/csv/" for name in names), *(f"/registers/{name}/new/" for name in names)]  # fmt: skip
    before = {url: masked(client.get(url)) for url in urls}
    make_entry(there, factories.make_system(there))
    for name in names:
        samples.written(kinds()[name], there, there.unit, actor=there.risk_officer)
    assert [url for url in urls if masked(client.get(url)) != before[url]] == []
    assert all(status == 200 for status, *_rest in before.values())
