"""Systems, and the models that live in them."""

from typing import Any, Self

from django.conf import settings
from django.db import models
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from registry.models.base import Audited, AuditedQuerySet
from registry.models.people import BusinessUnit


class Tier(models.TextChoices):
    """How much a system can harm, hence how much is asked before its release."""

    MINIMAL = "minimal", _("Minimal")
    LIMITED = "limited", _("Limited")
    HIGH = "high", _("High")
    CRITICAL = "critical", _("Critical")


class Stage(models.TextChoices):
    """Where a system is in its life; pilot and production are entered by a deployment only."""

    INTAKE = "intake", _("Intake")
    ASSESSMENT = "assessment", _("Assessment")
    DEVELOPMENT = "development", _("Development")
    VALIDATION = "validation", _("Validation")
    PILOT = "pilot", _("Pilot")
    PRODUCTION = "production", _("Production")
    SUSPENDED = "suspended", _("Suspended")
    RETIRED = "retired", _("Retired")


class Making(models.TextChoices):
    """How the model of a system comes about."""

    BUILD = "build", _("Built from scratch")
    TUNE = "tune", _("Tuned from a pre-trained one")
    ADOPT = "adopt", _("Adopted from a supplier as it is")


class Layer(models.TextChoices):
    """Where a system lies in the portfolio: what is above rests on what is below."""

    SOLUTION = "solution", _("Solution: serves one use")
    SERVICE = "service", _("Service: shared by several solutions")
    FOUNDATION = "foundation", _("Foundation: models and platforms under all")


class Autonomy(models.TextChoices):
    """Where people stand when the system's output takes effect."""

    PERSON_DECIDES = "person_decides", _("A person decides; the output is one of several inputs")
    IN_THE_LOOP = "in_the_loop", _("In the loop: a person confirms each output before it takes effect")
    ON_THE_LOOP = "on_the_loop", _("On the loop: it acts, a person watches and can step in")
    BY_ITSELF = "by_itself", _("It acts by itself; people look at it afterwards")


class Manager(models.TextChoices):
    """Who runs the accounts, machines and services on which a system rests."""

    WORKLOAD_TEAM = "workload_team", _("The team of the system")
    CENTRAL_TEAM = "central_team", _("A central team")
    SUPPLIER = "supplier", _("A supplier")


class Side(models.TextChoices):
    """The two sides of answering for a system; each has an owner and a deputy."""

    BUSINESS = "business", _("Business")
    TECHNICAL = "technical", _("Technology")


class Acceptance(models.TextChoices):
    """What the named owner said to it."""

    ACCEPTED = "accepted", _("Accepted")
    WAITING = "waiting", _("Not accepted yet")
    DECLINED = "declined", _("Declined")


def person_field(label: Any, related_name: str, **more: Any) -> models.ForeignKey:
    """A column that names somebody who answers for the system."""
    return models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=label, on_delete=models.PROTECT, related_name=related_name, **more
    )


def acceptance_field() -> models.CharField:
    """A column with the owner's answer; whoever was named before answers were asked for has accepted."""
    return models.CharField(max_length=8, choices=Acceptance, default=Acceptance.ACCEPTED, editable=False)


class AISystemQuerySet(AuditedQuerySet):
    """Systems."""

    def visible_to(self, user: Any) -> Self:
        """Systems of the units in which the person may look."""
        from registry import access

        return self.filter(access.reach(user, access.MODEL_VIEW, unit="unit", system="pk"))

    def in_use(self) -> Self:
        """Systems in pilot or production."""
        return self.filter(lifecycle_stage__in=[Stage.PILOT, Stage.PRODUCTION])


class DependenceQuerySet(AuditedQuerySet):
    """What rests on what."""

    def visible_to(self, user: Any) -> Self:
        """Those of which the person may see both ends."""
        seen = AISystem.objects.visible_to(user)
        return self.filter(system__in=seen, rests_on__in=seen)

    def standing(self) -> Self:
        """Not ended."""
        return self.filter(ended_at__isnull=True)


