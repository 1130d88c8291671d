"""Turns outcomes of checks over versions (golden set) into sentences in the reader's language."""

import math
from collections.abc import Callable
from typing import Any

from django.utils.translation import gettext as _, ngettext

from rai.figures.lines import metric_label
from rai.wording.rules import details
from rai.wording.scores import CELLS, figure, parted, rule_sentence

COUNT, SHARE = "newly_wrong", "newly_wrong_share"
WORSE = ("_drop", "_rise", "_change")
MOST_NAMED = 3
# Reasons for rows left out, each with how the cell is written where it has one.
LOST: dict[str, Callable[[], str]] = {
    "only in this table": lambda: _("Rows of this table that the previous one lacks: %(rows)s."),
    "only in the previous table": lambda: _("Rows of the previous table that this one lacks: %(rows)s."),
    "no key": lambda: _("Rows not matched because their key is missing (%(cell)s): %(rows)s."),
    "no key in the previous table": lambda: _(
        "Rows of the previous table not matched because their key is missing (%(cell)s): %(rows)s."
    ),
    "no label": lambda: _("Rows not counted because their true outcome is missing (%(cell)s): %(rows)s."),
    "no prediction": lambda: _("Rows not counted because their prediction is missing (%(cell)s): %(rows)s."),
    "no prediction in the previous table": lambda: _(
        "Rows not counted because the previous version made no prediction (%(cell)s): %(rows)s."
    ),
    "no score": lambda: _(
        "Rows that the figures of scores leave out, because their score is missing (%(cell)s): %(rows)s."
    ),
    "no score in the previous table": lambda: _(
        "Rows that the figures of scores leave out, because the previous version gave no score (%(cell)s): %(rows)s."
    ),
}


def golden_set(outcome: dict[str, Any]) -> list[str]:
    """The rules, both versions side by side, what became of single rows, what was left out, what this does not say."""
    entries = outcome["thresholds"]
    said = [change_sentence(entry) for entry in entries]
    if not entries:
        said = [_("No limit was given, so nothing was judged; the figures are recorded.")]
    said += [*side_by_side(outcome), *became(outcome)]
    said += [detail for entry in entries for detail in details(entry | {"left_out": left_out(entry)})]
    said += lost_rows(outcome)
    said.append(
        _("A golden set says what became of the cases it holds. The intervals cover sampling error only: not cases that nobody put into it.")
    )  # fmt: skip
    return list(dict.fromkeys(said))


def left_out(entry: dict[str, Any]) -> list[dict[str, Any]]:
    """What was not judged, by the metric's name; that there is no previous version is said once, elsewhere."""
    kept = [one for one in entry["left_out"] if one["reason"] != "no_reference"]
    return [one | {"group": {"metric": metric_label(one["group"]["metric"])}} for one in kept]


def change_sentence(entry: dict[str, Any]) -> str:
    """The verdict on one rule."""
    name, _sign, limit = parted(entry["rule"])
    ending = next((each for each in WORSE if name.endswith(each)), "")
    metric = name.removesuffix(ending)
    if "no_reference" in entry["reasons"]:
        return _("%(rule)s cannot be judged: there is no previous version on these rows yet. This is not a pass.") % {"rule": entry["rule"]}  # fmt: skip
    if entry["value"] is None:
        return _("%(rule)s cannot be judged: there are too few rows of one kind. This is not a pass.") % {"rule": entry["rule"]}  # fmt: skip
    if name == COUNT:
        return counted(entry, limit)
    if not ending and name != SHARE:
        return rule_sentence(entry)
    facts = {
        "metric": metric_label(metric), "limit": limit, "seen": figure(entry["value"], metric),
        "low": figure(entry["low"], metric, way=math.floor), "high": figure(entry["high"], metric, way=math.ceil),
    }  # fmt: skip
    return sentence_of(ending, entry["verdict"]) % facts


