"""The framework files load whole, use only known names, and a misspelt rule is refused by file, id and key."""

import copy
from collections import Counter

import pytest

from registry.errors import BadInput
from registry.vocabulary import FILE, parsed as parsed_vocabulary, read_yaml, vocabulary
from reports import framework_names
from reports.framework_files import FOLDER, SLUGS, load, parsed
from reports.framework_names import problems_of, problems_of_links
from tests.reports.hand_made import attestation, check, record, rules, workflow


def test_nist_ai_rmf_has_its_functions_categories_and_subcategories():
    framework = load("nist_ai_rmf")
    functions = [group.id for group in framework.groups if not group.parent]
    categories = Counter(group.parent for group in framework.groups if group.parent)
    subcategories = Counter(requirement.group[0] for requirement in framework.requirements)
    assert functions == ["GOVERN", "MAP", "MEASURE", "MANAGE"]
    assert categories == {"GOVERN": 6, "MAP": 5, "MEASURE": 4, "MANAGE": 4}
    assert subcategories == {"GOVERN": 19, "MAP": 18, "MEASURE": 22, "MANAGE": 13}
    assert len(framework.items) == 286


@pytest.mark.parametrize(
    ("slug", "requirements", "items"),
    [("nist_ai_rmf", 72, 286), ("nist_ai_600_1", 12, 48), ("eu_ai_act", 37, 100), ("iso_42001", 70, 129)],
)
def test_every_requirement_and_item_of_a_file_is_loaded(slug, requirements, items):
    framework = load(slug)
    assert (len(framework.requirements), len(framework.items)) == (requirements, items)


def test_no_key_of_an_item_is_lost_on_the_way():
    """Every key that stands in a file is a field of the rule with the same value."""
    renamed = {"for": "population", "check": "checks", "any_of": "checks"}
    for slug in SLUGS:
        items = {item.id: item for item in load(slug).items}
        for raw in raw_items(read_yaml(FOLDER / f"{slug}.yaml")):
            for key, value in raw.items():
                wanted = (value,) if key == "check" else value
                assert plain(getattr(items[raw["id"]], renamed.get(key, key))) == plain(wanted), (raw["id"], key)


