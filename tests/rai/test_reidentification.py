"""Telling people apart again: classes of rows counted as a plain loop counts them, verdicts, and what is not known."""

import csv
import json
import random
from collections import Counter, defaultdict

import pytest

from rai.checks import reidentification
from rai.checks.contract import InputError
from rai.engine.anonymity import Asked, classes_of, read_classes

NORMAL = 1.959963984540054


@pytest.fixture
def table(tmp_path):
    """A CSV file of these columns."""

    def write(columns):
        path = tmp_path / "data.csv"
        with path.open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file)
            writer.writerow(columns)
            writer.writerows(zip(*columns.values(), strict=True))
        return path

    return write


def judged(path, *rules, quasi=(), sensitive=None):
    """The outcome as JSON."""
    return reidentification.run(read_classes(path, Asked(tuple(quasi), sensitive)), thresholds=rules).to_json()


def drawn(seed):
    """Random columns: few and many values, blanks, texts that look alike when joined."""
    draw = random.Random(seed)
    rows = draw.randrange(1, 120)
    pools = [
        ("a", "b"),
        ("1", "12", "2", ""),
        [str(n) for n in range(draw.randrange(1, 30))],
        ("x", " x", "", "张", "x|y"),
    ]
    names = draw.sample(["age", "zip", "sex", "town"], draw.randrange(1, 5))
    columns = {name: [draw.choice(pool) for _ in range(rows)] for name, pool in zip(names, pools, strict=False)}
    return columns | {"illness": [draw.choice(("flu", "none", "")) for _ in range(rows)]}, names


def test_every_figure_equals_a_plain_loop(table, amount):
    """S-093: k, classes, rows that stand alone, l, and k without each column, on random tables."""
    for seed in range(amount(300)):
        columns, names = drawn(seed)
        told = [cell.strip() for cell in columns["illness"]]
        rows = list(zip(*([cell.strip() for cell in columns[name]] for name in names), strict=True))
        sizes, values = Counter(rows), defaultdict(set)
        for row, value in zip(rows, told, strict=True):
            values[row].add(value)
        found = read_classes(table(columns), Asked(tuple(names), "illness"))
        assert found.smallest == min(sizes.values()), seed
        assert Counter(dict(found.sizes)) == Counter(sizes.values())
        assert found.rows_in(1, 1) == sum(1 for size in sizes.values() if size == 1)
        assert found.diversity == min(map(len, values.values()))
        assert found.alone == sum(sizes[row] for row, seen in values.items() if len(seen) == 1)
        for place, name in enumerate(names):
            rest = Counter(row[:place] + row[place + 1 :] for row in rows)
            assert found.without[name] == min(rest.values()), (seed, name)


def crowd(k=5, groups=40):
    """So many groups of k people each."""
    return {"age": [n // k for n in range(k * groups)], "illness": [("flu", "none")[n % 2] for n in range(k * groups)]}


@pytest.mark.parametrize(("k", "verdict"), [(4, "fail"), (5, "pass"), (6, "pass")])
def test_groups_of_five_are_asked_for_where_no_limit_is_given(table, k, verdict):
    """S-093."""
    outcome = judged(table(crowd(k)), quasi=["age"])
    assert (outcome["verdict"], outcome["thresholds"][0]["rule"]) == (verdict, "smallest_group>=5")
    assert outcome["overall"]["metrics"]["smallest_group"]["value"] == k


def test_the_share_of_rows_that_stand_alone_carries_its_interval(table):
    """S-093: Wilson's limits, and a verdict by the whole interval."""
    columns = {"zip": [str(n) if n < 12 else "same" for n in range(400)]}
    outcome = judged(table(columns), "unique_share<=0.1", "unique_share<=0.04", "unique_share<=0.01", quasi=["zip"])
    value = outcome["overall"]["metrics"]["unique_share"]
    centre, half = (0.03 + NORMAL**2 / 800), NORMAL * (0.03 * 0.97 / 400 + NORMAL**2 / 640_000) ** 0.5
    known = [0.03, (centre - half) / (1 + NORMAL**2 / 400), (centre + half) / (1 + NORMAL**2 / 400)]
    assert [value["value"], value["low"], value["high"]] == pytest.approx(known, abs=1e-12)
    assert [entry["verdict"] for entry in outcome["thresholds"]] == ["pass", "insufficient", "fail"]


def test_a_group_that_gives_the_illness_away_is_counted(table):
    """S-093: five in the group, and all of them have it."""
    columns = crowd()
    columns["illness"][:5] = ["flu"] * 5
    outcome = judged(table(columns), "l_diversity>=2", "told_share<=0.1", quasi=["age"], sensitive="illness")
    assert [(entry["value"], entry["verdict"]) for entry in outcome["thresholds"]] == [(1.0, "fail"), (0.025, "pass")]


def test_what_is_not_known_is_insufficient(table):
    """S-093: no column that tells people apart, or none that must not be told."""
    outcome = judged(table({"score": list(range(50))}))
    assert (outcome["verdict"], outcome["thresholds"][0]["reasons"]) == ("insufficient", ["not_named", "nothing_to_compare"])  # fmt: skip
    assert judged(table(crowd()), "l_diversity>=2", quasi=["age"])["verdict"] == "insufficient"


def test_columns_are_proposed_and_those_left_out_are_named(table):
    """S-093: whoever picks fewer columns than the names suggest is seen to."""
    path = table(crowd() | {"postcode": list(range(200)), "score": list(range(200))})
    assert judged(path)["quasi"] == {"columns": ["age", "postcode"], "is_proposed": True, "not_chosen": []}
    picked = judged(path, quasi=["age"])
    assert picked["quasi"] == {"columns": ["age"], "is_proposed": False, "not_chosen": ["postcode"]}


def test_the_column_without_which_people_would_hide_is_found(table):
    """S-093."""
    outcome = judged(table(crowd() | {"postcode": list(range(200))}))
    assert outcome["without"] == {"age": 1, "postcode": 5}


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({"quasi": ["agee"]}, 'no column "agee". Did you mean "age"'), ({"quasi": ["age"], "sensitive": "age"}, "cannot both"),
        ({"quasi": [], "sensitive": "ill"}, 'no column "ill"'),
    ],
)  # fmt: skip
def test_columns_that_cannot_be_used_are_named(table, asked, said):
    with pytest.raises(InputError, match=said):
        judged(table(crowd()), **asked)


def test_more_than_twenty_columns_are_refused(table):
    names = [f"age_{n}" for n in range(21)]
    with pytest.raises(InputError, match="21 columns are more than 20"):
        judged(table({name: [1, 2] for name in names}), quasi=names)


@pytest.mark.parametrize("change", [{"rows": -1}, {"rows": 7}, {"sizes": [["x", 1]]}, {"diversity": "flu"}])
def test_what_are_no_counts_is_refused(table, change):
    """The process that read the file is not trusted."""
    found = read_classes(table(crowd()), Asked(("age",), "illness"))
    sent = json.loads(json.dumps(found.to_json()))
    assert classes_of(sent) == found
    with pytest.raises(InputError, match="no counts"):
        classes_of(sent | change)


@pytest.mark.parametrize("rule", ["smallest_group<=5", "smallest_group>=2.5", "unique_share>=0.1", "unique_share<=2"])
def test_rules_that_cannot_be_judged_are_refused(rule):
    with pytest.raises(InputError):
        reidentification.parse_rule(rule)
