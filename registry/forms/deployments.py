"""Forms of what runs: start, move, change, fall back, report."""

from typing import Any, Final

from django import forms
from django.forms.models import fields_for_model
from django.utils.translation import gettext_lazy as _

from registry.forms.acts import ActForm, ReasonForm
from registry.forms.inventory import small
from registry.forms.pairs import PairsField
from registry.models import Deployment, User

FACTS: Final = (
    "residency", "failover_region", "redundancy", "business_owner", "technical_owner", "rate_limit", "log_store",
    "log_write_once",
)  # fmt: skip


class PlaceForm(ActForm):
    """Where an instance runs."""

    environment = forms.ChoiceField(label=_("Environment"), choices=Deployment.Environment)
    region = forms.CharField(label=_("Region"), max_length=60, help_text=_("For example eu-central, or the plant."))
    endpoint = forms.CharField(
        label=_("Endpoint"), max_length=255, required=False,
        help_text=_("Deployments that name the same endpoint are shown together."),
    )  # fmt: skip


class FactsForm(ActForm):
    """What is said of an instance and may change while it runs."""

    quotas = PairsField(
        names=("consumer", "limit"), label=_("Consumers and their quotas"), required=False,
        help_text=_("One a line: the consumer, a colon, its quota. For example: Branch app: 500 requests a minute"),
    )  # fmt: skip

    def __init__(self, *args: Any, person: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields.update(fields_for_model(Deployment, fields=FACTS, formfield_callback=small))
        for name in ("business_owner", "technical_owner"):
            self.fields[name].queryset = User.objects.visible_to(person)
            self.fields[name].empty_label = _("As the system")
        self.order_fields((*FACTS[:-2], "quotas", *FACTS[-2:]))


class RedeployForm(PlaceForm, ReasonForm):
    """The same release anew, here or elsewhere."""


class ObservedForm(ActForm):
    """The digests that an instance serves."""

    digests = forms.CharField(
        label=_("Digests that it serves"), widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("One a line, each “sha256:” and 64 hexadecimal digits. A pipeline posts the same by REST."),
    )  # fmt: skip
    note = forms.CharField(label=_("How it was found out"), required=False, max_length=200)

    def clean_digests(self) -> list[str]:
        """The lines."""
        return self.cleaned_data["digests"].split()


class NoteForm(ActForm):
    """How something was verified."""

    note = forms.CharField(
        label=_("How it was verified"),
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("At least ten characters."),
    )
