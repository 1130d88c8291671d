"""Packages against advisories: what a range holds, what cannot be told, what was decided to be borne, files that mean harm."""

import json
from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from rai import actions
from rai.checks import dependencies as check
from rai.checks.contract import InputError
from rai.engine.supply import advisories, bills, ranges, severity
from rai.engine.supply.bills import Package
from registry.actions import components, registers
from registry.actions.record_checks import run_record_check
from registry.errors import BadInput, NotAllowed
from registry.models import AuditEntry, ComponentUse, Duty
from registry.record_checks import sentences_of
from registry.registers import kind_named, subjects
from tests import factories
from tests.registry.registers import samples

TODAY = timezone.localdate()


def osv(name="parsel", *, id_="GHSA-1", level="HIGH", ecosystem="PyPI", events=(), modified=None, **more):
    """An advisory as OSV writes it."""
    day = modified or TODAY.isoformat()
    spans = [{"type": "ECOSYSTEM", "events": [dict([event]) for event in events]}] if events else []
    affected = {"package": {"ecosystem": ecosystem, "name": name}, "ranges": spans, **more}
    return {"id": id_, "modified": f"{day}T10:00:00Z", "database_specific": {"severity": level}, "affected": [affected]}


def cyclonedx(*purls):
    return json.dumps(
        {"bomFormat": "CycloneDX", "components": [{"type": "library", "purl": one} for one in purls]}
    ).encode()


# ---- ranges, worked out by hand


BEGUN, MENDED, LAST, LIMIT = "introduced", "fixed", "last_affected", "limit"
TABLE = [
    # what the advisory says, versions that are affected, versions that are not
    ([(BEGUN, "0"), (MENDED, "1.2")], ["0.1", "1.1.9", "1.2rc1", "1.2.dev3", "0.dev0"], ["1.2", "1.2.post1", "1.10", "2!0.1"]),
    ([(BEGUN, "1.0")], ["1.0", "1.0.0", "99", "1!0"], ["0.9", "1.0rc1", "1.0.dev1"]),
    ([(BEGUN, "1.0"), (LAST, "1.5")], ["1.0", "1.5", "1.5.0", "1.5+cu118"], ["1.5.post1", "1.5.1", "0.9"]),
    ([(BEGUN, "1.0"), (MENDED, "1.4"), (BEGUN, "2.0"), (MENDED, "2.3")], ["1.3.9", "2.0", "2.2.9"], ["1.4", "1.9", "2.3"]),
    ([(MENDED, "2.3"), (BEGUN, "2.0"), (MENDED, "1.4"), (BEGUN, "1.0")], ["1.3.9", "2.0"], ["1.4", "2.3"]),
    ([(BEGUN, "0"), (MENDED, "2.1")], ["2.0.1+cpu", "2.1rc1+cpu"], ["2.1+cpu", "2.1"]),
    ([(BEGUN, "0"), (LIMIT, "3.0")], ["2.9"], ["3.0", "3.1"]),
    ([(BEGUN, "0"), (LIMIT, "*")], ["2.9", "300"], []),
    ([(BEGUN, "1.0"), (MENDED, "1.0")], ["1.0", "1.1"], ["0.9"]),
    ([(BEGUN, "1.10")], ["1.10", "1.11"], ["1.9", "1.1"]),
]  # fmt: skip


@pytest.mark.parametrize(("events", "affected", "free"), TABLE)
def test_a_range_of_events_holds_what_was_worked_out_by_hand(events, affected, free):
    """OSV's evaluation over PEP 440's order: pre-releases lie below, local builds are their release, epochs above all."""
    said = ranges.Affected("pypi", "parsel", events=(tuple(events),))
    assert [one for one in affected if ranges.holds(one, said) is not True] == []
    assert [one for one in free if ranges.holds(one, said) is not False] == []


