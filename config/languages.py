"""Which language a page is in: the one chosen in this browser, else the person's own, else what the browser asks for."""

from collections.abc import Callable

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.utils import translation
from django.views.i18n import set_language

from registry.models import User


@login_not_required
def choose_language(request: HttpRequest) -> HttpResponse:
    """Keep the choice in this browser and, for somebody who is signed in, for every other browser and for mail."""
    language = request.POST.get("language", "")
    if request.user.is_authenticated and language in dict(settings.LANGUAGES):
        User.objects.filter(pk=request.user.pk).unlogged_update(language=language)
    return set_language(request)


class own_language:
    """Speaks a person's own language in a browser where none was chosen yet; English, the default, is no choice."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        chosen = request.COOKIES.get(settings.LANGUAGE_COOKIE_NAME)
        if not chosen and request.user.is_authenticated and request.user.language != settings.LANGUAGE_CODE:
            translation.activate(request.user.language)
            request.LANGUAGE_CODE = translation.get_language()
        return self.get_response(request)
