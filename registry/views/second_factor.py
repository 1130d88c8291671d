"""The second factor: the code after the password, and the page where one adds it, renews its codes or removes it."""

import base64
import time
from typing import Any, Final

from allauth.mfa.adapter import get_adapter
from allauth.mfa.totp.internal.auth import generate_totp_secret
from django.contrib import messages
from django.contrib.auth import login
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.crypto import constant_time_compare
from django.utils.translation import gettext as _
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_POST

from registry import fresh_password
from registry.actions import second_factor as actions, sign_ins
from registry.forms.second_factor import AddForm, ChangeFactorForm, CodeForm
from registry.models import User

HALF: Final = "half_signed_in"
SECRET: Final = "second_factor_secret"
PATIENCE: Final = 600.0


def ask_code(request: HttpRequest, person: User, *, then: str) -> HttpResponse:
    """Remember who gave the right password, let nobody in yet, and go to the page of the code."""
    request.session.cycle_key()
    # The hash ends with the password: whoever changes it meanwhile shuts this half-open door.
    request.session[HALF] = [str(person.pk), person.get_session_auth_hash(), time.time(), then]
    return redirect("login-code")


def half_signed_in(request: HttpRequest) -> tuple[User | None, str]:
    """Who gave the right password within the last ten minutes, and where that person was going."""
    pk, known, at, then = request.session.get(HALF, ["", "", 0.0, "/"])
    if not pk or not 0 <= time.time() - at <= PATIENCE:
        return None, then
    person = User.objects.filter(pk=pk, is_active=True).first()
    is_same = person is not None and constant_time_compare(person.get_session_auth_hash(), known)
    return (person if is_same else None), then


@login_not_required
@cache_control(private=True, no_store=True)
def login_code(request: HttpRequest) -> HttpResponse:
    """The code after the password."""
    person, then = half_signed_in(request)
    if person is None:
        return redirect("login")
    address = sign_ins.address_of(request)
    form = CodeForm(request.POST or None, person=person, address=address)
    if request.method == "POST" and form.is_valid():
        del request.session[HALF]
        sign_ins.note_signed_in(person, address=address, second_factor=True)
        login(request, person, backend="django.contrib.auth.backends.ModelBackend")
        fresh_password.stamp(request)
        return redirect(then)
    return render(request, "registration/login_code.html", {"form": form}, status=422 if form.errors else 200)


@cache_control(private=True, no_store=True)
def second_factor(request: HttpRequest) -> HttpResponse:
    """What stands, or the steps to add the factor; the app's secret waits in the session until a code proves it."""
    person = User.objects.get(pk=request.user.pk)
    if actions.has_one(person):
        return factor_page(request, person)
    if request.method == "POST" and SECRET not in request.session:
        request.session[SECRET] = generate_totp_secret()
        return redirect("second-factor")
    secret = request.session.get(SECRET, "")
    if not secret:
        return render(request, "registry/second_factor.html", {"may_begin": True})
    form = AddForm(request.POST or None, person=person, address=sign_ins.address_of(request))
    if request.method == "POST" and form.carry_out(lambda code: actions.add(person, secret=secret, code=code)):
        del request.session[SECRET]
        return codes_page(request, form.result)
    url = get_adapter().build_totp_url(person, secret)
    picture = base64.b64encode(get_adapter().build_totp_svg(url).encode()).decode()
    context = {"form": form, "secret": spaced(secret), "url": url, "picture": f"data:image/svg+xml;base64,{picture}"}
    return render(request, "registry/second_factor.html", context, status=422 if form.errors else 200)


def spaced(secret: str) -> str:
    """A secret in groups of four, for whoever types it."""
    return " ".join(secret[start : start + 4] for start in range(0, len(secret), 4))


def factor_page(request: HttpRequest, person: User, status: int = 200, **forms: Any) -> HttpResponse:
    """The page of a factor that stands, with forms that are empty or were refused."""
    kwargs = {"person": person, "address": ""}
    context = {
        "left": actions.codes_left(person),
        "renew_form": ChangeFactorForm(auto_id="renew_%s", **kwargs),
        "remove_form": ChangeFactorForm(auto_id="remove_%s", **kwargs),
        **forms,
    }
    return render(request, "registry/second_factor.html", context, status=status)


def codes_page(request: HttpRequest, codes: list[str]) -> HttpResponse:
    """The recovery codes, shown this once."""
    return render(request, "registry/recovery_codes.html", {"codes": codes})


@require_POST
@cache_control(private=True, no_store=True)
def recovery_codes(request: HttpRequest) -> HttpResponse:
    """Make new recovery codes."""
    person = User.objects.get(pk=request.user.pk)
    address = sign_ins.address_of(request)
    form = ChangeFactorForm(request.POST, person=person, address=address, auto_id="renew_%s")
    if not form.is_valid():
        return factor_page(request, person, 422, renew_form=form)
    return codes_page(request, actions.renew_codes(person))


@require_POST
def second_factor_remove(request: HttpRequest) -> HttpResponse:
    """Remove the factor."""
    person = User.objects.get(pk=request.user.pk)
    address = sign_ins.address_of(request)
    form = ChangeFactorForm(request.POST, person=person, address=address, auto_id="remove_%s")
    if not form.is_valid():
        return factor_page(request, person, 422, remove_form=form)
    actions.remove(person, actor=person)
    messages.success(request, _("Signing in asks for your password alone again."))
    return redirect("second-factor")
