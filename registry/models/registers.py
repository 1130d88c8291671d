"""Entries of the registers: one table for every kind that registers.yaml describes."""

from collections import defaultdict
from typing import Any, Self
from uuid import UUID

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from registry.models.base import Audited, AuditedQuerySet
from registry.models.datasets import Dataset
from registry.models.people import BusinessUnit
from registry.models.systems import AISystem
from registry.models.vendors import Vendor
from registry.models.versions import ModelVersion

PERSON = settings.AUTH_USER_MODEL


class RegisterEntryQuerySet(AuditedQuerySet):
    """Entries."""

    def visible_to(self, user: Any) -> Self:
        """By the right that each kind asks for; kinds that hold for the units below are read there, too. Whoever holds
        a duty reads what must be accepted in its unit."""
        from registry import access

        # One reading of the duties answers for all kinds.
        with access.read_once(user):
            return self.filter(seen_by(user) | to_accept(user))

    def standing(self) -> Self:
        """Neither withdrawn nor replaced by a later revision."""
        from registry.registers.kinds import OVER

        return self.exclude(status__in=OVER)


def seen_by(user: Any) -> Q:
    """Entries of the kinds that the duties of the person open, each where they open it."""
    from registry import access
    from registry.registers import kinds, rights

    own = Q(owner=user.pk) | Q(author=user.pk)
    asked: dict[tuple[str, bool], list[str]] = defaultdict(list)
    for kind in kinds().values():
        asked[kind.view, kind.below].append(kind.name)
    seen = Q(pk__in=[])
    for (action, below), names in asked.items():
        here = access.reach(user, action, unit="unit", system="system", own=own)
        if below:
            here |= access.reach_above(user, action, unit="unit", own=own) & Q(system=None)
        seen |= Q(kind__in=names) & here
    for kind in kinds().values():
        if kind.writers:
            seen |= Q(kind=kind.name) & rights.within(kind, user, "unit")
    return seen


def to_accept(user: Any) -> Q:
    """Entries in force that people accept, in and above the units of the person's duties; nothing for a token."""
    from registry import access
    from registry.registers import kinds

    if getattr(user, "bearer", None) is not None:
        return Q(pk__in=[])
    above = {UUID(pk) for grant in access.grants(user) for pk in grant.unit.path.split("/") if pk}
    names = [kind.name for kind in kinds().values() if kind.acknowledged_in]
    return Q(kind__in=names, status="approved", unit__in=above, system=None)


class RegisterEntry(Audited):
    """One entry, or one revision of an entry that is approved: revisions share kind and number.

    `unit` is where it lies: that of what it is about, the root for the organisation. `fields` are the values of the
    kind's fields, as JSON has them.
    """

    kind = models.CharField(_("register"), max_length=40, editable=False)
    number = models.PositiveIntegerField(_("number"), editable=False)
    revision = models.PositiveSmallIntegerField(_("revision"), default=1, editable=False)
    title = models.CharField(_("title"), max_length=250)
    fields = models.JSONField(_("fields"), default=dict, blank=True)
    status = models.CharField(_("status"), max_length=20, editable=False)
    unit = models.ForeignKey(BusinessUnit, verbose_name=_("unit"), on_delete=models.PROTECT, related_name="+")
    system = models.ForeignKey(
        AISystem,
        verbose_name=_("system"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="register_entries",
    )
    model_version = models.ForeignKey(
        ModelVersion, verbose_name=_("version"), null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    vendor = models.ForeignKey(
        Vendor, verbose_name=_("vendor"), null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    dataset = models.ForeignKey(
        Dataset, verbose_name=_("data set"), null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    owner = models.ForeignKey(PERSON, verbose_name=_("owner"), on_delete=models.PROTECT, related_name="+")
    author = models.ForeignKey(
        PERSON, verbose_name=_("author"), null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    due_on = models.DateField(_("due"), null=True, blank=True)
    submitted_at = models.DateTimeField(_("submitted"), null=True, editable=False)
    approved_by = models.ForeignKey(
        PERSON, verbose_name=_("approved by"), null=True, editable=False, on_delete=models.PROTECT, related_name="+"
    )
    approved_at = models.DateTimeField(_("approved"), null=True, editable=False)

    objects = RegisterEntryQuerySet.as_manager()

    class Meta:
        ordering = ("kind", "number", "revision")
        constraints = (
            models.UniqueConstraint(fields=["kind", "number", "revision"], name="register_number_once"),
            models.CheckConstraint(
                condition=~Q(status="approved") | Q(approved_by__isnull=False), name="approved_entries_name_who"
            ),
        )
        indexes = (
            models.Index(fields=["kind", "title", "id"], name="registers_by_title"),
            models.Index(fields=["kind", "created_at", "id"], name="registers_by_day"),
            models.Index(fields=["due_on"], name="registers_by_due"),
        )

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return reverse("entry", args=[self.pk])

    @property
    def of(self) -> Any:
        """Its kind."""
        from registry.registers import kind_named

        return kind_named(self.kind)

    @property
    def name(self) -> str:
        """As others call the thing that they are."""
        return self.title

    @property
    def list_url(self) -> str:
        """Where the others of its kind are."""
        return str(self.of.url)

    @property
    def said(self) -> Any:
        """The fields with their words, for lists and pages."""
        from registry.registers.words import Said

        return Said(self)

    @property
    def subject(self) -> Any:
        """What it is about; the unit where it is nothing closer."""
        return self.model_version or self.dataset or self.vendor or self.system or self.unit

    @property
    def home_system(self) -> AISystem | None:
        """The system it is about."""
        return self.system

    @property
    def about(self) -> Any:
        """The log files it under the row that it is about, or by itself where that is a unit."""
        return self.pk if isinstance(self.subject, BusinessUnit) else self.subject.pk

    def get_status_display(self) -> str:
        """The status in the words of the kind."""
        return str(self.of.word(self.status))

    @property
    def is_draft(self) -> bool:
        """Written and not submitted yet."""
        return self.of.approve is not None and self.status == self.of.begins

    @property
    def is_standing(self) -> bool:
        """Neither withdrawn nor replaced."""
        from registry.registers.kinds import OVER

        return self.status not in OVER

    @property
    def is_settled(self) -> bool:
        """What its date asks for was done, as the field says that its kind names."""
        return bool(self.of.settled_by and self.fields.get(self.of.settled_by))

    def is_own(self, person: Any) -> bool:
        """The person owns it or wrote it, or owns its system."""
        is_his = person.pk in {self.owner_id, self.author_id}
        return is_his or (self.system is not None and self.system.is_own(person))
