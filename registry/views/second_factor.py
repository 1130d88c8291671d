"""Second factors: the answer after the password, and the pages where one sees, adds and removes one's own."""

import base64
import time
from collections.abc import Callable
from typing import Final

from allauth.mfa.adapter import get_adapter
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import generate_totp_secret
from django.contrib import messages
from django.contrib.auth import login
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.crypto import constant_time_compare
from django.utils.translation import gettext as _
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_POST

from registry import access, fresh_password, passkeys, refusals
from registry.actions import second_factor as actions, sign_ins
from registry.forms.acts import ActForm
from registry.forms.second_factor import AddAppForm, AddPasskeyForm, FactorForm
from registry.models import User
from registry.second_factor import Type, factors_of

HALF: Final = "half_signed_in"
SECRET: Final = "second_factor_secret"
PATIENCE: Final = 600.0


def ask_factor(request: HttpRequest, person: User, *, then: str) -> HttpResponse:
    """Remember who gave the right password, let nobody in yet, and go to the page of the second factor."""
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
    """The second factor after the password."""
    person, then = half_signed_in(request)
    if person is None:
        return redirect("login")
    address = sign_ins.address_of(request)
    form = FactorForm(request.POST if request.method == "POST" else None, person=person, address=address)
    if form.is_valid():
        del request.session[HALF]
        sign_ins.note_signed_in(person, address=address, second_factor=True)
        login(request, person, backend="django.contrib.auth.backends.ModelBackend")
        fresh_password.stamp(request)
        fresh_password.stamp_factor(request)
        return redirect(then)
    context = {"form": form, "passkey_question": passkeys.question_for(request, person, form.factors)}
    return refusals.answer(request, "registration/login_code.html", context, form)


@cache_control(private=True, no_store=True)
def second_factor(request: HttpRequest) -> HttpResponse:
    """What stands beside the password, and what may be added."""
    person = myself(request)
    context = {
        "factors": factors_of(person),
        "left": actions.codes_left(person),
        "can_have_passkeys": passkeys.can_work(request),
        "is_demanded": access.lacks_second_factor(person),
        "address": request.build_absolute_uri("/"),
    }
    return render(request, "registry/second_factor.html", context)


def myself(request: HttpRequest) -> User:
    """The row of whoever asks: every page here is about oneself."""
    return User.objects.get(pk=request.user.pk)


@cache_control(private=True, no_store=True)
def app_add(request: HttpRequest) -> HttpResponse:
    """The steps to add an app; its secret waits in the session until a code proves that the app has it."""
    person = myself(request)
    if request.method == "POST" and SECRET not in request.session:
        request.session[SECRET] = generate_totp_secret()
        return redirect("second-factor-app")
    secret = request.session.get(SECRET, "")
    if not secret:
        return redirect("second-factor")
    form = AddAppForm(request.POST if request.method == "POST" else None)
    if added(request, form, lambda code: actions.add_app(person, secret=secret, code=code)):
        del request.session[SECRET]
        return codes_page(request, form.result)
    url = get_adapter().build_totp_url(person, secret)
    picture = base64.b64encode(get_adapter().build_totp_svg(url).encode()).decode()
    context = {"form": form, "secret": spaced(secret), "picture": f"data:image/svg+xml;base64,{picture}"}
    return refusals.answer(request, "registry/second_factor_app.html", context, form)


@cache_control(private=True, no_store=True)
def passkey_add(request: HttpRequest) -> HttpResponse:
    """The page on which the browser makes a passkey."""
    person = myself(request)
    form = AddPasskeyForm(request.POST if request.method == "POST" else None)
    if added(request, form, lambda **given: actions.add_passkey(person, **given)):
        return codes_page(request, form.result)
    can_have = passkeys.can_work(request)
    question = passkeys.creation_options(person) if can_have else ""
    context = {"form": form, "passkey_question": question, "address": request.build_absolute_uri("/")}
    return refusals.answer(request, "registry/second_factor_passkey.html", context, form)


def added(request: HttpRequest, form: ActForm, act: Callable[..., list[str]]) -> bool:
    """Add the factor, for a session that is fresh; it has just answered, so it counts as given."""
    if request.method != "POST" or not form.is_valid():
        return False
    access.require_fresh(request.user)
    if not form.carry_out(act):
        return False
    fresh_password.stamp_factor(request)
    messages.success(request, _("From now on, signing in asks for a second factor after the password."))
    return True


def spaced(secret: str) -> str:
    """A secret in groups of four, for whoever types it."""
    return " ".join(secret[start : start + 4] for start in range(0, len(secret), 4))


def codes_page(request: HttpRequest, codes: list[str]) -> HttpResponse:
    """The recovery codes, shown this once; none are new for who had some."""
    if not codes:
        return redirect("second-factor")
    return render(request, "registry/recovery_codes.html", {"codes": codes})


@require_POST
@cache_control(private=True, no_store=True)
def recovery_codes(request: HttpRequest) -> HttpResponse:
    """Make new recovery codes."""
    access.require_fresh(request.user)
    return codes_page(request, actions.renew_codes(myself(request)))


@cache_control(private=True, no_store=True)
def second_factor_remove(request: HttpRequest, pk: int) -> HttpResponse:
    """Remove one factor, after a page that names it."""
    person = myself(request)
    factor = get_object_or_404(Authenticator, pk=pk, user_id=person.pk, type__in=(Type.TOTP, Type.WEBAUTHN))
    if request.method == "POST":
        access.require_fresh(request.user)
        actions.remove(person, factor=factor)
        messages.success(request, removed(person))
        return redirect("second-factor")
    others = len(factors_of(person).passkeys) + (factors_of(person).app is not None) - 1
    context = {
        "title": _("Remove a second factor"), "submit": _("Remove it"), "danger": True, "form": ActForm(),
        "object": factor.data.get("name") or _("Authenticator app"), "cancel": reverse("second-factor"),
        "consequence": "" if others else _("It is the last one: your password alone lets in then."),
    }  # fmt: skip
    return render(request, "generic/confirm.html", context)


def removed(person: User) -> str:
    """What holds after the removal."""
    if factors_of(person).are_none:
        return _("Signing in asks for your password alone again.")
    return _("It is removed; signing in asks for one of the others.")
