"""People, the units they belong to, and the duties they hold for a time."""

from typing import Any, ClassVar, Self

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from registry import moment
from registry.models.base import Audited, AuditedQuerySet


class UserQuerySet(AuditedQuerySet):
    """People as others may see them."""

    def visible_to(self, user: Any) -> Self:
        """Every active person: owners and reviewers are named throughout the registry."""
        return self.filter(is_active=True) if user.is_authenticated else self.none()


class UserManager(BaseUserManager.from_queryset(UserQuerySet)):  # type: ignore[misc]
    """Finds a person by e-mail address, whatever its case."""

    def get_by_natural_key(self, username: str | None) -> Any:
        return self.get(email__iexact=username)


class User(Audited, AbstractBaseUser):
    """A person who signs in. There is no super-user: what a person may do follows from duties alone."""

    class Mail(models.TextChoices):
        DAILY = "daily", _("Every day on which something is due")
        WEEKLY = "weekly", _("On Mondays")
        OFF = "off", _("Only what is handed up to me because it is overdue")

    email = models.EmailField(_("e-mail address"), unique=True)
    name = models.CharField(_("name"), max_length=120)
    is_active = models.BooleanField(_("active"), default=True)
    language = models.CharField(_("language"), max_length=10, default="en")
    mail = models.CharField(_("mails about tasks"), max_length=6, choices=Mail, default=Mail.DAILY)

    unaudited: ClassVar[frozenset[str]] = frozenset({"last_login", "password", "language", "mail"})
    USERNAME_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = ["name"]
    objects = UserManager()

    class Meta:
        ordering = ("name",)
        constraints = (models.UniqueConstraint(Lower("email"), name="one_account_an_address"),)

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("person", args=[self.pk])


class BusinessUnitQuerySet(AuditedQuerySet):
    """Units of the tree."""

    def visible_to(self, user: Any) -> Self:
        """The units in which the person holds a duty, with everything below them."""
        from registry import access

        return self.filter(access.units_where(user))


class BusinessUnit(Audited):
    """A unit that owns systems. `path` is the chain of ids from the root, so that a subtree is one prefix."""

    name = models.CharField(_("name"), max_length=120)
    slug = models.SlugField(_("short name"), max_length=60, unique=True)
    parent = models.ForeignKey(
        "self", verbose_name=_("parent unit"), null=True, blank=True, on_delete=models.PROTECT, related_name="children"
    )
    path = models.CharField(max_length=1000, editable=False, db_index=True)

    objects = BusinessUnitQuerySet.as_manager()

    class Meta:
        ordering = ("name",)

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("unit", args=[self.pk])

    @property
    def unit(self) -> "BusinessUnit":
        """Itself: the access rules ask every object for its unit."""
        return self


class Duty(models.TextChoices):
    """What a person answers for: the roles of the evidence vocabulary, and the administrator."""

    BUSINESS_OWNER = "business_owner", _("Business owner")
    TECHNICAL_OWNER = "technical_owner", _("Technical owner")
    AUTHOR = "author", _("Author of releases")
    DATA_STEWARD = "data_steward", _("Data steward")
    RISK_OFFICER = "risk_officer", _("Risk officer")
    SECURITY_OFFICER = "security_officer", _("Security officer")
    LEGAL_COMPLIANCE = "legal_compliance", _("Legal and compliance")
    AI_COE = "ai_coe", _("AI centre of excellence")
    VALIDATOR = "validator", _("Independent validator")
    INCIDENT_LEAD = "incident_lead", _("Incident lead")
    PRIVACY_OFFICER = "privacy_officer", _("Privacy officer")
    BOARD_MEMBER = "board_member", _("Board member")
    BOARD_CHAIR = "board_chair", _("Chair of the board")
    EXECUTIVE = "executive", _("Executive")
    APPROVER = "approver", _("Approver")
    PUBLISHER = "publisher", _("Publisher")
    AUDITOR = "auditor", _("Auditor")
    HUMAN_REVIEWER = "human_reviewer", _("Human reviewer")
    DOMAIN_EXPERT = "domain_expert", _("Domain expert")
    PROCUREMENT = "procurement", _("Procurement")
    FINANCE = "finance", _("Finance")
    VENDOR_CONTACT = "vendor_contact", _("Vendor contact")
    END_USER = "end_user", _("End user")
    ADMINISTRATOR = "administrator", _("Administrator")


