"""Sentences that every check shares: the verdict on a rule, groups left out, rows dropped, attempts, rows needed."""

import math
import re
from collections.abc import Callable
from typing import Any

from django.utils.translation import gettext as _, ngettext

METRICS: dict[str, Callable[[], str]] = {
    "selection_rate": lambda: _("Selection rates"),
    "accuracy": lambda: _("Accuracies"),
    "true_positive_rate": lambda: _("True positive rates"),
    "false_positive_rate": lambda: _("False positive rates"),
    "true_negative_rate": lambda: _("True negative rates"),
    "false_negative_rate": lambda: _("False negative rates"),
    "precision": lambda: _("Precisions"),
    "f1": lambda: _("F1 scores"),
    "macro_recall": lambda: _("Mean recalls over the classes"),
    "macro_precision": lambda: _("Mean precisions over the classes"),
    "macro_f1": lambda: _("Mean F1 scores over the classes"),
    "label_rate": lambda: _("Rates of positive labels"),
    "equalized_odds": lambda: _("True and false positive rates"),
    "demographic_parity": lambda: _("Selection rates"),
    "equal_opportunity": lambda: _("True positive rates"),
}

LEFT_OUT: dict[str, Callable[[], str]] = {
    "small_group": lambda: _("too small to decide on"),
    "undefined_group": lambda: _("the rate is not defined, for want of rows of one kind"),
    "missing_values": lambda: _("too many of its rows lack a value"),
    "few_clusters": lambda: _("its rows come from too few people"),
}

DROPPED: dict[str, Callable[[], str]] = {
    "no label": lambda: _("they hold no true outcome"),
    "no prediction": lambda: _("they hold no prediction"),
    "no label and no prediction": lambda: _("they hold neither true outcome nor prediction"),
}


def metric_of(rule: str) -> tuple[str, str, str]:
    """A rule's metric name for people, its kind (difference, ratio or value), and its limit as written."""
    name, _sign, limit = re.split("(<=|>=)", rule, maxsplit=1)
    kind = "ratio" if "_ratio" in name else "difference" if "_difference" in name else "value"
    base = re.split("_difference|_ratio|_group_m", name)[0]
    label = METRICS.get(base)
    return (label() if label else base.replace("_", " ")), kind, limit


def points(value: float | None, *, up: bool = False, down: bool = False) -> str:
    """A difference of rates in percentage points; bounds are rounded away from the verdict's side."""
    if value is None:
        return "–"
    tenths = value * 1000
    rounded = math.ceil(tenths - 1e-9) if up else math.floor(tenths + 1e-9) if down else round(tenths)
    return f"{rounded / 10:.1f}"


def threshold_sentence(entry: dict[str, Any]) -> str:
    """The verdict on one rule in plain words."""
    label, kind, limit = metric_of(entry["rule"])
    if kind != "difference" or entry.get("value") is None:
        return plain_threshold(entry, label, limit)
    facts = {
        "metric": label, "limit": points(float(limit)), "seen": points(entry["value"]),
        "low": points(entry["low"], down=True), "high": points(entry["high"], up=True),
        "groups": entry["groups"], "by": " × ".join(entry["by"]), "chance": points(entry.get("chance")),
        "who": worst(entry),
    }  # fmt: skip
    if entry["verdict"] == "pass":
        return (
            _(
                "%(metric)s differ by at most %(high)s points between any two of the %(groups)d groups by %(by)s (95 %% confidence; limit %(limit)s). Seen: %(seen)s points; chance alone would show about %(chance)s."
            )
            % facts
        )
    if entry["verdict"] == "fail":
        return (
            _("%(metric)s differ by at least %(low)s points (limit %(limit)s) by %(by)s, %(who)s; seen %(seen)s.")
            % facts
        )
    return _("%(metric)s by %(by)s: seen %(seen)s points, but anything from %(low)s to %(high)s is compatible with these rows (limit %(limit)s). This is not a pass and not a fault of the model.") % facts  # fmt: skip


def plain_threshold(entry: dict[str, Any], label: str, limit: str) -> str:
    """The verdict on a rule about a ratio or a single value."""
    verdicts = {
        "pass": _("within the limit"),
        "fail": _("beyond the limit"),
        "insufficient": _("not settled by these rows"),
    }
    facts = {
        "metric": label, "rule": entry["rule"], "verdict": verdicts.get(entry["verdict"], entry["verdict"]),
        "value": number(entry.get("value")), "low": number(entry.get("low")), "high": number(entry.get("high")),
    }  # fmt: skip
    return _("%(metric)s (%(rule)s): %(verdict)s. Seen %(value)s, interval %(low)s to %(high)s.") % facts


def number(value: float | None) -> str:
    """A number to three digits, or a dash."""
    return "–" if value is None else f"{value:.3f}"


def worst(entry: dict[str, Any]) -> str:
    """Between whom the spread is largest."""
    pair = entry.get("worst") or {}
    first, second = (", ".join(str(value) for value in (pair.get(side) or {}).values()) for side in ("group", "versus"))
    return _("between %(first)s and %(second)s") % {"first": first, "second": second} if first and second else ""


def details(entry: dict[str, Any]) -> list[str]:
    """Attempts, groups left out, and how many rows would settle it."""
    said = []
    if entry.get("attempt", 1) > 1:
        said.append(_("This is attempt %(n)d of the rule %(rule)s; the level shrinks with each.") % {"n": entry["attempt"], "rule": entry["rule"]})  # fmt: skip
    for group in entry.get("left_out", []):
        name = ", ".join(str(value) for value in group["group"].values())
        why = LEFT_OUT.get(group.get("reason", ""), LEFT_OUT["small_group"])()
        words = ngettext(
            "%(group)s (%(n)d row) was not judged: %(why)s.",
            "%(group)s (%(n)d rows) was not judged: %(why)s.",
            group["n"],
        )
        said.append(words % {"group": name, "n": group["n"], "why": why})
    needed = (entry.get("rows_needed") or {}).get("rows")
    if needed:
        said.append(
            ngettext(
                "About %(n)s more row of the same mix would probably settle %(rule)s.",
                "About %(n)s more rows of the same mix would probably settle %(rule)s.",
                needed,
            ) % {"n": f"{about(needed):,}", "rule": entry["rule"]}
        )  # fmt: skip
    return said


def about(rows: int) -> int:
    """To two digits: a plan is an estimate, and more digits would promise what it cannot keep."""
    return round(rows, 2 - len(str(rows))) if rows >= 100 else rows


def dropped(outcome: dict[str, Any]) -> list[str]:
    """Rows that were not counted."""
    return [
        ngettext(
            "%(rows)s row was not counted: %(reason)s.", "%(rows)s rows were not counted: %(reason)s.", part["rows"]
        )
        % {
            "rows": f"{part['rows']:,}",
            "reason": DROPPED[part["reason"]]() if part["reason"] in DROPPED else part["reason"],
        }
        for part in outcome.get("dropped", [])
        if part.get("rows")
    ]
