"""Access tokens of the person who reads: list, make, end."""

from functools import partial

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from registry.actions import tokens as actions
from registry.forms.tokens import TokenForm
from registry.models import ApiToken, User


def tokens(request: HttpRequest) -> HttpResponse:
    """The reader's own tokens, and the form for one more."""
    return tokens_page(request, TokenForm(person=request.user))


def tokens_page(request: HttpRequest, form: TokenForm, secret: str = "", status: int = 200) -> HttpResponse:
    """The list; with the secret of a token made just now, which is never shown again."""
    rows = ApiToken.objects.filter(user=request.user).select_related("unit").order_by("-created")
    context = {"title": _("Access tokens"), "tokens": rows, "form": form, "secret": secret}
    return render(request, "registry/tokens.html", context, status=status)


@require_POST
@never_cache
def token_create(request: HttpRequest) -> HttpResponse:
    """Make a token and show it once."""
    form = TokenForm(request.POST, person=request.user)
    # The row itself: what a request carries is a stand-in for it, which the log cannot take a snapshot of.
    owner = User.objects.get(pk=request.user.pk)
    if not form.carry_out(partial(actions.create_token, owner)):
        return tokens_page(request, form, status=422)
    _token, secret = form.result
    return tokens_page(request, TokenForm(person=request.user), secret=secret)


@require_POST
def token_revoke(request: HttpRequest, key: str) -> HttpResponse:
    """End a token at once."""
    found = get_object_or_404(ApiToken.objects.filter(user=request.user), token_key=key)
    actions.revoke_token(found, actor=request.user)
    messages.success(request, _("The token “%s” no longer works.") % found.name)
    return redirect("tokens")
