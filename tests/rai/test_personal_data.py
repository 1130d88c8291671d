"""Personal data in tables: counted as a plain loop counts it, held against what is declared, and never told by value."""

import csv
import json
import random
from collections import Counter

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from rai.checks import personal_data
from rai.checks.contract import InputError
from rai.checks.personal_data import Declared, asked_of
from rai.engine.personal import cells
from rai.engine.personal.detectors import findings, plain
from rai.engine.personal.masking import write_masked
from rai.engine.personal.message import personal_of
from rai.engine.personal.reading import Asked, read_personal
from tests.rai import persons

WORDS = ("late payment", "asked again", "订单已发货", "n/a", "", "see file 12", "🙂 fine", 'said "no"', "two\nlines")


@pytest.fixture
def table(tmp_path):
    """A CSV file of these columns."""

    def write(columns, name="data.csv"):
        path = tmp_path / name
        with path.open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file)
            writer.writerow(columns)
            writer.writerows(zip(*columns.values(), strict=True))
        return path

    return write


def judged(path, *rules, check="pii_input", declared=(), **asked):
    """The outcome as JSON, and its columns by name."""
    said = [Declared(column, handling) for column, handling in dict(declared).items()]
    found = read_personal(path, asked_of(said, **asked))
    outcome = personal_data.run(found, check=check, declared=said, thresholds=rules).to_json()
    return outcome, {one["name"]: one for one in outcome["found"]}


def some_cell(draw):
    """A cell of running text, with somebody's number in it now and then."""
    text = draw.choice(WORDS)
    for _ in range(draw.choice((0, 0, 0, 1, 1, 2))):
        number = draw.choice(list(persons.CHECKED.values()))(draw)
        if draw.random() < 0.3:
            number = number[:-1] + draw.choice("0123456789X")
        text += draw.choice((" – ", ", ", " "))[: 3 if text else 0] + number + draw.choice((" x", ".", ""))
    return text


# ---- counts


def test_counts_equal_a_plain_loop_over_every_cell(table, amount):
    """S-094: neither what the database leaves out nor the two passes change a count."""
    for seed in range(amount(60)):
        draw = random.Random(seed)
        rows = draw.randrange(40, 160)
        columns = {name: [some_cell(draw) + " ." for _ in range(rows)] for name in "abc"}
        known = {name: [{one.kind for one in findings(plain(cell))} for cell in told] for name, told in columns.items()}  # fmt: skip
        found = read_personal(table(columns), Asked(allowed=("a",)))
        for one in found.columns:
            assert dict(one.kinds) == Counter(kind for cell in known[one.name] for kind in cell), (seed, one.name)
            assert one.cells == sum(map(bool, known[one.name]))
        assert found.found == sum(any(row) for row in zip(*known.values(), strict=True))
        assert found.exposed == sum(bool(b or c) for b, c in zip(known["b"], known["c"], strict=True))


def test_a_table_that_comes_in_many_batches_is_counted_whole(tmp_path, monkeypatch):
    """As Parquet, with typed columns and empty cells."""
    monkeypatch.setattr(cells, "CHUNK_ROWS", 1_000)
    rows = 15_000
    numbers = pa.array([13800000000 + place if place % 3 else None for place in range(rows)])
    texts = pa.array([f"u{place}@example.com" if place % 2 else None for place in range(rows)])
    pq.write_table(pa.table({"number": numbers, "as_float": numbers.cast(pa.float64()), "text": texts}), tmp_path / "t.parquet")  # fmt: skip
    found = {one.name: one for one in read_personal(tmp_path / "t.parquet", Asked()).columns}
    assert {name: dict(one.kinds) for name, one in found.items()} == {
        "number": {"phone_cn": 10_000}, "as_float": {"phone_cn": 10_000}, "text": {"email": 7_500},
    }  # fmt: skip


def test_numbers_that_pass_by_chance_are_told_apart_from_those_of_people(table, amount):
    """S-094: no column of random digits counts, of any length; a column of true numbers does."""
    draw = random.Random(5)
    n = amount(5_000)
    columns = {f"d{size}": [persons.some(draw, size) for _ in range(n)] for size in range(6, 21)}
    outcome, found = judged(table(columns | {"real": [persons.card(draw) for _ in range(n)]}))
    assert {name: one["cells"] for name, one in found.items()} == {"real": n}
    assert {"d11", "d16"} <= set(outcome["by_chance"])


