"""Turns outcomes of performance and calibration into sentences in the reader's language."""

import math
from collections.abc import Callable
from typing import Any

from django.utils.translation import gettext as _, ngettext

from rai.figures.lines import group_name, metric_label
from rai.wording.rules import details, dropped

ENDINGS = ("_difference_to_reference", "_difference_to_rest", "_difference", "_ratio", "_group_min", "_group_max")
UNBOUNDED = ("mean_absolute_error", "mean_squared_error", "root_mean_squared_error", "mean_prediction", "log_loss")
HEADLINES = ("accuracy", "balanced_accuracy", "roc_auc", "mean_absolute_error", "root_mean_squared_error", "r2")
MOST_NAMED = 3


def performance(outcome: dict[str, Any]) -> list[str]:
    """The rules, the figures over all rows, the weakest slices, then what the interval does not cover."""
    return [*ruled(outcome), *headline(outcome), *weakest(outcome["weak_spots"]), *ending(outcome)]


def calibration(outcome: dict[str, Any]) -> list[str]:
    """The rules, whether scores are too high or too low, the error over bins, then what the interval does not cover."""
    found = outcome["overall"]["metrics"]
    said = [*ruled(outcome), *in_the_large(found), *over_bins(found)]
    return [
        *said,
        _("The error speaks of these bins of like scores; a finer one inside them is not excluded."),
        *ending(outcome),
    ]


# ---- rules


def ruled(outcome: dict[str, Any]) -> list[str]:
    """One sentence a rule."""
    if not outcome["thresholds"]:
        return [_("No limit was given, so nothing was judged; the figures are recorded.")]
    return list(dict.fromkeys(rule_sentence(entry) for entry in outcome["thresholds"]))


def rule_sentence(entry: dict[str, Any]) -> str:
    """The verdict on one rule in plain words."""
    name, sign, limit = parted(entry["rule"])
    metric = next((name.removesuffix(each) for each in ENDINGS if name.endswith(each)), name)
    kind = name.removeprefix(metric)
    facts = {
        "metric": metric_label(metric), "limit": limit, "by": " × ".join(entry["by"]), "groups": entry["groups"],
        "seen": figure(entry["value"], metric), "low": figure(entry["low"], metric, way=math.floor),
        "high": figure(entry["high"], metric, way=math.ceil), "chance": figure(entry.get("chance"), metric),
        "who": group_name((entry.get("worst") or {}).get("group")),
        "versus": group_name((entry.get("worst") or {}).get("versus")),
    }  # fmt: skip
    if entry["value"] is None:
        return _("%(metric)s (%(limit)s): fewer than two groups could be judged. This is not a pass and not a fault of the model.") % (facts | {"limit": entry["rule"]})  # fmt: skip
    if entry["verdict"] == "insufficient":
        return insufficient(entry) % facts
    words = {"": single, "_group_min": each_group, "_group_max": each_group}.get(kind, between)
    return words(entry["verdict"], sign, kind) % facts


def parted(rule: str) -> tuple[str, str, str]:
    """Name, sign and limit of a rule."""
    sign = "<=" if "<=" in rule else ">="
    name, _sign, limit = rule.partition(sign)
    return name.strip(), sign, limit.strip()


def insufficient(entry: dict[str, Any]) -> str:
    """What is said where the rows cannot tell."""
    if entry["by"]:
        return _("%(metric)s by %(by)s: seen %(seen)s, but anything from %(low)s to %(high)s is compatible with these rows (limit %(limit)s), or a group is too small to decide on. This is not a pass and not a fault of the model.")  # fmt: skip
    return _("%(metric)s: seen %(seen)s, but anything from %(low)s to %(high)s is compatible with these rows (limit %(limit)s). This is not a pass and not a fault of the model.")  # fmt: skip


def single(verdict: str, sign: str, kind: str) -> str:
    """A value against a limit."""
    if (verdict == "pass") == (sign == "<="):
        return _("%(metric)s is at most %(high)s (95 %% confidence; limit %(limit)s). Seen: %(seen)s.")
    return _("%(metric)s is at least %(low)s (95 %% confidence; limit %(limit)s). Seen: %(seen)s.")