@pytest.mark.parametrize(("written", "affected", "free"), [
    (">=1.0,<1.2.3", ["1.0", "1.2.3rc1", "1.2.2+x"], ["1.2.3", "0.9"]),
    ("<=1.5 || >=2.0,<2.1", ["1.5", "0.1", "2.0.9"], ["1.6", "2.1"]),
    ("==1.4", ["1.4", "1.4.0", "1.4+cpu"], ["1.4.1"]),
    ("!=3.0,>2.9", ["3.1", "2.9.1"], ["3.0", "2.9"]),
])  # fmt: skip
def test_bounds_of_a_csv_hold_what_was_worked_out_by_hand(written, affected, free):
    row = f'id,package,affected,severity\nA-1,Parsel,"{written}",high\n'
    (said,) = advisories.read(row.encode(), "a.csv")[0].affected
    assert all(ranges.holds(one, said) is True for one in affected)
    assert all(ranges.holds(one, said) is False for one in free)


def test_versions_that_are_named_are_affected_in_any_ecosystem_and_ranges_are_compared_for_python_alone():
    named = ranges.Affected("npm", "left", versions=frozenset({"1.0.0"}), events=(((BEGUN, "0"),),))
    assert (ranges.holds("1.0.0", named), ranges.holds("1.0.1", named)) == (True, None)
    odd = ranges.Affected("pypi", "pytz", versions=frozenset({"2004d", "2010.1"}))
    assert (ranges.holds("2004d", odd), ranges.holds("2010.01", odd), ranges.holds("2011.1", odd)) == (
        True,
        True,
        False,
    )
    assert ranges.holds("no version", odd) is None
    commits = advisories.osv_affected(
        {"package": {"ecosystem": "PyPI", "name": "p"}, "ranges": [{"type": "GIT", "events": []}]}
    )
    assert ranges.holds("1.0", commits) is None


@pytest.mark.parametrize(("vector", "score"), [
    ("CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H", 9.8),  # the published scores of CVE-2021-42013,
    ("CVSS:3.0/AV:N/AC:L/PR:N/UI:N/S:C/C:H/I:H/A:H", 10.0),  # CVE-2021-44228,
    ("CVSS:3.1/AV:L/AC:L/PR:L/UI:N/S:U/C:H/I:H/A:H", 7.8),  # CVE-2021-4034,
    ("CVSS:3.1/AV:N/AC:H/PR:N/UI:R/S:U/C:L/I:L/A:N", 4.2),
    ("CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:N/I:N/A:N", 0.0),
    ("CVSS:4.0/AV:N", None), ("CVSS:3.1/AV:N/AC:L", None), ("high", None),
])  # fmt: skip
def test_a_vector_is_scored_as_published(vector, score):
    assert severity.base_score(vector) == score


def test_the_gravest_word_of_a_record_counts_and_one_weakness_under_two_ids_is_one():
    record = osv(level="LOW", events=[(BEGUN, "0"), (MENDED, "2.0")]) | {
        "severity": [{"type": "CVSS_V3", "score": "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H"}], "aliases": ["CVE-1"],
    }  # fmt: skip
    other = osv(id_="CVE-1", level="MODERATE", events=[(BEGUN, "0"), (MENDED, "2.1")])
    found = advisories.held(
        [Package("pypi", "Parsel", "1.0")], advisories.read(json.dumps([record, other]).encode(), "a")
    )
    (one,) = found.weaknesses
    assert (one.ids, one.severity, one.mended_in) == (("GHSA-1", "CVE-1"), "critical", "2.1")


def test_packages_of_an_unknown_ecosystem_or_without_a_version_are_not_evaluable_by_name():
    """S-108: silence of the file about an ecosystem is no clean bill."""
    packages = [
        Package("pypi", "parsel", ""),
        Package("npm", "left", "1.0"),
        Package("", "thing", "1"),
        Package("pypi", "zlib", ""),
    ]
    found = advisories.held(packages, advisories.read(json.dumps(osv(events=[(BEGUN, "0")])).encode(), "a.json"))
    assert [(str(one), reason) for one, reason in found.unknown] == [
        ("parsel", "no_version"), ("left 1.0", "ecosystem"), ("thing 1", "no_ecosystem"),
    ]  # fmt: skip


