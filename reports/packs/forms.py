"""The form that asks for a pack of a system, a unit or an engagement."""

from typing import Any, Final
from uuid import UUID

from django import forms
from django.utils.translation import gettext_lazy as _

from registry import access
from registry.forms.acts import ActForm, DayInput, units_where
from registry.models import AISystem, Duty, RoleAssignment, User
from reports.forms import PackForm

OFFERED: Final = 200


class StampForm(ActForm):
    """The answer of a time authority about a pack."""

    file = forms.FileField(label=_("Answer of a time authority (RFC 3161)"))


class WidePackForm(PackForm):
    """An evidence pack of more than a version, over a period."""

    subject = forms.ChoiceField(label=_("Of what"), help_text=_("Of a unit it holds all units below it, too."))
    since = forms.DateField(label=_("From"), required=False, widget=DayInput())
    until = forms.DateField(
        label=_("Until"), required=False, widget=DayInput(),
        help_text=_("Without days it tells everything; of an engagement its own days count."),
    )  # fmt: skip
    shows_people = forms.BooleanField(
        label=_("Name people"), required=False,
        help_text=_("Without it people have names that hold in this pack alone, and texts of the log are left out."),
    )  # fmt: skip

    field_order = ("subject", "since", "until", "language", "shows_people")

    def __init__(self, *args: Any, person: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.person = person
        groups = [(label, [(f"{sort}:{row.pk}", str(row)) for row in rows]) for sort, label, rows in self.offered()]
        self.has_subjects = any(choices for _label, choices in groups)
        self.fields["subject"].choices = [("", "---------"), *[group for group in groups if group[1]]]

    def offered(self) -> list[tuple[str, Any, Any]]:
        """What the person may ask for: sort, heading and rows."""
        units = units_where(self.person, access.PACK_GENERATE)
        systems = AISystem.objects.visible_to(self.person).filter(
            access.reach(self.person, access.PACK_GENERATE, unit="unit", system="pk")
        )
        own = RoleAssignment.objects.current().filter(person=self.person, duty=Duty.AUDITOR).select_related("unit")
        return [
            ("engagement", _("Engagements"), own),
            ("unit", _("Units"), units.order_by("name")[:OFFERED]),
            ("system", _("Systems"), systems.order_by("name")[:OFFERED]),
        ]

    def clean_subject(self) -> Any:
        """The row, fetched again; what the person may do with it the action asks."""
        sort, _colon, key = self.cleaned_data["subject"].partition(":")
        rows = {found: some for found, _label, some in self.offered()}[sort]
        return next(row for row in rows if row.pk == UUID(key))
