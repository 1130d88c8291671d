"""Turns outcomes of the checks of data itself (representation, drift, data quality) into sentences in the reader's language."""

import math
from collections.abc import Callable
from typing import Any

from django.utils.translation import gettext as _, ngettext

from rai.wording.rules import details, dropped, points, threshold_sentence

REASONS: dict[str, Callable[[], str]] = {
    "no_reference": lambda: _("the reference does not name it"),
    "missing_values": lambda: _("too many of its rows lack a value"),
    "mixed": lambda: _("it holds numbers in one table and texts in the other"),
    "one_table": lambda: _("only one of the two tables has it"),
    "many_values": lambda: _("it has too many different values to compare as categories"),
    "undefined_group": lambda: _("there are no rows to compute it from"),
    "too_much_left_out": lambda: _("too many rows hold a value that the reference does not know"),
    "small_group": lambda: _("it has too few rows to decide on"),
    "no_rows": lambda: _("every cell of it is empty in one of the tables"),
}


def why_not(reason: str) -> str:
    """Why a group or a column was not judged."""
    return REASONS[reason]() if reason in REASONS else reason


def name_of(about: dict[str, Any] | None) -> str:
    """A group or a column by its values."""
    return ", ".join(str(value) for value in (about or {}).values())


def share_words(value: float | None, *, up: bool = False, down: bool = False) -> str:
    """A share as percentage; bounds rounded away from the verdict's side."""
    return _("%s %%") % points(value, up=up, down=down)


def representation(outcome: dict[str, Any]) -> list[str]:
    """One sentence a rule, who is in the table, how labels fall, and what shares do not say."""
    said = [representation_rule(entry) for entry in outcome["thresholds"]]
    if not said:
        said = [_("No limit was given, so nothing was judged; shares and label rates are recorded.")]
    for by in dict.fromkeys(tuple(group["by"]) for group in outcome["groups"]):
        groups = [group for group in outcome["groups"] if tuple(group["by"]) == by]
        said += [*who_is_there(by, groups), *how_labels_fall(by, groups)]
    said += [detail for entry in outcome["thresholds"] for detail in details(entry) if is_about_labels(entry)]
    said += dropped(outcome)
    said.append(
        _("The interval covers sampling error only: not people who never came into the data, and not biased labels.")
    )
    return list(dict.fromkeys(said))


def is_about_labels(entry: dict[str, Any]) -> bool:
    """The rule compares the rate of positive labels between groups."""
    return str(entry["rule"]).startswith("label_rate")


def representation_rule(entry: dict[str, Any]) -> str:
    """The verdict on one rule."""
    if is_about_labels(entry):
        return threshold_sentence(entry)
    facts = figure_facts(entry) | {"by": " × ".join(entry["by"])}
    if entry["verdict"] == "insufficient" and "interval_spans_limit" not in entry["reasons"]:
        why = [REASONS[reason]() for reason in entry["reasons"] if reason in REASONS]
        return _("%(rule)s by %(by)s is not settled, because a group cannot be judged: %(why)s.") % (facts | {"why": "; ".join(why)})  # fmt: skip
    if entry["rule"].startswith("share_difference"):
        return worded(
            facts,
            _("Shares by %(by)s lie at most %(high)s points from the reference shares (95 %% confidence; limit %(limit)s); seen %(seen)s, for %(who)s."),
            _("Shares by %(by)s lie at least %(low)s points from the reference shares (limit %(limit)s), for %(who)s; seen %(seen)s."),
            _("Shares by %(by)s: seen %(seen)s points from the reference shares, for %(who)s, but anything from %(low)s to %(high)s is compatible with these rows (limit %(limit)s). This is not a pass and not a fault of the model."),
        )  # fmt: skip
    return worded(
        facts,
        _("The share of every group by %(by)s keeps the limit %(rule)s; closest to it is %(who)s with %(seen)s %% (%(low)s to %(high)s)."),
        _("The share of %(who)s, by %(by)s, breaks the limit %(rule)s: seen %(seen)s %% (%(low)s to %(high)s)."),
        _("These rows do not settle %(rule)s by %(by)s: %(who)s has %(seen)s %%, but anything from %(low)s to %(high)s is compatible with them."),
    )  # fmt: skip