@pytest.mark.parametrize("name", ["compas_two_years.csv", "german_credit.csv"])
def test_published_data_sets_without_names_hold_nothing(shared_data, name):
    """S-094: real columns of codes, amounts, ages and numbers; a column called telephone that says only yes or no is named."""
    outcome, found = judged(shared_data / name)
    assert (found, outcome["verdict"], outcome["by_chance"]) == ({}, "pass", {})
    assert outcome["codes"] == (["telephone"] if name.startswith("german") else [])


def test_a_column_is_known_by_its_name_where_cells_cannot_tell(table):
    """S-094: names of people have no check digit."""
    columns = {"full name": [f"Jane {place} Doe" for place in range(50)], "姓名": [f"张{place}" for place in range(50)], "product_name": ["Card"] * 50}  # fmt: skip
    _, found = judged(table(columns))
    assert {name: one["kinds"] for name, one in found.items()} == {"full name": {"name": 50}, "姓名": {"name": 50}}


def test_a_file_without_its_line_of_names_fails_and_repeats_nobodys_name(table):
    """S-094: its first row stands in the place of names of columns."""
    outcome, found = judged(
        table({"jane@example.com": mails(), "fine": ["ok"] * 100}), declared={"jane@example.com": "allowed"}
    )
    assert outcome["verdict"] == "fail" and list(found) == ["[masked: email] (1)"]
    assert "jane" not in json.dumps(outcome | {"inputs": {}})


def test_dates_are_births_beside_names_and_only_there(table):
    """S-094."""
    births = [f"{1930 + place % 70}-0{1 + place % 9}-1{place % 10}" for place in range(100)]
    bought = [f"2024-0{1 + place % 9}-1{place % 10}" for place in range(100)]
    names = [f"Jane {place}" for place in range(100)]
    assert set(judged(table({"when": births, "bought": bought, "surname": names}))[1]) == {"when", "surname"}
    assert judged(table({"when": births, "bought": bought}))[1] == {}


def test_cells_that_are_masked_are_counted_and_do_no_harm(table):
    """S-095: redacted."""
    outcome, found = judged(table({"email": [f"j***{place}@***" for place in range(40)], "text": ["[redacted]"] * 40}))
    assert (found, outcome["masked_cells"], outcome["verdict"]) == ({}, 80, "pass")


# ---- what is declared


def mails(n=100):
    """Addresses of as many people."""
    return [f"u{place}@example.com" for place in range(n)]


@pytest.mark.parametrize(
    ("handling", "verdict"), [(None, "fail"), ("allowed", "pass"), ("masked", "fail"), ("blocked", "fail")]
)
def test_a_column_with_personal_data_fails_unless_the_record_allows_it(table, handling, verdict):
    """S-094: what is said to be masked or kept out and is not fails too, with the column named."""
    declared = {"contact": handling} if handling else {}
    outcome, found = judged(table({"contact": mails(), "y": list(range(100))}), declared=declared)
    assert (outcome["verdict"], found["contact"]["is_exposed"]) == (verdict, verdict == "fail")
    (entry,) = outcome["thresholds"]
    assert (entry["rule"], entry["value"]) == ("exposed_columns<=0", float(verdict == "fail"))
    assert (entry["worst"]["group"] == {"column": "contact"}) == (verdict == "fail")


def test_a_column_that_is_kept_out_has_to_be_empty(table):
    """S-094: blocked means that nothing stands there, whatever it is."""
    columns = {"note": ["harmless"] + [""] * 99, "y": list(range(100))}
    outcome, found = judged(table(columns), declared={"note": "blocked"})
    assert (outcome["verdict"], found["note"]["kinds"]) == ("fail", {"kept_out": 1})
    assert judged(table(columns | {"note": [""] * 100}), declared={"note": "blocked"})[0]["verdict"] == "pass"


