"""Makes a POST of the API take effect once, however often it is sent: the Idempotency-Key header.

The answer is kept in the transaction of its effect, so that there is never one without the other: a client that got no
answer sends the same request again and gets it. Refusals (4xx) leave the key free, since nothing happened under it.
"""

import hashlib
import json
import re
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.db import connection, transaction
from django.http import HttpResponse, HttpResponseBase
from django.utils.translation import gettext_lazy as _
from rest_framework import exceptions, status
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request

from registry import faults
from registry.models import ApiToken, KeptAnswer

HEADER, REPLAY = "Idempotency-Key", "Idempotent-Replay"
WRITTEN = re.compile(r"[!-~]{1,255}")
Owner = tuple[Any, str, str]


class InFlight(exceptions.APIException):
    """The first request under the key is not answered yet."""

    status_code = status.HTTP_409_CONFLICT
    default_detail = _("A request with this Idempotency-Key is being carried out; send it again in a moment.")


class KeyReused(exceptions.APIException):
    """The key belongs to another request."""

    status_code = status.HTTP_422_UNPROCESSABLE_ENTITY
    default_detail = _("This Idempotency-Key was used for another request; take a new key for a new request.")


class Once:
    """A view of the REST framework whose POST takes effect once for each key. Without the header nothing changes."""

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """Who is asking is known from here on; the handler of this one request is put behind the key."""
        super().initial(request, *args, **kwargs)  # type: ignore[misc]
        key = request.headers.get(HEADER)
        if request.method == "POST" and key is not None:
            self.post: Callable[..., Any] = partial(once, self, self.post, key)


def once(view: Any, handler: Callable[..., Any], key: str, request: Request, *args: Any, **kwargs: Any) -> Any:
    """The answer of the first request under this key: carried out now, or kept from then."""
    if not WRITTEN.fullmatch(key):
        raise exceptions.ValidationError(
            {HEADER: [_("An Idempotency-Key has 1 to 255 visible ASCII characters and no spaces.")]}
        )
    token = request.auth.token_key if isinstance(request.auth, ApiToken) else ""
    owner: Owner = (request.user.pk, token, key)
    asked = fingerprint(request)
    with alone(owner), transaction.atomic():
        lock(owner)
        kept = KeptAnswer.objects.filter(person_id=owner[0], credential=token, key=key)
        kept.expired().delete()
        found = kept.first()
        if found is not None:
            return replayed(found, asked)
        response = answered(view, partial(handler, request, *args, **kwargs), owner, asked)
    faults.point("answer.committed")
    return response


def answered(view: Any, handler: Callable[[], Any], owner: Owner, asked: str) -> HttpResponseBase:
    """Carry the request out and keep its answer.

    A refusal is turned into its answer here, inside the transaction: what the actions committed before they refused
    (sign-offs voided because the material changed) stays, as it does without a key. A crash takes everything back.
    """
    try:
        response = handler()
    except Exception as error:  # handle_exception raises again whatever is no refusal
        response = view.handle_exception(error)
    if response.status_code >= 400:
        return response
    kept = KeptAnswer.objects.create(
        person_id=owner[0], credential=owner[1], key=owner[2], fingerprint=asked, status=response.status_code,
        content_type=response.content_type or "application/json", body=JSONRenderer().render(response.data),
    )  # fmt: skip
    return answer_of(kept)


def replayed(kept: KeptAnswer, asked: str) -> HttpResponse:
    """The kept answer, marked as one, for the same request only."""
    if kept.fingerprint != asked:
        raise KeyReused
    response = answer_of(kept)
    response.headers[REPLAY] = "true"
    return response


def answer_of(kept: KeptAnswer) -> HttpResponse:
    """The answer as it goes over the wire, the first time and every time."""
    return HttpResponse(bytes(kept.body), status=kept.status, content_type=kept.content_type)


def fingerprint(request: Request) -> str:
    """SHA-256 over method, address and what was sent; a form's files count by their digests, whatever the boundary."""
    sent: Any = request.data
    if hasattr(sent, "lists"):
        sent = sorted((name, [said(value) for value in values]) for name, values in sent.lists())
    text = json.dumps([request.method, request.get_full_path(), sent], sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()


def said(value: Any) -> Any:
    """A form's value; of a file its name and digest."""
    if not isinstance(value, UploadedFile):
        return value
    hashed = hashlib.sha256()
    for chunk in value.chunks():
        hashed.update(chunk)
    return [value.name, hashed.hexdigest()]


# ---- in flight: within this process by a set, across processes by the database

running: set[Owner] = set()
guard = threading.Lock()


@contextmanager
def alone(owner: Owner) -> Iterator[None]:
    """No other thread of this process carries out a request under this key. Raises InFlight."""
    with guard:
        if owner in running:
            raise InFlight
        running.add(owner)
    try:
        yield
    finally:
        with guard:
            running.discard(owner)


def lock(owner: Owner) -> None:
    """No other process does: PostgreSQL says so at once, SQLite lets one writer in at a time anyway."""
    if connection.vendor != "postgresql":
        return
    number = int.from_bytes(hashlib.sha256(repr(owner).encode()).digest()[:8], "big", signed=True)
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [number])
        if not cursor.fetchone()[0]:
            raise InFlight
