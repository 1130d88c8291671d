"""Short names for addresses and the command line, made from names in any script."""

from django.db.models import QuerySet
from django.utils.text import slugify


def short_name(name: str, *, kind: str, among: QuerySet) -> str:
    """The name in Latin letters, digits and hyphens; `kind`, numbered where taken, for a name that has none of them.

    A name that does give a short name gives the same one always, so that entering it twice is noticed.
    """
    made = slugify(name)
    if made:
        return made
    taken, number = set(among.filter(slug__startswith=kind).values_list("slug", flat=True)), 1
    while (f"{kind}-{number}" if number > 1 else kind) in taken:
        number += 1
    return f"{kind}-{number}" if number > 1 else kind
