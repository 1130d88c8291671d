"""The text of a policy: everything that is wrong with it is refused with its line and a reason."""

import time

import pytest
from django.core.management import call_command

from registry import policy
from registry.actions import people
from registry.policies import order
from registry.policies.reading import read

GOOD = """\
name: A policy for tests
tiers:
  minimal: &least
    stages:
      - [{duty: approver, count: 1}]
    evidence: []
    card_completeness: 0.8
    evidence_valid_days: 365
    due_days: 14
  limited: {<<: *least, due_days: 21}
  high: *least
  critical: *least
"""
STAGES = "    stages:\n      - [{duty: approver, count: 1}]\n"
ONE_STAGE = "      - [{duty: approver, count: 1}]\n"


def refused(text, *, people=False):
    """(line, reason) of everything that is wrong."""
    return [(problem.line, problem.reason) for problem in read(text, people=people).problems]


def with_stages(lines: str) -> str:
    """The good policy with other stages; its first stage stands on line 5."""
    return GOOD.replace(ONE_STAGE, lines)


def with_gate(line: str) -> str:
    """The good policy with a condition on line 5."""
    return GOOD.replace(STAGES, f"    gates:\n      - {line}\n{STAGES}")


def test_the_shipped_policy_is_one():
    assert refused(policy.SOURCE.read_text(encoding="utf-8")) == []


def test_a_policy_is_read_with_what_is_merged_into_it():
    body = read(GOOD, people=False).body
    assert body["tiers"]["limited"] == body["tiers"]["high"] | {"due_days": 21}


@pytest.mark.parametrize(
    ("text", "line", "says"),
    [
        ("a: [1", 1, "Is no YAML"),
        ("name: x\n\tb: 1", 2, "Is no YAML"),
        (GOOD + "name: twice\n", 13, "stands twice"),
        (GOOD.replace("due_days: 14", "due_days: 0"), 9, "beyond the limit"),
        (GOOD.replace("due_days: 14", "due_days: soon"), 9, "wrong type"),
        (GOOD.replace("due_days: 14", "due_dais: 14"), 9, "“due_dais” is no key"),
        (GOOD.replace("0.8", ".nan"), 7, "no number"),
        (GOOD.replace("  critical: *least\n", ""), 2, "critical"),
        (GOOD.replace("  high: *least", "  high: *more"), 11, "Is no YAML"),
        ("- a list", 1, "wrong type"),
        ("", 1, "wrong type"),
        ("a: !!python/object/apply:os.system [ls]", 1, "means nothing"),
        ("a: !!python/name:os.system x", 1, "Is no YAML"),
        ("1: x", 1, "is no text"),
        ("name: x\nother: &a [*a]", 2, "nested too deeply"),
        ("x" * 70_000, 1, "characters"),
    ],
)
def test_bad_yaml_and_unknown_keys_are_refused_with_their_line(text, line, says):
    found = refused(text)
    assert any(at == line and says in reason for at, reason in found), found


def test_a_text_that_is_made_to_exhaust_is_given_up_at_once():
    bomb = "a0: &a0 [x, x, x, x, x, x, x, x, x]\n" + "".join(
        f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]\n" for n in range(1, 9)
    )
    started = time.monotonic()
    [(line, reason)] = refused(bomb)
    assert "repeats itself" in reason and line >= 1 and time.monotonic() - started < 2


@pytest.mark.parametrize(
    ("stages", "line", "says"),
    [
        ("      - {ask: [{duty: approver, count: 2}], quorum: 3}\n", 5, "quorum of 3 cannot be reached: only 2"),
        ("      - ask: [{duty: approver}]\n        quorum: 2\n", 6, "quorum of 2 cannot be reached: only 1"),
        ("      - [{duty: emperor, count: 1}]\n", 5, "“emperor” is not one of"),
        ("      - [{duty: approver, count: 1, extra: 1}]\n", 5, "“extra” is no key"),
        ("      - {name: a, ask: [{duty: approver}], after: b}\n      - {name: b, ask: [{duty: approver}], after: a}\n",
         5, "in a circle: a, b"),
        ("      - {name: a, ask: [{duty: approver}], after: a}\n", 5, "in a circle: a"),
        ("      - {name: a, ask: [{duty: approver}], after: c}\n", 5, "no stage called “c”"),
        ("      - {name: a, ask: [{duty: approver}]}\n      - {name: a, ask: [{duty: approver}]}\n", 6, "Two stages"),
        ("      - []\n", 5, "too short"),
    ],
)  # fmt: skip
def test_impossible_quorums_strange_duties_and_circles_of_stages_are_refused(stages, line, says):
    """E, bad input: an impossible quorum, a role that is none, a cycle of stages: refused with line and reason."""
    found = refused(with_stages(stages))
    assert any(at == line and says in reason for at, reason in found), found