class AISystem(Audited):
    """A use case in its context: what a board decides on and what law regulates."""

    unit = models.ForeignKey(BusinessUnit, verbose_name=_("business unit"), on_delete=models.PROTECT)
    name = models.CharField(_("name"), max_length=160)
    slug = models.SlugField(_("short name"), max_length=80)
    purpose = models.TextField(_("purpose"), help_text=_("What it does, for whom, and what follows from its output."))
    business_owner = person_field(_("business owner"), "owns_use_of")
    business_acceptance = acceptance_field()
    business_decline_reason = models.TextField(blank=True, editable=False)
    business_deputy = person_field(_("deputy of the business owner"), "stands_in_for_use_of", null=True, blank=True)
    technical_owner = person_field(_("technical owner"), "owns_build_of")
    technical_acceptance = acceptance_field()
    technical_decline_reason = models.TextField(blank=True, editable=False)
    technical_deputy = person_field(_("deputy of the technical owner"), "stands_in_for_build_of", null=True, blank=True)
    risk_tier = models.CharField(_("risk tier"), max_length=10, choices=Tier)
    lifecycle_stage = models.CharField(
        _("life-cycle stage"), max_length=12, choices=Stage, default=Stage.DEVELOPMENT, editable=False
    )
    intended_uses = models.TextField(_("intended uses"), blank=True)
    out_of_scope_uses = models.TextField(_("uses out of scope"), blank=True)
    intended_users = models.TextField(_("intended users"), blank=True)
    affected_groups = models.TextField(_("people affected"), blank=True)
    human_oversight_design = models.TextField(_("human oversight"), blank=True)
    task_type = models.CharField(_("task"), max_length=80, blank=True)
    method_type = models.CharField(_("method"), max_length=80, blank=True)
    applicable_law = models.TextField(_("applicable law"), blank=True)
    is_generative = models.BooleanField(_("generates content"), default=False)
    is_agentic = models.BooleanField(_("acts through tools on its own"), default=False)
    has_vendor_component = models.BooleanField(_("uses a vendor's or open-source model or service"), default=False)
    processes_personal_data = models.BooleanField(_("processes personal data"), default=True)
    affects_people = models.BooleanField(_("output is used in decisions about people"), default=True)
    interacts_with_people = models.BooleanField(_("people interact with it directly"), default=False)
    business_problem = models.TextField(_("problem"), blank=True)
    expected_value = models.TextField(_("expected value"), blank=True)
    expected_costs = models.TextField(_("expected costs"), blank=True)
    value_metric = models.CharField(_("how value is measured"), max_length=200, blank=True)
    technical_metric = models.CharField(_("technical metric behind it"), max_length=200, blank=True)
    value_reviewed_at = models.DateField(_("value last reviewed"), null=True, blank=True)
    build_tune_adopt = models.CharField(_("the model is"), max_length=5, choices=Making, blank=True)
    non_ai_alternatives = models.TextField(_("alternatives, bought and without AI"), blank=True)
    prototype_findings = models.TextField(_("what a prototype showed"), blank=True)
    portfolio_layer = models.CharField(_("portfolio layer"), max_length=10, choices=Layer, blank=True)
    resources_managed_by = models.CharField(_("who runs its resources"), max_length=13, choices=Manager, blank=True)
    resource_rules = models.TextField(_("rules that follow for its resources"), blank=True)
    autonomy_level = models.CharField(_("autonomy"), max_length=14, choices=Autonomy, blank=True)
    stop_mechanism = models.TextField(_("how it is stopped"), blank=True)
    fallback_procedure = models.TextField(_("what is done instead when it is stopped"), blank=True)
    foreseeable_misuse = models.TextField(_("foreseeable misuse"), blank=True)
    deployment_context = models.TextField(_("context of use"), blank=True)
    operating_limits = models.TextField(_("limits of operation"), blank=True)
    requirements = models.TextField(_("requirements"), blank=True)
    technical_standards = models.TextField(_("technical standards"), blank=True)
    competence_requirements = models.TextField(_("what its users must know"), blank=True)
    log_retention_days = models.PositiveIntegerField(_("days that its logs are kept"), null=True, blank=True)

    objects = AISystemQuerySet.as_manager()

    class Meta:
        ordering = ("name",)
        constraints = (models.UniqueConstraint(fields=["unit", "slug"], name="system_slug_once_a_unit"),)
        indexes = (
            models.Index(fields=["name", "id"], name="systems_by_name"),
            # What the lists of their models and versions ask of systems, whose rows are long.
            models.Index(fields=["id", "unit", "risk_tier", "lifecycle_stage"], name="systems_in_short"),
            models.Index(fields=["created_at", "id"], name="systems_by_age"),
        )

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("system", args=[self.pk])

    @property
    def about(self) -> Any:
        """What a change of this row is about, for the log."""
        return self.pk

    @property
    def home_system(self) -> "AISystem":
        """Itself: duties may be held for one system."""
        return self

    @property
    def is_draft(self) -> bool:
        """Nothing of it has been submitted yet."""
        return not self.releases.exists()

    @property
    def owner_ids(self) -> set[Any]:
        """Whoever answers for its use or its build: owners and their deputies."""
        named = (self.business_owner_id, self.technical_owner_id, self.business_deputy_id, self.technical_deputy_id)
        return {pk for pk in named if pk is not None}

    def is_own(self, person: Any) -> bool:
        """The person owns its use or its build, or is the deputy of who does."""
        return person.pk in self.owner_ids


