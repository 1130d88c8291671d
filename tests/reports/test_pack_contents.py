"""What the verifier checks inside a pack that is signed: the slice of the log, the approvals, the outcomes."""

import base64
import hashlib
import json

import pytest
import rfc8785

from reports.verifier import verify
from tests.reports.sample_packs import (
    KEY,
    digest,
    good_pack,
    log_entries,
    log_entry,
    log_slice,
    material,
    outcome,
    pack_with,
    problems,
    sign_offs,
)


def said_of(slice_: bytes) -> str:
    """What is said against a pack with this slice of the log."""
    return problems(pack_with(audit=slice_))


def changed(number: int, **values: object) -> bytes:
    """The slice with keys of one entry (from 0) replaced; None takes the key away."""
    entries = log_entries()
    line = {**entries[number], **values}
    entries[number] = {key: value for key, value in line.items() if value is not None}
    return log_slice(entries)


def facts(content: bytes) -> str:
    return "\n".join(verify.verify(content, KEY.fingerprint))


# ---- the slice of the log


def test_an_empty_slice_is_told_as_such():
    assert "log: 0 entries hashed" in facts(pack_with(audit=b""))


def test_a_slice_with_gaps_counts_only_the_links_that_it_shows():
    """P1"""
    assert "log: 6 entries hashed, 5 linked to the entry before" in facts(good_pack())
    every_second = log_slice(log_entries()[1::2])
    assert "log: 3 entries hashed, 0 linked to the entry before" in facts(pack_with(audit=every_second))


def test_an_entry_whose_body_was_erased_still_verifies():
    """P1"""
    without = [{key: value for key, value in entry.items() if key not in {"body", "salt"}} for entry in log_entries()]
    assert "0 bodies as committed to" in facts(pack_with(audit=log_slice(without)))


@pytest.mark.parametrize(
    ("values", "reason"),
    [
        ({"leaf": "00" * 32}, "leaf is not the hash of its header"),
        ({"header": log_entries()[0]["header"]}, "seq is not the header's"),
        ({"prev": "00" * 32}, "its hash is not that of its leaf and the entry before"),
        ({"hash": "00" * 32}, "its hash is not that of its leaf and the entry before"),
        ({"seq": 7}, "seq is not the header's"),
        ({"seq": "2"}, "seq is not the header's"),
        ({"seq": True}, "seq is not the header's"),
        ({"body": "e30="}, "body is not the one committed to"),
        ({"salt": "00" * 32}, "body is not the one committed to"),
        ({"salt": None}, "lacks a value"),
        ({"prev": None}, "lacks a value"),
        ({"header": None}, "lacks a value"),
        ({"hash": 5}, "lacks a value"),
        ({"leaf": "xyz"}, "neither hex nor base64"),
        ({"header": "%%%"}, "neither hex nor base64"),
        ({"header": "W10="}, "not a JSON object in canonical form"),
        ({"header": "eyJiIjoxLCAiYSI6MX0="}, "not a JSON object in canonical form"),
        ({"header": "e30="}, "lacks a key or is no version 1"),
    ],
)
def test_a_changed_value_in_the_log_is_refused_with_its_line(values, reason):
    """P1, P4"""
    said = said_of(changed(1, **values))
    assert said.startswith("audit.jsonl: line 2")
    assert reason in said


@pytest.mark.parametrize("key", ["v", "ts", "actor", "action", "object_digest", "body_commit", "object_rev"])
def test_a_header_without_one_of_its_keys_is_refused(key):
    header = json.loads(base64.b64decode(log_entries()[0]["header"]))
    del header[key]
    exact = rfc8785.dumps(header)
    leaf = hashlib.sha256(b"\0" + exact).digest()
    chained = hashlib.sha256(b"\3" + bytes(32) + leaf).hexdigest()
    line = {"header": base64.b64encode(exact).decode(), "leaf": leaf.hex(), "hash": chained}
    assert "line 1: its header lacks a key" in said_of(log_slice([{**log_entries()[0], **line}]))


def test_a_header_of_another_version_is_refused():
    assert "is no version 1" in said_of(log_slice([log_entry(1, bytes(32), v=2)]))


def test_bytes_moved_from_salt_to_body_are_refused():
    """The commitment is over salt and body joined: only the salt's fixed length tells them apart."""
    entry = log_entries()[1]
    salt, body = bytes.fromhex(entry["salt"]), base64.b64decode(entry["body"])
    moved = {"salt": salt[:-1].hex(), "body": base64.b64encode(salt[-1:] + body).decode()}
    assert "body is not the one committed to" in said_of(changed(1, **moved))


def test_a_predecessor_of_another_length_is_refused():
    assert "its hash is not that of" in said_of(log_slice([log_entry(5, bytes(31))]))


def test_the_first_entry_of_all_must_follow_nothing():
    assert "line 1: does not continue" in said_of(log_slice([log_entry(1, b"\1" * 32)]))


def test_an_entry_put_in_the_place_of_another_breaks_the_chain():
    """P1"""
    entries = log_entries()
    entries[2] = log_entry(3, bytes.fromhex(entries[1]["hash"]), action="version.rejected")
    assert said_of(log_slice(entries)).startswith("audit.jsonl: line 4: does not continue the entry before it")


@pytest.mark.parametrize(
    "entries",
    [log_entries()[::-1], [*log_entries(), log_entries()[-1]], [log_entries()[1], log_entries()[0]]],
    ids=["reversed", "doubled", "swapped"],
)
def test_entries_out_of_order_are_refused(entries):
    assert "does not rise" in said_of(log_slice(entries))


