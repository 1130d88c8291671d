"""Turns outcomes of feature attribution into sentences in the reader's language."""

from typing import Any

from django.utils.translation import gettext as _

from rai.wording.rules import details, plain_threshold


def feature_attribution(outcome: dict[str, Any]) -> list[str]:
    """Which inputs weigh most, how sure that order is, on how many rows."""
    features = outcome.get("features", [])
    first = [
        (feature["name"], feature["share"]["value"])
        for feature in features[:3]
        if feature["share"]["value"] is not None
    ]
    said = []
    if first:
        named = ", ".join(f"{name} ({share:.0%})" for name, share in first)
        said.append(_("The inputs that move the score most are, with their share of all attribution: %s.") % named)
    tied = [feature["name"] for feature in features if feature.get("tied_with")]
    if tied:
        said.append(
            _("The order among these cannot be told with the rows used; their rank intervals overlap: %s.")
            % ", ".join(tied)
        )
    sample = outcome.get("sample", {})
    if sample:
        said.append(_("%(used)s of %(available)s rows were explained; more would not change the picture.") % {
            "used": f"{sample['rows_used']:,}", "available": f"{sample['rows_available']:,}",
        } if sample.get("stop_reason") == "settled" else _("%(used)s of %(available)s rows were explained.") % {
            "used": f"{sample['rows_used']:,}", "available": f"{sample['rows_available']:,}",
        })  # fmt: skip
    said += unreliable(outcome)
    said += [plain_threshold(entry, entry["rule"], "") for entry in outcome.get("thresholds", [])]
    said += [widest_gap(gap) for gap in outcome.get("gaps", [])[:1] if gap["difference"]["low"]]
    for row in outcome.get("local", []):
        said += local(row)
    said += [curve(each) for each in outcome.get("curves", [])]
    said.append(_("Attributions describe the model, not the world: a large one is no cause."))
    return said


def unreliable(outcome: dict[str, Any]) -> list[str]:
    """Why the values can carry no verdict, where that is so."""
    said = []
    if not outcome.get("explainer", {}).get("additive", True):
        said.append(_("The values do not add up to the model's score: this explanation is not evaluable."))
    if outcome.get("stability", {}).get("stable") is False:
        said.append(
            _(
                "Halves of the rows tell different stories (%(input)s moves by %(change)s of all): this explanation is not evaluable."
            )
            % {
                "input": outcome["stability"]["feature"],
                "change": f"{outcome['stability']['largest_share_change']:.0%}",
            }
        )
    return said


def widest_gap(gap: dict[str, Any]) -> str:
    """The input that surely weighs more for one group than for another."""
    highest, lowest = (", ".join(gap[side].values()) for side in ("highest", "lowest"))
    return _("%(input)s surely weighs more for %(highest)s than for %(lowest)s.") % {
        "input": gap["feature"], "highest": highest, "lowest": lowest,
    }  # fmt: skip


def local(row: dict[str, Any]) -> list[str]:
    """One row in plain sentences: its score, what raised it, what lowered it, and what would turn it."""
    raised = [one for one in row["inputs"] if one["contribution"] > 0][:3]
    lowered = [one for one in row["inputs"] if one["contribution"] < 0][:3]
    said = [
        _("Row %(row)s: score %(raw)s, where rows have %(base)s on average. Raised most by %(raised)s; lowered most by %(lowered)s.")
        % {
            "row": row["row"], "raw": f"{row['raw']:.2f}", "base": f"{row['base']:.2f}", "raised": named(raised), "lowered": named(lowered),
        }
    ]  # fmt: skip
    return [*said, turning(row["row"], row["turned"])] if row.get("turned") else said


