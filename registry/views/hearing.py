"""The report page, open to people without an account where the installation allows it, and the page of an answer."""

from typing import Any

from django import forms
from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.views import redirect_to_login
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache

from registry import refusals
from registry.actions import hearing as actions, sign_ins
from registry.forms.acts import ActForm
from registry.hearing import sorts


class TrapInput(forms.TextInput):
    """A field that people never see and programs fill in."""

    template_name = "registry/hearing/trap.html"


class ReportForm(ActForm):
    """What somebody reports; a person with an account may name the system."""

    sort = forms.ChoiceField(label=_("What do you want to report?"), widget=forms.RadioSelect, choices=())
    system: Any = forms.ModelChoiceField(None, label=_("System"), required=False, empty_label=_("I do not know"))
    place = forms.CharField(
        label=_("Where was it?"), max_length=120, required=False,
        help_text=_("The name of the service, letter or page as you know it."),
    )  # fmt: skip
    text = forms.CharField(
        label=_("What happened?"), widget=forms.Textarea(attrs={"rows": 6}), max_length=actions.MOST,
        help_text=_("Leave out names and numbers of people where you can. You need not say who you are."),
    )  # fmt: skip
    website = forms.CharField(label=_("Leave this empty"), required=False, widget=TrapInput())

    def __init__(self, *args: Any, person: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        said: Any = self.fields
        said["sort"].choices = [(name, sort.title) for name, sort in sorts().items()]
        self.person = person if person.is_authenticated else None
        if self.person is None:
            del self.fields["system"]
        else:
            said["system"].queryset = actions.may_choose(self.person)

    def receive(self, *, address: str, website: str, **said: Any) -> str:
        """Take it in, and the key to its answer; what fell into the trap is thanked for and thrown away."""
        if self.person is None:
            sign_ins.begin_attempt("", address=address, kind=sign_ins.Kind.REPORT)
        if website:
            return ""
        return actions.key_to(actions.receive(actor=self.person, **said))


@login_not_required
@never_cache
def report(request: HttpRequest) -> HttpResponse:
    """Report something; what is said never depends on what exists here."""
    if not (settings.PUBLIC_REPORTS or request.user.is_authenticated):
        return redirect_to_login(request.get_full_path())
    form = ReportForm(request.POST or None, person=request.user)
    address = sign_ins.address_of(request)
    if request.method == "POST" and form.carry_out(lambda **said: form.receive(address=address, **said)):
        link = request.build_absolute_uri(reverse("hear-answer", args=[form.result])) if form.result else ""
        return render(request, "registry/hearing/thanks.html", {"link": link})
    return refusals.answer(request, "registry/hearing/report.html", {"form": form}, form)


@login_not_required
@never_cache
def report_answer(request: HttpRequest, key: str) -> HttpResponse:
    """How far a report is and its answer, for whoever has its key: nothing of the report itself is shown."""
    found = actions.behind(key)
    if found is None:
        raise Http404
    row, answer = found
    return render(request, "registry/hearing/answer.html", {"report": row, "answer": answer})