@pytest.mark.parametrize(
    ("slice_", "reason"),
    [
        (log_slice(log_entries())[:-1], "does not end with a line break"),
        (log_slice(log_entries()) + b"\n", "line 7: is not strict JSON"),
        (b"{}\n", "line 1 lacks a value"),
        (b"[]\n", "line 1 lacks a value"),
        (b"null\n", "line 1 lacks a value"),
        (b'{"seq":1,"seq":1}\n', "a key stands twice"),
        (b"\xff\n", "line 1: is not strict JSON"),
        (b"[" * 10**5 + b"\n", "line 1: is not strict JSON"),
    ],
)
def test_a_slice_that_is_no_list_of_entries_is_refused(slice_, reason):
    assert reason in said_of(slice_)


# ---- what was approved


def said_of_approvals(rows: object, about: object = None) -> str:
    chosen = json.dumps(about or material()).encode()
    return problems(pack_with(signoffs=json.dumps(rows).encode(), material=chosen))


def test_an_approval_of_another_digest_is_refused_and_the_person_named():
    """P3, P4: approve, then swap."""
    rows = [{**sign_offs()[0], "subject_digest": "sha256:" + "0" * 64}]
    assert said_of_approvals(rows).startswith("signoffs.json: approved something else")
    assert "Ann (risk_officer)" in said_of_approvals(rows)


@pytest.mark.parametrize("decision", ["", "reject", "request_changes"])
def test_what_is_no_approval_needs_no_digest(decision):
    assert said_of_approvals([{**sign_offs()[0], "decision": decision, "subject_digest": ""}]) == ""


def test_a_voided_approval_may_carry_an_older_digest_and_is_not_counted():
    assert said_of_approvals(sign_offs()) == ""
    assert "approvals: 1 at" in facts(good_pack())


def test_changed_parts_of_the_material_are_refused():
    """P4"""
    about = material()
    about["parts"]["card"] = "sha256:" + "0" * 64
    assert said_of_approvals([], about).startswith("material.json: its digest is not that of its parts")


def test_changed_values_of_the_material_are_refused():
    """P4"""
    about = material()
    about["values"]["card"]["purpose"] = "Anything"
    assert said_of_approvals([], about) == "material.json: a value is not the one whose digest stands among the parts"


@pytest.mark.parametrize("values", [[], "x", {}, {"card": {}}])
def test_values_that_are_not_those_of_the_parts_are_refused(values):
    assert said_of_approvals([], {**material(), "values": values}).startswith("material.json: a value")


def test_material_without_its_values_is_accepted():
    assert said_of_approvals(sign_offs(), {key: material()[key] for key in ("parts", "digest")}) == ""


def test_before_a_review_there_is_nothing_approved():
    nothing = {"parts": {}, "digest": "", "values": {}}
    assert said_of_approvals([], nothing) == ""
    reasons = said_of_approvals([{**sign_offs()[0], "subject_digest": ""}], nothing)
    assert reasons.startswith("signoffs.json: approved something else than nothing")


@pytest.mark.parametrize("about", [[], 5, {"digest": ""}, {"parts": []}, {"parts": {"a": "b"}}])
def test_material_of_another_shape_is_refused(about):
    assert problems(pack_with(material=json.dumps(about).encode())).startswith("material.json: ")


@pytest.mark.parametrize("rows", [{}, [1], None, "x"])
def test_sign_offs_of_another_shape_are_refused(rows):
    assert problems(pack_with(signoffs=json.dumps(rows).encode())).startswith("signoffs.json: ")


def test_sign_offs_without_the_material_are_refused():
    assert problems(pack_with(material=None)).startswith("signoffs.json: there is no material.json")


# ---- outcomes


def said_of_outcome(found: object) -> str:
    chosen = {"outcomes/group_fairness-1": json.dumps(found).encode()}
    return problems(pack_with(**chosen))


@pytest.mark.parametrize(
    "change",
    [{"value": 0.31}, {"rows": 7215}, {"rows": 7214.5}, {"more": 1}, {"zero": None}, {"digest": None}, {"p": 2e-17}],
)
def test_a_changed_outcome_is_refused(change):
    """P4"""
    assert said_of_outcome({**outcome(), **change}).startswith("outcomes/group_fairness-1.json: its digest is not")


@pytest.mark.parametrize("change", [{"timings": {}}, {"value": 0.3}, {"value": 0.30000000000000010}])
def test_timings_and_last_bits_are_outside_an_outcomes_digest(change):
    assert said_of_outcome({**outcome(), **change}) == ""


def test_an_integer_that_other_languages_would_round_is_digested_as_text():
    found = {"check": "count", "rows": 2**60}
    assert said_of_outcome({**found, "digest": digest({**found, "rows": str(2**60)})}) == ""


def test_an_integer_beyond_any_use_is_refused_before_it_costs_time():
    assert "more than 40 digits" in said_of_outcome({"rows": 10**41})


def test_an_outcome_that_names_no_digest_is_accepted_as_a_file():
    assert said_of_outcome({"kind": "document"}) == ""


def test_an_outcome_that_was_not_decided_on_is_not_counted():
    other = {"check": "drift"}
    content = pack_with(**{"outcomes/group_fairness-1": json.dumps({**other, "digest": digest(other)}).encode()})
    assert "0 of them stand in material.json" in facts(content)


@pytest.mark.parametrize("found", [[], 1, "x", None])
def test_an_outcome_that_is_no_object_is_refused(found):
    assert said_of_outcome(found) == "outcomes/group_fairness-1.json: is no object"


@pytest.mark.parametrize(("depth", "is_accepted"), [(verify.MAX_DEPTH - 1, True), (verify.MAX_DEPTH, False)])
def test_nesting_is_accepted_up_to_one_depth_whatever_python_could_read(depth, is_accepted):
    nested: object = 1
    for _ in range(depth):
        nested = {"é": nested}
    assert (said_of_outcome(nested) == "") is is_accepted
