"""Detectors of personal data: what they find, what they leave alone, and how often chance deceives them."""

import random
import time
from collections import Counter

import duckdb
import pytest

from rai.engine.connections import text_literal
from rai.engine.personal.detectors import findings, hidden, is_masked, plain
from rai.engine.personal.rules import named_kind, proposed, rules
from tests.rai import persons


def kinds(text):
    """The kinds that a cell holds."""
    return [one.kind for one in findings(plain(text))]


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("jane.doe+x@mail.example.co.uk", "email"), ("请联系 zhang@例子.中国", "email"), ("+49 30 901820", "phone"),
        ("0044 20 7946 0958", "phone"), ("138 1234 5678", "phone_cn"), ("电话+86-13912345678", "phone_cn"),
        ("(415) 555-2671", "phone_us"), ("GB82 WEST 1234 5698 7654 32", "iban"), ("4111-1111-1111-1111", "card"),
        ("378282246310005", "card"), ("6212345678901232", "card"), ("81.2.69.160", "ip"), ("2001:db8::8a2e:370:7334", "ip"),
        ("11010519491231002X", "national_id_cn"), ("A123456(3)", "national_id_hk"), ("A123456789", "national_id_tw"),
        ("219-09-9998", "national_id_us"), ("QQ 12 34 56 C".replace("QQ", "AB"), "national_id_gb"), ("12345678Z", "national_id_es"),
        ("X1234567L", "national_id_es"), ("RSSMRA85T10A562S", "national_id_it"), ("86095742719", "national_id_de"),
        ("529.982.247-25", "national_id_br"), ("S1234567D", "national_id_sg"), ("2 69 05 49 588 157 80", "national_id_fr"),
    ],
)  # fmt: skip
def test_published_examples_are_found_alone_and_inside_a_text(text, kind):
    """S-094."""
    assert kinds(text) == [kind]
    if text[0].isascii():
        assert kinds(f"call or write: {text}, please") == [kind]
        assert kinds(f"请联系（{text}）。") == [kind]


@pytest.mark.parametrize(
    "text",
    [
        "", "   ", "jane at example dot com", "@handle", "a@b", "j***e@example.com", "***@example.com", "[masked: email]",
        "+999 12 345 678", "+1", "12345678901", "10086", "13-2026", "1.2.3", "999.1.2.3", "127.0.0.1", "0.0.0.0", "::1",
        "12:34:56", "aa:bb:cc:dd:ee:ff", "std::vector", "4111 1111 1111 1112", "0000000000000000", "DE00 3704 0044 0532 0130 00",
        "000-12-3456", "666-12-3456", "912-12-3456", "123-00-4567", "123-45-0000", "078-05-1120", "GB123456A", "110105194912310021",
        "11010519490231002X", "2026-02-30", "3.14159265358979", "0.1234567890123456", "1e16", "A192", "😀" * 40,
        "2023年第3季度", "ISBN 978-3-16-148410-0", "urn:uuid:123e4567-e89b-12d3-a456-426614174000", "v10.2.3-rc1",
    ],
)  # fmt: skip
def test_what_only_looks_like_it_is_left_alone(text):
    """S-094: wrong check digits, numbers that nobody is given, what is masked already."""
    assert kinds(text) == []


@pytest.mark.parametrize("kind", persons.CHECKED)
def test_of_all_check_digits_one_is_right(kind, amount):
    """The digit is worked out a second time in the tests; every other one is refused."""
    draw = random.Random(kind)
    for _ in range(amount(300)):
        text = persons.CHECKED[kind](draw)
        assert kind in kinds(text), text
        wrong = [other for other in persons.others(kind, text) if kind in kinds(other)]
        assert wrong == [], text


@pytest.mark.parametrize(
    ("hidden", "kind"),
    [
        ("１３８１２３４５６７８", "phone_cn"), ("jane＠example．com", "email"), ("ja\u200bne@exam\u2060ple.com", "email"),
        ("4111\u00ad1111\ufeff11111111", "card"), ("١٣٨١٢٣٤٥٦٧٨", "phone_cn"), ("81．2．69．160", "ip"), ("219–09–9998", "national_id_us"),
        ("\u202e11010519491231002X\u202c", "national_id_cn"), ("13812345678.0", "phone_cn"), ("🙂13812345678🙂", "phone_cn"),
    ],
)  # fmt: skip
def test_signs_that_hide_a_number_do_not_hide_it(hidden, kind):
    """S-094: full-width signs, digits of other scripts, invisible signs, dashes, floats, and emoji beside it."""
    assert kinds(hidden) == [kind]


