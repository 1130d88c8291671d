"""verify.py, verify.html in Chromium, OpenSSL and securesystemslib judge the same packs: good ones, mutants, forgeries."""

import random
from collections import Counter
from collections.abc import Mapping, Sequence

import pytest
import rfc8785

from reports.verifier import verify
from tests.reports import mutants, other_tools
from tests.reports.sample_packs import KEY, good_pack, repacked, signed_anew, unpacked
from tests.reports.test_forged_packs import ENVELOPES, KEYS, MANIFESTS, STATEMENTS, WRITINGS
from tests.reports.test_verifier import HOSTILE
from tests.reports.test_verify_page import answers, places, verifier  # noqa: F401

pytestmark = [pytest.mark.real, pytest.mark.timeout(1800)]

# The right key signed these: only a reader of the contents can see what is wrong with them.
SIGNED = frozenset(
    {"a_digest_in_the_statement", "a_member_that_the_statement_leaves_out", "an_entry_taken_from_the_log",
     "a_body_of_the_log_rewritten", "a_hash_of_the_log_rewritten", "an_approval_of_something_else", "material_rewritten",
     "an_outcome_rewritten"}
)  # fmt: skip
Case = tuple[str, bytes]


def judged(cases: Sequence[Case], page, *, signed: frozenset[str]) -> Mapping[str, Counter]:
    """Hold every verifier to what docs/evidence-packs.md says of bad packs; what each tool did, counted."""
    told: dict[str, Counter] = {"openssl": Counter(), "securesystemslib": Counter()}
    packs = [content for _name, content in cases]
    read = other_tools.read_by_all(packs)
    for (name, content), (result, *lines), theirs in zip(cases, answers(page, packs), read, strict=True):
        reasons = verify.problems(content, KEY.fingerprint)
        assert reasons and result == "refused", name
        assert name not in mutants.KINDS or places(lines) & places(reasons), (name, lines, reasons)
        for tool, files in theirs.items():
            as_signed = files is not None and other_tools.is_as_signed(tool, files, good_pack())
            assert files is None or as_signed or name in signed, f"{tool} accepts {name}, where a file was changed"
            told[tool]["refused" if files is None else "as signed" if as_signed else "signed by the key"] += 1
    return told


def test_all_four_accept_every_good_pack(verifier, seed, amount):  # noqa: F811
    """P4: 200 packs of any names and bytes."""
    draw = random.Random(seed)
    packs = [good_pack(), *(mutants.any_good(draw) for _ in range(amount(200) - 1))]
    assert [result for result, *_lines in answers(verifier, packs)] == ["accepted"] * len(packs)
    for content, theirs in zip(packs, other_tools.read_by_all(packs), strict=True):
        assert verify.problems(content, KEY.fingerprint) == [] and None not in theirs.values()
    print(f"four verifiers: {len(packs)} good packs, all accepted by all")


def test_none_accepts_a_mutant_in_which_a_file_that_it_reads_was_changed(verifier, seed, amount):  # noqa: F811
    """P4: 5,000 mutants of 26 kinds."""
    draw, kinds = random.Random(seed), list(mutants.KINDS.items())
    cases = [(name, make(draw)) for _round in range(amount(5000) // len(kinds) + 1) for name, make in kinds]
    told = judged(cases, verifier, signed=SIGNED)
    print(f"four verifiers: {len(cases)} mutants of {len(kinds)} kinds; verify.py and verify.html accept 0; {told}")


def forgeries() -> dict[str, bytes]:
    """Every pack that was forged by hand, by what was done to it."""
    whole, text = unpacked(good_pack()), unpacked(good_pack())[verify.MANIFEST].decode()
    made = dict(HOSTILE)
    made |= {f"key: {case}": repacked({**whole, "pubkey.pem": body}) for case, body in KEYS.items()}
    made |= {
        f"envelope: {case}": repacked({**whole, "statement.dsse.json": rfc8785.dumps(value)})
        for case, value in ENVELOPES.items()
    }
    made |= {
        f"manifest: {case}": repacked({**whole, verify.MANIFEST: change(text).encode()})
        for case, change in MANIFESTS.items()
    }
    made |= {f"statement: {case}": signed_anew(whole, change=change) for case, change in STATEMENTS.items()}
    return made | {f"writing: {case}": signed_anew(whole, written=write) for case, write in WRITINGS.items()}


def test_none_accepts_a_pack_that_was_forged_by_hand(verifier):  # noqa: F811
    """P4, threats 8, 22 and 23: 60 hostile packs and more."""
    packs = forgeries()
    signed = frozenset(name for name in packs if name.startswith(("statement: ", "writing: ")))
    told = judged(list(packs.items()), verifier, signed=signed)
    assert len(packs) >= 60
    print(f"four verifiers: {len(packs)} packs forged by hand; verify.py and verify.html accept 0; {told}")
