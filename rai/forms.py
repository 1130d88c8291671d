"""Forms of uploads, checks and limits; the form of a check is made from its parameters in the catalogue."""

from collections.abc import Sequence
from typing import Any, Final

from django import forms
from django.conf import settings
from django.utils.functional import lazy
from django.utils.translation import gettext, gettext_lazy as _

from rai.catalogue import CheckType, Parameter, limited
from rai.models import MetricBaseline, Predictions
from rai.sandbox.limits import UPLOADS
from registry.forms.acts import ActForm

# What a column is called tells its part often enough to be worth preselecting, never enough to go unseen.
USUAL_NAMES: Final = {
    "target": ("y", "y_true", "target", "label", "actual", "outcome", "truth", "two_year_recid", "accepted", "default"),
    "prediction": ("yhat", "y_hat", "y_pred", "prediction", "predicted", "pred", "decision", "mail", "selected"),
    "sensitive": (
        "sex", "gender", "race", "ethnicity", "age_group", "age_band", "age_cat", "nationality", "religion",
        "disability", "marital_status", "region",
    ),
}  # fmt: skip


def limits_of_uploads() -> str:
    """What a table may be, said before anybody waits for an upload."""
    return gettext(
        "CSV in UTF-8 with the names of the columns in the first row, or Parquet. At most %(size)d MB, %(rows)s rows "
        "and %(columns)s columns. The file is hashed and kept as it is; only a process of its own opens it. Several files "
        "with the same columns are one table."
    ) % {
        "size": settings.UPLOAD_MAX_BYTES // 2**20,
        "rows": f"{UPLOADS.rows:,}",
        "columns": f"{UPLOADS.columns:,}",
    }


class FilesInput(forms.FileInput):
    """A file or several, chosen at once."""

    allow_multiple_selected = True


class FilesField(forms.FileField):
    """One file or several; the value is a list of them."""

    def clean(self, data: Any, initial: Any = None) -> list[Any]:
        """Every file by itself."""
        given = data if isinstance(data, list | tuple) else [data]
        return [super(FilesField, self).clean(one, initial) for one in given or [None]]


class PredictionsForm(ActForm):
    """A table of predictions for a version, in one file or several."""

    file = FilesField(
        label=_("File"),
        help_text=lazy(limits_of_uploads, str)(),
        error_messages={
            "required": _("Choose a .csv or .parquet file."),
            "empty": _("The file is empty. Nothing was stored."),
        },
        widget=FilesInput(attrs={"accept": ".csv,.parquet"}),
    )
    role = forms.ChoiceField(
        label=_("What the rows are"),
        choices=Predictions._meta.get_field("role").choices,
        initial="test",
        widget=forms.RadioSelect,
        help_text=_("Figures on rows that the model was tuned on flatter it; reports say which kind was used."),
    )


class SupplyFileForm(ActForm):
    """A file that packages are checked by."""

    kind = forms.ChoiceField(
        label=_("What it is"),
        choices=(
            (
                "bill_of_materials",
                _("Bill of materials of this version: CycloneDX or SPDX in JSON, or pinned requirements"),
            ),
            ("advisories", _("Advisories for every version of the system: OSV in JSON, or a CSV")),
        ),
        initial="bill_of_materials",
        widget=forms.RadioSelect,
    )
    file = forms.FileField(
        label=_("File"),
        help_text=_(
            "It is hashed and kept as it is; only a process of its own opens it. Nothing is fetched from anywhere. A CSV of "
            "advisories has the columns id, package, affected (such as >=1.0,<1.2.3) and severity; ecosystem, aliases and "
            "modified may be there."
        ),
        error_messages={"required": _("Choose a file.")},
        widget=forms.FileInput(attrs={"accept": ".json,.jsonl,.csv,.txt"}),
    )


