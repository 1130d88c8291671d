"""Checks of whether quality lasts and carries over: from release to release, in use, elsewhere."""

from dataclasses import replace

from django.utils.translation import gettext_lazy as _

from rai.parameters import (
    ANY_KIND,
    BANDS,
    CUT,
    KIND,
    MIN_GROUP,
    OUTCOME,
    POSITIVE,
    SAID,
    SCORE,
    TRUE_VALUE,
    CheckType,
    Parameter,
)

GOLDEN_SET = CheckType(
    slug="golden_set",
    label=_("Golden set"),
    what=_("Holds this version against the previous one on the same curated rows: what became wrong, and whether quality fell."),
    shows=("performance.golden_set",),
    parameters=(
        Parameter(
            "previous", "predictions", _("Previous release on the same rows"),
            _("Without a choice the golden set of the previous version is taken, where there is one."),
            required=False, find="rai.earlier:golden_predictions",
        ),
        ANY_KIND,
        Parameter("key", "column", _("Key"), _("The column that names a case: by it rows of both tables are matched, exactly.")),
        Parameter(
            "key_is", "choice", _("The key names"), _("Keys of rows that went wrong are listed only where they lead to no person."),
            default="person", choices=(("person", _("a person, or leads to one")), ("case", _("a case of the golden set, nobody"))),
        ),
        OUTCOME,
        SAID,
        CUT,
        POSITIVE,
        SCORE,
    ),
    compute="rai.running.versions:golden_set",
    read_rule="rai.checks.golden_set:parse_rule",
    chart="rai.charts:golden_set",
    words="rai.wording.versions:golden_set",
    sheets="rai.figures.versions:golden_set",
    lines="rai.figures.versions:golden_set_lines",
    measure="rai.measuring.versions:golden_set",
    needs=("target", "prediction", "key"),
    reads_score=True,
)  # fmt: skip

GENERALISATION = CheckType(
    slug="generalisation",
    label=_("Generalisation"),
    what=_("Says whether quality carries over: by time, place or source, each part against the others, with intervals and the spread."),
    shows=("performance.generalisation",),
    parameters=(
        Parameter("column", "column", _("Parts by"), _("A column of times, places or sources, such as a date, a plant or a hospital.")),
        Parameter(
            "unit", "choice", _("Times are put into"), _("For a column of times. What names a time zone is turned into UTC."),
            default="none",
            choices=(("none", _("nothing: the values as they stand")), *BANDS),
        ),
        Parameter(
            "reference", "text", _("Part like the training rows"),
            _("A value of the column, or a band such as 2026-03 or 2026-Q1, that others are held against; without it the largest."), required=False,
        ),
        KIND,
        TRUE_VALUE,
        SAID,
        CUT,
        POSITIVE,
        SCORE,
        replace(MIN_GROUP, label=_("Smallest part that decides"), help=_("Smaller parts are shown and never decide.")),
    ),
    compute="rai.running.versions:generalisation",
    read_rule="rai.checks.generalisation:parse_rule",
    chart="rai.charts:performance",
    words="rai.wording.parts:generalisation",
    sheets="rai.figures.parts:generalisation",
    lines="rai.figures.parts:generalisation_lines",
    measure="rai.measuring.versions:generalisation",
    needs=("target", "prediction", "part"),
    reads_score=True,
)  # fmt: skip

FIELD = CheckType(
    slug="field",
    label=_("Field performance"),
    what=_("Says how good the model is on labelled rows of the running system, who has a label yet, and how far it fell since the test."),
    shows=("performance.field",),
    parameters=(
        Parameter("against", "evidence", _("Held against"), required=False, find="rai.earlier:test_evidence"),
        Parameter(
            "column", "column", _("Predicted on"),
            _("The column of times by which rows are put into periods; new periods often have few labels yet."), required=False,
        ),
        Parameter(
            "unit", "choice", _("Periods are"), _("What names a time zone is turned into UTC."), default="month",
            choices=BANDS,
        ),
        KIND,
        Parameter("target", "column", _("True outcome"), _("Empty where it is not known yet: such rows are counted, and no fault.")),
        SAID,
        CUT,
        POSITIVE,
        Parameter(
            "score", "column", _("Score"),
            _("The number behind a yes or no: by it labelled rows are compared with the others, too."), required=False,
        ),
        replace(MIN_GROUP, label=_("Smallest period that decides"), help=_("Smaller periods are shown and never decide.")),
    ),
    compute="rai.running.versions:field",
    read_rule="rai.checks.field:parse_rule",
    chart="rai.charts:field",
    words="rai.wording.parts:field",
    sheets="rai.figures.parts:field",
    lines="rai.figures.parts:field_lines",
    measure="rai.measuring.versions:field",
    needs=("target", "prediction"),
    reads_score=True,
)  # fmt: skip

DRIFT = CheckType(
    slug="drift",
    label=_("Drift"),
    what=_("Holds this table against a reference table: inputs, outputs and quality, exactly and with intervals."),
    shows=("drift.data", "drift.prediction"),
    parameters=(
        Parameter("reference", "predictions", _("Reference table"), _("What this table is held against, such as the test rows of the release.")),
        Parameter(
            "reference_is", "choice", _("The reference holds"),
            _("Against rows the model was trained on, the run also shows the skew between training and serving."),
            default="earlier", choices=(("earlier", _("earlier rows, such as test rows or a past month")), ("training", _("rows the model was trained on"))),
        ),
        Parameter("prediction", "column", _("Prediction"), _("The column with the model's decision.")),
        CUT,
        Parameter("score", "column", _("Score"), _("The score behind the decision, where there is one."), required=False),
        Parameter("target", "column", _("True outcome"), _("Where it is known already: two values, to see whether quality fell."), required=False),
        POSITIVE,
        Parameter("features", "columns", _("Inputs"), _("Without a choice every other column but dates is compared."), required=False),
        Parameter(
            "looks", "whole", _("Looks planned a year"), _("How often this is watched, pooled looks included: false alarms are kept to a year's budget."),
            default=12, least=1, most=366,
        ),
    ),
    compute="rai.running.tables:drift",
    read_rule="rai.checks.drift:parse_rule",
    chart="rai.charts:drift",
    words="rai.wording.tables:drift",
    sheets="rai.figures.tables:drift",
    lines="rai.figures.tables:lines",
    measure="rai.measuring.tables:drift",
    needs=("prediction", "reference_data"),
    reads_score=True,
    also=(("target", None, "drift.performance"), ("reference_is", "training", "drift.training_serving_skew")),
)  # fmt: skip