class RoleAssignmentQuerySet(AuditedQuerySet):
    """Duties that people hold."""

    def current(self) -> Self:
        """Duties that hold today: begun, not ended, and confirmed where a second person must confirm them."""
        today = moment.today()
        begun = self.filter(Q(ends_on__isnull=True) | Q(ends_on__gte=today), starts_on__lte=today)
        return begun.exclude(needs_confirmation=True, confirmed_at__isnull=True)

    def waiting(self) -> Self:
        """Duties that were granted and that nobody has confirmed yet; they give no right."""
        begun = self.filter(Q(ends_on__isnull=True) | Q(ends_on__gte=moment.today()))
        return begun.filter(needs_confirmation=True, confirmed_at__isnull=True)

    def to_confirm(self, user: Any) -> Self:
        """Duties that wait for this very person to confirm them: neither granted by nor to him or her."""
        from registry import access

        held = access.grants(user)
        here = access.reach(user, access.GRANT_CONFIRM, unit="unit", system="system", held=held)
        reached = self.waiting().filter(here).exclude(person__pk=user.pk).exclude(granted_by__pk=user.pk)
        is_administrator = any(grant.role == "ADM" for grant in held)
        return reached.filter(duty=Duty.ADMINISTRATOR) if is_administrator else reached

    def visible_to(self, user: Any) -> Self:
        """One's own, and those in units that one can see."""
        return self.filter(Q(unit__in=BusinessUnit.objects.visible_to(user)) | Q(person__pk=user.pk))


class RoleAssignment(Audited):
    """A person holds a duty for a unit and everything below it, or for one system, over a period."""

    person = models.ForeignKey(
        User, verbose_name=_("person"), on_delete=models.PROTECT, related_name="role_assignments"
    )
    duty = models.CharField(_("duty"), max_length=30, choices=Duty)
    unit = models.ForeignKey(
        BusinessUnit, verbose_name=_("unit"), on_delete=models.PROTECT, related_name="role_assignments"
    )
    system = models.ForeignKey(
        "registry.AISystem",
        verbose_name=_("only for this system"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="role_assignments",
    )
    starts_on = models.DateField(_("from"), default=timezone.localdate)
    ends_on = models.DateField(_("until"), null=True, blank=True)
    granted_by = models.ForeignKey(
        User,
        verbose_name=_("granted by"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="duties_granted",
    )
    needs_confirmation = models.BooleanField(_("needs a second person"), default=False, editable=False)
    confirmed_by = models.ForeignKey(
        User,
        verbose_name=_("confirmed by"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="duties_confirmed",
    )
    confirmed_at = models.DateTimeField(_("confirmed"), null=True, blank=True)
    include_raw_data = models.BooleanField(_("may take raw data and files of models"), default=False)

    objects = RoleAssignmentQuerySet.as_manager()

    class Meta:
        ordering = ("duty", "person__name")
        constraints = (
            models.UniqueConstraint(
                fields=["person", "duty", "unit", "starts_on"], condition=Q(system__isnull=True), name="one_duty_once"
            ),
            models.UniqueConstraint(
                fields=["person", "duty", "system", "starts_on"],
                condition=Q(system__isnull=False),
                name="one_duty_once_a_system",
            ),
            models.CheckConstraint(
                condition=Q(ends_on__isnull=True) | Q(ends_on__gte=models.F("starts_on")), name="duty_ends_after_start"
            ),
        )

    def __str__(self) -> str:
        return f"{self.person} – {self.get_duty_display()} – {self.unit}"

    def get_absolute_url(self) -> str:
        return reverse("duty", args=[self.pk])

    @property
    def task_label(self) -> str:
        """Whose and where; which duty it is stands on its page, in the reader's language."""
        return f"{self.person} – {self.system or self.unit}"

    @property
    def is_waiting(self) -> bool:
        """A second person has still to confirm it."""
        return self.needs_confirmation and self.confirmed_at is None

    @property
    def holds_since(self) -> Any:
        """The moment from which it gave a right."""
        return self.confirmed_at or self.created_at