# ---- bills


def test_each_kind_of_bill_gives_the_same_packages():
    wanted = [Package("npm", "@scope/left", "1.0"), Package("pypi", "Parsel", "1.2")]
    nested = {"bomFormat": "CycloneDX", "components": [
        {"type": "application", "purl": "pkg:pypi/Parsel@1.2?x=y", "components": [{"type": "library", "purl": "pkg:npm/%40scope/left@1.0"}]},
        {"type": "data", "name": "rows"},
    ]}  # fmt: skip
    spdx = {"spdxVersion": "SPDX-2.3", "packages": [
        {"name": name, "versionInfo": "9", "externalRefs": [{"referenceType": "purl", "referenceLocator": purl}]}
        for name, purl in (("x", "pkg:npm/%40scope/left@1.0"), ("y", "pkg:pypi/Parsel@1.2#sub"))
    ]}  # fmt: skip
    for bill in (nested, spdx):
        assert bills.read(json.dumps(bill).encode(), "bill.json") == wanted
    pinned = b"Parsel[x]==1.2 ; python_version > '3' --hash=sha256:00 # why\nloose>=1\n-r more.txt\ngit+https://e.org/x\nzlib==1.*\n"
    assert bills.read(pinned, "requirements.txt") == [
        Package("pypi", "Parsel", "1.2"), Package("pypi", "loose", ""), Package("pypi", "zlib", ""),
    ]  # fmt: skip


HOSTILE = [
    b"", b"\xff\xfe{", b"{", b"[" * 200_000, b'{"bomFormat": "CycloneDX", "components": 7}', b'{"bomFormat": "CycloneDX", "components": [[], 1, null, {"purl": {}}]}',
    b'{"spdxVersion": "SPDX-2.3", "packages": "all"}', b'{"spdxVersion": 2}', b"9" * 10_000, b'{"n": ' + b"9" * 10_000 + b"}", b"# nothing\n", b'{"@graph": []}',
]  # fmt: skip


@pytest.mark.parametrize("content", HOSTILE, ids=range(len(HOSTILE)))
def test_a_hostile_bill_is_refused_with_a_sentence(content):
    with pytest.raises(InputError, match=r"bill\.json"):
        bills.read(content, "bill.json")


BAD_ADVISORIES = [
    b"", b"\xff\xfe", b"{", b"[" * 200_000, b"[1]", b"{}", b'{"id": "A", "affected": 5}', b'{"vulns": {}}', b"id,package\n1,2\n",
    b"id,package,affected,severity\nA,p,^1.0,high\n", b"id,package,affected,severity\nA,p,<1.*,high\n", b"id,package,affected,severity\nA,p,<1,grave\n",
    b"id,package,affected,severity\n,p,<1,high\n", b'id,package,affected,severity\nA,p,"<1', b'id,package,affected,severity\nA,p,"' + b"1" * 200_000 + b'",high\n',
    b'id,package,affected,severity\nA\n',
]  # fmt: skip


@pytest.mark.parametrize("content", BAD_ADVISORIES, ids=range(len(BAD_ADVISORIES)))
def test_hostile_advisories_are_refused_with_a_sentence(content):
    with pytest.raises(InputError, match=r"a\.json"):
        advisories.read(content, "a.json")


def test_parts_of_other_types_within_an_advisory_break_nothing():
    record = {
        "id": "A", "modified": 5, "aliases": {"x": 1}, "severity": [None, {"score": []}], "database_specific": [],
        "affected": [None, {"package": 3, "ranges": [{"type": [], "events": 1}, 7], "versions": "all"}, {"package": {"name": [], "ecosystem": 1}}],
    }  # fmt: skip
    record["affected"][1]["ranges"][0]["type"] = "ECOSYSTEM"
    found = advisories.read(json.dumps([record, osv(events=[(BEGUN, "0")])]).encode(), "a.json")
    assert advisories.held([Package("pypi", "parsel", "1")], found).weaknesses[0].severity == "high"
    assert advisories.read(json.dumps([record | {"withdrawn": "2020-01-01"}, osv()]).encode(), "a")[0].ids == (
        "GHSA-1",
    )


