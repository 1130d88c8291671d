"""An act that binds asks who is there once more when the session said it too long ago; what was typed is kept.

`access.require` decides which acts these are (access.STEP_UP) and raises PasswordNeeded; here it becomes a page that
carries everything that was posted as hidden fields, takes the password and the second factor of those who have one, and
posts to the same address again.
"""

import time
from collections.abc import Callable
from typing import Any, Final

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _

from registry.actions.sign_ins import address_of
from registry.errors import PasswordNeeded, SecondFactorNeeded, SignatureNeeded
from registry.forms.second_factor import AgainForm
from registry.passkeys import question_for
from registry.refusals import marked

# In the session, and on the person of the request, where access.py reads them.
KEY: Final = "password_at"
FACTOR_KEY: Final = "factor_at"
PASSKEY_KEY: Final = "passkey_at"
OWN_FIELDS: Final = ("csrfmiddlewaretoken", "confirm_password", "confirm_back", "confirm_code", "confirm_passkey")
READING: Final = {"GET", "HEAD", "OPTIONS", "TRACE"}


def stamp(request: HttpRequest) -> None:
    """Remember in the session that the password was given just now."""
    request.session[KEY] = time.time()


def stamp_factor(request: HttpRequest) -> None:
    """Remember in the session that a second factor answered just now."""
    request.session[FACTOR_KEY] = time.time()


class FreshPassword:
    """Tells the person of an act when the session last gave the password, and asks for it where that is too old."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(self, request: HttpRequest, *view: Any) -> HttpResponse | None:
        """Take the password where the page below asked for it; the view then acts as if nothing had come between."""
        if request.method in READING or not request.user.is_authenticated:
            return None
        if not request.path.startswith("/api/") and "confirm_password" in request.POST:
            form = again(request, request.POST)
            if not form.is_valid():
                return page(request, form)
            stamp(request)
            if not form.factors.are_none:
                stamp_factor(request)
            if request.POST.get("confirm_passkey"):
                request.session[PASSKEY_KEY] = time.time()
            request.META["HTTP_REFERER"] = request.POST.get("confirm_back", "")
        for key in (KEY, FACTOR_KEY, PASSKEY_KEY):
            setattr(request.user, key, request.session.get(key, 0.0))
        return None

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        """The page that asks; a sentence for whoever comes by the API with a session."""
        if not isinstance(error, PasswordNeeded | SecondFactorNeeded):
            return None
        if request.path.startswith("/api/"):
            body = {"type": "about:blank", "status": 403, "detail": str(error)}
            return JsonResponse(body, status=403, content_type="application/problem+json")
        if isinstance(error, SecondFactorNeeded):
            context = {"sentence": str(error), "back": way_back(request)}
            return render(request, "registration/second_factor_needed.html", context, status=403)
        return page(request, again(request), sentence=str(error) if isinstance(error, SignatureNeeded) else "")


def again(request: HttpRequest, data: Any = None) -> AgainForm:
    """The form for this person."""
    return AgainForm(data, person=request.user, address=address_of(request))


def page(request: HttpRequest, form: AgainForm, *, sentence: str = "") -> HttpResponse:
    """The page: nothing was done yet, and everything typed goes with the password."""
    context = {
        "form": form,
        "sentence": sentence,
        "kept": [(name, value) for name, values in request.POST.lists() if name not in OWN_FIELDS for value in values],
        "back": way_back(request),
        "minutes": settings.STEP_UP_MINUTES,
        "title": _("Your password, once more"),
        "passkey_question": question_for(request, form.person, form.factors),
    }
    return marked(render(request, "registration/password_again.html", context, status=422), form)


def way_back(request: HttpRequest) -> str:
    """Where the act began, on this site."""
    back = request.POST.get("confirm_back") or request.headers.get("Referer", "")
    safe = url_has_allowed_host_and_scheme(back, allowed_hosts={request.get_host()})
    return back if safe else reverse("home")
