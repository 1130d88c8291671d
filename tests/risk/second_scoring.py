"""A second implementation of the privacy template's header, written from its sentences alone, on plain YAML.

It shares no line with risk/scoring.py: floats instead of fractions, dictionaries instead of parts.
"""

import yaml

from risk.questionnaires import FILES

RAW = yaml.safe_load(FILES["pia"].read_text(encoding="utf-8"))
GATES = {"input": "PIA-I-01", "model": "PIA-M-01", "output": "PIA-O-01"}
ORDER = ["low", "medium", "high", "very_high"]


def questions():
    """Every question with the component of its section."""
    for section in RAW["sections"]:
        for question in section["questions"]:
            yield section["component"], question


def worked_out(answers: dict[str, str], passing: set[str]) -> dict:
    """Scores, levels and outcomes of answers, `passing` being the checks that passed in time."""
    parts = {name: component(name, answers, passing) for name in GATES}
    overall = max((part["level"] for part in parts.values() if part), key=ORDER.index, default="")
    return {"parts": parts, "overall": overall, "outcomes": reached(answers, parts, overall)}


def is_put(component_name, question, answers) -> bool:
    if component_name and answers.get(GATES[component_name]) == "no" and question["kind"] != "gate":
        return False
    if "ask_when" not in question:
        return True
    other, _equals, wanted = question["ask_when"].split()
    return answers.get(other) == wanted


def component(name, answers, passing):
    """Inherent, control, residual and level of one component; None when its gate says no."""
    if answers.get(GATES[name]) == "no":
        return None
    got = {"risk": 0.0, "control": 0.0}
    most = {"risk": 0.0, "control": 0.0}
    for home, question in questions():
        if home not in (None, name) or question["kind"] not in got or not is_put(home, question, answers):
            continue
        kind, table, weight = question["kind"], question["answers"], question.get("weight", 1)
        worst = max(table.values()) if kind == "risk" else min(table.values())
        points = table[answers[question["id"]]] if question["id"] in answers else worst
        link = question.get("links_to", "")
        if kind == "control" and link.startswith("check:") and link[6:] not in passing and points > 1:
            points = 1
        got[kind] += weight * points
        most[kind] += weight * max(table.values())
    inherent = 100 * got["risk"] / most["risk"]
    control = got["control"] / most["control"]
    residual = inherent * (1 - 0.7 * control)
    return {"inherent": inherent, "control": control, "residual": residual, "level": level(residual),
            "inherent_level": level(inherent)}  # fmt: skip


def level(score) -> str:
    # Half a billionth: what floats lose at an edge that fractions meet exactly.
    return (
        "low"
        if score < 25 - 5e-10
        else "medium"
        if score < 50 - 5e-10
        else "high"
        if score < 75 - 5e-10
        else "very_high"
    )


def reached(answers, parts, overall) -> set[str]:
    """The outcomes by their sentences in `when`."""
    put = {q["id"]: q for home, q in questions() if is_put(home, q, answers)}
    said = {name: answers.get(name) for name in put}
    listed = {key: any(said[n] in q.get(key, ()) for n, q in put.items()) for key in ("dpo_review_when", "blocks_when")}
    met = {q["criterion"] for n, q in put.items() if "criterion" in q and q["answers"].get(said[n], 0) > 0}
    high = any(part and part["inherent_level"] in ("high", "very_high") for part in parts.values())
    mandatory = any(
        all(said.get(one["question"]) in one["answers"] for one in case["all_of"]) for case in RAW["mandatory_cases"]
    )
    return {
        name
        for name, holds in {
            "dpo_review": listed["dpo_review_when"] or len(met) >= 2 or high,
            "full_dpia": len(met) >= 2 or mandatory,
            "blocked": listed["blocks_when"],
            "prior_consultation": overall in ("high", "very_high"),
        }.items()
        if holds
    }
