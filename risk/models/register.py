"""The risk register: risks of a system, what is done about them, and who accepted what is left."""

from typing import Any, Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from registry import moment
from registry.models import AISystem, OfSystem, OfSystemQuerySet
from risk.catalogue import LEVELS, Known, catalogue


class Level(models.TextChoices):
    """Levels of a risk; which product gives which stands in the catalogue."""

    LOW = "low", _("Low")
    MEDIUM = "medium", _("Medium")
    HIGH = "high", _("High")
    CRITICAL = "critical", _("Critical")


class RiskQuerySet(OfSystemQuerySet):
    """Risks."""

    def visible_to(self, user: Any) -> Self:
        """Risks of systems whose register the person may read."""
        from registry import access

        return self.filter(access.reach(user, access.RISK_VIEW, unit="system__unit", system="system"))

    def live(self) -> Self:
        """Risks that are not closed."""
        return self.exclude(status=Risk.Status.CLOSED)

    def unaccepted(self) -> Self:
        """Risks that nobody answers for: open or treated, or accepted until a day that is over."""
        over = Acceptance.objects.filter(voided_at__isnull=True, expires_on__lt=moment.today())
        lapsed = Q(status=Risk.Status.ACCEPTED, pk__in=over.values("risk"))
        return self.filter(Q(status__in=[Risk.Status.OPEN, Risk.Status.TREATED]) | lapsed)


