"""Signing in, changing the password, and the link by which a forgotten one is set anew."""

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import views as auth
from django.contrib.auth.decorators import login_not_required
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import cache_control
from django.views.decorators.debug import sensitive_post_parameters

from registry import access, fresh_password
from registry.actions import sign_ins as actions
from registry.forms.sign_ins import ChangeForm, LinkForm, SignInForm
from registry.models import User
from registry.refusals import answer as answered, marked
from registry.second_factor import has_one
from registry.views.second_factor import ask_factor


class SignIn(auth.LoginView):
    """E-mail address and password."""

    form_class = SignInForm

    def form_valid(self, form: Any) -> HttpResponse:
        """Let the person in, or ask for a code first; the log and the session know when."""
        person = User.objects.get(pk=form.get_user().pk)
        if has_one(person):
            return ask_factor(self.request, person, then=self.get_success_url())
        actions.note_signed_in(person, address=actions.address_of(self.request))
        answer = super().form_valid(form)
        fresh_password.stamp(self.request)
        if access.lacks_second_factor(person):
            messages.warning(
                self.request,
                _("One of your duties demands a second factor for acts that bind. Add one: your name › Second factor."),
            )
        return answer

    def form_invalid(self, form: Any) -> HttpResponse:
        """The page again."""
        return marked(super().form_invalid(form), form)


class PasswordChange(auth.PasswordChangeView):
    """A new password for oneself."""

    form_class = ChangeForm

    def get_form_kwargs(self) -> dict[str, Any]:
        """The form knows from where the old password is tried."""
        return {**super().get_form_kwargs(), "address": actions.address_of(self.request)}

    def form_valid(self, form: Any) -> HttpResponse:
        """Change it, and say so in the log."""
        with transaction.atomic():
            answer = super().form_valid(form)
            actions.note_password_set(User.objects.get(pk=form.user.pk), by_link=False)
        fresh_password.stamp(self.request)
        return answer

    def form_invalid(self, form: Any) -> HttpResponse:
        """The page again."""
        return marked(super().form_invalid(form), form)


class PasswordSet(auth.PasswordResetConfirmView):
    """The page behind a link of an invitation or of a forgotten password."""

    def form_valid(self, form: Any) -> HttpResponse:
        """Set it, and say so in the log."""
        with transaction.atomic():
            answer = super().form_valid(form)
            actions.note_password_set(User.objects.get(pk=form.user.pk), by_link=True)
        return answer

    def form_invalid(self, form: Any) -> HttpResponse:
        """The page again."""
        return marked(super().form_invalid(form), form)


@login_not_required
@cache_control(private=True, no_store=True)
@sensitive_post_parameters()
def password_forgotten(request: HttpRequest) -> HttpResponse:
    """Ask for a link; the answer is the same whether there is an account or not."""
    form = LinkForm(request.POST or None)
    context = {"form": form, "sends_mail": settings.SENDS_MAIL}
    if request.method != "POST" or not settings.SENDS_MAIL:
        return render(request, "registration/password_reset_form.html", context)
    address, origin = actions.address_of(request), request.build_absolute_uri("/")
    if form.carry_out(lambda email: ask(email, address=address, origin=origin)):
        messages.success(
            request, _("If this address has an account here, a link is on its way. It works once, within an hour.")
        )
        return redirect("login")
    return answered(request, "registration/password_reset_form.html", context, form)


def ask(email: str, *, address: str, origin: str) -> None:
    """Count the wish, then send the link."""
    actions.begin_attempt(email, address=address, kind=actions.Kind.LINK)
    actions.send_link(email, origin=origin, address=address)