def test_everything_that_is_found_passes_what_the_database_lets_through():
    """Otherwise a finding would depend on which of the two reads the cell."""
    draw = random.Random(3)
    found = [make(draw) for make in persons.CHECKED.values() for _ in range(20)]
    found += [
        "a@b.cc",
        "1.1.1.1",
        "fe80:1:2:3::1",
        "AB123456C",
        "+4930901820",
        "２５.1.1.1",
        "1990-1-2",
        "٠٣/٠٤/١٩٩٠",
        "a\u200b@b.cc",
    ]
    worth, worthless = (f"regexp_matches(t, {text_literal(each)})" for each in (rules().worth_reading, rules().not_worth_reading))  # fmt: skip
    rows = duckdb.execute(f"SELECT t FROM (SELECT unnest($texts) AS t) WHERE NOT ({worth} AND NOT {worthless})", {"texts": found})  # fmt: skip
    assert rows.fetchall() == []


@pytest.mark.parametrize("size", [9, 10, 11, 12, 13, 14, 15, 16, 18, 19])
def test_random_digits_pass_as_seldom_as_the_rules_allow(size, amount):
    """How much one bare number proves. In a column of numbers chance does not count: see test_personal_data.py."""
    draw = random.Random(size)
    n = amount(20_000)
    found = Counter(kind for _ in range(n) for kind in kinds(persons.some(draw, size)))
    most = {11: 0.08, 13: 0.02, 14: 0.02, 15: 0.025, 16: 0.03, 19: 0.03}.get(size, 0.001)
    assert sum(found.values()) <= most * n, found


@pytest.mark.parametrize(
    "text",
    ["a" * 10_000, "1" * 10_000, "1 " * 5_000, "a@" * 5_000, "a." * 5_000 + "@", "+1(" * 3_333, "::" * 5_000, "1.1." * 2_500, "DE12 " * 2_000, "\u200b" * 10_000, "😀" * 10_000, "１" * 10_000, "ﷺ" * 2_000],
)  # fmt: skip
def test_a_hostile_cell_is_read_in_a_blink(text):
    """No pattern goes back and forth over a long cell."""
    started = time.process_time()
    kinds(text)
    is_masked(text)
    assert time.process_time() - started < 0.5


@pytest.mark.parametrize(
    ("column", "kind"),
    [
        ("Customer e-mail", "email"), ("customerEmailAddress", "email"), ("客户手机号", "phone"), ("phone_hash", ""), ("Phone Type", ""),
        ("ip_address", "ip"), ("address", "address"), ("email_address", "email"), ("身份证号码", "national_id_cn"), ("full name", "name"),
        ("name", "name"), ("product_name", ""), ("dob", "birth_date"), ("出生日期", "birth_date"), ("card_type", ""), ("zip", ""), ("y", ""), ("姓名", "name"),
    ],
)  # fmt: skip
def test_names_of_columns_say_what_they_hold_in_both_languages(column, kind):
    """S-094."""
    assert named_kind(column) == kind


def test_columns_that_tell_people_apart_are_proposed_by_name():
    """S-093."""
    assert proposed(["id", "Age", "postcode", "score", "性别", "ageing_days", "JobTitle"]) == ["Age", "postcode", "性别", "JobTitle"]  # fmt: skip


@pytest.mark.parametrize(
    "text", ["***", "j***e@example.com", "138****5678", "[redacted]", "<EMAIL>", "XXXX", "--", "sha256:" + "0a" * 32]
)
def test_signs_of_masking_are_known(text):
    """S-095."""
    assert is_masked(text)


@pytest.mark.parametrize("text", ["Jane Doe", "13812345678", "张三", "a", "x", "jane@example.com"])
def test_what_is_not_masked_is_not_taken_for_it(text):
    assert not is_masked(text)


def test_a_masked_cell_holds_nothing_any_more():
    """S-095: every finding is replaced by its kind, and what is around it stays."""
    told = hidden("Jane: ja\u200bne@example.com, +49 30 901820, or 11010519491231002X")
    assert told == "Jane: [masked: email], [masked: phone], or [masked: national_id_cn]"
    assert kinds(told) == []
