"""The check of the vocabulary that the card of a version is complete for its tier, kept as a row of evidence when run."""

from django.utils.translation import gettext_lazy as _

from registry import policy
from registry.cards.completeness import counted
from registry.cards.values import values
from registry.models import ModelVersion, Verdict
from registry.record_checks import Finding, record_check


@record_check(
    "doc.card_completeness",
    _("Model card is complete"),
    {
        "enough": _("%(filled)d of %(required)d required fields are filled; %(asked)d %% are asked for."),
        "short": _("%(filled)d of %(required)d required fields are filled; %(asked)d %% are asked for. Missing: %(missing)s."),
    },
)  # fmt: skip
def card_complete(version: ModelVersion) -> list[Finding]:
    """The newest revision against the share that the policy of the tier asks for."""
    found = values(version, version.card)
    state, asked = counted(found), policy.of_tier(version.home_system.risk_tier).card_completeness
    facts = {"filled": state.filled, "required": state.required, "asked": round(asked * 100)}
    if state.share >= asked:
        return [Finding("enough", Verdict.PASS, facts)]
    missing = ", ".join(value.field.id for value in found if value.required and not value.is_filled)
    return [Finding("short", Verdict.FAIL, facts | {"missing": missing})]
