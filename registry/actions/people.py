"""People, units and duties: invitations by link, grants and their end, the first administrator."""

from datetime import date, timedelta
from typing import Any

from django.contrib.auth.tokens import default_token_generator
from django.db import transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.encoding import force_bytes
from django.utils.http import urlsafe_base64_encode
from django.utils.text import slugify
from django.utils.translation import gettext as _

from registry import access, separation
from registry.audit import log
from registry.errors import BadInput, NotAllowed
from registry.models import AISystem, BusinessUnit, Duty, RoleAssignment, User


@transaction.atomic
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


@transaction.atomic
def add_unit(name: str, *, parent: BusinessUnit, actor: User) -> BusinessUnit:
    """Add a unit below another."""
    access.require(actor, access.PEOPLE_MANAGE, parent)
    return saved_unit(name, parent=parent, actor=actor)


def saved_unit(name: str, *, parent: BusinessUnit | None, actor: Any) -> BusinessUnit:
    """The unit row, its path and its entry."""
    slug = slugify(name) or "unit"
    if BusinessUnit.objects.filter(slug=slug).exists():
        raise BadInput(_("A unit called “%s” exists already.") % slug, field="name")
    unit = BusinessUnit(name=name.strip(), slug=slug, parent=parent)
    unit.path = f"{parent.path if parent else '/'}{unit.pk}/"
    unit.full_clean()
    unit.save()
    log.record(actor, "unit.added", unit)
    return unit


@transaction.atomic
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


@transaction.atomic
def grant_duty(
    person: User, *, duty: str, unit: BusinessUnit, actor: User, system: AISystem | None = None,
    ends_on: date | None = None,
) -> RoleAssignment:  # fmt: skip
    """Give a person a duty in a unit. Nobody grants to himself; administration mixes with no other duty."""
    access.require(actor, access.PEOPLE_MANAGE, unit)
    separation.require_grantor(actor, person)
    separation.require_no_mix(person, duty)
    return saved_grant(person, duty=duty, unit=unit, actor=actor, system=system, ends_on=ends_on)


def saved_grant(person: User, *, duty: str, unit: BusinessUnit, actor: Any, **more: Any) -> RoleAssignment:
    """The grant row and its entry."""
    if duty not in Duty.values:
        raise BadInput(_("“%s” is no duty.") % duty, field="duty")
    if RoleAssignment.objects.current().filter(person=person, duty=duty, unit=unit, system=more.get("system")).exists():
        raise BadInput(_("%(person)s holds this duty already.") % {"person": person}, field="duty")
    grant = RoleAssignment(person=person, duty=duty, unit=unit, granted_by=actor, **more)
    grant.full_clean()
    grant.save()
    log.record(actor, "duty.granted", grant)
    return grant


@transaction.atomic
def end_duty(grant: RoleAssignment, *, actor: User) -> None:
    """End a duty as of yesterday, so that it does not hold from this moment."""
    access.require(actor, access.PEOPLE_MANAGE, grant.unit)
    separation.require_grantor(actor, grant.person)
    yesterday = timezone.localdate() - timedelta(days=1)
    grant.starts_on, grant.ends_on = min(grant.starts_on, yesterday), yesterday
    grant.save()
    log.record(actor, "duty.ended", grant)