class Dependence(Audited):
    """One system rests on another: without the lower one it does not work as it should."""

    system = models.ForeignKey(AISystem, on_delete=models.PROTECT, related_name="dependences")
    rests_on = models.ForeignKey(
        AISystem, verbose_name=_("rests on"), on_delete=models.PROTECT, related_name="dependants"
    )
    ended_at = models.DateTimeField(null=True, editable=False)

    objects = DependenceQuerySet.as_manager()

    class Meta:
        ordering = ("created_at",)
        constraints = (
            models.UniqueConstraint(
                fields=["system", "rests_on"], condition=models.Q(ended_at__isnull=True), name="one_dependence_once"
            ),
            models.CheckConstraint(condition=~models.Q(system=models.F("rests_on")), name="no_system_rests_on_itself"),
        )

    def __str__(self) -> str:
        return f"{self.system} → {self.rests_on}"

    @property
    def home_system(self) -> AISystem:
        """The system above."""
        return self.system

    @property
    def unit(self) -> BusinessUnit:
        """The unit of the system above."""
        return self.system.unit

    @property
    def about(self) -> Any:
        """The log files it under the system above."""
        return self.system_id

    def is_own(self, person: Any) -> bool:
        """As the system above."""
        return self.system.is_own(person)


class ModelQuerySet(AuditedQuerySet):
    """Models."""

    def visible_to(self, user: Any) -> Self:
        """Models whose home system the person may see; joined rather than looked up in a list, for long lists."""
        from registry import access

        return self.filter(access.reach(user, access.MODEL_VIEW, unit="system__unit", system="system"))


class Model(Audited):
    """A thing with versions. Unit, owners, tier and policy come from its home system."""

    system = models.ForeignKey(AISystem, verbose_name=_("home system"), on_delete=models.PROTECT, related_name="models")
    name = models.CharField(_("name"), max_length=160)
    slug = models.SlugField(_("short name"), max_length=80)

    objects = ModelQuerySet.as_manager()

    class Meta:
        ordering = ("name",)
        constraints = (models.UniqueConstraint(fields=["system", "slug"], name="model_slug_once_a_system"),)
        indexes = (
            models.Index(fields=["name", "id"], name="models_by_name"),
            models.Index(fields=["system", "name", "id", "created_at"], name="models_of_system"),
            models.Index(fields=["created_at", "id"], name="models_by_age"),
        )

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("model", args=[self.pk])

    @property
    def unit(self) -> BusinessUnit:
        """The unit of its home system."""
        return self.system.unit

    @property
    def unit_id(self) -> Any:
        """The id of that unit, without reading the unit."""
        return self.system.unit_id

    @property
    def home_system(self) -> AISystem:
        """Its home system."""
        return self.system

    @property
    def about(self) -> Any:
        """The log files a model under its system."""
        return self.system_id

    @property
    def is_draft(self) -> bool:
        """No version of it has been submitted."""
        return not self.versions.exclude(status="draft").exists()

    def is_own(self, person: Any) -> bool:
        """As its system."""
        return self.system.is_own(person)
