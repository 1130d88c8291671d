"""The reports that this installation builds: one literal table."""

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


@dataclass(frozen=True)
class ReportType:
    """A kind of report: its title, its framework, the template, and the function that gathers its contents."""

    kind: str
    title: str | Promise
    framework: str
    template: str
    contents: str


REPORTS: dict[str, ReportType] = {
    "compliance": ReportType(
        kind="compliance",
        title=_("NIST AI RMF compliance report"),
        framework="nist_ai_rmf",
        template="reports/documents/compliance.html",
        contents="reports.contents:compliance",
    ),
    "model_card": ReportType(
        kind="model_card",
        title=_("Model card"),
        framework="",
        template="reports/documents/model_card.html",
        contents="reports.card_contents:model_card",
    ),
    "annex_iv": ReportType(
        kind="annex_iv",
        title=_("Technical file by Annex IV of the EU AI Act"),
        framework="eu_ai_act",
        template="reports/documents/annex_iv.html",
        contents="reports.annex_iv:annex_iv",
    ),
}
# About a meeting and about a unit, not about a version.
MINUTES = ReportType(
    kind="minutes",
    title=_("Minutes of a meeting"),
    framework="",
    template="reports/documents/minutes.html",
    contents="reports.minutes:minutes_facts",
)
BOARD_PACK = ReportType(
    kind="board_pack",
    title=_("Board pack"),
    framework="",
    template="reports/documents/board.html",
    contents="reports.board:board_pack",
)
