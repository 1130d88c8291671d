"""Turns outcomes of threshold_what_if into sentences in the reader's language."""

from typing import Any

from django.utils.translation import gettext as _

from rai.wording.rules import about, points
from rai.wording.scores import without
from rai.wording.tables import limit_of, name_of, why_not, worded

MOST_NAMED = 4
POLICIES = ("one_threshold", "equal_selection", "equal_tpr", "equal_fpr")


def threshold_what_if(outcome: dict[str, Any]) -> list[str]:
    """The rules, what must stand beside them, the single threshold, what each other policy changes for whom."""
    said = [rule_words(entry) for entry in outcome["thresholds"]]
    if not said:
        said = [_("No limit was given, so nothing was judged; the figures are recorded.")]
    said += warnings()
    for found in outcome["policies"]:
        said.append(" ".join(filter(None, [policy_words(found, outcome), who_pays(found)])))
    said += [line for entry in outcome["thresholds"] for line in open_words(entry)]
    said += without(outcome)
    said.append(_("The intervals cover sampling error only, and hold for thresholds that were fixed before."))
    return list(dict.fromkeys(said))


def warnings() -> list[str]:
    """What must stand beside every such outcome."""
    return [
        _("Separate thresholds by a protected attribute may be unlawful. Have that settled before anybody uses one."),
        _("Thresholds that were picked on these rows must be tested on others. The outcome counts as development: such thresholds can break a limit and never meet one."),
    ]  # fmt: skip


def policy_label(name: str) -> str:
    """What people call a policy."""
    labels = {
        "one_threshold": _("One threshold for all"), "equal_selection": _("Equal selection rates"),
        "equal_tpr": _("Equal true positive rates"), "equal_fpr": _("Equal false positive rates"),
    }  # fmt: skip
    return labels.get(name, name)


def threshold_words(value: float | None) -> str:
    """A threshold as a number; one that nobody reaches in words."""
    return _("above every score") if value is None else f"{value:.6g}"


def policy_words(found: dict[str, Any], outcome: dict[str, Any]) -> str:
    """A policy with its accuracy and its cost."""
    accuracy, cost = found["metrics"]["accuracy"], found["metrics"]["mean_cost"]
    facts = {
        "policy": policy_label(found["name"]), "by": " × ".join(found["by"]), "level": share_words(found["level"]),
        "seen": share_words(accuracy["value"]), "low": share_words(accuracy["low"], down=True),
        "high": share_words(accuracy["high"], up=True), "cost": cost_words(cost["value"]),
        "threshold": threshold_words(outcome["threshold"]["value"]),
    }  # fmt: skip
    if found["name"] != "one_threshold":
        return _("%(policy)s by %(by)s (each group as near to %(level)s as its scores allow): accuracy %(seen)s (%(low)s to %(high)s), cost %(cost)s a thousand rows.") % facts  # fmt: skip
    if outcome["threshold"]["is_picked"]:
        return _("%(policy)s, %(threshold)s, where all rows cost least: accuracy %(seen)s (%(low)s to %(high)s), cost %(cost)s a thousand rows.") % facts  # fmt: skip
    return _("%(policy)s, %(threshold)s: accuracy %(seen)s (%(low)s to %(high)s), cost %(cost)s a thousand rows.") % facts  # fmt: skip


def who_pays(found: dict[str, Any]) -> str:
    """Per 1,000 of the largest groups: wrongly selected and refused, or how that changes."""
    named = [group for group in found["groups"] if group["evaluable"]]
    largest = sorted(named, key=lambda group: -group["n"])[:MOST_NAMED]
    if not largest:
        return ""
    if found["name"] == "one_threshold":
        return _("Of 1,000 people each: %s.") % "; ".join(stands(group) for group in largest)
    return _("Of 1,000 people each, against one threshold for all: %s.") % "; ".join(
        changes(group) for group in largest
    )


def stands(group: dict[str, Any]) -> str:
    """How many of a group are treated wrongly."""
    facts = {name: thousandth(group["metrics"][name]["value"]) for name in ("wrongly_selected", "wrongly_refused")}
    facts["who"] = name_of(group["group"])
    return _("%(who)s %(wrongly_selected)s wrongly selected, %(wrongly_refused)s wrongly refused") % facts


