"""Turns outcomes of checks over time, place or source (generalisation, field) into sentences in the reader's language."""

import math
from typing import Any

from django.utils.translation import gettext as _, ngettext

from rai.figures.lines import metric_label
from rai.wording.scores import ending, figure, headline, parted, rule_sentence, ruled, weakest
from rai.wording.tables import share_words

SHARE, DISTANCE, GAP = "labelled_share", "labelled_score_ks", "labelled_positive_difference"
UNLABELLED = ("no label", "no true value")
SPREAD = ("accuracy", "roc_auc", "mean_absolute_error")


def generalisation(outcome: dict[str, Any]) -> list[str]:
    """The rules, all rows, how far the parts lie apart, surely worse ones, what clock the times are of, what this leaves open."""
    said = [*ruled(outcome), *headline(outcome), *spreads(outcome), *weakest(outcome["weak_spots"]), *zones(outcome)]
    said.append(_("Parts that nobody measured, such as a later year or another place, may differ from all of these."))
    return [*said, *ending(outcome)]


def spreads(outcome: dict[str, Any]) -> list[str]:
    """The lowest and the highest part, and how many parts there are."""
    said = []
    for one in outcome["disparities"]:
        if one["metric"] not in SPREAD or one["difference"] is None:
            continue
        facts = {"metric": metric_label(one["metric"]), "column": " × ".join(one["by"]), "n": parts_of(outcome)}
        for side in ("lowest", "highest"):
            value = value_of(outcome, one[side], one["metric"])
            facts |= {side: words(one[side]), f"{side}_seen": figure(value["value"], one["metric"])}
            facts |= {f"{side}_low": figure(value["low"], one["metric"], way=math.floor)}
            facts |= {f"{side}_high": figure(value["high"], one["metric"], way=math.ceil)}
        said.append(_("Over the %(n)d parts by %(column)s, %(metric)s goes from %(lowest_seen)s (%(lowest)s; %(lowest_low)s to %(lowest_high)s) to %(highest_seen)s (%(highest)s; %(highest_low)s to %(highest_high)s).") % facts)  # fmt: skip
    return said


def parts_of(outcome: dict[str, Any]) -> int:
    """How many parts are named."""
    return sum("(missing)" not in group["group"].values() for group in outcome["groups"])


def words(group: dict[str, Any]) -> str:
    """A part by its value."""
    return ", ".join(str(value) for value in group.values())


def value_of(outcome: dict[str, Any], group: dict[str, Any], metric: str) -> dict[str, Any]:
    """A metric of one part."""
    return dict(next(each for each in outcome["groups"] if each["group"] == group)["metrics"][metric])


def zones(outcome: dict[str, Any]) -> list[str]:
    """Which clock the times are of, and cells without a time."""
    span = outcome.get("span")
    if not span:
        return []
    facts = {"column": span["column"], "first": span["first"], "last": span["last"], "zones": ", ".join(span["zones"])}
    said = [
        _("The times of %(column)s name the zones %(zones)s and were turned into UTC; they go from %(first)s to %(last)s.") % facts
        if span["is_converted"]
        else _("The times of %(column)s name no zone and were taken as they stand; they go from %(first)s to %(last)s.") % facts
    ]  # fmt: skip
    if span["missing"]:
        said.append(
            ngettext(
                "%(n)s row holds no time; it is shown as a part of its own and never judged.",
                "%(n)s rows hold no time; they are shown as a part of their own and never judged.",
                span["missing"],
            ) % {"n": f"{span['missing']:,}"}
        )  # fmt: skip
    return said


def field(outcome: dict[str, Any]) -> list[str]:
    """The rules, all labelled rows, the fall since the test, who has a label, what clock the times are of, what this leaves open."""
    said = [field_rule(entry) for entry in outcome["thresholds"]]
    if not said:
        said = [_("No limit was given, so nothing was judged; the figures are recorded.")]
    said += [*headline(outcome), *fallen(outcome), *who_has_labels(outcome), *selection(outcome), *zones(outcome)]
    # That labels come late is said above; here it would read like a fault.
    rest = outcome | {"dropped": [part for part in outcome["dropped"] if not part["reason"].startswith(UNLABELLED)]}
    rest["thresholds"] = [entry | {"left_out": without_metrics(entry)} for entry in outcome["thresholds"]]
    return list(dict.fromkeys([*said, *without_prediction(outcome), *ending(rest)]))


def without_metrics(entry: dict[str, Any]) -> list[dict[str, Any]]:
    """Periods that were not judged; that there is no test evidence is said once, elsewhere."""
    return [one for one in entry["left_out"] if "metric" not in one["group"]]


def without_prediction(outcome: dict[str, Any]) -> list[str]:
    """Rows with neither a label nor a prediction, which are part of no figure."""
    found = [part["rows"] for part in outcome["dropped"] if part["reason"] == "no label and no prediction"]
    return [_("Rows with neither a true outcome nor a prediction: %s.") % f"{sum(found):,}"] if found else []


def field_rule(entry: dict[str, Any]) -> str:
    """The verdict on one rule."""
    name, _sign, limit = parted(entry["rule"])
    ending_ = next((each for each in ("_drop", "_rise") if name.endswith(each)), "")
    if not ending_ and name not in (SHARE, DISTANCE, GAP):
        return rule_sentence(entry)
    if "no_reference" in entry["reasons"]:
        return _("%(rule)s cannot be judged: this version has no evidence of performance on test rows that holds the figure. This is not a pass.") % {"rule": entry["rule"]}  # fmt: skip
    if entry["value"] is None:
        return _("%(rule)s cannot be judged: there are too few rows of one kind. This is not a pass.") % {"rule": entry["rule"]}  # fmt: skip
    metric = name.removesuffix(ending_)
    facts = {
        "metric": metric_label(metric), "limit": limit, "seen": figure(entry["value"], metric),
        "low": figure(entry["low"], metric, way=math.floor), "high": figure(entry["high"], metric, way=math.ceil),
    }  # fmt: skip
    return verdict_words(ending_ or name, entry["verdict"]) % facts


