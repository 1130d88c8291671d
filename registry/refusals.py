"""What a page answers when its form was refused: 422, or 429 with the seconds to wait where it comes too often."""

from django.forms import BaseForm
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render


def answer(request: HttpRequest, template: str, context: dict, *forms: BaseForm) -> HttpResponse:
    """The page with its forms; 200 while none of them was refused."""
    return marked(render(request, template, context), *forms)


def marked(page: HttpResponse, *forms: BaseForm) -> HttpResponse:
    """The page, with the status and the header that say what its forms say."""
    errors = [error for form in forms if form.is_bound for errors in form.errors.as_data().values() for error in errors]
    waits = [error.params["seconds"] for error in errors if error.code == "closed" and error.params]
    if errors:
        page.status_code = 429 if waits else 422
    if waits:
        page["Retry-After"] = str(max(waits))
    return page