def test_a_column_of_stand_ins_that_is_declared_as_masked_passes_although_it_is_called_e_mail(table):
    """S-094."""
    columns = {"email": [f"tok_{place}" for place in range(100)]}
    assert judged(table(columns))[0]["verdict"] == "fail"
    assert judged(table(columns), declared={"email": "masked"})[0]["verdict"] == "pass"


def test_output_passes_when_every_row_with_personal_data_is_held_back(table):
    """S-095."""
    answers = [f"Write to u{place}@example.com." if place % 10 == 0 else "Yes." for place in range(200)]
    held = ["yes" if place % 10 == 0 else "" for place in range(200)]
    columns = {"answer": answers, "quarantined": held}
    outcome, found = judged(table(columns), check="pii_output", held_back="quarantined")
    assert (outcome["verdict"], outcome["held_back"]) == ("pass", {"rows": 20, "with_personal_data": 20})
    assert (found["answer"]["cells"], found["answer"]["open_cells"]) == (20, 0)
    columns["quarantined"][50] = ""
    outcome, found = judged(table(columns), "exposed_rows<=0", check="pii_output", held_back="quarantined")
    assert (outcome["verdict"], outcome["thresholds"][0]["value"]) == ("fail", 1.0)


# ---- verdicts


def test_a_share_of_none_is_never_shown_by_a_sample_and_few_rows_settle_nothing(table):
    """S-128."""
    path = table({"text": ["nothing"] * 100})
    assert judged(path, "exposed_share<=0")[0]["verdict"] == "insufficient"
    assert judged(path, "exposed_share<=0.05")[0]["verdict"] == "pass"
    assert judged(table({"text": ["nothing"] * 20}))[0]["verdict"] == "insufficient"


@pytest.mark.parametrize("rule", ["exposed_columns<=0.5", "exposed_columns>=1", "exposed_share<=2", "mails<=0"])
def test_rules_that_cannot_be_judged_are_refused(rule):
    with pytest.raises(InputError):
        personal_data.parse_rule(rule)


@pytest.mark.parametrize("change", [{"rows": -1}, {"found": 10**9}, {"columns": [{}]}, {"columns": "jane@example.com"}])
def test_what_are_no_counts_is_refused(table, change):
    """The process that read the file is not trusted."""
    sent = json.loads(json.dumps(read_personal(table({"a": mails()}), Asked()).to_json()))
    assert json.loads(json.dumps(personal_of(sent).to_json())) == sent
    with pytest.raises(InputError, match="no counts"):
        personal_of(sent | change)


def test_a_kind_that_is_the_value_of_a_cell_is_refused(table):
    """No text of a cell can come back in the place of a kind."""
    sent = read_personal(table({"a": mails()}), Asked()).to_json()
    sent["columns"][0]["kinds"] = {"jane@example.com": 1}
    with pytest.raises(InputError, match="no counts"):
        personal_of(sent)


def test_a_column_that_is_not_there_is_named(table):
    with pytest.raises(InputError, match=r'no column "answers"\. Did you mean "answer"'):
        read_personal(table({"answer": mails()}), Asked(columns=("answers",)))


# ---- masked copies


def test_a_masked_copy_passes_and_holds_everything_else(table, tmp_path):
    """S-094, S-095: what was found is replaced, rows and other cells stay as they were."""
    columns = {"mail": mails(), "note": [f"call +49 30 90182{place}" for place in range(100)], "y": [str(place) for place in range(100)]}  # fmt: skip
    path, out = table(columns), tmp_path / "masked.csv"
    write_masked(path, out, Asked(allowed=("mail",)))
    rows = list(csv.DictReader(out.open(encoding="utf-8")))
    assert [row["mail"] for row in rows] == columns["mail"] and [row["y"] for row in rows] == columns["y"]
    assert {row["note"] for row in rows} == {"call [masked: phone]"}
    assert judged(out, declared={"mail": "allowed"})[0]["verdict"] == "pass"


def test_a_copy_never_replaces_a_file(table, tmp_path):
    path = table({"mail": mails()})
    with pytest.raises(InputError, match="cannot be written"):
        write_masked(path, path, Asked())