class Risk(OfSystem):
    """A risk of a system, rated by likelihood and impact before and after what is done about it."""

    class Status(models.TextChoices):
        OPEN = "open", _("Open")
        TREATED = "treated", _("Treated")
        ACCEPTED = "accepted", _("Accepted")
        CLOSED = "closed", _("Closed")

    class Component(models.TextChoices):
        INPUT = "input", _("Input")
        MODEL = "model", _("Model")
        OUTPUT = "output", _("Output")
        SYSTEM = "system", _("System")
        ORGANISATION = "organisation", _("Organisation")

    class Category(models.TextChoices):
        SAFETY = "safety", _("Safety")
        RIGHTS = "rights", _("Rights of people")
        FAIRNESS = "fairness", _("Fairness")
        PRIVACY = "privacy", _("Privacy")
        SECURITY = "security", _("Security")
        INTEGRITY = "integrity", _("Integrity of results")
        ACCURACY = "accuracy", _("Accuracy")
        ROBUSTNESS = "robustness", _("Robustness")
        TRANSPARENCY = "transparency", _("Transparency")
        ACCOUNTABILITY = "accountability", _("Accountability")
        HUMAN_OVERSIGHT = "human_oversight", _("Human oversight")
        LEGAL = "legal", _("Legal")
        FINANCIAL = "financial", _("Financial")
        ETHICAL = "ethical", _("Ethical")
        ORGANISATIONAL = "organisational", _("Organisational")
        SOCIETAL = "societal", _("Societal")
        REPUTATION = "reputation", _("Reputation")
        CONTINUITY = "continuity", _("Continuity of service")
        ENVIRONMENT = "environment", _("Environment")
        SYSTEMIC = "systemic", _("Systemic")

    class Source(models.TextChoices):
        ASSESSMENT = "assessment", _("Assessment")
        INCIDENT = "incident", _("Incident")
        FEEDBACK = "feedback", _("Feedback")
        MONITORING = "monitoring", _("Monitoring")
        THREAT_INTELLIGENCE = "threat_intelligence", _("Threat intelligence")
        RED_TEAM = "red_team", _("Red team")
        AUDIT = "audit", _("Audit")
        VENDOR = "vendor", _("Vendor")

    system = models.ForeignKey(AISystem, verbose_name=_("system"), on_delete=models.PROTECT, related_name="risks")
    title = models.CharField(_("title"), max_length=200)
    description = models.TextField(_("description"), blank=True)
    catalogue_ref = models.CharField(_("entry of the catalogue"), max_length=20, blank=True)
    component = models.CharField(_("component"), max_length=12, choices=Component)
    category = models.CharField(_("category"), max_length=16, choices=Category)
    likelihood = models.PositiveSmallIntegerField(_("likelihood"))
    impact = models.PositiveSmallIntegerField(_("impact"))
    inherent_level = models.CharField(_("inherent level"), max_length=8, choices=Level)
    residual_likelihood = models.PositiveSmallIntegerField(_("likelihood that is left"))
    residual_impact = models.PositiveSmallIntegerField(_("impact that is left"))
    residual_level = models.CharField(_("residual level"), max_length=8, choices=Level)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("owner"), on_delete=models.PROTECT, related_name="owned_risks"
    )
    status = models.CharField(_("status"), max_length=8, choices=Status, default=Status.OPEN, editable=False)
    source = models.CharField(_("source"), max_length=20, choices=Source, default=Source.ASSESSMENT)
    identified_at = models.DateField(_("identified"), default=timezone.localdate)
    reviewed_at = models.DateTimeField(_("reviewed"))
    measurable = models.BooleanField(_("is measured"), default=True)
    unmeasured_reason = models.TextField(_("why it is not measured"), blank=True)
    tracking_method = models.TextField(_("how it is followed"), blank=True)
    benefit_note = models.TextField(_("benefit that stands against it"), blank=True)
    residual_disclosed_to = models.TextField(_("to whom what is left was told"), blank=True)
    # The check whose failure opened it; nobody registered or rated it then.
    opened_by_check = models.CharField(_("opened by the check"), max_length=60, blank=True, editable=False)
    registered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("registered by"), null=True, blank=True, on_delete=models.PROTECT,
        related_name="+",
    )  # fmt: skip
    rated_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("rated by"), null=True, blank=True, on_delete=models.PROTECT,
        related_name="+",
    )  # fmt: skip

    objects = RiskQuerySet.as_manager()  # type: ignore[misc]

    class Meta:
        ordering = ("-created_at",)
        constraints = (
            models.CheckConstraint(
                condition=Q(
                    likelihood__range=(1, 5), impact__range=(1, 5),
                    residual_likelihood__range=(1, 5), residual_impact__range=(1, 5),
                ),
                name="ratings_are_1_to_5",
            ),
        )  # fmt: skip

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return reverse("risk", args=[self.pk])

    @property
    def home_system(self) -> AISystem:
        """The system that it threatens."""
        return self.system

    @property
    def about(self) -> Any:
        """The log files it under its system."""
        return self.system_id

    @property
    def known(self) -> Known | None:
        """The entry of the catalogue that it follows, or None."""
        return catalogue().risks.get(self.catalogue_ref)

    @property
    def harms(self) -> frozenset[str]:
        """What it harms, by its category and its entry in the catalogue."""
        return frozenset({self.category, *(self.known.harms if self.known else ())})

    @property
    def is_high(self) -> bool:
        """What is left is high or critical."""
        return LEVELS.index(self.residual_level) >= LEVELS.index("high")

    @property
    def is_closed(self) -> bool:
        """It is no risk any more."""
        return self.status == self.Status.CLOSED


class OfRiskQuerySet(OfSystemQuerySet):
    """Rows that hang on a risk."""

    def visible_to(self, user: Any) -> Self:
        """As the risk."""
        return self.filter(risk__in=Risk.objects.visible_to(user))


class OfRisk(OfSystem):
    """A row of a risk: system, unit and place in the log are the risk's."""

    risk: Any

    objects = OfRiskQuerySet.as_manager()  # type: ignore[misc]

    class Meta:
        abstract = True

    @property
    def home_system(self) -> AISystem:
        """The system of the risk."""
        return self.risk.system

    @property
    def about(self) -> Any:
        """The log files it under the system."""
        return self.risk.system_id


