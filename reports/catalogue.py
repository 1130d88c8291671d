"""The reports that this installation builds: one literal table."""

from dataclasses import dataclass
from typing import Any, Final

from django.utils.functional import Promise
from django.utils.translation import gettext as _now, gettext_lazy as _

from registry.errors import BadInput
from reports.models import Report

# What a report is about: a version, a whole system, one row that tells of its own, or a unit with all below it.
VERSION, SYSTEM, ROW, UNIT = "version", "system", "row", "unit"


@dataclass(frozen=True)
class ReportType:
    """A kind of report: its title, its framework, the template, and the function that gathers its contents.

    `about` says what the function takes: a version, a system, a unit, or the row of `subject` (a model as app.Name).
    """

    kind: str
    title: str | Promise
    contents: str
    template: str
    framework: str = ""
    about: str = VERSION
    subject: str = ""

    def subject_of(self, report: Report) -> Any:
        """The row that a report of this kind is about."""
        if self.about == VERSION:
            if report.version is None:
                raise BadInput(_now("This report is about a version; ask for it on the page of one."), field="version")
            return report.version
        if self.about == ROW:
            return self.rows().get(pk=report.subject_id)
        return report.of_unit if self.about == UNIT else report.system

    def rows(self) -> Any:
        """The rows that a report of this kind may be about, where it tells of one."""
        from django.apps import apps

        return apps.get_model(self.subject)._default_manager


def listed(*kinds: ReportType) -> dict[str, ReportType]:
    """The kinds by their names."""
    return {one.kind: one for one in kinds}


CHAPTERS: Final = "reports/documents/chapters.html"
REPORTS: Final = listed(
    ReportType(
        kind="compliance",
        title=_("NIST AI RMF compliance report"),
        framework="nist_ai_rmf",
        template="reports/documents/compliance.html",
        contents="reports.contents:compliance",
    ),
    ReportType(
        kind="model_card",
        title=_("Model card"),
        template="reports/documents/model_card.html",
        contents="reports.card_contents:model_card",
    ),
    ReportType(
        kind="fairness",
        title=_("Fairness and explanation report"),
        template="reports/documents/measured.html",
        contents="reports.kinds.measured:measured",
    ),
    ReportType(
        kind="annex_iv",
        title=_("Technical file by Annex IV of the EU AI Act"),
        framework="eu_ai_act",
        template="reports/documents/annex_iv.html",
        contents="reports.annex_iv:annex_iv",
    ),
    ReportType(
        kind="transparency",
        title=_("Transparency notice"),
        template=CHAPTERS,
        contents="reports.kinds.notice:notice",
    ),
    ReportType(
        kind="audit", title=_("Audit report"), template=CHAPTERS, contents="reports.kinds.audit:audit", about=SYSTEM
    ),
    ReportType(
        kind="pia",
        title=_("Privacy impact assessment"),
        template=CHAPTERS,
        contents="reports.kinds.privacy:privacy",
        about=ROW,
        subject="risk.Assessment",
    ),
    ReportType(
        kind="incident",
        title=_("Incident report"),
        template=CHAPTERS,
        contents="reports.kinds.incident:incident",
        about=ROW,
        subject="risk.Incident",
    ),
    ReportType(
        kind="unit_compliance",
        title=_("NIST AI RMF compliance report of a unit"),
        framework="nist_ai_rmf",
        template="reports/documents/unit.html",
        contents="reports.kinds.units:unit_compliance",
        about=UNIT,
    ),
)
# What is asked for on a version or its system, and what on a unit.
ON_VERSIONS: Final = {kind: one for kind, one in REPORTS.items() if one.about in {VERSION, SYSTEM}}
ON_UNITS: Final = {kind: one for kind, one in REPORTS.items() if one.about == UNIT}
# About a meeting and about a unit, neither about a version nor a system.
MINUTES = ReportType(
    kind="minutes",
    title=_("Minutes of a meeting"),
    template="reports/documents/minutes.html",
    contents="reports.minutes:minutes_facts",
)
BOARD_PACK = ReportType(
    kind="board_pack",
    title=_("Board pack"),
    template="reports/documents/board.html",
    contents="reports.board:board_pack",
)
