"""Forms about release policies: the whole text, the common values of one tier, and an opinion before a move."""

from typing import Any, Final

from django import forms
from django.utils.translation import gettext_lazy as _

from registry import gates
from registry.forms.acts import ReasonForm
from registry.gate_titles import title_of
from registry.models import Duty
from registry.policies import editing
from registry.policies.refusals import NEVER_WAIVED

# The values of a tier that the short form changes, each under the same name in the policy.
NUMBERS: Final = ("due_days", "evidence_valid_days", "approval_valid_days")


class PolicyForm(ReasonForm):
    """The text of a policy, and why it changes."""

    source = forms.CharField(
        label=_("Policy"), strip=False, widget=forms.Textarea(attrs={"rows": 28, "class": "code", "spellcheck": "false"}),
        help_text=_("YAML. What is wrong with it is said with the line; nothing is saved until all of it can be read."),
    )  # fmt: skip
    field_order = ("source", "reason")


class TierForm(ReasonForm):
    """The common values of one tier of a draft."""

    due_days = forms.IntegerField(label=_("Days until a review is due"), min_value=1, max_value=3660)
    card_completeness = forms.IntegerField(
        label=_("Required fields of the card that are filled, in per cent"), min_value=0, max_value=100
    )
    evidence_valid_days = forms.IntegerField(label=_("Days that evidence is valid"), min_value=1, max_value=3660)
    approval_valid_days = forms.IntegerField(
        label=_("Days that an approval holds"), min_value=1, max_value=3660, required=False,
        help_text=_("Empty: without end."),
    )  # fmt: skip
    waivable = forms.MultipleChoiceField(
        label=_("Gates that may be waived"), required=False, widget=forms.CheckboxSelectMultiple
    )
    waiver_days = forms.IntegerField(label=_("Days that a waiver holds at most"), min_value=1, max_value=3660)
    field_order = (
        "due_days", "card_completeness", "evidence_valid_days", "approval_valid_days", "waivable", "waiver_days", "reason",
    )  # fmt: skip

    def __init__(self, *args: Any, source: str, body: dict[str, Any], tier: str, **kwargs: Any) -> None:
        self.source, self.tier, self.asked = source, tier, body["tiers"][tier]
        super().__init__(*args, initial=begun(self.asked), **kwargs)
        known = [*gates.GATES, *self.asked.get("waivers", {}).get("gates", [])]
        choices = [slug for slug in dict.fromkeys(known) if slug not in NEVER_WAIVED]
        self.fields["waivable"].choices = [(slug, title_of(slug)) for slug in choices]

    def clean(self) -> dict[str, Any]:
        """The keywords of the action: the text with the values of the tier written anew, and the reason."""
        given = dict(super().clean() or self.cleaned_data)
        if self.errors:
            return given
        text = editing.changed(self.source, self.tier, values_of(given, self.asked))
        if text is None:
            self.add_error(None, _("The text is laid out in a way that this form cannot change. Edit the text itself."))
        return {"source": text, "reason": given["reason"]}


def begun(asked: dict[str, Any]) -> dict[str, Any]:
    """What the form shows of a tier."""
    waivers = asked.get("waivers", {})
    return {name: asked.get(name) for name in NUMBERS} | {
        "card_completeness": round(asked["card_completeness"] * 100), "waivable": waivers.get("gates", []),
        "waiver_days": waivers.get("most_days", 30),
    }  # fmt: skip


def values_of(given: dict[str, Any], asked: dict[str, Any]) -> dict[str, Any]:
    """What the form says otherwise than the tier, by the names that a policy has for it; None takes a value out."""
    shown = begun(asked)
    found = {name: given[name] for name in NUMBERS if given[name] != shown[name]}
    if given["card_completeness"] != shown["card_completeness"]:
        found["card_completeness"] = given["card_completeness"] / 100
    if set(given["waivable"]) != set(shown["waivable"]) or given["waiver_days"] != shown["waiver_days"]:
        kept = [slug for slug in shown["waivable"] if slug in given["waivable"]]
        more = [slug for slug in given["waivable"] if slug not in kept]
        found["waivers"] = {"gates": kept + more, "most_days": given["waiver_days"]}
    return found


class OpinionForm(ReasonForm):
    """What the holder of a duty says before a system moves on."""

    verb = forms.ChoiceField(label=_("Move"), choices=())
    duty = forms.ChoiceField(label=_("In which duty"), choices=())
    is_favourable = forms.TypedChoiceField(
        label=_("Does anything stand against it?"), coerce=lambda value: value == "yes", widget=forms.RadioSelect,
        choices=(("yes", _("Nothing stands against it")), ("no", _("Something stands against it"))),
    )  # fmt: skip
    field_order = ("verb", "duty", "is_favourable", "reason")

    def __init__(self, *args: Any, moves: list[Any], duties: list[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["verb"].choices = [(move.verb, move.label) for move in moves]
        self.fields["duty"].choices = [(duty, Duty(duty).label) for duty in duties]