def figure_facts(entry: dict[str, Any]) -> dict[str, str]:
    """Numbers of a rule about shares in percentage points, and whom it is about."""
    return {
        "rule": entry["rule"], "limit": points(limit_of(entry)), "seen": points(entry.get("value")), "verdict": entry["verdict"],
        "low": points(entry.get("low"), down=True), "high": points(entry.get("high"), up=True),
        "who": name_of((entry.get("worst") or {}).get("group")) or "–",
    }  # fmt: skip


def limit_of(entry: dict[str, Any]) -> float:
    """The limit that a rule writes."""
    return float(str(entry["rule"]).replace(">=", "<=").rpartition("<=")[2])


def worded(facts: dict[str, str], passed: str, failed: str, open_: str) -> str:
    """The sentence of the verdict."""
    return {"pass": passed, "fail": failed}.get(facts["verdict"], open_) % facts


def who_is_there(by: tuple[str, ...], groups: list[dict[str, Any]]) -> list[str]:
    """The largest and the smallest group of a grouping, and groups of the reference that no row has."""
    named = [group for group in groups if "(missing)" not in group["group"].values()]
    seen = sorted(named, key=lambda group: group["metrics"]["share"]["value"])
    if len(seen) < 2:
        return []
    least, most = seen[0], seen[-1]
    facts = {"by": " × ".join(by), "n": len(seen)}
    for side, group in (("least", least), ("most", most)):
        share = group["metrics"]["share"]
        facts |= {side: name_of(group["group"]), f"{side}_share": share_words(share["value"])}
        facts |= {
            f"{side}_low": share_words(share["low"], down=True),
            f"{side}_high": share_words(share["high"], up=True),
        }
    said = [
        _("By %(by)s, %(most)s is the largest of %(n)d groups with %(most_share)s of the rows (%(most_low)s to %(most_high)s), %(least)s the smallest with %(least_share)s (%(least_low)s to %(least_high)s).")
        % facts
    ]  # fmt: skip
    absent = [name_of(group["group"]) for group in named if group["n"] == 0 and "share_expected" in group["metrics"]]
    if absent:
        said.append(_("The reference names groups that no row has: %s.") % ", ".join(absent))
    return said


def how_labels_fall(by: tuple[str, ...], groups: list[dict[str, Any]]) -> list[str]:
    """The group whose labels lie most surely apart from those of all others, as far as it has rows enough."""
    known = [group for group in groups if group["evaluable"] and group["metrics"].get("label_difference", {}).get("value") is not None]  # fmt: skip
    if not known:
        return []
    far = max(known, key=lambda group: surety(group["metrics"]["label_difference"]))
    gap = far["metrics"]["label_difference"]
    facts = {"by": " × ".join(by), "who": name_of(far["group"]), "seen": points(abs(gap["value"])), "low": points(gap["low"], down=True), "high": points(gap["high"], up=True)}  # fmt: skip
    if gap["low"] <= 0 <= gap["high"]:
        return [_("By %(by)s, no group’s positive labels are surely rarer or more frequent than those of all others; the largest gap seen is %(seen)s points, for %(who)s.") % facts]  # fmt: skip
    if gap["value"] < 0:
        facts |= {"low": points(-gap["high"], down=True), "high": points(-gap["low"], up=True)}
        return [_("By %(by)s, %(who)s has positive labels %(low)s to %(high)s points more often than all others (seen %(seen)s; interval of this group alone).") % facts]  # fmt: skip
    return [_("By %(by)s, %(who)s has positive labels %(low)s to %(high)s points less often than all others (seen %(seen)s; interval of this group alone).") % facts]  # fmt: skip