# ---- limits


def found_of(**counts):
    return {"weaknesses": [], "by_severity": counts, "unknown": [], "unknown_in_all": 0}


@pytest.mark.parametrize(("rules", "counts", "verdict"), [
    ([], {}, "pass"), ([], {"critical": 1}, "fail"), ([], {"medium": 9, "low": 9}, "pass"), ([], {"unrated": 1}, "insufficient"),
    (["high<=1"], {"high": 1}, "pass"), (["high<=1"], {"high": 2}, "fail"), (["medium<=2"], {"medium": 3}, "fail"), (["unrated<=1"], {"unrated": 1}, "pass"),
])  # fmt: skip
def test_approved_limits_decide_and_usual_ones_where_none_speaks(rules, counts, verdict):
    from rai.checks.contract import verdict_of

    judged = check.judge(found_of(**counts), rules=rules, borne=[], today=TODAY, newest=TODAY)
    assert verdict_of(judged.thresholds) == verdict


@pytest.mark.parametrize("text", ["critical<=-1", "grave<=0", "high>=1", "high<=0.5", ""])
def test_other_rules_are_refused_with_those_that_there_are(text):
    with pytest.raises(InputError, match="advisory_age_days"):
        check.parse_rule(text)


# ---- end to end


@pytest.fixture
def version(cast):
    return factories.make_version(cast)


def brought(cast, version, kind, content, name):
    return actions.keep_supply_file(version, kind=kind, content=content, name=name, actor=cast.owner)


def asked(cast, version):
    row = run_record_check(version, check="security.dependencies", actor=cast.owner)
    return row, " ".join(sentences_of(row.outcome))


def with_files(cast, version, *records, purls=("pkg:pypi/parsel@1.0",)):
    brought(cast, version, "bill_of_materials", cyclonedx(*purls), "bill.json")
    brought(cast, version, "advisories", json.dumps(records).encode(), "known.json")


@pytest.mark.django_db
def test_an_affected_package_fails_with_id_severity_and_where_it_is_mended(cast, version):
    """S-108: security.dependencies names package, advisory and the version that mends it, on page and in the log."""
    with_files(cast, version, osv(events=[(BEGUN, "0"), (MENDED, "1.2")]))
    row, said = asked(cast, version)
    assert row.verdict == "fail" and "parsel 1.0 (GHSA-1)" in said
    assert AuditEntry.objects.filter(action="supply_file.kept", actor=cast.owner).count() == 2
    client = Client()
    client.force_login(cast.owner)
    page = client.get(row.get_absolute_url()).content.decode()
    assert "Packages with a known weakness" in page and "1.2" in page and "<code>high&lt;=0</code>" in page
    assert row.outcome["files"][0]["digest"].startswith("sha256:")


@pytest.mark.django_db
def test_the_packages_of_the_record_serve_where_no_bill_was_brought(cast, version):
    """A library of the catalogue from PyPI is judged, another is named as not evaluable."""
    assert "No packages are known" in asked(cast, version)[1]
    for name, provider in (("parsel", "PyPI"), ("motor", "Somebody")):
        component = components.propose_component(
            cast.unit, name=name, component_type="library", version="1.0", provider=provider, actor=cast.owner
        )
        ComponentUse(
            system=version.home_system, version=version, component=component, use="inference", data_class="internal",
            added_by=cast.owner,
        ).save()  # fmt: skip
    row, said = asked(cast, version)
    assert row.verdict == "insufficient" and "No advisories are there" in said
    brought(cast, version, "advisories", json.dumps(osv(events=[(BEGUN, "2.0")])).encode(), "known.json")
    row, said = asked(cast, version)
    assert row.verdict == "insufficient" and "Not evaluable: 1, among them motor 1.0" in said


