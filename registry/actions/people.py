"""People, units and duties: invitations by link, grants and their end, the first administrator."""

from datetime import date, timedelta
from typing import Any

from django.contrib.auth.tokens import default_token_generator
from django.urls import reverse
from django.utils import timezone
from django.utils.encoding import force_bytes
from django.utils.http import urlsafe_base64_encode
from django.utils.translation import gettext as _

from registry import access, separation
from registry.actions import owners
from registry.audit import log
from registry.errors import BadInput, NotAllowed
from registry.models import AISystem, BusinessUnit, Duty, RoleAssignment, User
from registry.slugs import short_name
from registry.transactions import retried


@retried
def make_first_administrator(email: str, *, installation: str) -> User:
    """The first person of an installation, asked for on its command line; refused when an administrator exists."""
    if RoleAssignment.objects.current().filter(duty=Duty.ADMINISTRATOR, person__is_active=True).exists():
        raise NotAllowed(_("There is an administrator already; ask that person for an invitation."))
    unit = BusinessUnit.objects.filter(parent=None).first() or saved_unit(installation, parent=None, actor=None)
    person = added_person(email, name=email.split("@", 1)[0], actor=None)
    saved_grant(person, duty=Duty.ADMINISTRATOR, unit=unit, actor=None)
    return person


def password_path(person: User) -> str:
    """The path of a page where the person sets a password; valid for an hour and until it is used."""
    key = urlsafe_base64_encode(force_bytes(person.pk))
    return reverse("password_reset_confirm", args=[key, default_token_generator.make_token(person)])


@retried
def link_from_command_line(email: str) -> str:
    """The path of `password_path` for somebody with an account, asked for by whoever runs the installation."""
    person = User.objects.filter(email__iexact=email.strip(), is_active=True).first()
    if person is None:
        raise BadInput(_("%s has no active account here.") % email, field="email")
    log.record(None, "person.link_made", person)
    return password_path(person)


@retried
def add_unit(name: str, *, parent: BusinessUnit, actor: User) -> BusinessUnit:
    """Add a unit below another."""
    access.require(actor, access.PEOPLE_MANAGE, parent)
    return saved_unit(name, parent=parent, actor=actor)


def saved_unit(name: str, *, parent: BusinessUnit | None, actor: Any) -> BusinessUnit:
    """The unit row, its path and its entry."""
    slug = short_name(name, kind="unit", among=BusinessUnit.objects.all())
    if BusinessUnit.objects.filter(slug=slug).exists():
        raise BadInput(_("A unit called “%s” exists already.") % slug, field="name")
    unit = BusinessUnit(name=name.strip(), slug=slug, parent=parent)
    unit.path = f"{parent.path if parent else '/'}{unit.pk}/"
    unit.full_clean()
    unit.save()
    log.record(actor, "unit.added", unit)
    return unit


@retried
def invite(email: str, *, name: str, unit: BusinessUnit, duty: str, actor: User) -> User:
    """Add a person with a first duty; the caller shows the link of `password_path`."""
    access.require(actor, access.PEOPLE_MANAGE, unit)
    person = added_person(email, name=name, actor=actor)
    grant_duty(person, duty=duty, unit=unit, actor=actor)
    return person


def added_person(email: str, *, name: str, actor: Any) -> User:
    """The person row; the password is set by the person."""
    address = User.objects.normalize_email(email.strip())
    if User.objects.filter(email__iexact=address).exists():
        raise BadInput(_("%s has an account already.") % address, field="email")
    person = User(email=address, name=name.strip())
    person.set_unusable_password()
    person.full_clean(exclude=["password"])
    person.save()
    log.record(actor, "person.added", person)
    return person


@retried
def grant_duty(
    person: User, *, duty: str, unit: BusinessUnit, actor: User, system: AISystem | None = None,
    ends_on: date | None = None, include_raw_data: bool = False,
) -> RoleAssignment:  # fmt: skip
    """Give a person a duty in a unit. Nobody grants to himself; administration mixes with no other duty.

    The duties of approvers, publishers and administrators give no right until a second person has confirmed them.
    """
    access.require(actor, access.PEOPLE_MANAGE, unit)
    separation.require_grantor(actor, person)
    separation.require_no_mix(person, duty)
    if include_raw_data:
        require_engagement(duty, ends_on)
    return saved_grant(
        person, duty=duty, unit=unit, actor=actor, system=system, ends_on=ends_on, include_raw_data=include_raw_data
    )


@retried
def engage_auditor(
    person: User, *, unit: BusinessUnit, ends_on: date, include_raw_data: bool, actor: User
) -> RoleAssignment:
    """Let a person audit a unit until a day; what the person took stands in the log."""
    if ends_on < timezone.localdate():
        raise BadInput(_("The day lies in the past; name the last day of the engagement."), field="ends_on")
    return grant_duty(
        person, duty=Duty.AUDITOR, unit=unit, actor=actor, ends_on=ends_on, include_raw_data=include_raw_data
    )


