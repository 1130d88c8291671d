"""What the gates are called, for rows that name one and must not ask it."""

from django.utils.functional import Promise

TITLES: dict[str, str | Promise] = {}


def title_of(slug: str) -> str:
    """The title of a gate, or of the kind of a condition with its own name; the slug of one that is known no longer."""
    prefix, _colon, rest = slug.partition(":")
    kind, _colon, name = rest.partition(":")
    title = str(TITLES.get(slug) or TITLES.get(f"{prefix}:{kind}") or slug)
    return f"{title} ({name})" if name and title != slug else title