def test_a_longer_circle_is_found_behind_stages_that_are_sound():
    told = [{"name": "a"}, {"name": "b", "after": ["a", "d"]}, {"name": "c", "after": "b"}, {"name": "d", "after": "c"}]
    assert order.left_over(told) == [1, 2, 3]


def test_stages_are_worked_through_in_the_order_that_they_ask_for():
    stages = "      - {name: board, ask: [{duty: approver}], after: risk}\n      - {name: risk, ask: [{duty: risk_officer}]}\n"
    body = read(with_stages(stages), people=False).body
    assert [stage["name"] for stage in body["tiers"]["minimal"]["stages"]] == ["risk", "board"]
    asked = policy.composed(body | {"number": 1}, "minimal")
    assert asked.slots == [(1, "risk_officer", 1), (2, "approver", 1)]


@pytest.mark.parametrize(
    ("gate", "says"),
    [
        ("{check: fairness.group_metrics, metric: bananas, at_most: 0.1}", "hold no figure “bananas”"),
        ("{check: fairness.bananas, verdict: pass}", "no check “fairness.bananas”"),
        ("{check: fairness.group_metrics, metric: accuracy}", "Say how much"),
        ("{check: fairness.group_metrics, at_most: 0.1}", "needs the “metric”"),
        ("{check: fairness.group_metrics}", "Say what is asked"),
        ("{bananas: 1}", "This is no condition"),
        ("{risks: {level: awful, at_most: 0}}", "“awful” is not one of"),
        ("{risks: {level: high, at_most: 0}, at: deploy}", "“deploy” is no moment"),
        ("{risks: {level: high, at_most: 0}, at: 'stage:suspend'}", "is no moment"),
        ("{risks: {level: high, at_most: 0}, at: 'deployment:moon'}", "is no moment"),
        ("{card_completeness: 0.9, at: intake}", "asked of a release"),
        ("{risks: {level: high, at_most: 0}, when: is_nice}", "no yes-or-no fact"),
        ("{assessment: horoscope}", "not one of"),
        ("{principles: [luck]}", "not one of"),
        ("{opinion: emperor, at: 'stage:develop'}", "not one of"),
        ("{components: allowed, risks: {level: high, at_most: 0}}", "is no key"),
    ],
)
def test_a_condition_on_what_nobody_knows_is_refused(gate, says):
    """E, bad input: a gate on an unknown metric is refused with line and reason."""
    found = refused(with_gate(gate))
    assert any(line == 5 and says in reason for line, reason in found), found


def test_two_conditions_of_one_kind_need_names():
    twice = "{risks: {level: high, at_most: 0}}\n      - {risks: {level: medium, at_most: 3}}"
    assert any(line == 6 and "name" in reason for line, reason in refused(with_gate(twice)))
    named = "{risks: {level: high, at_most: 0}}\n      - {risks: {level: medium, at_most: 3}, name: medium}"
    assert refused(with_gate(named)) == []


@pytest.mark.parametrize("gate", ["owners", "binding", "no-such-gate"])
def test_owners_binding_and_unknown_gates_are_never_waived(gate):
    waived = GOOD.replace("    due_days: 14", f"    waivers: {{gates: [card, {gate}], most_days: 9}}\n    due_days: 14")
    assert [(line, f"“{gate}”" in reason) for line, reason in refused(waived)] == [(9, True)]


@pytest.mark.parametrize(
    ("added", "says"),
    [
        ("kinds:\n  is_nice: {due_days: 3}\n", "no yes-or-no fact"),
        ("kinds:\n  is_generative: {due_dais: 3}\n", "is no key"),
        ("kinds:\n  is_generative:\n    stages:\n      - {ask: [{duty: approver}], quorum: 2}\n", "cannot be reached"),
        ("more: 1\n", "is no key"),
    ],
)
def test_what_is_added_for_kinds_of_systems_is_read_as_strictly(added, says):
    found = refused(GOOD + added)
    assert any(line > 12 and says in reason for line, reason in found), found


