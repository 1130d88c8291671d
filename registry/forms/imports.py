"""The form of an import."""

from django import forms
from django.utils.translation import gettext_lazy as _

from registry.forms.acts import ActForm


class SheetForm(ActForm):
    """The sheet whose rows are to be entered."""

    file = forms.FileField(
        label=_("Sheet"),
        help_text=_("A CSV file in UTF-8 or a workbook (XLSX), with the names of columns in the first row."),
    )
