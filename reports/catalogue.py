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
}
