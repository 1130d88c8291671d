"""What grows out of a review: conditions of its approvals, and the questions asked in it."""

from typing import Any, Self

from django.conf import settings
from django.db import models
from django.urls import reverse
from django.utils.text import Truncator
from django.utils.translation import gettext_lazy as _

from registry import moment
from registry.models.releases import OfSystem, OfSystemQuerySet
from registry.models.reviews import Review, SignOff
from registry.models.systems import AISystem


class ConditionQuerySet(OfSystemQuerySet):
    """Conditions."""

    system_path = "review__release__system"

    def unmet(self) -> Self:
        """Not yet verified, and still asked for."""
        return self.filter(status__in=Condition.UNMET)


class Condition(OfSystem):
    """What an approval asks for afterwards: its owner says when it is met, and somebody else verifies that.

    `overdue` is never stored: the day makes it so.
    """

    class Status(models.TextChoices):
        OPEN = "open", _("Open")
        MET = "met", _("Said to be met")
        VERIFIED = "verified", _("Verified")
        LAPSED = "lapsed", _("Lapsed")

    UNMET = (Status.OPEN, Status.MET)

    review = models.ForeignKey(Review, on_delete=models.PROTECT, related_name="conditions")
    sign_off = models.ForeignKey(SignOff, on_delete=models.PROTECT, related_name="conditions")
    text = models.TextField(_("condition"))
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("owner"), on_delete=models.PROTECT, related_name="conditions"
    )
    due_on = models.DateField(_("due"))
    status = models.CharField(_("status"), max_length=8, choices=Status, default=Status.OPEN, editable=False)
    note = models.TextField(_("how it was met"), blank=True, editable=False)
    met_at = models.DateTimeField(_("said to be met"), null=True, editable=False)
    verified_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("verified by"), null=True, editable=False, on_delete=models.PROTECT,
        related_name="+",
    )  # fmt: skip
    verified_at = models.DateTimeField(_("verified"), null=True, editable=False)
    verdict_reason = models.TextField(_("what the verifier said"), blank=True, editable=False)

    objects = ConditionQuerySet.as_manager()

    class Meta:
        ordering = ("due_on", "created_at")
        constraints = (
            models.CheckConstraint(
                condition=models.Q(verified_by__isnull=True) | ~models.Q(verified_by=models.F("owner")),
                name="a_condition_is_verified_by_another_person",
            ),
            models.CheckConstraint(
                condition=~models.Q(status="verified") | models.Q(verified_by__isnull=False, verified_at__isnull=False),
                name="a_verified_condition_has_a_person",
            ),
        )

    def __str__(self) -> str:
        return Truncator(self.text).chars(80)

    def get_absolute_url(self) -> str:
        return reverse("condition", args=[self.pk])

    @property
    def home_system(self) -> AISystem:
        """The system of the review."""
        return self.review.release.system

    @property
    def about(self) -> Any:
        """The log files it under the version."""
        return self.review.release.version_id

    @property
    def is_unmet(self) -> bool:
        """Not yet verified, and still asked for."""
        return self.status in self.UNMET

    @property
    def is_overdue(self) -> bool:
        """Its day has passed and nobody has verified it."""
        return self.is_unmet and self.due_on < moment.today()


class QuestionQuerySet(OfSystemQuerySet):
    """Questions and comments."""

    system_path = "review__release__system"

    def unanswered(self) -> Self:
        """Questions to somebody that nobody has answered."""
        return self.filter(asked_of__isnull=False, answered_at__isnull=True)


class Question(OfSystem):
    """Something said in a review: a question to a person, or a comment; another one may follow on it. No material."""

    review = models.ForeignKey(Review, on_delete=models.PROTECT, related_name="questions")
    parent = models.ForeignKey("self", null=True, on_delete=models.PROTECT, related_name="replies")
    author = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    text = models.TextField(_("text"))
    asked_of = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("asked of"), null=True, on_delete=models.PROTECT, related_name="+"
    )
    answer = models.TextField(_("answer"), blank=True)
    answered_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    answered_at = models.DateTimeField(_("answered"), null=True)

    objects = QuestionQuerySet.as_manager()

    class Meta:
        ordering = ("created_at",)

    def __str__(self) -> str:
        return Truncator(self.text).chars(80)

    @property
    def task_label(self) -> str:
        """The version that it is about."""
        return str(self.review.release.version)

    def get_absolute_url(self) -> str:
        return f"{self.review.get_absolute_url()}#question-{self.pk}"

    @property
    def home_system(self) -> AISystem:
        """The system of the review."""
        return self.review.release.system

    @property
    def about(self) -> Any:
        """The log files it under the version."""
        return self.review.release.version_id

    @property
    def is_unanswered(self) -> bool:
        """It asks somebody, who has not answered."""
        return self.asked_of_id is not None and self.answered_at is None
