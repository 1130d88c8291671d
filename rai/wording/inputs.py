"""Turns outcomes of feature attribution into sentences in the reader's language."""

from typing import Any

from django.utils.translation import gettext as _

from rai.wording.rules import plain_threshold


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
