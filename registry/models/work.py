"""Tasks: what waits for whom."""

from typing import Any, Self

from django.apps import apps
from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from registry.models.base import Audited, AuditedQuerySet
from registry.models.people import Duty
from registry.models.systems import AISystem


class TaskQuerySet(AuditedQuerySet):
    """Tasks."""

    def visible_to(self, user: Any) -> Self:
        """Tasks given to the person, or to a duty that the person holds for the system's unit."""
        from registry import access

        held = Q(pk__in=[])
        for grant in access.grants(user):
            here = Q(duty=grant.duty, system__unit__path__startswith=grant.unit.path)
            held |= here & Q(system=grant.system_id) if grant.system_id else here
        return self.filter(Q(person=user) | (Q(person__isnull=True) & held))

    def waiting(self) -> Self:
        """Tasks that are not done."""
        return self.filter(done_at__isnull=True)


class Task(Audited):
    """Something that waits for a person or for whoever holds a duty; it leads to the page where it is done."""

    class Kind(models.TextChoices):
        SIGN_OFF = "sign_off", _("Sign off a release")
        PUBLISH = "publish", _("Publish an approved release")
        SIGN_PIA = "sign_pia", _("Give an opinion on a privacy impact assessment")
        SIGN_ASSESSMENT = "sign_assessment", _("Decide on an assessment")
        ASSESS_AGAIN = "assess_again", _("Assess again: what was assessed has changed")
        ANSWER_SECTION = "answer_section", _("Answer a section of an assessment")
        MEND = "mend", _("Mend what a reviewer asked for")
        LOOK_AGAIN = "look_again", _("Look again: a sign-off was voided")
        APPROVE_BASELINE = "approve_baseline", _("Approve a metric baseline")
        APPROVE_PLAN = "approve_plan", _("Approve a test plan")
        DATA_NEEDED = "data_needed", _("Upload rows that a test plan waits for")
        ALARM = "alarm", _("Look into an alarm of monitoring")
        DECIDE_WAIVER = "decide_waiver", _("Accept or refuse a waiver")
        WAIVER_ENDS = "waiver_ends", _("A waiver that you own ends")
        INCIDENT = "incident", _("Look into an incident")
        READ_TERMS = "read_terms", _("Read the terms of a vendor")
        COMPONENT_FELL = "component_fell", _("Replace a component that may no longer be used")
        ACCEPT_OWNERSHIP = "accept_ownership", _("Accept or decline to own a system")
        NAME_OWNER = "name_owner", _("Name a new owner")
        JUDGE_USE = "judge_use", _("Say whether a proposed use goes on")
        PLAN_RETIREMENT = "plan_retirement", _("Plan and carry out a retirement")
        NO_PLAN = "no_plan", _("A version ends soon and there is no plan")
        ACKNOWLEDGE_END = "acknowledge_end", _("Acknowledge the end of a version that you use")
        SIGN_CHECKLIST = "sign_checklist", _("Sign off a line of a decommission checklist")
        VENDOR_END = "vendor_end", _("A vendor ends what a version rests on")
        DRIFT = "drift", _("Look into bytes that differ from what was registered")
        VERIFY_BACKUP = "verify_backup", _("Verify the stored bytes of a version known to be good")
        APPROVE_DATA = "approve_data", _("Approve data for a use")
        REVIEW_FIT = "review_fit", _("Review whether data serve the goal")
        DECIDE_ACCESS = "decide_access", _("Decide on access to data")
        REVIEW_ACCESS = "review_access", _("Review access to data outside production")
        ACCESS_ENDED = "access_ended", _("Access to data that a version uses has ended")
        RECLASSIFIED = "reclassified", _("Decide what follows from a higher class of data")
        APPROVE_POLICY = "approve_policy", _("Approve a release policy")
        APPROVE_FRAMEWORK = "approve_framework", _("Approve an edition of a framework")
        AUDIT_POLICY = "audit_policy", _("Audit a release policy")
        STAGE_OPINION = "stage_opinion", _("Give an opinion before a system moves on")
        OUTPUT_CLASS = "output_class", _("Compare the class of a system’s output with that of its data")
        ANSWER = "answer", _("Answer a question about a release")
        MEET_CONDITION = "meet_condition", _("Meet a condition of an approval")
        VERIFY_CONDITION = "verify_condition", _("Verify that a condition is met")
        RENEW = "renew", _("Renew the approval of a release")
        LATER_RUN = "later_run", _("Decide on a later run that failed")
        RETRAIN = "retrain", _("Retrain a model")

        DELEGATED = "delegated", _("Accept or decline to stand in for somebody")
        ESCALATED = "escalated", _("Overdue, and handed up to you")
        DUTY_ENDS = "duty_ends", _("A duty ends or has ended")
        APPROVE_MINUTES = "approve_minutes", _("Read and approve minutes")
        ENTRY_DUE = "entry_due", _("Look at an entry whose date has come")
        APPROVE_ENTRY = "approve_entry", _("Approve or send back an entry of a register")
        ACCEPT_POLICY = "accept_policy", _("Read and accept a policy")
        READ_REPORT = "read_report", _("Read a report that was made for you")
        BUDGET_CROSSED = "budget_crossed", _("Take an alert of a budget")
        ANSWER_AUDITOR = "answer_auditor", _("Answer an auditor")
        VERIFY_ANSWER = "verify_answer", _("Look at what was answered to an auditor")
        TELL_OF_INCIDENT = "tell_of_incident", _("Tell an authority of an incident in time")
        SUSPENDED = "suspended", _("An incident suspended what was approved")
        SILENT = "silent", _("Look at a system about which nobody reports anything")
        RECEIVED = "received", _("Answer what somebody reported")
        ERASE = "erase", _("Decide what a request for erasure means for a version")
        VERIFY_ERASURE = "verify_erasure", _("Verify what was done about a request for erasure")

    kind = models.CharField(max_length=20, choices=Kind)
    system = models.ForeignKey(AISystem, null=True, blank=True, on_delete=models.PROTECT, related_name="tasks")
    object_type = models.CharField(max_length=60)
    object_id = models.UUIDField()
    label = models.CharField(max_length=255)
    url = models.CharField(max_length=255)
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="tasks"
    )
    duty = models.CharField(max_length=30, choices=Duty, blank=True)
    due_on = models.DateField(null=True)
    done_at = models.DateTimeField(null=True)

    objects = TaskQuerySet.as_manager()

    class Meta:
        ordering = ("due_on", "created_at")

    def __str__(self) -> str:
        return f"{self.get_kind_display()}: {self.label}"

    @property
    def task_label(self) -> str:
        """Handed up it is called what it was called before."""
        return self.label

    @property
    def unit(self) -> Any:
        """The unit of its system; a task for one person may have none, and lies in the unit of what it is about."""
        if self.system is not None:
            return self.system.unit
        return getattr(apps.get_model(self.object_type)._base_manager.filter(pk=self.object_id).first(), "unit", None)

    @property
    def unit_id(self) -> Any:
        """The id of that unit, without reading the unit of a system."""
        return getattr(self.unit, "pk", None) if self.system is None else self.system.unit_id

    @property
    def about(self) -> Any:
        """The log files it under what it is about."""
        return self.object_id
