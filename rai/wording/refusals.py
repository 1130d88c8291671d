"""Refusals of engine and sandbox in the reader's language: they are made of templates that know no language."""

from typing import Any

from django.utils.translation import gettext

from rai.checks.saying import Said, said_of
from registry.errors import BadInput


def in_words(said: Said) -> str:
    """The sentence in the language that is active now."""
    return said.told(gettext)


def refused(error: Any, **more: Any) -> BadInput:
    """A refusal of the engine or the sandbox as one of the product; a job keeps what it was made of."""
    refusal = BadInput(in_words(error.said), **more)
    refusal.__cause__ = error
    return refusal


def made_of(error: BaseException) -> dict[str, Any]:
    """What a refusal was made of, as a job keeps it; nothing where it was a finished sentence."""
    said = getattr(error.__cause__, "said", None)
    return said.to_json() if isinstance(said, Said) else {}


def reason_of(job: Any) -> str:
    """Why a job ended, in the reader's language where that is known."""
    kept = getattr(job, "refusal", None)
    return in_words(said_of(kept)) if kept else str(job.reason)