def sentence_of(ending: str, verdict: str) -> str:
    """The words of a change and a verdict."""
    if verdict == "insufficient":
        return {
            "_drop": _("%(metric)s: seen lower by %(seen)s, but anything from %(low)s to %(high)s is compatible with these rows (limit %(limit)s), or something else keeps it open. This is not a pass and not a fault of the model."),
            "_rise": _("%(metric)s: seen higher by %(seen)s, but anything from %(low)s to %(high)s is compatible with these rows (limit %(limit)s), or something else keeps it open. This is not a pass and not a fault of the model."),
            "_change": _("%(metric)s: seen to change by %(seen)s, but anything from %(low)s to %(high)s is compatible with these rows (limit %(limit)s), or something else keeps it open. This is not a pass and not a fault of the model."),
        }.get(ending, _("Share of rows that became wrong: seen %(seen)s, but anything from %(low)s to %(high)s is compatible with these rows (limit %(limit)s)."))  # fmt: skip
    if verdict == "pass":
        return {
            "_drop": _("%(metric)s is lower than before by at most %(high)s (95 %% confidence; limit %(limit)s). Seen: %(seen)s."),
            "_rise": _("%(metric)s is higher than before by at most %(high)s (95 %% confidence; limit %(limit)s). Seen: %(seen)s."),
            "_change": _("%(metric)s changes by at least %(low)s (95 %% confidence; limit %(limit)s). Seen: %(seen)s."),
        }.get(ending, _("The share of rows that became wrong is at most %(high)s (95 %% confidence; limit %(limit)s). Seen: %(seen)s."))  # fmt: skip
    return {
        "_drop": _("%(metric)s is lower than before by at least %(low)s (limit %(limit)s); seen %(seen)s."),
        "_rise": _("%(metric)s is higher than before by at least %(low)s (limit %(limit)s); seen %(seen)s."),
        "_change": _("%(metric)s changes by at most %(high)s (limit %(limit)s); seen %(seen)s."),
    }.get(ending, _("The share of rows that became wrong is at least %(low)s (limit %(limit)s); seen %(seen)s."))


def counted(entry: dict[str, Any], limit: str) -> str:
    """The verdict on rows that went from right to wrong."""
    words = ngettext(
        "%(n)s row went from right to wrong; the limit is %(limit)s. It is counted, not estimated, and speaks of these rows alone.",
        "%(n)s rows went from right to wrong; the limit is %(limit)s. They are counted, not estimated, and speak of these rows alone.",
        round(entry["value"]),
    )  # fmt: skip
    return words % {"n": f"{round(entry['value']):,}", "limit": limit}


def side_by_side(outcome: dict[str, Any]) -> list[str]:
    """The main figures of both versions over the rows they share."""
    said = []
    for one in outcome["compared"][:MOST_NAMED]:
        now, before = one["current"], one["previous"]
        if now["value"] is None:
            continue
        facts = {"metric": metric_label(one["metric"]), "now": figure(now["value"], one["metric"])}
        if before is None:
            said.append(_("%(metric)s %(now)s") % facts)
        else:
            said.append(_("%(metric)s %(now)s, before %(before)s") % (facts | {"before": figure(before["value"], one["metric"])}))  # fmt: skip
    rows = f"{outcome['overall']['n']:,}"
    return [_("On the same %(n)s rows: %(figures)s.") % {"n": rows, "figures": "; ".join(said)}] if said else []


def became(outcome: dict[str, Any]) -> list[str]:
    """What became of single rows, which of them may be named, and labels that were changed."""
    found = outcome.get("changes")
    if not found:
        return []
    p = found["mcnemar"]["p"]
    facts = {
        "wrong": f"{found['newly_wrong']:,}",
        "right": f"{found['newly_right']:,}",
        "p": f"{p:.2g}" if p < 1 else "1",
    }
    said = [
        _("Rows that went from right to wrong: %(wrong)s; from wrong to right: %(right)s. If both were equally likely, a split as uneven or more would come about with probability %(p)s (McNemar, exact; it decides nothing).") % facts
    ]  # fmt: skip
    if found["keys"]:
        said.append(_("Rows that went wrong, by key: %s.") % ", ".join(found["keys"]))
    elif found["newly_wrong"]:
        said.append(_("Which rows went wrong is not listed, because the key may lead to a person."))
    if found["relabelled"]:
        said.append(
            ngettext(
                "The true outcome of %(n)s row was changed since; both versions are judged by the present one.",
                "The true outcomes of %(n)s rows were changed since; both versions are judged by the present ones.",
                found["relabelled"],
            ) % {"n": f"{found['relabelled']:,}"}
        )  # fmt: skip
    return said


def lost_rows(outcome: dict[str, Any]) -> list[str]:
    """Rows that were not compared, by the reason."""
    said = []
    for part in outcome["dropped"]:
        what, _colon, cell = part["reason"].partition(": ")
        words = LOST[what]() if what in LOST else "%(cell)s: %(rows)s"
        said.append(words % {"rows": f"{part['rows']:,}", "cell": CELLS[cell]() if cell in CELLS else cell})
    return said
