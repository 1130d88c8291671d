"""Forms of what comes from others: vendors, agreements, components and their uses."""

from typing import Any, Final

from django import forms
from django.forms.models import fields_for_model
from django.utils.translation import gettext_lazy as _

from registry import access
from registry.actions import vendors
from registry.datasets import standard
from registry.forms.acts import ActForm, DayInput, ReasonForm, offer, units_where
from registry.forms.inventory import SMALL, small
from registry.models import Agreement, Component, ModelVersion, Use, User, Vendor

VENDOR_FIELDS: Final = ("name", "services", "criticality", "contact", "owner", "review_due")
AGREEMENT_FIELDS: Final = ("title", "kind", "terms_version", "terms_date", "url", "expires_on", *vendors.CLAUSES)
NEWS_FIELDS: Final = ("newer_version", "end_of_life", "released_on", "family", "criticality", "risk_note")
COMPONENT_FIELDS: Final = (
    "component_type", "provider", "name", "version", "family", "released_on", "newer_version", "end_of_life",
    "licence", "hash", "criticality", "risk_note",
)  # fmt: skip
LAST_DAY: Final = _("Last day on which it is allowed")


class RegionsField(forms.Field):
    """Names of regions, divided by commas."""

    def to_python(self, value: Any) -> list[str]:
        """Each once, in the order given."""
        names = str(value or "").replace("，", ",").split(",")
        return list(dict.fromkeys(name.strip() for name in names if name.strip()))

    def prepare_value(self, value: Any) -> Any:
        """As it is typed."""
        return ", ".join(value) if isinstance(value, list) else value


def several(label: Any, choices: Any, **more: Any) -> forms.MultipleChoiceField:
    """A field of boxes to tick."""
    return forms.MultipleChoiceField(label=label, choices=choices, widget=forms.CheckboxSelectMultiple, **more)


class VendorForm(ActForm):
    """What is said of a vendor."""

    def __init__(self, *args: Any, person: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields.update(fields_for_model(Vendor, fields=VENDOR_FIELDS, formfield_callback=small))
        self.fields["owner"].queryset = User.objects.visible_to(person)


class NewVendorForm(VendorForm):
    """A vendor with the unit that keeps it."""

    unit = forms.ModelChoiceField(
        None, label=_("Business unit"), help_text=_("It keeps the entry; all units below it may use it.")
    )

    def __init__(self, *args: Any, person: User, **kwargs: Any) -> None:
        super().__init__(*args, person=person, **kwargs)
        offer(self.fields["unit"], units_where(person, access.MODEL_CREATE))
        self.fields["owner"].initial = person.pk
        self.order_fields(("unit", "name"))


class ApproveVendorForm(ReasonForm):
    """A reason, and conditions where there are some."""

    conditions = forms.CharField(
        label=_("Conditions"), required=False, widget=forms.Textarea(attrs=SMALL),
        help_text=_("Whoever uses its components reads them. Without any, it is approved outright."),
    )  # fmt: skip


class AgreementForm(ActForm):
    """What is filed of a contract or of terms."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields.update(fields_for_model(Agreement, fields=AGREEMENT_FIELDS, formfield_callback=small))


class ReadForm(ReasonForm):
    """What one found, and when the terms are read again."""

    review_due = forms.DateField(label=_("Read again by"), widget=DayInput())

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["reason"].label = _("What you found")


class ScopeForm(ActForm):
    """For what, on which data and where a component may be used."""

    uses = several(_("May be used for"), Use.choices, required=False)
    data_classes = several(_("May see data of the classes"), standard.choices, required=False)
    regions = RegionsField(
        label=_("May run in"), required=False, help_text=_("Regions, divided by commas; empty for anywhere.")
    )


class NewsForm(ActForm):
    """What is new of a component that was decided on."""

    def __init__(self, *args: Any, person: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields.update(fields_for_model(Component, fields=NEWS_FIELDS, formfield_callback=small))


class ComponentForm(ScopeForm):
    """What is said of a component while it is proposed."""

    vendor = forms.ModelChoiceField(None, label=_("Vendor"), required=False, empty_label=_("None: open source"))

    def __init__(self, *args: Any, person: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields.update(fields_for_model(Component, fields=COMPONENT_FIELDS, formfield_callback=small))
        self.fields["vendor"].queryset = Vendor.objects.visible_to(person)
        self.order_fields(("component_type", "vendor", *COMPONENT_FIELDS))


class NewComponentForm(ComponentForm):
    """A component with the unit in whose catalogue it stands."""

    unit = forms.ModelChoiceField(
        None, label=_("Business unit"), help_text=_("Its catalogue holds for it and for all units below it.")
    )

    def __init__(self, *args: Any, person: User, **kwargs: Any) -> None:
        super().__init__(*args, person=person, **kwargs)
        offer(self.fields["unit"], units_where(person, access.MODEL_CREATE))
        self.order_fields(("unit", "component_type"))


class ApproveComponentForm(ScopeForm, ReasonForm):
    """The decision that lets a component be used."""

    valid_until = forms.DateField(label=LAST_DAY, widget=DayInput())


class RestrictComponentForm(ApproveComponentForm):
    """The same under conditions."""

    conditions = forms.CharField(
        label=_("Conditions"), widget=forms.Textarea(attrs=SMALL),
        help_text=_("Whoever uses it says how they are kept; without that a release stays closed."),
    )  # fmt: skip


class UseForm(ActForm):
    """That this version, or its system as a whole, uses a component."""

    component = forms.ModelChoiceField(None, label=_("Component"))
    scope = forms.ChoiceField(
        label=_("Used by"), choices=(("version", _("This version")), ("system", _("The whole system")))
    )
    use = forms.ChoiceField(label=_("Used for"), choices=Use)
    data_class = forms.ChoiceField(label=_("Most sensitive data that it sees"), choices=standard.choices)
    region = forms.CharField(label=_("Where it runs"), required=False, max_length=60)
    modifications = forms.CharField(
        label=_("What was changed in it"), required=False, widget=forms.Textarea(attrs=SMALL)
    )
    conditions_kept = forms.CharField(
        label=_("How its conditions are kept"), required=False, widget=forms.Textarea(attrs=SMALL)
    )

    def __init__(self, *args: Any, person: User, version: ModelVersion, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        rows = Component.objects.visible_to(person).of_unit(version.unit)
        self.fields["component"].queryset = rows.exclude(status=Component.Status.ENDED)