def raw_items(value):
    if isinstance(value, dict):
        yield from value.get("evidence", [])
        for key, inner in value.items():
            if key != "evidence":
                yield from raw_items(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from raw_items(inner)


def plain(value):
    if hasattr(value, "items"):
        return {key: plain(inner) for key, inner in value.items()}
    return list(value) if isinstance(value, tuple) else value


def test_the_shipped_files_have_no_problems():
    assert framework_names.problems() == []


def test_what_is_not_confirmed_keeps_its_mark():
    assert load("eu_ai_act").requirement("Art. 4").confirmed is False
    assert load("nist_ai_rmf").requirement("GOVERN 1.1").confirmed is True


@pytest.mark.parametrize(
    ("item", "named"),
    [
        (record(filed=["title"]), "filed"),
        (record(with_ci=True), "with_ci"),
        (check(where={"status": "open"}), "where"),
        (workflow(role="approver"), "role"),
        (attestation(roles=["executive"]), "roles"),
    ],
)
def test_an_unknown_key_is_refused_with_file_item_and_key(item, named):
    with pytest.raises(BadInput) as refusal:
        rules(item)
    for word in ("rules.yaml", "R-1.a", f"'{named}'"):
        assert word in str(refusal.value)


@pytest.mark.parametrize(
    ("item", "named"),
    [
        ({"kind": "record", "filled": ["title"]}, "entity"),
        ({"kind": "record", "entity": "risk"}, "filled"),
        ({"kind": "check", "check": "drift.data"}, "outcome"),
        ({"kind": "attestation", "topic": "legal_review"}, "role"),
    ],
)
def test_a_missing_key_is_refused_by_name(item, named):
    with pytest.raises(BadInput, match=f"'{named}' is missing"):
        rules(item)


@pytest.mark.parametrize(
    "item",
    [
        record(min_count="3"),
        record(min_count=True),
        record(filled="title"),
        record(filled=[3]),
        record(where=["open"]),
        record(at_least="half"),
        check(with_ci="yes"),
        check(with_ci=1),
        record(max_age_days=1.5),
    ],
)
def test_a_value_of_the_wrong_type_is_refused(item):
    with pytest.raises(BadInput, match="must be of type"):
        rules(item)


def test_a_check_item_names_one_check_or_several():
    with pytest.raises(BadInput, match="either 'check' or 'any_of'"):
        rules(check(any_of=["drift.data"], check="drift.data"))
    with pytest.raises(BadInput, match="either 'check' or 'any_of'"):
        rules({"kind": "check", "outcome": "pass"})


def test_an_item_has_one_age_limit():
    with pytest.raises(BadInput, match="'max_age' or 'max_age_days'"):
        rules(record(max_age="check_cadence", max_age_days=30))


def test_an_unknown_kind_of_evidence_is_refused():
    with pytest.raises(BadInput, match="'hearsay'"):
        rules({"kind": "hearsay"})


@pytest.mark.parametrize("place", ["file", "requirement", "group"])
def test_an_unknown_key_around_the_items_is_refused(place):
    raw = copy.deepcopy(read_yaml(FOLDER / "nist_ai_rmf.yaml"))
    category = raw["functions"][0]["categories"][0]
    {"file": raw, "group": category, "requirement": category["subcategories"][0]}[place]["aplies_when"] = "always"
    with pytest.raises(BadInput, match="'aplies_when'"):
        parsed(raw, file="nist_ai_rmf.yaml")


@pytest.mark.parametrize(
    ("item", "word"),
    [
        (record("rsk"), "rsk"),
        (record(filled=["titel"]), "titel"),
        (record(where={"stat": "open"}), "stat"),
        (record(where={"status": "opened"}), "opened"),
        (record(where={"impact": {"above": 3}}), "above"),
        (record(distinct_on="colour"), "colour"),
        (record(if_none="pass"), "pass"),
        (record(at_least=0), "at_least"),
        (record(at_least=1.5), "at_least"),
        (record(min_count=0), "min_count"),
        (record(max_age_days=0), "max_age_days"),
        (record(max_age="weekly"), "weekly"),
        (record(applies_when="sometimes"), "sometimes"),
        (record(**{"for": "everyone"}), "everyone"),
        (record(weight="heavy"), "heavy"),
        (check(check="fairness.groups"), "fairness.groups"),
        (check(outcome="passed"), "passed"),
        (workflow("approval"), "approval"),
        (workflow(outcome="reached"), "reached"),
        (workflow(roles=["boss"]), "boss"),
        (workflow(distinct_persons=["boss"]), "boss"),
        (attestation(topic="weather"), "weather"),
        (attestation(role="boss"), "boss"),
    ],
)
def test_a_name_that_nobody_knows_is_a_problem(item, word):
    found = problems_of(rules(item))
    assert any(word in problem and "R-1.a" in problem for problem in found), found


def test_a_requirement_that_could_be_met_by_nothing_is_a_problem():
    assert any("no required item" in problem for problem in problems_of(rules(record(weight="supporting"))))


def test_an_item_id_that_stands_twice_is_a_problem():
    framework = rules(record(id="R-1.a"), record(id="R-1.a"))
    assert any("stands twice" in problem for problem in problems_of(framework))


def test_a_link_to_a_requirement_that_does_not_exist_is_a_problem():
    links = {"links": [{"nist_ai_rmf": "GOVERN 9.9", "iso_42001": ["4.1"], "strength": "strong"}]}
    frameworks = {slug: load(slug) for slug in SLUGS}
    assert problems_of_links(links, frameworks) == [
        "crosswalk.yaml, link 1: nist_ai_rmf has no requirement 'GOVERN 9.9'."
    ]


def test_a_key_that_stands_twice_in_a_file_is_refused(tmp_path):
    file = tmp_path / "double.yaml"
    file.write_text("name: one\nname: two\n")
    with pytest.raises(BadInput, match=r"line 2: the key 'name' stands twice"):
        read_yaml(file)


@pytest.mark.parametrize("text", ["- a\n- b\n", "name: [\n"])
def test_a_file_that_is_no_mapping_is_refused_by_name(tmp_path, text):
    file = tmp_path / "broken.yaml"
    file.write_text(text)
    with pytest.raises(BadInput, match=r"broken\.yaml"):
        read_yaml(file)


def test_an_unknown_framework_is_refused_with_those_that_exist():
    with pytest.raises(BadInput, match="nist_ai_rmf"):
        load("soc2")


def test_the_vocabulary_holds_the_names_that_rules_rest_on():
    words = vocabulary()
    assert (len(words.entities), len(words.checks), len(words.workflows)) == (72, 79, 27)
    assert words.bases == ("measured", "process", "reported", "documented", "attested")
    assert words.produced_entities <= words.entities.keys()
    assert set(words.topic_roles.values()) <= words.roles.keys()
    assert {role for roles in words.workflow_roles.values() for role in roles} <= words.roles.keys()
    assert parsed_vocabulary(read_yaml(FILE)) == words
