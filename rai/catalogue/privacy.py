"""Checks of personal data: in what a model reads, in what it puts out, and whether people can be told apart again."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from rai.parameters import CheckType, Parameter

COLUMNS = Parameter("columns", "columns", _("Columns to look at"), _("Without a choice all are looked over."), required=False)  # fmt: skip


def personal(slug: str, label: str | Promise, what: str | Promise, *parameters: Parameter) -> CheckType:
    """A check for personal data: both are computed, said, drawn and tabled in one way."""
    return CheckType(
        slug=slug, label=label, what=what, shows=(f"privacy.{slug}",), parameters=(COLUMNS, *parameters),
        compute=f"rai.running.privacy:{slug}", read_rule="rai.checks.personal_data:parse_rule",
        chart="rai.charts:personal_data", words="rai.wording.privacy:personal_data", sheets="rai.figures.privacy:personal_data",
        lines="rai.figures.privacy:personal_lines", measure=f"rai.measuring.privacy:{slug}",
    )  # fmt: skip


PII_INPUT = personal(
    "pii_input",
    _("Personal data in input"),
    _("Looks over every cell that the model reads for personal data, and holds what it finds against what the record allows."),
    Parameter("declared", "record", _("Declared in the record"), required=False, find="rai.declared:of_input"),
)  # fmt: skip

PII_OUTPUT = personal(
    "pii_output",
    _("Personal data in output"),
    _("Looks over every cell that is put out for personal data that was neither redacted nor held back."),
    Parameter(
        "held_back", "column", _("Held back"), _("The column that says with yes which rows were held back and did not go out."),
        required=False,
    ),
    Parameter("declared", "record", _("Declared in the record"), required=False, find="rai.declared:of_output"),
)  # fmt: skip

REIDENTIFICATION = CheckType(
    slug="reidentification",
    label=_("Re-identification"),
    what=_("Counts how many rows stand alone, or nearly so, in the columns by which somebody could tell people apart again."),
    shows=("privacy.reidentification",),
    parameters=(
        Parameter(
            "quasi", "columns", _("Columns that tell people apart"),
            _("What somebody else may know of a person, such as age, sex and postcode. Without a choice they are proposed by their names."),
            required=False,
        ),
        Parameter(
            "sensitive", "column", _("What must not be told"),
            _("A column such as a diagnosis: who knows the group must not know it."), required=False,
        ),
    ),
    compute="rai.running.privacy:reidentification",
    read_rule="rai.checks.reidentification:parse_rule",
    chart="rai.charts:reidentification",
    words="rai.wording.privacy:reidentification",
    sheets="rai.figures.privacy:reidentification",
    measure="rai.measuring.privacy:reidentification",
)  # fmt: skip
