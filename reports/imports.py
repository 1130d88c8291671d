"""Sheets of reports and packs: what is asked for again, since a file is built here or not at all."""

from django.utils.translation import gettext_lazy as _

from registry import access
from registry.forms.acts import ActForm
from registry.imports.records import sheet, under
from registry.models import ModelVersion, User
from reports import actions
from reports.forms import PackForm, ReportForm
from reports.models import Pack, Report

ASKED = _("A file is built here or not at all: each row asks for it anew, as of now.")


def of_version(form: ActForm, person: User, action: str) -> ActForm:
    """The form of what is asked for, with the version that it tells of."""
    return under(form, "version", ModelVersion.objects.visible_to(person), person, action)


sheet("report", access.REPORT_GENERATE, lambda person: of_version(ReportForm(), person, access.REPORT_GENERATE),
      "version", Report, actions.request_report, ASKED)  # fmt: skip
sheet("evidence_pack", access.PACK_GENERATE, lambda person: of_version(PackForm(), person, access.PACK_GENERATE),
      "version", Pack, actions.request_pack, ASKED)  # fmt: skip
