"""Turns outcomes of proxy features into sentences in the reader's language."""

from typing import Any

from django.utils.translation import gettext as _

from rai.wording.rules import about
from rai.wording.tables import index, limit_of, name_of, why_not, worded

MOST_NAMED = 3


def proxy_features(outcome: dict[str, Any]) -> list[str]:
    """One sentence a rule, the inputs that tell most, what was not looked at, and what single inputs do not show."""
    said = [rule_words(entry) for entry in outcome["thresholds"]]
    if not said:
        said = [_("No limit was given, so nothing was judged; the associations are recorded.")]
    said += [line for by in outcome["protected"] for line in strongest(outcome, by["name"])]
    said += [line for entry in outcome["thresholds"] for line in open_words(entry)]
    said += not_looked_at(outcome)
    said += [
        _("%(n)s rows have no value in %(name)s and were left out.") % {"n": f"{by['missing']:,}", "name": by["name"]}
        for by in outcome["protected"]
        if by["missing"]
    ]
    said.append(
        _("Inputs were looked at one by one. Several of them together may tell groups apart where none does alone; this check does not exclude it.")
    )  # fmt: skip
    said.append(
        _("An input that stands in for a group is not wrong by itself: whether the model may use it is for people to decide. The intervals cover sampling error only.")
    )  # fmt: skip
    return list(dict.fromkeys(said))


def rule_words(entry: dict[str, Any]) -> str:
    """The verdict on one rule."""
    facts = {
        "rule": entry["rule"], "by": ", ".join(entry["by"]), "limit": index(limit_of(entry)), "verdict": entry["verdict"],
        "seen": index(entry["value"]), "low": index(entry["low"], down=True), "high": index(entry["high"], up=True),
        "who": name_of((entry.get("worst") or {}).get("group")) or "–",
    }  # fmt: skip
    if entry["value"] is None:
        return _("No input could be judged by %(rule)s against %(by)s.") % facts
    if entry["verdict"] == "insufficient" and "interval_spans_limit" not in entry["reasons"]:
        return _("By %(rule)s every judged input keeps the limit against %(by)s, but not everything could be judged.") % facts  # fmt: skip
    if entry["rule"].startswith("proxy_auc"):
        return worded(
            facts,
            _("Each input alone tells the groups of %(by)s apart with an area (ROC AUC) of at most %(high)s (95 %% confidence; limit %(limit)s; 0.5 tells nothing, 1 everything). Most seen: %(seen)s."),
            _("%(who)s alone tells the groups of %(by)s apart: ROC AUC at least %(low)s (limit %(limit)s; 0.5 tells nothing, 1 everything). Most seen: %(seen)s."),
            _("How well single inputs tell the groups of %(by)s apart is open: most seen is a ROC AUC of %(seen)s, but anything from %(low)s to %(high)s is compatible with these rows (limit %(limit)s); %(who)s reaches furthest."),
        )  # fmt: skip
    return worded(
        facts,
        _("Each input alone goes with %(by)s by a Cramér’s V of at most %(high)s (95 %% confidence; limit %(limit)s; 0 is none, 1 complete). Most seen: %(seen)s."),
        _("%(who)s goes with %(by)s: Cramér’s V at least %(low)s (limit %(limit)s; 0 is none, 1 complete). Most seen: %(seen)s."),
        _("How strongly single inputs go with %(by)s is open: most seen is a Cramér’s V of %(seen)s, but anything from %(low)s to %(high)s is compatible with these rows (limit %(limit)s); %(who)s reaches furthest."),
    )  # fmt: skip


def strongest(outcome: dict[str, Any], by: str) -> list[str]:
    """The inputs that tell the groups of one protected column apart most surely."""
    pairs = [
        (column["name"], pair) for column in outcome["columns"] for pair in column["pairs"] if pair["protected"] == by
    ]
    known = [(name, pair["metrics"]["proxy_auc"]) for name, pair in pairs if (pair["metrics"].get("proxy_auc") or {}).get("value") is not None]  # fmt: skip
    known.sort(key=lambda one: (one[1].get("evaluable") is False, -one[1]["low"], -one[1]["value"], one[0]))
    if not known:
        return []
    named = [
        _("%(column)s %(seen)s (%(low)s to %(high)s)")
        % {"column": name, "seen": index(area["value"]), "low": index(area["low"], down=True), "high": index(area["high"], up=True)}
        for name, area in known[:MOST_NAMED]
    ]  # fmt: skip
    facts = {"n": len(known), "by": by, "named": "; ".join(named)}
    return [_("Of %(n)d inputs, these tell the groups of %(by)s apart most (ROC AUC, each interval for itself): %(named)s.") % facts]  # fmt: skip


def open_words(entry: dict[str, Any]) -> list[str]:
    """Attempts, groups that could not be judged, and rows that would settle it."""
    said = []
    if entry.get("attempt", 1) > 1:
        said.append(_("This is attempt %(n)d of the rule %(rule)s; the level shrinks with each.") % {"n": entry["attempt"], "rule": entry["rule"]})  # fmt: skip
    by = entry["by"][0]
    small = {one["group"][by]: one["n"] for one in entry["left_out"] if one["reason"] == "small_group" and by in one["group"]}  # fmt: skip
    said += [
        _("%(group)s (%(n)s rows) was not judged by %(rule)s: %(why)s.")
        % {"group": group, "n": f"{n:,}", "rule": entry["rule"], "why": why_not("small_group")}
        for group, n in small.items()
    ]
    needed = (entry.get("rows_needed") or {}).get("rows")
    if needed:
        said.append(_("About %(n)s more rows of the same mix would probably settle %(rule)s.") % {"n": f"{about(needed):,}", "rule": entry["rule"]})  # fmt: skip
    return said


def not_looked_at(outcome: dict[str, Any]) -> list[str]:
    """Inputs that could not be looked at, by the reason."""
    found: dict[str, list[str]] = {}
    for column in outcome["columns"]:
        if column.get("reason"):
            found.setdefault(column["reason"], []).append(str(column["name"]))
    return [
        _("Not looked at, because %(why)s: %(columns)s.") % {"why": reason_words(reason), "columns": ", ".join(names[:12])}
        for reason, names in found.items()
    ]  # fmt: skip


def reason_words(reason: str) -> str:
    """Why an input could not be looked at."""
    words = {
        "one_value": _("it holds one value and tells nothing apart"), "no_rows": _("every cell of it is empty"),
        "many_values": _("it has too many different texts; put them into fewer, or leave it out as no input"),
    }  # fmt: skip
    return words.get(reason, reason)