def each_group(verdict: str, sign: str, kind: str) -> str:
    """The worst group against a limit."""
    if verdict == "pass":
        if sign == "<=":
            return _("%(metric)s is at most %(high)s in each of the %(groups)d groups by %(by)s (95 %% confidence; limit %(limit)s). Highest seen: %(seen)s.")  # fmt: skip
        return _("%(metric)s is at least %(low)s in each of the %(groups)d groups by %(by)s (95 %% confidence; limit %(limit)s). Lowest seen: %(seen)s.")  # fmt: skip
    if sign == "<=":
        return _("%(metric)s is at least %(low)s for %(who)s (limit %(limit)s); seen %(seen)s.")
    return _("%(metric)s is at most %(high)s for %(who)s (limit %(limit)s); seen %(seen)s.")


def between(verdict: str, sign: str, kind: str) -> str:
    """Groups against each other."""
    if kind == "_ratio":
        return _("The lowest %(metric)s by %(by)s is %(seen)s of the highest; %(low)s to %(high)s is compatible with these rows (limit %(limit)s).")  # fmt: skip
    if verdict == "fail":
        return _("%(metric)s differs by at least %(low)s (limit %(limit)s) by %(by)s, for %(who)s against %(versus)s; seen %(seen)s.") if kind != "_difference_to_rest" else _("%(metric)s differs by at least %(low)s (limit %(limit)s) for %(who)s against all others; seen %(seen)s.")  # fmt: skip
    if kind == "_difference":
        return _("%(metric)s differs by at most %(high)s between any two of the %(groups)d groups by %(by)s (95 %% confidence; limit %(limit)s). Seen: %(seen)s; chance alone would show about %(chance)s.")  # fmt: skip
    return _("%(metric)s differs by at most %(high)s for any of the %(groups)d groups by %(by)s from what it is held against (95 %% confidence; limit %(limit)s). Seen: %(seen)s.")  # fmt: skip


def figure(value: float | None, metric: str, *, way: Callable[[float], float] = round) -> str:
    """A value to three decimals, bounds rounded outward; errors in their own units to four digits."""
    if value is None:
        return "–"
    if metric in UNBOUNDED or abs(value) > 10:
        places = 3 - math.floor(math.log10(abs(value))) if value else 0
        return f"{way(value * 10.0**places) / 10.0**places:,.{max(places, 0)}f}"
    return f"{way(value * 1000) / 1000:.3f}"


# ---- figures


def headline(outcome: dict[str, Any]) -> list[str]:
    """The main figures over all rows."""
    found = outcome["overall"]["metrics"]
    said = [named(name, found[name]) for name in HEADLINES if found.get(name, {}).get("value") is not None]
    rows = f"{outcome['overall']['n']:,}"
    return [_("Over all %(n)s rows: %(figures)s.") % {"n": rows, "figures": "; ".join(said)}] if said else []


def named(name: str, value: dict[str, Any]) -> str:
    """A metric with its interval."""
    low, high = figure(value["low"], name, way=math.floor), figure(value["high"], name, way=math.ceil)
    return _("%(metric)s %(seen)s (%(low)s to %(high)s)") % {
        "metric": metric_label(name), "seen": figure(value["value"], name), "low": low, "high": high
    }  # fmt: skip


def weakest(found: dict[str, Any]) -> list[str]:
    """Slices that are surely worse, or that none is."""
    said = compared(found)
    if found.get("skipped"):
        pairs = ", ".join(" × ".join(by) for by in found["skipped"])
        said.append(_("Not searched for weak spots, because they make too many slices: %s.") % pairs)
    return said


def compared(found: dict[str, Any]) -> list[str]:
    """What the comparison of slices came to."""
    facts = {"metric": metric_label(found["metric"]), "n": found["comparisons"]}
    if not found["comparisons"]:
        return [_("No two slices are large enough to be compared, so weak spots were not searched.")]
    sure = [spot for spot in found["slices"] if spot["is_surely_worse"]]
    if not sure:
        return [
            ngettext(
                "%(n)d slice by one or two columns was compared with all other rows; %(metric)s is not surely worse on it.",
                "%(n)d slices by one or two columns were compared with all other rows; %(metric)s is surely worse on none.",
                found["comparisons"],
            )
            % facts
        ]
    spots = "; ".join(spot_words(spot, found["metric"]) for spot in sure[:MOST_NAMED])
    return [
        ngettext(
            "%(n)d slice by one or two columns was compared with all other rows. %(metric)s is surely worse on: %(spots)s.",
            "%(n)d slices by one or two columns were compared with all other rows; this holds for all of them together. %(metric)s is surely worse on: %(spots)s.",
            found["comparisons"],
        )
        % (facts | {"spots": spots})
    ]


