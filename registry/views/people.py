"""Administration: people, their duties, and the units."""

from functools import partial
from typing import Any, Final
from uuid import UUID

from django.contrib import messages
from django.db.models import Count, Prefetch, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _, ngettext
from django.views.decorators.http import require_POST

from registry import access
from registry.actions import people as actions
from registry.errors import NotAllowed
from registry.forms.acts import ActForm, ReasonForm
from registry.forms.people import GrantForm, InviteForm, UnitForm
from registry.models import BusinessUnit, Delegation, RoleAssignment, User
from registry.views.paging import page_of

SHOWN: Final = 50


def people(request: HttpRequest) -> HttpResponse:
    """Everybody, with the duties that the reader may see."""
    held = RoleAssignment.objects.visible_to(request.user).current().select_related("unit", "system")
    rows = User.objects.visible_to(request.user).prefetch_related(
        Prefetch("role_assignments", queryset=held, to_attr="duties")
    )
    context = {
        "title": _("People and roles"),
        "page": page_of(request, rows, by="name"),
        "may_manage": access.is_administrator(request.user),
    }
    return render(request, "registry/people.html", context)


def person(request: HttpRequest, pk: UUID) -> HttpResponse:
    """One person: the duties held and ended, and the form for one more."""
    found = get_object_or_404(User.objects.visible_to(request.user), pk=pk)
    return person_page(request, found, GrantForm(person=request.user))


def person_page(request: HttpRequest, found: User, form: GrantForm, status: int = 200) -> HttpResponse:
    """The page with a form that is empty or was refused."""
    duties = RoleAssignment.objects.visible_to(request.user).filter(person=found)
    may_manage = access.is_administrator(request.user) and found != request.user
    context = {
        "object": found,
        "duties": duties.select_related("unit", "system", "granted_by").order_by("-starts_on"),
        "current": set(duties.current().values_list("pk", flat=True)),
        "waiting": set(duties.waiting().values_list("pk", flat=True)),
        "form": form if may_manage else None,
        "may_manage": may_manage,
        "may_link": may_manage and not found.has_usable_password(),
        "delegations": delegations_of(found, request.user),
        "is_self": found == request.user,
    }
    return render(request, "registry/person.html", context, status=status)


def delegations_of(found: User, reader: User) -> Any:
    """Who stands in for the person, and for whom the person does, as far as the reader may see."""
    rows = Delegation.objects.visible_to(reader).filter(Q(from_person=found) | Q(to_person=found))
    return rows.select_related("from_person", "to_person", "unit", "system")[:SHOWN]


def person_invite(request: HttpRequest) -> HttpResponse:
    """Invite a person; the link by which the password is set is shown once."""
    access.require_anywhere(request.user, access.PEOPLE_MANAGE)
    form = InviteForm(request.POST or None, person=request.user)
    if request.method == "POST" and form.carry_out(partial(actions.invite, actor=request.user)):
        return invitation(request, form.result)
    context = {
        "form": form,
        "title": _("Invite a person"),
        "submit": _("Invite"),
        "why": _("You get a link to hand over. The person chooses a password by it; nobody else ever knows it."),
        "parent_label": _("People and roles"),
        "parent_url": reverse("people"),
        "cancel": reverse("people"),
    }
    return render(request, "generic/form.html", context, status=422 if form.errors else 200)


def invitation(request: HttpRequest, found: User) -> HttpResponse:
    """The page that shows the link."""
    link = request.build_absolute_uri(actions.password_path(found))
    return render(request, "registry/invitation.html", {"object": found, "link": link})


@require_POST
def person_link(request: HttpRequest, pk: UUID) -> HttpResponse:
    """A new link for somebody who never signed in. For anyone else it would open another person's account."""
    found = get_object_or_404(User.objects.visible_to(request.user), pk=pk)
    access.require_anywhere(request.user, access.PEOPLE_MANAGE)
    if found.has_usable_password():
        raise NotAllowed(_("%s has a password already; only that person can change it.") % found)
    return invitation(request, found)


def person_deactivate(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Close the account of somebody who left, with a reason."""
    found = get_object_or_404(User.objects.visible_to(request.user), pk=pk)
    access.require_anywhere(request.user, access.PEOPLE_MANAGE)
    form = ReasonForm(request.POST or None)
    if request.method == "POST" and form.carry_out(partial(actions.deactivate, found, actor=request.user)):
        left = len(form.result)
        said = ngettext("%(person)s is deactivated; %(count)d system waits for another owner.",
                        "%(person)s is deactivated; %(count)d systems wait for another owner.", left)  # fmt: skip
        messages.success(request, said % {"person": found, "count": left})
        return redirect("people")
    context = {
        "form": form, "title": _("Deactivate %s") % found, "submit": _("Deactivate"), "danger": True,
        "why": _("The person can no longer sign in. What was done stays; systems that lose an owner wait for another."),
        "parent_label": found.name, "parent_url": found.get_absolute_url(), "cancel": found.get_absolute_url(),
    }  # fmt: skip
    return render(request, "generic/form.html", context, status=422 if form.errors else 200)


@require_POST
def person_grant(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Give a person one more duty."""
    found = get_object_or_404(User.objects.visible_to(request.user), pk=pk)
    access.require_anywhere(request.user, access.PEOPLE_MANAGE)
    form = GrantForm(request.POST, person=request.user)
    if form.carry_out(partial(actions.grant_duty, found, actor=request.user)):
        granted = _("Granted: %s. It waits for a second person to confirm it.")
        messages.success(request, (granted if form.result.is_waiting else _("Granted: %s.")) % form.result)
        return redirect(found)
    return person_page(request, found, form, status=422)


def units(request: HttpRequest) -> HttpResponse:
    """The units that the reader may see, and the form for one more."""
    return units_page(request, UnitForm(person=request.user))


def units_page(request: HttpRequest, form: ActForm, status: int = 200) -> HttpResponse:
    """The list with a form that is empty or was refused."""
    rows = BusinessUnit.objects.visible_to(request.user).select_related("parent")
    context = {
        "title": _("Units"),
        "page": page_of(request, rows.annotate(system_count=Count("aisystem")), by="name"),
        "form": form if access.is_administrator(request.user) else None,
    }
    return render(request, "registry/units.html", context, status=status)


@require_POST
def unit_add(request: HttpRequest) -> HttpResponse:
    """Add a unit below another."""
    access.require_anywhere(request.user, access.PEOPLE_MANAGE)
    form = UnitForm(request.POST, person=request.user)
    if form.carry_out(partial(actions.add_unit, actor=request.user)):
        messages.success(request, _("%s is added.") % form.result)
        return redirect("units")
    return units_page(request, form, status=422)


def unit(request: HttpRequest, pk: UUID) -> HttpResponse:
    """One unit: its systems and who holds which duty in it."""
    found = get_object_or_404(BusinessUnit.objects.visible_to(request.user).select_related("parent"), pk=pk)
    context = {
        "object": found,
        "systems": found.aisystem_set.visible_to(request.user),
        "duties": found.role_assignments.current().select_related("person", "system", "unit"),
        "children": found.children.all(),
    }
    return render(request, "registry/unit.html", context)