def verdict_words(kind: str, verdict: str) -> str:
    """What is said of a fall or of who has a label."""
    passed = {
        "_drop": _("%(metric)s is lower than on the test rows by at most %(high)s (95 %% confidence; limit %(limit)s). Seen: %(seen)s."),
        "_rise": _("%(metric)s is higher than on the test rows by at most %(high)s (95 %% confidence; limit %(limit)s). Seen: %(seen)s."),
        SHARE: _("At least %(low)s of the rows have a true outcome (limit %(limit)s). Seen: %(seen)s."),
        DISTANCE: _("The scores of labelled rows lie at most %(high)s from those of the others (limit %(limit)s). Seen: %(seen)s."),
        GAP: _("Shares of positive predictions differ by at most %(high)s between labelled rows and the others (limit %(limit)s). Seen: %(seen)s."),
    }  # fmt: skip
    failed = {
        "_drop": _("%(metric)s is lower than on the test rows by at least %(low)s (limit %(limit)s); seen %(seen)s."),
        "_rise": _("%(metric)s is higher than on the test rows by at least %(low)s (limit %(limit)s); seen %(seen)s."),
        SHARE: _("At most %(high)s of the rows have a true outcome (limit %(limit)s); seen %(seen)s."),
        DISTANCE: _("The scores of labelled rows lie at least %(low)s from those of the others (limit %(limit)s); seen %(seen)s."),
        GAP: _("Shares of positive predictions differ by at least %(low)s between labelled rows and the others (limit %(limit)s); seen %(seen)s."),
    }  # fmt: skip
    open_ = {
        "_drop": _("%(metric)s: seen lower by %(seen)s than on the test rows, but anything from %(low)s to %(high)s is compatible with these rows (limit %(limit)s), or something else keeps it open. This is not a pass and not a fault of the model."),
        "_rise": _("%(metric)s: seen higher by %(seen)s than on the test rows, but anything from %(low)s to %(high)s is compatible with these rows (limit %(limit)s), or something else keeps it open. This is not a pass and not a fault of the model."),
        SHARE: _("Rows with a true outcome: seen %(seen)s, but anything from %(low)s to %(high)s is compatible with these rows (limit %(limit)s)."),
    }  # fmt: skip
    other = _("Labelled rows and the others: seen %(seen)s apart, but anything from %(low)s to %(high)s is compatible with these rows (limit %(limit)s).")  # fmt: skip
    return {"pass": passed, "fail": failed}.get(verdict, open_).get(kind, other)


def fallen(outcome: dict[str, Any]) -> list[str]:
    """Test rows and field side by side."""
    said = []
    for one in outcome["since_test"]:
        if one["metric"] in (*SPREAD, "balanced_accuracy") and one["field"]["value"] is not None:
            facts = {"metric": metric_label(one["metric"]), "test": figure(one["test"]["value"], one["metric"])}
            said.append(_("%(metric)s %(field)s, on the test rows %(test)s") % (facts | {"field": figure(one["field"]["value"], one["metric"])}))  # fmt: skip
    lines = [_("In the field: %s.") % "; ".join(said)] if said else []
    test = outcome.get("test")
    if test and not test["is_same"]:
        facts = {"then": test["prediction"], "now": outcome["inputs"]["parameters"]["prediction"]}
        lines.append(_("On the test rows the prediction was %(then)s, here it is %(now)s: a difference may come of that alone.") % facts)  # fmt: skip
    return lines


def who_has_labels(outcome: dict[str, Any]) -> list[str]:
    """The share of rows with a true outcome, and the period that has the fewest."""
    whole, *periods = outcome["labels"]
    share = whole["labelled"]
    facts = {"share": share_words(share["value"]), "n": f"{whole['n']:,}"}
    said = [_("%(share)s of the %(n)s rows have a true outcome so far; the figures speak of these.") % facts]
    named = [one for one in periods if "(missing)" not in one["group"].values()]
    if len(named) > 1:
        least = min(named, key=lambda one: one["labelled"]["value"])
        facts = {"who": words(least["group"]), "share": share_words(least["labelled"]["value"])}
        said.append(_("The fewest have one in %(who)s: %(share)s. Labels that come late may change the figures of such a period.") % facts)  # fmt: skip
    return said


def selection(outcome: dict[str, Any]) -> list[str]:
    """Whether labelled rows are like the others."""
    found = outcome["selection"]
    seen = {name: value for name, value in found["metrics"].items() if value["value"] is not None}
    if not seen:
        return []
    value = seen.get(DISTANCE) or seen[GAP]
    facts = {"seen": figure(value["value"], ""), "low": figure(value["low"], "", way=math.floor), "high": figure(value["high"], "", way=math.ceil)}  # fmt: skip
    if found["warning"]:
        return [_("Warning: labelled rows are not like the others. Their scores or decisions lie %(seen)s apart (%(low)s to %(high)s), so the figures may not hold for rows without a label.") % facts]  # fmt: skip
    return [_("Labelled rows and the others lie %(seen)s apart by score or decision (%(low)s to %(high)s); that is not surely more than 0.05. What differs besides is not seen here.") % facts]  # fmt: skip