class CheckForm(ActForm):
    """What a person chooses for a run of one check on one table."""

    def __init__(
        self,
        *args: Any,
        check: CheckType,
        columns: Sequence[str],
        tables: Sequence[tuple[str, str]] = (),
        before: dict[str, Any] | None = None,
        **kwargs: Any,
    ) -> None:
        """`before` is what an earlier run was asked with: it stands in the form instead of what names suggest.

        `tables` are other tables to compare with: id and name.
        """
        self.guesses = {} if before else {one.name: guess(one, columns) for one in check.parameters}
        guessed = {name: found for name, found in self.guesses.items() if found}
        super().__init__(*args, initial=before or guessed, auto_id=f"{check.slug}_%s", **kwargs)
        for parameter in check.parameters:
            # Evidence to be held against, and what the record says, is found by the action; nobody chooses it.
            if parameter.kind in {"evidence", "record"}:
                continue
            self.fields[parameter.name] = field = field_of(parameter, columns, tables)
            if parameter.default is not None:
                # Read by components/field.html in place of “optional”: what is preset is no gap.
                field.mark = _("preset")

    @property
    def guessed(self) -> list[tuple[str, str]]:
        """Label and columns of each parameter that was preselected by name."""
        found = {name: [value] if isinstance(value, str) else value for name, value in self.guesses.items() if value}
        return [(str(self.fields[name].label), ", ".join(value)) for name, value in found.items()]


def field_of(parameter: Parameter, columns: Sequence[str], tables: Sequence[tuple[str, str]] = ()) -> forms.Field:
    """The form field of a parameter."""
    said = {"label": parameter.label, "help_text": parameter.help, "initial": parameter.default}
    said["required"] = parameter.required and parameter.default is None
    absent = {"invalid_choice": _("The table has no column “%(value)s”. Choose among those that are offered.")}
    if parameter.kind == "column":
        offered = [("", _("Choose a column")), *((name, name) for name in columns)]
        return forms.ChoiceField(choices=offered, error_messages=absent, **said)
    if parameter.kind == "columns":
        boxes, offered = forms.CheckboxSelectMultiple, [(name, name) for name in columns]
        return forms.MultipleChoiceField(choices=offered, widget=boxes, error_messages=absent, **said)
    if parameter.kind == "predictions":
        return forms.ChoiceField(choices=[("", _("Choose a table")), *tables], **said)
    if parameter.kind == "choice":
        return forms.ChoiceField(choices=parameter.choices, **said)
    if parameter.kind == "whole":
        return forms.IntegerField(min_value=parameter.least, max_value=parameter.most, **said)
    return forms.CharField(max_length=200, **said)


def guess(parameter: Parameter, columns: Sequence[str]) -> str | list[str]:
    """The column or columns whose names usually play this part; empty when none has such a name."""
    usual = USUAL_NAMES.get(parameter.name, ())
    found = [name for name in columns if name.strip().lower() in usual]
    if parameter.kind == "columns":
        return found
    found.sort(key=lambda name: usual.index(name.strip().lower()))
    return found[0] if found and parameter.kind == "column" else ""


class LimitForm(ActForm):
    """A limit that every run of a system is held to."""

    slug = forms.ChoiceField(
        label=_("Check"), choices=lambda: [(slug, check.label) for slug, check in limited().items()]
    )
    rule = forms.CharField(
        label=_("Rule"),
        max_length=120,
        help_text=_(
            "A metric, <= or >=, and a number, for example false_positive_rate_difference<=0.1. It is judged on the "
            "whole interval, not on the estimate alone."
        ),
    )
    principle = forms.ChoiceField(
        label=_("Principle"), choices=MetricBaseline.Principle, initial=MetricBaseline.Principle.FAIRNESS
    )
    rationale = forms.CharField(
        label=_("Why this limit"),
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("What harm it keeps away and why this number fits this use. Reports print it under your name."),
    )
    baseline_value = forms.FloatField(
        label=_("Value so far"),
        required=False,
        help_text=_(
            "What was measured before, in today’s practice or by the release before; a limit is read against it."
        ),
    )
    business_kpi = forms.CharField(
        label=_("Business figure that it stands for"),
        required=False,
        max_length=200,
        help_text=_("What gets better or worse for the business with this metric, such as offers taken up a month."),
    )
