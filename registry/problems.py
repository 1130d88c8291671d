"""What the REST framework is configured with: pages of rows, and every error as a problem document."""

from typing import Any

from django.core.exceptions import RequestDataTooBig, SuspiciousOperation, ValidationError
from rest_framework import exceptions
from rest_framework.pagination import PageNumberPagination
from rest_framework.response import Response

from registry.errors import BadInput, DomainError, GateClosed, NotAllowed, QuotaReached

STATUS: dict[type[DomainError], int] = {NotAllowed: 403, GateClosed: 409, BadInput: 400, QuotaReached: 429}


class Page(PageNumberPagination):
    """Fifty rows a page, two hundred at most."""

    page_size_query_param = "page_size"
    max_page_size = 200


def problem(error: Exception, context: dict[str, Any]) -> Response | None:
    """Every error as a problem document (RFC 9457): what is wrong, where, and which field."""
    if isinstance(error, DomainError):
        status = next((STATUS[kind] for kind in type(error).__mro__ if kind in STATUS), 409)
        said = document(status, str(error), {getattr(error, "field", "") or "": [str(error)]})
        if isinstance(error, QuotaReached):
            said.headers["Retry-After"] = str(error.seconds)
        return with_successor(said, getattr(error, "successor", None))
    if isinstance(error, ValidationError):
        fields = error.message_dict if hasattr(error, "error_dict") else {"": error.messages}
        return document(400, "; ".join(text for texts in fields.values() for text in texts), fields)
    if isinstance(error, SuspiciousOperation):  # what Django itself refuses: too many bytes, fields or files
        return document(413 if isinstance(error, RequestDataTooBig) else 400, str(error), {})
    # Imported late: the framework's views read the settings that name this module.
    from rest_framework.views import exception_handler

    response = exception_handler(error, context)
    if response is None:
        return None
    detail = response.data.get("detail") if isinstance(response.data, dict) else None
    fields = response.data if isinstance(error, exceptions.ValidationError) else {}
    answer = document(response.status_code, str(detail or flat(response.data)), fields)
    for name in response.headers.keys() - {"Content-Type"}:
        answer.headers[name] = response.headers[name]
    return answer


def with_successor(said: Response, version: Any) -> Response:
    """The document with what takes the place of a version that ended, and a link to it (RFC 5829)."""
    if version is not None:
        url = f"/api/v1/versions/{version.pk}/"
        said.data["successor"] = {"id": str(version.pk), "name": str(version), "status": version.status, "url": url}
        said.headers["Link"] = f'<{url}>; rel="successor-version"'
    return said


def flat(data: Any) -> str:
    """Field errors in one line."""
    if isinstance(data, dict):
        return "; ".join(f"{name}: {flat(value)}" for name, value in data.items())
    return " ".join(str(item) for item in data) if isinstance(data, list) else str(data)


def document(status: int, detail: str, fields: Any) -> Response:
    """The problem document itself."""
    body: dict[str, Any] = {"type": "about:blank", "status": status, "detail": detail}
    errors = {name: texts for name, texts in fields.items() if name} if isinstance(fields, dict) else {}
    if errors:
        body["errors"] = errors
    return Response(body, status=status, content_type="application/problem+json")
