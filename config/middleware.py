"""Turns a refusal of the domain into a page that says so; reads a person's duties once for a request that only reads."""

from collections.abc import Callable

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.http import url_has_allowed_host_and_scheme

from registry import access
from registry.errors import DomainError


class domain_errors:
    """A POST goes back where it came from with the sentence on top; anything else is a page with status 409."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        """The page or the way back for a DomainError; None lets every other error pass."""
        if not isinstance(error, DomainError) or request.path.startswith("/api/"):
            return None
        back = request.headers.get("Referer", "")
        if request.method == "POST" and url_has_allowed_host_and_scheme(back, allowed_hosts={request.get_host()}):
            messages.error(request, str(error))
            return redirect(back)
        return render(request, "refused.html", {"sentence": str(error)}, status=409)


class duties_read_once:
    """A GET asks many times what its reader may see; the answer is that of one moment. A POST asks anew at every step."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.method not in {"GET", "HEAD"}:
            return self.get_response(request)
        with access.read_once(request.user):
            return self.get_response(request)
