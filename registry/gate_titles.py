"""What the gates are called, for rows that name one and must not ask it."""

from django.utils.functional import Promise

TITLES: dict[str, str | Promise] = {}


def title_of(slug: str) -> str:
    """The title of a gate; the slug of one that this installation has no longer."""
    return str(TITLES.get(slug, slug))