def changes(group: dict[str, Any]) -> str:
    """A group's own threshold, and how many more or fewer are treated wrongly than under one threshold."""
    facts = {name: signed(group["change"][name]) for name in ("wrongly_selected", "wrongly_refused")}
    facts |= {"who": name_of(group["group"]), "threshold": threshold_words(group["threshold"])}
    return _("%(who)s (threshold %(threshold)s) %(wrongly_selected)s wrongly selected, %(wrongly_refused)s wrongly refused") % facts  # fmt: skip


def thousandth(share: float | None) -> str:
    """A share per 1,000."""
    return "–" if share is None else f"{1000 * share:.0f}"


def signed(share: float) -> str:
    """A change per 1,000 with its sign."""
    rows = round(1000 * share)
    return f"{rows:+d}".replace("-", "−") if rows else "±0"


def share_words(value: float | None, *, up: bool = False, down: bool = False) -> str:
    """A share as percentage."""
    return _("%s %%") % points(value, up=up, down=down)


def cost_words(mean: float | None) -> str:
    """A mean cost a thousand rows."""
    return "–" if mean is None else f"{1000 * mean:,.0f}"


# ---- rules


def rule_words(entry: dict[str, Any]) -> str:
    """The verdict on one rule."""
    name = str(entry["rule"]).replace(">=", "<=").partition("<=")[0]
    policy = next(policy for policy in POLICIES if name.startswith(policy))
    facts = {
        "rule": entry["rule"], "policy": policy_label(policy), "limit": points(limit_of(entry)), "verdict": entry["verdict"],
        "seen": points(entry["value"]), "low": points(entry["low"], down=True), "high": points(entry["high"], up=True),
        "who": name_of((entry.get("worst") or {}).get("group")) or "–",
    }  # fmt: skip
    facts["what"] = what_words(name)
    if entry["value"] is None:
        return _("%(policy)s: %(what)s could not be judged in any group.") % facts
    if "tuned_on_these_rows" in entry["reasons"]:
        return _("%(policy)s: whether %(what)s keeps the limit of %(limit)s %% is open, because the thresholds were picked on these rows; seen %(seen)s %%. Test them on others.") % facts  # fmt: skip
    if name.endswith("accuracy"):
        return worded(
            facts,
            _("%(policy)s: accuracy is at least %(low)s %% (95 %% confidence; limit %(limit)s); seen %(seen)s."),
            _("%(policy)s: accuracy is at most %(high)s %% (limit %(limit)s); seen %(seen)s."),
            _("%(policy)s: accuracy seen %(seen)s %%, but anything from %(low)s to %(high)s is compatible with these rows (limit %(limit)s)."),
        )  # fmt: skip
    facts["what"] = _("wrongly refused") if "refused" in name else _("wrongly selected")
    return worded(
        facts,
        _("%(policy)s: at most %(high)s %% of any group are %(what)s (95 %% confidence; limit %(limit)s); most seen %(seen)s, for %(who)s."),
        _("%(policy)s: at least %(low)s %% of %(who)s are %(what)s (limit %(limit)s); most seen %(seen)s."),
        _("%(policy)s: most %(what)s seen %(seen)s %%, but anything from %(low)s to %(high)s is compatible with these rows (limit %(limit)s), or a group is too small to decide on."),
    )  # fmt: skip


def what_words(name: str) -> str:
    """What a rule is about, inside a sentence."""
    if name.endswith("accuracy"):
        return _("accuracy")
    return _("the share of wrongly refused") if "refused" in name else _("the share of wrongly selected")


def open_words(entry: dict[str, Any]) -> list[str]:
    """Attempts, groups that could not be judged, and rows that would settle it."""
    said = []
    if entry.get("attempt", 1) > 1:
        said.append(_("This is attempt %(n)d of the rule %(rule)s; the level shrinks with each.") % {"n": entry["attempt"], "rule": entry["rule"]})  # fmt: skip
    said += [
        _("%(group)s (%(n)s rows) was not judged: %(why)s.")
        % {"group": name_of(one["group"]), "n": f"{one['n']:,}", "why": why_not(one["reason"])}
        for one in entry["left_out"]
    ]
    needed = (entry.get("rows_needed") or {}).get("rows")
    if needed:
        said.append(_("About %(n)s more rows of the same mix would probably settle %(rule)s.") % {"n": f"{about(needed):,}", "rule": entry["rule"]})  # fmt: skip
    return said
