"""Turns outcomes of sample adequacy into sentences in the reader's language."""

from typing import Any

from django.contrib.humanize.templatetags.humanize import intcomma
from django.utils.translation import gettext as _, ngettext

from rai.wording.rules import LEFT_OUT, METRICS, about, details, dropped, points

ENDINGS = ("_group_half_width", "_half_width", "_detectable_difference")
MOST_NAMED = 4
USUAL = "selection_rate"


def sample_adequacy(outcome: dict[str, Any]) -> list[str]:
    """One sentence a need, the groups that lack rows, what would go unseen, then what widths do not say."""
    said = [need_words(entry) for entry in outcome["thresholds"]]
    if not said:
        said = [_("No need was declared, so nothing was judged; the widths are recorded.")]
    said += [line for need in outcome["needs"] for line in lacking(need)]
    said += [line for found in outcome["detectable"] if is_told(found, outcome) for line in unseen(found)]
    said += [line for entry in outcome["thresholds"] for line in details(entry)]
    said += dropped(outcome)
    said.append(
        _(
            "More rows make intervals narrower and nothing else: they do not mend biased labels or a test sample unlike the people served."
        )
    )
    return list(dict.fromkeys(said))


def parted(rule: str) -> tuple[str, str, str]:
    """Metric, ending and limit of a need."""
    name, _sign, limit = rule.partition("<=")
    ending = next(ending for ending in ENDINGS if name.endswith(ending))
    return name.removesuffix(ending), ending, limit


def metric_words(name: str) -> str:
    """A metric as these sentences begin with it."""
    return METRICS[name]() if name in METRICS else name.replace("_", " ")


def need_words(entry: dict[str, Any]) -> str:
    """Whether one need is reached."""
    metric, ending, limit = parted(entry["rule"])
    pair = entry.get("worst") or {"group": {}, "versus": {}}
    facts = {
        "metric": metric_words(metric), "limit": points(float(limit)), "seen": points(entry["value"], up=True),
        "by": " × ".join(entry["by"]), "groups": entry["groups"], "who": values(pair["group"]), "versus": values(pair["versus"]),
    }  # fmt: skip
    if entry["value"] is None or (entry["verdict"] == "insufficient" and ending != "_half_width"):
        return _("Whether the need %(rule)s is reached is open, because a group is too small or lacks rows of one kind.") % {"rule": entry["rule"]}  # fmt: skip
    words = {"_half_width": over_all, "_group_half_width": in_groups, "_detectable_difference": between}[ending]
    return words(entry["verdict"]) % facts


def over_all(verdict: str) -> str:
    """All rows together."""
    if verdict == "fail":
        return _("%(metric)s over all rows: known to about ±%(seen)s points (half of the 95 %% interval); the declared need is ±%(limit)s. The sample is too small for it, which is no fault of the model.")  # fmt: skip
    return _("%(metric)s over all rows: known to about ±%(seen)s points (half of the 95 %% interval; declared need ±%(limit)s).")  # fmt: skip


def in_groups(verdict: str) -> str:
    """Every group."""
    if verdict == "fail":
        return _("%(metric)s of %(who)s: known to about ±%(seen)s points only (half of the 95 %% interval); the declared need in every group by %(by)s is ±%(limit)s. The sample is too small for it, which is no fault of the model.")  # fmt: skip
    return _("%(metric)s by %(by)s: known to about ±%(seen)s points or better in each of the %(groups)d groups (half of the 95 %% interval; declared need ±%(limit)s); least well for %(who)s.")  # fmt: skip


def between(verdict: str) -> str:
    """Any two groups."""
    if verdict == "fail":
        return _("%(metric)s by %(by)s: between %(who)s and %(versus)s only differences from %(seen)s points on would show with a chance of 80 %%; the declared need is %(limit)s.")  # fmt: skip
    return _("%(metric)s by %(by)s: a difference of %(seen)s points between any two of the %(groups)d groups would show with a chance of 80 %% (declared need %(limit)s).")  # fmt: skip


def lacking(need: dict[str, Any]) -> list[str]:
    """The groups that lack most rows under one need."""
    short = [one for one in need["groups"] if not one["is_reached"] and one["rows"]]
    if not short or not need["by"]:
        return []
    short.sort(key=lambda one: -one["rows"])
    named = [
        _("%(who)s about %(n)s more") % {"who": values(one["group"]), "n": about_rows(one["rows"])}
        for one in short[:MOST_NAMED]
    ]
    facts = {
        "metric": metric_words(need["metric"]), "by": " × ".join(need["by"]), "kind": kind_of_rows(need["metric"]),
        "limit": points(need["limit"]), "named": "; ".join(named),
    }  # fmt: skip
    return [_("%(metric)s by %(by)s: to reach ±%(limit)s points with a chance of 80 %%, counted in %(kind)s: %(named)s.") % facts]  # fmt: skip


def kind_of_rows(metric: str) -> str:
    """Which rows a metric counts."""
    kinds = {
        "true_positive_rate": _("positives"), "false_negative_rate": _("positives"), "true_negative_rate": _("negatives"),
        "false_positive_rate": _("negatives"), "precision": _("predicted positives"),
        "f1": _("positives and predicted positives"),
    }  # fmt: skip
    return kinds.get(metric, _("rows"))


def is_told(found: dict[str, Any], outcome: dict[str, Any]) -> bool:
    """The metric stands in a need, or is the usual first one where none does."""
    named = {parted(entry["rule"])[0] for entry in outcome["thresholds"]}
    judged = {entry["rule"].partition("_detectable_difference")[0] for entry in outcome["thresholds"]}
    return found["metric"] in (named or {USUAL}) and found["metric"] not in judged


def unseen(found: dict[str, Any]) -> list[str]:
    """The differences that would probably go unseen between the two smallest groups."""
    value, pair = found["any_two"]["value"], found["between"]
    facts = {
        "metric": metric_words(found["metric"]), "by": " × ".join(found["by"]), "seen": points(value, up=True),
        "who": values((pair or {}).get("group")), "versus": values((pair or {}).get("versus")),
    }  # fmt: skip
    if pair is None:
        return []
    if value is None:
        return [_("%(metric)s by %(by)s: between %(who)s and %(versus)s no difference would show with a chance of 80 %%.") % facts]  # fmt: skip
    return [_("%(metric)s by %(by)s: differences below %(seen)s points between %(who)s and %(versus)s, the two groups with the fewest rows, would probably go unseen.") % facts]  # fmt: skip


def why_no_need(one: dict[str, Any]) -> str:
    """Why no number of rows can be named."""
    return LEFT_OUT[one["reason"]]() if one["reason"] in LEFT_OUT else _("more than can be planned")


def about_rows(rows: int) -> str:
    """A planned number of rows: two digits, more would promise what a plan cannot keep."""
    return intcomma(about(rows)) if rows else ngettext("%d row", "%d rows", 0) % 0


def values(group: dict[str, Any] | None) -> str:
    """A group by its values."""
    return ", ".join(str(value) for value in (group or {}).values())
