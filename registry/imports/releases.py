"""Sheets of releases and what follows them: deployments, waivers, ends, the asking of gates, meetings and their decisions."""

from typing import Any, Final

from django import forms
from django.utils.translation import gettext_lazy as _

from registry import access
from registry.actions import deployments, meetings, minutes, records, releases, retirement, waivers
from registry.forms.acts import ActForm
from registry.forms.deployments import FactsForm, PlaceForm
from registry.forms.meetings import ItemForm, NewMeetingForm, OutcomeForm
from registry.forms.releases import ContentsForm
from registry.forms.retirement import PlanForm
from registry.forms.waivers import WaiverForm
from registry.imports.kinds import References, in_units
from registry.imports.records import as_sheet, borrowed, sheet, under
from registry.lists.tables import PREPARED
from registry.models import (
    AgendaItem,
    ArtifactVersion,
    AuditEntry,
    DatasetVersion,
    Deployment,
    GateRecord,
    Meeting,
    ModelVersion,
    Release,
    RetirementPlan,
    User,
    Waiver,
)

PARTS: Final[dict[str, Any]] = {"artifact_versions": ArtifactVersion, "dataset_versions": DatasetVersion}


def release_form(person: User) -> ActForm:
    """What is put before reviewers: parts and notes."""
    form = borrowed(ContentsForm, "notes", "quality_thresholds", "rai_documents", "clients")
    for name, table in PARTS.items():
        rows = table.objects.visible_to(person).exclude(status=table.Status.WITHDRAWN)
        form.fields[name] = References(rows, required=False, label=ContentsForm.base_fields[name].label)
    return under(form, "version", ModelVersion.objects.visible_to(person), person, access.APPROVAL_SUBMIT)


def deployment_form(person: User) -> ActForm:
    """Where a published release runs, and what is said of it."""
    form = PlaceForm()
    form.fields |= FactsForm(person=person).fields
    published = Release.objects.visible_to(person).filter(status=Release.Status.PUBLISHED)
    return under(form, "release", published, person, access.DEPLOYMENT_START)


def waiver_form(person: User) -> ActForm:
    """A waiver; whether its gate is closed, and may be waived, the act says."""
    form = borrowed(WaiverForm, "reason", "compensating_controls", "owner", "expires_on")
    form.fields["owner"].queryset = User.objects.visible_to(person)  # type: ignore[attr-defined]
    form.fields["gate"] = forms.CharField(label=_("Gate"), max_length=40)
    form.fields["check"] = forms.CharField(label=_("Check"), max_length=60, required=False)
    return under(form, "version", ModelVersion.objects.visible_to(person), person, access.EXCEPTION_REQUEST)


def plan_form(person: User) -> ActForm:
    """How a version is taken out of use."""
    rows = ModelVersion.objects.visible_to(person)
    return under(PlanForm(plan=None), "version", rows, person, access.MODEL_RETIRE_REQUEST)


def asking_form(person: User) -> ActForm:
    """A release whose gates are asked."""
    return under(ActForm(), "release", Release.objects.visible_to(person), person, access.APPROVAL_SUBMIT)


def name_answers(rows: list[GateRecord]) -> None:
    """Set the gates that were asked, and what they said."""
    for row in rows:
        row.said_gates = [answer["gate"] for answer in row.results]  # type: ignore[attr-defined]
        row.said_results = [answer["result"] for answer in row.results]  # type: ignore[attr-defined]


PREPARED["gate_evaluation"] = name_answers


def item_form(person: User) -> ActForm:
    """An item of an agenda with its outcome, where there is one."""
    form = borrowed(ItemForm, "title", "note", "is_for_information")
    form.fields["title"].required = True
    form.fields |= borrowed(OutcomeForm, "decision", "rationale", "conditions", "dissent").fields
    return under(form, "meeting", Meeting.objects.visible_to(person), person, access.MEETING_HOLD)


def enter_item(
    meeting: Meeting, *, title: str, note: str, is_for_information: bool, actor: User, **outcome: str
) -> AgendaItem:
    """The item on the agenda, and what the secretary writes of it while the meeting runs."""
    row = meetings.add_item(
        meeting, review=None, title=title, note=note, is_for_information=is_for_information, actor=actor
    )
    return minutes.record_outcome(row, actor=actor, **outcome) if any(outcome.values()) else row


def event_form(person: User) -> ActForm:
    """Something that another log holds."""
    form = ActForm()
    form.fields["action"] = forms.CharField(label=_("What was done"), max_length=60)
    form.fields["subject"] = forms.CharField(label=_("To what"), max_length=200)
    form.fields["at"] = forms.DateTimeField(label=_("When"))
    form.fields["who"] = forms.CharField(label=_("Who did it"), max_length=200, required=False)
    return in_units(form, person, access.REGISTER_EDIT)


def meeting_form(person: User) -> ActForm:
    """A meeting of a unit's board."""
    return in_units(as_sheet(NewMeetingForm(person=person), person), person, access.MEETING_HOLD)


sheet("release", access.APPROVAL_SUBMIT, release_form, "version", Release, releases.submit_for_review,
      _("Rows are put before reviewers, as the page of a version does; who approves and publishes does so here."))  # fmt: skip
sheet("deployment", access.DEPLOYMENT_START, deployment_form, "release", Deployment, deployments.start_deployment,
      _("Rows run from now on; only a release that was published here can."))  # fmt: skip
sheet("exception", access.EXCEPTION_REQUEST, waiver_form, "version", Waiver, waivers.request_waiver,
      _("Rows are asked for; another person accepts them here."))  # fmt: skip
sheet("retirement_plan", access.MODEL_RETIRE_REQUEST, plan_form, "version", RetirementPlan, retirement.write_plan,
      _("A version has one plan; a row writes it, or writes it anew."))  # fmt: skip
sheet("gate_evaluation", access.APPROVAL_SUBMIT, asking_form, "release", GateRecord, records.ask_gates,
      _("Nobody types what a gate says: each row asks the gates of its release anew, and keeps what they answer now."))  # fmt: skip
sheet("board_meeting", access.MEETING_HOLD, meeting_form, "unit", Meeting, meetings.plan_meeting,
      _("Rows are planned meetings; minutes are written and approved here."))  # fmt: skip
sheet("board_decision", access.MEETING_HOLD, item_form, "meeting", AgendaItem, enter_item,
      _("Rows are items of an agenda; an outcome is taken from the secretary, while the meeting runs."))  # fmt: skip
sheet("audit_event", access.REGISTER_EDIT, event_form, "unit", AuditEntry, records.tell_event,
      _("Nobody types into the log: each row becomes one entry of yours which says what another log holds."))  # fmt: skip
