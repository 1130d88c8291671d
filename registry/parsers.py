"""How a JSON body of the API is read: no larger, no deeper and no stranger than anything that the product can use."""

import json
from collections.abc import Iterator
from typing import IO, Any

from django.conf import settings
from django.utils.translation import gettext as _
from rest_framework import exceptions, status
from rest_framework.parsers import JSONParser

DEEPEST = 32


class TooLarge(exceptions.APIException):
    """More bytes than a body may have."""

    status_code = status.HTTP_413_REQUEST_ENTITY_TOO_LARGE


class JSONBody(JSONParser):
    """`application/json`, bounded."""

    def parse(self, stream: IO[bytes], media_type: str | None = None, parser_context: Any = None) -> Any:
        """The value. Raises TooLarge, or ParseError with what is wrong."""
        most = settings.DATA_UPLOAD_MAX_MEMORY_SIZE
        body = stream.read(most + 1)
        if len(body) > most:
            raise TooLarge(_("A JSON body may have %d MB; files go into a form's fields.") % (most // 2**20))
        try:
            value = json.loads(body.decode(), object_pairs_hook=each_name_once, parse_constant=no_constant)
        except RecursionError as error:
            raise exceptions.ParseError(too_deep()) from error
        except ValueError as error:
            raise exceptions.ParseError(_("This is no JSON text: %s") % error) from error
        for depth, text in walked(value):
            if depth > DEEPEST:
                raise exceptions.ParseError(too_deep())
            if not is_text(text):
                raise exceptions.ParseError(_("A text holds a character that no text has: NUL or half of a pair."))
        return value


def too_deep() -> str:
    """The sentence of a body that is nested too deeply."""
    return _("A JSON body may be nested %d levels deep.") % DEEPEST


def each_name_once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """An object. Raises ValueError when a name comes twice: which of the two would be meant?"""
    found = dict(pairs)
    if len(found) < len(pairs):
        names = [name for name, _value in pairs]
        raise ValueError(_("the name “%s” comes twice") % next(name for name in names if names.count(name) > 1))
    return found


def no_constant(name: str) -> Any:
    """NaN and Infinity are no JSON."""
    raise ValueError(_("%s is no number") % name)


def walked(value: Any) -> Iterator[tuple[int, Any]]:
    """Everything in a value with its depth, without recursion; a scalar has depth 0."""
    waiting = [(value, 1)]
    while waiting:
        one, depth = waiting.pop()
        if isinstance(one, dict):
            waiting += [(inner, depth + 1) for inner in one.values()]
            yield from ((depth, name) for name in one)
        elif isinstance(one, list):
            waiting += [(inner, depth + 1) for inner in one]
            yield depth, None
        else:
            yield depth - 1, one


def is_text(value: Any) -> bool:
    """It can be written as UTF-8 and kept by every database; other values than texts can."""
    return not isinstance(value, str) or not any(sign == "\0" or "\ud800" <= sign <= "\udfff" for sign in value)