def statistic_label(name: str) -> str:
    """What people call a statistic of a column."""
    labels = {
        "psi": _("Stability index (PSI)"), "ks": _("Largest gap (KS)"), "wasserstein": _("Wasserstein (sd)"),
        "missing_difference": _("Missing, change"), "unseen_share": _("Rows with new values"),
    }  # fmt: skip
    return labels.get(name, name.replace("_", " "))


def quality_label(name: str) -> str:
    """What people call a rate."""
    labels = {
        "accuracy": _("Accuracy"), "true_positive_rate": _("True positive rate"),
        "true_negative_rate": _("True negative rate"), "precision": _("Precision"),
    }  # fmt: skip
    return labels.get(name, name.replace("_", " "))


def drift(outcome: dict[str, Any]) -> list[str]:
    """One sentence a rule, what was left out, what moved most, and what the figures do not say."""
    said = [drift_rule(entry) for entry in outcome["thresholds"]]
    if not said:
        said = [_("No limit was given, so nothing was judged; the shifts are recorded.")]
    said += [line for entry in outcome["thresholds"] for line in not_judged(entry)]
    said += [*moved_most(outcome), *new_values(outcome), *not_compared(outcome), *dropped(outcome)]
    said += [line for entry in outcome["thresholds"] for line in rows_needed(entry)]
    if outcome["thresholds"]:
        looks = outcome["inputs"]["parameters"]["looks"]
        said.append(
            ngettext(
                "The limits are those of %d look a year: false alarms stay within a yearly budget.",
                "The limits are those of %d looks a year: false alarms stay within a yearly budget.",
                looks,
            )
            % looks
        )
    said.append(_("A shift is no fault of the model by itself, and its intervals cover sampling error only."))
    return list(dict.fromkeys(said))


def drift_rule(entry: dict[str, Any]) -> str:
    """Within, alarm or watch."""
    name = str(entry["rule"]).partition("<=")[0]
    is_index = name.endswith("_psi")
    facts = {
        "rule": entry["rule"], "limit": index(limit_of(entry)), "what": rule_words(name), "verdict": entry["verdict"],
        "seen": index(entry.get("value")), "low": index(entry.get("low"), down=True), "high": index(entry.get("high"), up=True),
        "who": name_of((entry.get("worst") or {}).get("group")) or "–",
    }  # fmt: skip
    if not is_index:
        ends: tuple[tuple[str, float | None, dict[str, bool]], ...] = (("limit", limit_of(entry), {}), ("seen", entry.get("value"), {}), ("low", entry.get("low"), {"down": True}), ("high", entry.get("high"), {"up": True}))  # fmt: skip
        facts |= {key: _("%s points") % points(value, **way) for key, value, way in ends}
    if name.endswith("_drop"):
        return worded(
            facts | {"what": quality_label(name.removesuffix("_drop"))},
            _("Within: %(what)s is lower by at most %(high)s than in the reference (limit %(limit)s); seen %(seen)s."),
            _("Alarm: %(what)s is lower by at least %(low)s than in the reference (limit %(limit)s); seen %(seen)s."),
            _("Watch: %(what)s is lower by %(seen)s than in the reference, but anything from %(low)s to %(high)s is compatible with these rows (limit %(limit)s)."),
        )  # fmt: skip
    if entry.get("value") is None:
        return _("Watch: no column could be judged by %(rule)s.") % facts
    if entry["verdict"] == "insufficient" and "interval_spans_limit" not in entry["reasons"]:
        return _("Watch: %(what)s is at most %(high)s in every judged column (limit %(limit)s), but not every column could be judged.") % facts  # fmt: skip
    return worded(
        facts,
        _("Within: %(what)s is at most %(high)s in every judged column (limit %(limit)s); the largest seen is %(seen)s, the column that reaches furthest %(who)s."),
        _("Alarm: %(what)s of %(who)s is at least %(low)s (limit %(limit)s); the largest seen is %(seen)s."),
        _("Watch: %(what)s reaches furthest in %(who)s; the largest seen is %(seen)s, but anything from %(low)s to %(high)s is compatible with these rows (limit %(limit)s). This is neither within nor an alarm."),
    )  # fmt: skip