def curve(each: dict[str, Any]) -> str:
    """How far the score goes with an input, by the curve that is to be read, and why that one."""
    if not each["places"]:
        return _("%s never differs in these rows: it has no curve.") % each["name"]
    values = [one[each["preferred"]] for one in each["places"]]
    facts = {
        "input": each["name"], "range": f"{max(values) - min(values):.3f}", "other": each["goes_with"] or "–",
        "size": f"{each['correlation']:.2f}",
    }  # fmt: skip
    if each["preferred"] == "ale":
        return (
            _(
                "The score goes with %(input)s by up to %(range)s. Read the accumulated local effects: %(input)s goes with %(other)s (rank correlation %(size)s), and partial dependence would make up rows that do not exist."
            )
            % facts
        )
    return (
        _(
            "The score goes with %(input)s by up to %(range)s. Partial dependence serves: no other input goes with it much (%(size)s at most)."
        )
        % facts
    )


def named(inputs: list[dict[str, Any]]) -> str:
    """Inputs with their values and what they add."""
    told = [f"{one['name']} = {value_of(one['value'])} ({one['contribution']:+.2f})" for one in inputs]
    return ", ".join(told) if told else _("nothing")


def value_of(value: float | None) -> str:
    """A cell as it was, an empty one by its name."""
    return _("(missing)") if value is None else f"{value:g}"


def turning(row: int, turned: dict[str, Any]) -> str:
    """What would have to be otherwise for the other decision."""
    if turned["changes"] is None:
        return _("Row %s: no change of one or two inputs to values that other rows have turns the decision.") % row
    changes = ", ".join(f"{one['name']} {one['from']:g} → {one['to']:g}" for one in turned["changes"])
    facts = {
        "row": row,
        "changes": changes,
        "before": f"{turned['score']:.3f}",
        "after": f"{turned['score_after']:.3f}",
    }
    return (
        _("Row %(row)s: the nearest change that turns the decision is %(changes)s (score %(before)s → %(after)s).")
        % facts
    )


# ---- drift of attributions


def attribution_drift(outcome: dict[str, Any]) -> list[str]:
    """What moved furthest, which ranks surely changed, the verdicts, and why there is none where that is so."""
    said = []
    if outcome["not_evaluable"]:
        said.append(why_not(outcome["not_evaluable"]))
    for one in outcome["shifts"][:1]:
        said.append(furthest(one))
    surely = [one["name"] for one in outcome["shifts"] if one["moved"] == "surely"]
    said.append(
        _("These surely have another rank than in the approved version: %s.") % ", ".join(surely)
        if surely
        else _("No input surely has another rank than in the approved version.")
    )
    labels = {
        "share_change": _("Change of a share"), "attribution_ks": _("Gap between distributions"), "moved_ranks": _("Inputs with another rank"),
    }  # fmt: skip
    for entry in outcome["thresholds"]:
        name, _sign, limit = entry["rule"].partition("<=")
        said += [plain_threshold(entry, labels[name.strip()], limit), *details({**entry, "left_out": []})]
    return [*said, _("A model may lean on other inputs because people or the world changed: a shift is a reason to look, not a fault.")]  # fmt: skip


def why_not(reason: str) -> str:
    """Why the two cannot be compared."""
    words = {
        "unstable_before": _("The explanation of the approved version is not stable itself: drift is not evaluable."),
        "unstable_now": _("The explanation on these rows is not stable itself: drift is not evaluable."),
        "other_method": _("The two models are explained in different ways: drift is not evaluable."),
    }
    return words.get(reason, reason)


def furthest(one: dict[str, Any]) -> str:
    """The input whose share moved most, with its interval."""
    change = one["change"]
    if change["value"] is None:
        return _("No input moves the score on one of the two sides.")
    facts = {
        "input": one["name"], "before": f"{one['share_before']:.1%}", "now": f"{one['share_now']:.1%}",
        "low": f"{100 * change['low']:.1f}", "high": f"{100 * change['high']:.1f}",
    }  # fmt: skip
    return (
        _(
            "The share of %(input)s moved most: from %(before)s to %(now)s of all attribution, by %(low)s to %(high)s points (95 %% interval)."
        )
        % facts
    )
