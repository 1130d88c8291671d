"""Proposes vendors, decides on them, and keeps their agreements read."""

from datetime import date
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from registry import access, separation
from registry.actions import work
from registry.actions.inventory import only, saved
from registry.audit import log
from registry.errors import BadInput, NotAllowed
from registry.models import Agreement, BusinessUnit, Task, User, Vendor
from registry.transactions import hold, retried

VENDOR_FIELDS = frozenset({"name", "services", "contact", "criticality", "owner", "review_due"})
CLAUSES = (
    "data_use_terms", "ip_terms", "privacy_terms", "security_terms", "incident_notification_terms", "audit_right",
    "sla", "liability", "content_ownership", "termination_terms",
)  # fmt: skip
AGREEMENT_FIELDS = frozenset({"title", "kind", "terms_version", "terms_date", "url", "expires_on", *CLAUSES})
# What the text itself says of its age: when one of these changes, the terms are others and want a reader.
TERMS = ("terms_version", "terms_date", "url")
WRITTEN = ("vendor.proposed", "vendor.edited")


@retried
def propose_vendor(unit: BusinessUnit, *, name: str, actor: User, owner: User | None = None, **fields: Any) -> Vendor:
    """Enter a vendor into the register of a unit; nobody may build on it before it is assessed and approved."""
    access.require(actor, access.MODEL_CREATE, unit)
    if Vendor.objects.filter(unit=unit, name=name).exists():
        raise BadInput(
            _("%(unit)s has a vendor called “%(name)s” already.") % {"unit": unit, "name": name}, field="name"
        )
    row = Vendor(unit=unit, name=name, owner=owner or actor, proposed_by=actor, **only(fields, VENDOR_FIELDS))
    return saved(row, actor, "vendor.proposed")


@retried
def edit_vendor(vendor: Vendor, *, actor: User, **fields: Any) -> Vendor:
    """Change what is said of a vendor."""
    hold(vendor)
    access.require(actor, access.CATALOGUE_EDIT, vendor)
    for name, value in only(fields, VENDOR_FIELDS).items():
        setattr(vendor, name, value)
    return saved(vendor, actor, "vendor.edited", fields=sorted(fields))


@retried
def record_assessment(
    vendor: Vendor, *, result: str, score: int, level: str, practice: str, valid_until: date, actor: User
) -> None:
    """Keep what an assessment came to; called by whoever decided on the assessment, in its transaction."""
    hold(vendor)
    access.require(actor, access.CATALOGUE_DECIDE, vendor)
    vendor.assessment_result, vendor.assessment_score, vendor.assessment_level = result, score, level
    vendor.rai_practice, vendor.last_reviewed_at, vendor.review_due = practice, timezone.localdate(), valid_until
    saved(vendor, actor, "vendor.assessed")


@retried
def approve_vendor(vendor: Vendor, *, reason: str, actor: User, conditions: str = "") -> None:
    """Let the vendor's components be approved; under conditions where there are some."""
    separation.keep_duties(actor)
    hold(vendor)
    if vendor.assessment_result not in {Vendor.Result.ACCEPTED, Vendor.Result.ACCEPTED_WITH_CONDITIONS}:
        raise NotAllowed(_("%s has no assessment that was accepted. Assess it first.") % vendor)
    if vendor.assessment_result == Vendor.Result.ACCEPTED_WITH_CONDITIONS and not conditions.strip():
        raise BadInput(_("The assessment was accepted with conditions; name them."), field="conditions")
    status = Vendor.Status.CONDITIONAL if conditions.strip() else Vendor.Status.APPROVED
    decide(vendor, status, "vendor.approved", reason=reason, conditions=conditions, actor=actor)


def suspend_vendor(vendor: Vendor, *, reason: str, actor: User) -> None:
    """Stop new releases with the vendor's components until it is approved anew."""
    decide(vendor, Vendor.Status.SUSPENDED, "vendor.suspended", reason=reason, actor=actor)


def exit_vendor(vendor: Vendor, *, reason: str, actor: User) -> None:
    """Say that the organisation has parted from the vendor."""
    decide(vendor, Vendor.Status.EXITED, "vendor.ended", reason=reason, actor=actor)