def spot_words(spot: dict[str, Any], metric: str) -> str:
    """A slice, what was seen there, and how much worse it is at least."""
    return _("%(group)s (%(seen)s; worse by at least %(gap)s)") % {
        "group": group_name(spot["group"]), "seen": figure(spot["value"]["value"], metric),
        "gap": figure(spot["gap"]["low"], metric, way=math.floor),
    }  # fmt: skip


# ---- calibration


def in_the_large(found: dict[str, Any]) -> list[str]:
    """Whether scores are too high or too low on the whole."""
    value = found["mean_residual"]
    if value["value"] is None:
        return []
    facts = {
        "low": figure(value["low"], "", way=math.floor), "high": figure(value["high"], "", way=math.ceil),
        "score": figure(found["mean_score"]["value"], ""), "rate": figure(found["observed_rate"]["value"], ""),
    }  # fmt: skip
    if value["low"] > 0:
        words = _("On the whole the scores are too low: they say %(score)s, %(rate)s happens; the gap is %(low)s to %(high)s.")  # fmt: skip
    elif value["high"] < 0:
        words = _("On the whole the scores are too high: they say %(score)s, %(rate)s happens; the gap is %(low)s to %(high)s.")  # fmt: skip
    else:
        words = _("On the whole the scores say %(score)s and %(rate)s happens; a gap from %(low)s to %(high)s is compatible with these rows.")  # fmt: skip
    return [words % facts]


def over_bins(found: dict[str, Any]) -> list[str]:
    """The judged error, and the plain one beside its floor."""
    value, plain = found["calibration_error"], found.get("expected_calibration_error")
    if value["value"] is None or plain is None:
        return [_("The calibration error is not defined: %s.") % value["reason"]] if value.get("reason") else []
    facts = {
        "seen": figure(value["value"], ""), "low": figure(value["low"], "", way=math.floor),
        "high": figure(value["high"], "", way=math.ceil), "plain": figure(plain["value"], ""),
        "floor": figure(found["noise_floor"]["value"], ""),
    }  # fmt: skip
    return [
        _(
            "Calibration error over bins of like scores: %(seen)s (%(low)s to %(high)s). The usual ECE is %(plain)s, but perfect scores would show about %(floor)s by chance alone, so it is never judged."
        )
        % facts
    ]


def ending(outcome: dict[str, Any]) -> list[str]:
    """Attempts, groups left out, rows that would settle it, rows not used, and what the interval does not cover."""
    said = [detail for entry in outcome["thresholds"] for detail in details(entry)]
    said += without(outcome)
    said.append(
        _("The intervals cover sampling error only: not wrong labels, not a test sample unlike the cases served.")
    )
    return list(dict.fromkeys(said))


def without(outcome: dict[str, Any]) -> list[str]:
    """Rows that all figures, or those of scores, are without, by what the cell holds."""
    said = dropped({"dropped": [part for part in outcome["dropped"] if ": " not in part["reason"]]})
    for part in outcome["dropped"]:
        what, colon, cell = part["reason"].partition(": ")
        if not colon or not part["rows"]:
            continue
        words = LACKS["no rank" if outcome["check"] == "performance" and what == "no score" else what]()
        said.append(words % {"rows": f"{part['rows']:,}", "cell": CELLS[cell]() if cell in CELLS else cell})
    return said


LACKS: dict[str, Callable[[], str]] = {
    "no label": lambda: _("Rows not counted because their true outcome is missing (%(cell)s): %(rows)s."),
    "no true value": lambda: _("Rows not counted because their true value is missing (%(cell)s): %(rows)s."),
    "no score": lambda: _("Rows not counted because their score is missing (%(cell)s): %(rows)s."),
    "no rank": lambda: _(
        "Rows that the figures of scores leave out, because their score is missing (%(cell)s): %(rows)s."
    ),
    "no prediction": lambda: _("Rows not counted because their prediction is missing (%(cell)s): %(rows)s."),
}
CELLS: dict[str, Callable[[], str]] = {
    "NULL": lambda: _("empty cell"), "empty text": lambda: _("empty text"), "NaN": lambda: _("NaN")
}  # fmt: skip