def rule_words(name: str) -> str:
    """What a rule on columns is about, inside a sentence."""
    words = {
        "data_psi": _("the stability index of inputs"), "data_ks": _("the largest gap between distributions of inputs"),
        "data_unseen_share": _("the share of input rows with new values"), "data_missing_difference": _("the change of missing cells in inputs"),
        "prediction_psi": _("the stability index of outputs"), "prediction_ks": _("the largest gap between distributions of outputs"),
        "prediction_unseen_share": _("the share of output rows with new values"),
        "prediction_missing_difference": _("the change of missing cells in outputs"),
    }  # fmt: skip
    return words.get(name, name.replace("_", " "))


def index(value: float | None, *, up: bool = False, down: bool = False) -> str:
    """A figure to three digits; bounds rounded away from the verdict's side."""
    if value is None:
        return "–"
    rounded = math.ceil(value * 1000 - 1e-9) if up else math.floor(value * 1000 + 1e-9) if down else round(value * 1000)
    return f"{rounded / 1000:.3f}"


def not_judged(entry: dict[str, Any]) -> list[str]:
    """Columns that a rule could not judge, where that keeps it open."""
    kept = [one for one in entry.get("left_out", []) if one["reason"] in entry.get("reasons", [])]
    return [
        _("%(column)s was not judged by %(rule)s: %(why)s.")
        % {"column": name_of(one["group"]), "rule": entry["rule"], "why": why_not(one["reason"])}
        for one in kept
    ]  # fmt: skip


def rows_needed(entry: dict[str, Any]) -> list[str]:
    """How many more rows would settle it."""
    needed = (entry.get("rows_needed") or {}).get("rows")
    if not needed:
        return []
    return [_("About %(n)s more rows, of both tables together and in the same mix, would probably settle %(rule)s.") % {"n": f"{needed:,}", "rule": entry["rule"]}]  # fmt: skip


def moved_most(outcome: dict[str, Any]) -> list[str]:
    """The column whose distribution moved most."""
    known = [one for one in outcome["columns"] if (one["metrics"].get("psi") or {}).get("value") is not None]
    if not known:
        return []
    most = max(known, key=lambda one: one["metrics"]["psi"]["value"])
    psi = most["metrics"]["psi"]
    facts = {"column": most["name"], "n": len(known), "seen": index(psi["value"]), "low": index(psi["low"], down=True), "high": index(psi["high"], up=True)}  # fmt: skip
    return [_("Of %(n)d compared columns, %(column)s moved most: its stability index is %(seen)s (%(low)s to %(high)s), 0 being no shift and 0.25 usually called large.") % facts]  # fmt: skip


def new_values(outcome: dict[str, Any]) -> list[str]:
    """Columns with values that the reference does not know."""
    said = []
    for column in outcome["columns"]:
        if not column.get("unseen"):
            continue
        share = column["metrics"]["unseen_share"]
        facts = {
            "column": column["name"], "values": ", ".join(str(one["value"]) for one in column["unseen"][:5]),
            "share": share_words(share["value"]), "low": share_words(share["low"], down=True), "high": share_words(share["high"], up=True),
        }  # fmt: skip
        said.append(_("%(column)s holds values that the reference does not know (%(values)s) in %(share)s of the rows (%(low)s to %(high)s).") % facts)  # fmt: skip
    return said


def not_compared(outcome: dict[str, Any]) -> list[str]:
    """Columns that could not be compared, by the reason."""
    by_reason: dict[str, list[str]] = {}
    for column in outcome["columns"]:
        if column.get("reason"):
            by_reason.setdefault(column["reason"], []).append(str(column["name"]))
    return [
        _("Not compared, because %(why)s: %(columns)s.") % {"why": why_not(reason), "columns": ", ".join(names[:12])}
        for reason, names in by_reason.items()
    ]


def surety(gap: dict[str, Any]) -> tuple[float, float]:
    """How far a difference surely is from none, and then how large it looks."""
    return max(gap["low"], -gap["high"], 0.0), abs(gap["value"])