@pytest.mark.django_db
def test_a_file_of_advisories_that_is_too_old_settles_nothing(cast, version):
    day = (TODAY - timedelta(days=31)).isoformat()
    with_files(cast, version, osv(events=[(BEGUN, "2.0")], modified=day))
    row, said = asked(cast, version)
    assert row.verdict == "insufficient" and "31 days old: older than the limit" in said
    brought(cast, version, "advisories", json.dumps(osv(events=[(BEGUN, "2.0")])).encode(), "newer.json")
    assert asked(cast, version)[0].verdict == "pass"


@pytest.mark.django_db
def test_a_weakness_that_another_decided_to_bear_is_no_fail_until_its_last_day(cast, version):
    """S-108: borne in the register, by its id or an alias and its package, no longer than it says, and not by its writer."""
    with_files(cast, version, osv(events=[(BEGUN, "0")]) | {"aliases": ["CVE-7"]})
    guard = factories.invite("guard", "Gustav Guard", Duty.SECURITY_OFFICER, subjects.root(), cast.administrator)
    row = samples.written(
        kind_named("vulnerability"), cast, version.home_system, actor=cast.risk_officer, identifier="CVE-7", component_name="Parsel",
        severity="high",
    )  # fmt: skip
    assert asked(cast, version)[0].verdict == "fail"
    registers.move_entry(row, move="accept", reason="It cannot be reached from outside.", actor=guard)
    found, said = asked(cast, version)
    assert found.verdict == "pass" and "Borne by a decision: parsel 1.0" in said
    judged = check.standing(
        {"ids": ["CVE-7"], "name": "parsel"}, [check.Borne("CVE-7", "Parsel", TODAY - timedelta(days=1))], TODAY
    )
    assert judged["borne"] == "lapsed"


@pytest.mark.django_db
def test_an_approved_limit_holds_and_stands_among_those_that_the_gate_asks_for(cast, version):
    """S-108: a limit for the check of the records is set and approved like every other."""
    limit = actions.propose_baseline(
        version.home_system, slug="security.dependencies", rule="high <= 1", rationale="One that cannot be reached is borne.",
        actor=cast.risk_officer,
    )  # fmt: skip
    actions.approve_baseline(limit, reason="It is behind a wall.", actor=cast.approver)
    with_files(cast, version, osv(events=[(BEGUN, "0")]))
    row, _said = asked(cast, version)
    assert row.verdict == "pass"
    assert "high<=1" in {one["rule"] for one in row.outcome["thresholds"]}
    assert "high<=0" not in {one["rule"] for one in row.outcome["thresholds"]}


@pytest.mark.django_db
def test_a_hostile_file_in_the_child_is_told_and_settles_nothing(cast, version):
    brought(cast, version, "bill_of_materials", b"[" * 200_000, "deep.json")
    brought(cast, version, "advisories", json.dumps(osv()).encode(), "known.json")
    row, said = asked(cast, version)
    assert row.verdict == "insufficient" and "deep.json" in said


@pytest.mark.django_db
def test_files_are_brought_by_page_and_other_kinds_are_refused(cast, version):
    client = Client()
    client.force_login(cast.owner)
    place = f"/versions/{version.pk}/packages/"
    sent = {"kind": "advisories", "file": SimpleUploadedFile("known.json", json.dumps(osv()).encode())}
    assert "known.json" in client.post(place, sent, follow=True).content.decode()
    with pytest.raises(BadInput, match="ends in one of"):
        brought(cast, version, "bill_of_materials", b"x", "bill.exe")
    with pytest.raises(NotAllowed):
        actions.keep_supply_file(version, kind="advisories", content=b"{}", name="a.json", actor=cast.auditor)