class Treatment(OfRisk):
    """What is done about a risk: who does it, until when, with what."""

    class Option(models.TextChoices):
        MITIGATE = "mitigate", _("Mitigate")
        TRANSFER = "transfer", _("Transfer")
        AVOID = "avoid", _("Avoid")
        ACCEPT = "accept", _("Accept")

    class Status(models.TextChoices):
        PLANNED = "planned", _("Planned")
        IN_PROGRESS = "in_progress", _("In progress")
        DONE = "done", _("Done")
        OVERDUE = "overdue", _("Overdue")
        CANCELLED = "cancelled", _("Cancelled")

    class Priority(models.TextChoices):
        LOW = "low", _("Low")
        MEDIUM = "medium", _("Medium")
        HIGH = "high", _("High")

    LIVE = (Status.PLANNED, Status.IN_PROGRESS, Status.OVERDUE)

    risk = models.ForeignKey(Risk, on_delete=models.PROTECT, related_name="treatments")
    option = models.CharField(_("answer to the risk"), max_length=8, choices=Option)
    plan = models.TextField(_("plan"))
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("owner"), on_delete=models.PROTECT, related_name="owned_treatments"
    )
    due_on = models.DateField(_("due"))
    status = models.CharField(_("status"), max_length=12, choices=Status, default=Status.PLANNED, editable=False)
    priority = models.CharField(_("priority"), max_length=8, choices=Priority, default=Priority.MEDIUM)
    resources = models.TextField(_("people and money"), blank=True)
    outcome_note = models.TextField(_("what came of it"), blank=True)
    finished_at = models.DateTimeField(_("finished"), null=True, blank=True)

    class Meta:
        ordering = ("due_on",)

    def __str__(self) -> str:
        return f"{self.get_option_display()}: {self.plan[:60]}"

    @property
    def is_live(self) -> bool:
        """It is still to be done."""
        return self.status in self.LIVE

    @property
    def is_overdue(self) -> bool:
        """It should be done by now and is not."""
        return self.is_live and self.due_on < moment.today()

    @property
    def status_today(self) -> str:
        """The status with the passing of time in it: a live treatment past its day is overdue."""
        return self.Status.OVERDUE if self.is_overdue else self.status


class Acceptance(OfRisk):
    """A person answers for what is left of a risk; void once the risk is rated upward or opened again."""

    risk = models.ForeignKey(Risk, on_delete=models.PROTECT, related_name="acceptances")
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("accepted by"), on_delete=models.PROTECT, related_name="+"
    )
    level = models.CharField(_("level that was accepted"), max_length=8, choices=Level)
    reason = models.TextField(_("reason"))
    expires_on = models.DateField(_("last day"), null=True, blank=True)
    voided_at = models.DateTimeField(_("voided"), null=True)
    void_reason = models.TextField(_("what voided it"), blank=True)

    class Meta:
        ordering = ("created_at",)
        constraints = (
            models.UniqueConstraint(
                fields=["risk", "person"], condition=Q(voided_at__isnull=True), name="one_person_accepts_once"
            ),
        )

    def __str__(self) -> str:
        return f"{self.risk}: {self.person}"

    @property
    def is_past(self) -> bool:
        """Its last day is over."""
        return self.expires_on is not None and self.expires_on < moment.today()


class LossRange(OfRisk):
    """What a risk may cost in money: how often a year, and the least, likely and most a single case costs.

    Written once; the newest of a risk counts.
    """

    risk = models.ForeignKey(Risk, on_delete=models.PROTECT, related_name="loss_ranges")
    per_year = models.DecimalField(_("cases a year"), max_digits=8, decimal_places=3)
    least = models.DecimalField(_("least loss of a case"), max_digits=14, decimal_places=2)
    likely = models.DecimalField(_("likely loss of a case"), max_digits=14, decimal_places=2)
    most = models.DecimalField(_("greatest loss of a case"), max_digits=14, decimal_places=2)
    currency = models.CharField(_("currency"), max_length=3)
    assumptions = models.TextField(_("what it rests on"))
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("estimated by"), on_delete=models.PROTECT, related_name="+"
    )

    class Meta:
        ordering = ("-created_at",)
        constraints = (
            models.CheckConstraint(
                condition=Q(per_year__gt=0, least__gte=0, likely__gte=F("least"), most__gte=F("likely")),
                name="losses_are_in_order",
            ),
        )

    def __str__(self) -> str:
        return f"{self.risk}: {self.least} – {self.most} {self.currency}"