@retried
def decide(vendor: Vendor, status: str, event: str, *, reason: str, actor: User, conditions: str = "") -> None:
    """Set the status by the duty for it, with a reason, by somebody who did not write the entry."""
    separation.require_now(actor, access.CATALOGUE_DECIDE, vendor)
    hold(vendor)
    separation.require_not_written(actor, vendor, acts=WRITTEN)
    require_text(reason, "reason")
    if vendor.status == status and vendor.conditions == conditions.strip():
        raise NotAllowed(_("%(vendor)s is %(status)s already.") % {
            "vendor": vendor, "status": vendor.get_status_display().lower(),
        })  # fmt: skip
    vendor.status, vendor.conditions = status, conditions.strip()
    vendor.save()
    log.record(actor, event, vendor, reason=reason.strip())


def require_text(text: str, field: str) -> None:
    """A reason that says something."""
    if len(text.strip()) < 10:
        raise BadInput(_("Say it in at least ten characters."), field=field)


@retried
def add_agreement(vendor: Vendor, *, actor: User, **fields: Any) -> Agreement:
    """File a contract or terms as a draft; they count from the day on which somebody has read them."""
    access.require(actor, access.CATALOGUE_EDIT, vendor)
    row = Agreement(vendor=vendor, **only(fields, AGREEMENT_FIELDS))
    return saved(row, actor, "agreement.added")


@retried
def edit_agreement(agreement: Agreement, *, actor: User, **fields: Any) -> Agreement:
    """Change what is filed; other terms (version, date, place of the text) want to be read again and open a task."""
    hold(agreement)
    access.require(actor, access.CATALOGUE_EDIT, agreement)
    were = [getattr(agreement, name) for name in TERMS]
    for name, value in only(fields, AGREEMENT_FIELDS).items():
        setattr(agreement, name, value)
    are_new = were != [getattr(agreement, name) for name in TERMS]
    if are_new:
        agreement.reviewed_at = agreement.reviewed_by = None
    saved(agreement, actor, "agreement.terms_changed" if are_new else "agreement.edited", fields=sorted(fields))
    if are_new and agreement.status == Agreement.Status.ACTIVE:
        ask_to_read(agreement, actor=actor)
    return agreement


def ask_to_read(agreement: Agreement, *, actor: Any) -> None:
    """A task for whoever answers for the vendor."""
    work.open_task(
        agreement, kind=Task.Kind.READ_TERMS, system=None, url=agreement.get_absolute_url(),
        person=agreement.vendor.owner, actor=actor,
    )  # fmt: skip


@retried
def read_terms(agreement: Agreement, *, reason: str, review_due: date, actor: User) -> None:
    """Say that one has read the terms as they are now, what one found, and when they are read again."""
    hold(agreement)
    access.require(actor, access.CATALOGUE_EDIT, agreement)
    require_text(reason, "reason")
    require_not_over(agreement)
    if review_due <= timezone.localdate():
        raise BadInput(_("The next reading lies in the future."), field="review_due")
    agreement.status = Agreement.Status.ACTIVE
    agreement.reviewed_at, agreement.reviewed_by, agreement.review_due = timezone.localdate(), actor, review_due
    agreement.save()
    log.record(actor, "agreement.read", agreement, reason=reason.strip())
    work.close_tasks(agreement, actor=actor, kind=Task.Kind.READ_TERMS)


def require_not_over(agreement: Agreement) -> None:
    """It has not ended."""
    if agreement.status not in {Agreement.Status.DRAFT, Agreement.Status.ACTIVE}:
        raise NotAllowed(_("%s is no longer in force.") % agreement)


@retried
def end_agreement(agreement: Agreement, *, reason: str, actor: User) -> None:
    """Say that it is over: expired where its last day has passed, else terminated."""
    hold(agreement)
    access.require(actor, access.CATALOGUE_EDIT, agreement)
    require_text(reason, "reason")
    require_not_over(agreement)
    has_run_out = agreement.expires_on is not None and agreement.expires_on < timezone.localdate()
    agreement.status = Agreement.Status.EXPIRED if has_run_out else Agreement.Status.TERMINATED
    agreement.save()
    log.record(actor, "agreement.ended", agreement, reason=reason.strip())
    work.close_tasks(agreement, actor=actor, kind=Task.Kind.READ_TERMS)
