"""One canonical form of values and its digest: what every hash of the registry is taken over."""

import hashlib
import json
import re
import unicodedata
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import rfc8785
from django.utils.functional import Promise

SAFE_INTEGER = 2**53 - 1
# Lone surrogates, which have no canonical form, and whatever UTF-16 writes as a pair.
BEYOND = re.compile("[\ud800-\udfff\U00010000-\U0010ffff]")


def plain(value: Any) -> Any:
    """The value in the narrowed JSON of the log: no floats, no integers beyond 2^53, strings in NFC.

    Floats become their shortest round-trip decimal string, so that two languages cannot write one number in two ways.
    """
    if value is None or (type(value) is str and value.isascii()):  # nearly everything
        return value
    if isinstance(value, bool):
        return value
    if isinstance(value, int):
        return value if abs(value) <= SAFE_INTEGER else str(value)
    if isinstance(value, list | tuple):
        return [plain(inner) for inner in value]
    if isinstance(value, dict | Mapping):
        return {str(key): plain(inner) for key, inner in value.items()}
    if isinstance(value, set | frozenset):
        return sorted((plain(inner) for inner in value), key=str)
    if isinstance(value, float):
        return repr(value)
    if isinstance(value, str | Promise):
        return unicodedata.normalize("NFC", str(value))
    return plain_scalar(value)


def plain_scalar(value: Any) -> str:
    """Dates, identifiers, decimals and bytes as text."""
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, UUID | Decimal):
        return str(value)
    if isinstance(value, timedelta):
        return repr(value.total_seconds())
    if isinstance(value, bytes | bytearray | memoryview):
        return bytes(value).hex()
    raise TypeError(f"no canonical form for {type(value).__name__}")


def canonical(value: Any) -> bytes:
    """RFC 8785 (JSON Canonicalization Scheme) bytes of the value's plain form.

    Of what `plain` leaves, `json` writes the very same bytes in a tenth of the time, as long as keys sort by code point
    as they do by UTF-16 unit: no character beyond the basic plane. Each change of the registry waits for this.
    """
    narrow = plain(value)
    text = json.dumps(narrow, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return text.encode() if text.isascii() or not BEYOND.search(text) else rfc8785.dumps(narrow)


def digest(value: Any) -> str:
    """`sha256:` and the lower-case hex SHA-256 of the canonical bytes."""
    return "sha256:" + hashlib.sha256(canonical(value)).hexdigest()