@pytest.mark.parametrize(
    ("key", "says"),
    [
        ("rollout: [{share: 50, days: 1}, {share: 20, days: 1}, {share: 100, days: 0}]", "only rises"),
        ("rollout: [{share: 5, days: 1}, {share: 5, days: 1}, {share: 100, days: 0}]", "only rises"),
        ("rollout: [{share: 5, days: 1}, {share: 50, days: 1}]", "must give 100 %"),
        ("immaterial: [notes, version]", "“version” always voids"),
        ("immaterial: [policy]", "“policy” always voids"),
        ("immaterial: [weather]", "no part of the material"),
        ("separation: standard", "no level of separation"),
        ("separation: none", "no level of separation"),
    ],
)
def test_a_policy_cannot_promise_less_of_releases_than_all_others_do(key, says):
    """E, bad input: a roll-out that never reaches all, a part that always counts, a weaker separation: with its line."""
    for tier, line in ((GOOD.replace("    due_days: 14", f"    due_days: 14\n    {key}"), 10),
                       (f"{GOOD}kinds:\n  is_generative:\n    {key}\n", 15)):  # fmt: skip
        assert [(at, says in reason) for at, reason in refused(tier)] == [(line, True)], refused(tier)


@pytest.mark.parametrize(
    "key",
    ["rollout: []", "rollout: [{share: 100, days: 0}]", "rollout: [{share: 1, days: 0}, {share: 100, days: 9}]",
     "immaterial: [notes]", "separation: strict"],
)  # fmt: skip
def test_a_sound_promise_is_read(key):
    assert refused(GOOD.replace("    due_days: 14", f"    due_days: 14\n    {key}")) == []


@pytest.mark.django_db
def test_a_unit_for_which_nobody_could_sign_and_a_duty_asked_more_often_than_held_are_refused(cast):
    """E, bad input: a quorum that no people of today can reach; each person decides once in a review."""
    people.add_unit("Moon", parent=cast.unit, actor=cast.administrator)
    silent = with_stages("      - {ask: [{duty: approver, count: 2}], quorum: 1, units: [lending, moon]}\n")
    assert [(line, "Nobody can speak for Moon" in why) for line, why in refused(silent, people=True)] == [(5, True)]
    twice = with_stages(ONE_STAGE * 2 + "      - [{duty: approver, count: 1}]\n")
    assert [(line, "3 people" in why and "2 hold it" in why) for line, why in refused(twice, people=True)] == [
        (7, True)
    ]
    assert refused(with_stages(ONE_STAGE * 2), people=True) == []


@pytest.mark.django_db
def test_a_duty_that_nobody_holds_and_a_unit_that_does_not_exist_are_refused(cast):
    """E, bad input: a role nobody holds; S-036: a stage may ask for business units that there are."""
    nobody = with_stages("      - [{duty: security_officer, count: 1}]\n")
    assert any(line == 5 and "Nobody holds" in reason for line, reason in refused(nobody, people=True))
    too_many = with_stages("      - [{duty: approver, count: 3}]\n")
    assert any(line == 5 and "2 hold it" in reason for line, reason in refused(too_many, people=True))
    units = with_stages("      - {ask: [{duty: approver, count: 2}], units: [lending, moon]}\n")
    found = refused(units, people=True)
    assert {line for line, _reason in found} == {5} and all("“moon”" in reason for _line, reason in found)
    assert refused(GOOD + "systems:\n  no-such-system: {due_days: 3}\n", people=True)[0][0] == 14


@pytest.mark.django_db
def test_the_command_prints_a_line_for_each_mistake_and_says_by_its_exit_whether_there_are_any(cast, tmp_path, capsys):
    file = tmp_path / "policy.yaml"
    for text, code in ((GOOD, 0), (GOOD.replace("due_days: 14", "due_days: 0"), 1)):
        file.write_text(text, encoding="utf-8")
        with pytest.raises(SystemExit) as ended:
            call_command("policy", "check", str(file))
        assert ended.value.code == code
    assert "policy.yaml:9:" in capsys.readouterr().out
    with pytest.raises(SystemExit) as ended:
        call_command("policy", "check", str(tmp_path / "none.yaml"))
    assert ended.value.code == 3
