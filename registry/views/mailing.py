"""How often the reader wants to be mailed about tasks."""

from typing import Any

from django import forms
from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _, gettext_lazy

from registry import refusals
from registry.forms.acts import ActForm
from registry.models import User


class MailForm(ActForm):
    """Daily, on Mondays, or only what was handed up."""

    mail = forms.ChoiceField(label=gettext_lazy("Mails about tasks"), choices=User.Mail, widget=forms.RadioSelect)


def mail_preference(request: HttpRequest) -> HttpResponse:
    """The choice, and what a mail holds."""
    form = MailForm(request.POST or None, initial={"mail": request.user.mail})

    def keep(mail: str) -> Any:
        return User.objects.filter(pk=request.user.pk).unlogged_update(mail=mail)

    if request.method == "POST" and form.carry_out(keep):
        messages.success(request, _("Saved."))
        return redirect("mail-preference")
    why = _(
        "A mail names what is due, overdue or handed up to you, by its title and a link; nothing else stands in it."
    )
    if not settings.SENDS_MAIL:
        why += " " + _("This installation sends no mail, so nothing comes of it for now.")
    context = {
        "form": form,
        "title": _("Mails about tasks"),
        "submit": _("Save"),
        "cancel": reverse("home"),
        "why": why,
    }
    return refusals.answer(request, "generic/form.html", context, form)