def require_engagement(duty: str, ends_on: date | None) -> None:
    """Raw data and files of models are opened to auditors alone, and until a day."""
    if duty != Duty.AUDITOR:
        raise BadInput(_("Only an auditor's duty may carry raw data."), field="include_raw_data")
    if ends_on is None:
        raise BadInput(_("Say until when the auditor may take raw data."), field="ends_on")


def saved_grant(person: User, *, duty: str, unit: BusinessUnit, actor: Any, **more: Any) -> RoleAssignment:
    """The grant row and its entry."""
    if duty not in Duty.values:
        raise BadInput(_("“%s” is no duty.") % duty, field="duty")
    # Held until the end, so that of two grants of one duty at once the second finds the first.
    list(User.objects.select_for_update(no_key=True).filter(pk=person.pk))
    same = RoleAssignment.objects.filter(person=person, duty=duty, unit=unit, system=more.get("system"))
    if same.current().exists():
        raise BadInput(_("%(person)s holds this duty already.") % {"person": person}, field="duty")
    if same.waiting().exists():
        raise BadInput(_("This duty of %(person)s waits to be confirmed already.") % {"person": person}, field="duty")
    grant = RoleAssignment(person=person, duty=duty, unit=unit, granted_by=actor, **more)
    # The first administrator is made on the command line, where there is nobody yet who could confirm.
    grant.needs_confirmation = actor is not None and access.DUTY_ROLE.get(duty) in access.CONFIRMED_ROLES
    grant.full_clean()
    grant.save()
    log.record(actor, "duty.granted", grant)
    return grant


@retried
def confirm_duty(grant: RoleAssignment, *, actor: User) -> RoleAssignment:
    """Agree, as a second person, that somebody approves, publishes or administers; from now on the duty holds."""
    grant = waiting_grant(grant, actor=actor)
    separation.require_no_mix(grant.person, grant.duty)
    grant.confirmed_by, grant.confirmed_at = actor, timezone.now()
    grant.save()
    log.record(actor, "duty.confirmed", grant)
    return grant


@retried
def decline_duty(grant: RoleAssignment, *, reason: str, actor: User) -> RoleAssignment:
    """Refuse, as a second person, that somebody gets the duty; it never held."""
    grant = waiting_grant(grant, actor=actor)
    if len(reason.strip()) < 10:
        raise BadInput(_("Say in at least ten characters why not; the administrator reads it."), field="reason")
    end_yesterday(grant)
    log.record(actor, "duty.declined", grant, reason=reason.strip())
    return grant


def waiting_grant(grant: RoleAssignment, *, actor: User) -> RoleAssignment:
    """The row as it is now, held until the transaction ends, when this person may say yes or no to it."""
    separation.require_now(actor, access.GRANT_CONFIRM, grant)
    grant = RoleAssignment.objects.select_for_update().get(pk=grant.pk)
    separation.require_confirmer(actor, grant)
    if not RoleAssignment.objects.waiting().filter(pk=grant.pk).exists():
        raise NotAllowed(_("This duty waits for nobody's confirmation."))
    return grant


@retried
def end_duty(grant: RoleAssignment, *, actor: User) -> None:
    """End a duty as of yesterday, so that it does not hold from this moment."""
    access.require(actor, access.PEOPLE_MANAGE, grant.unit)
    separation.require_grantor(actor, grant.person)
    grant = RoleAssignment.objects.select_for_update(of=("self",)).get(pk=grant.pk)
    if grant.ends_on is not None and grant.ends_on < timezone.localdate():
        raise NotAllowed(_("This has ended already."))
    end_yesterday(grant)
    log.record(actor, "duty.ended", grant)
    owners.note_lost(grant.person, actor=actor)


def end_yesterday(grant: RoleAssignment) -> None:
    """Let the duty have ended the day before, and begun on a day on which no earlier grant of the same duty began.

    A duty may be given, ended and given again within one day, and each of these rows stays.
    """
    yesterday = timezone.localdate() - timedelta(days=1)
    same = RoleAssignment.objects.filter(person=grant.person_id, duty=grant.duty, unit=grant.unit_id).exclude(
        pk=grant.pk
    )
    taken = set(same.filter(system=grant.system_id).values_list("starts_on", flat=True))
    grant.starts_on, grant.ends_on = min(grant.starts_on, yesterday), yesterday
    while grant.starts_on in taken:
        grant.starts_on -= timedelta(days=1)
    grant.save()


@retried
def deactivate(person: User, *, reason: str, actor: User) -> list[AISystem]:
    """Close the account of somebody who left; the systems that have lost an owner by it wait for another."""
    access.require_anywhere(actor, access.PEOPLE_MANAGE)
    separation.require_grantor(actor, person)
    person = User.objects.select_for_update().get(pk=person.pk)
    owners.require_reason(reason)
    if not person.is_active:
        raise NotAllowed(_("%s is not active any more.") % person)
    person.is_active = False
    person.save()
    log.record(actor, "person.deactivated", person, reason=reason.strip())
    return owners.note_lost(person, actor=actor)
