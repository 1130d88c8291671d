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
    said += [plain_threshold(entry, entry["rule"], "") for entry in outcome.get("thresholds", [])]
    said.append(_("Attributions describe the model, not the world: a large one is no cause."))
    return said
