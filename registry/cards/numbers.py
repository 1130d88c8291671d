"""The rule on typed numbers: where a field holds measurements, a number names the run or the file that it comes from."""

import re
from collections.abc import Mapping
from typing import Final

from django.utils.translation import gettext as _

from registry.cards.schema import by_key
from registry.errors import BadInput
from registry.models import Attachment, Evidence, ModelCard, ModelVersion

# A number that stands for itself: no part of a name (F1, v1.2), of a date or of a digest.
TYPED: Final = re.compile(r"(?<![\w.\-/:])[-+−]?(?:\d|\.\d)[\d.,  ]*(?:[eE][-+]?\d+)?\s?[%％‰]?(?![\w\-/])")
# A run by its digest or the beginning of it, or by its id.
CITED: Final = re.compile(r"sha256:[0-9a-f]{12,64}|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")


def require_sources(version: ModelVersion, fields: Mapping[str, str]) -> None:
    """Refuse a number without a source in a field of measurements; BadInput names the field and the line."""
    asked = {key: text for key, text in fields.items() if key in by_key() and by_key()[key].is_measured}
    bare = [(key, place, line) for key, text in asked.items() for place, line in numbered(text)]
    if not bare:
        return
    known = sources_of(version)
    for key, place, line in bare:
        if not any(name.startswith(cited) for cited in CITED.findall(line) for name in known):
            raise BadInput(sentence(key, place, line), field=key)


def numbered(text: str) -> list[tuple[int, str]]:
    """The lines that hold a number of their own, with their places counted from 1."""
    return [(place, line) for place, line in enumerate(text.splitlines(), 1) if TYPED.search(CITED.sub("", line))]


def sources_of(version: ModelVersion) -> set[str]:
    """What a line may cite: standing runs of this version, and files that were imported into its card."""
    runs = Evidence.objects.filter(version=version).standing().values_list("pk", "digest")
    cards = ModelCard.objects.filter(version=version).values("pk")
    files = Attachment.objects.filter(object_type=ModelCard._meta.label, object_id__in=cards)
    found = {name for pk, digest in runs for name in (str(pk), digest)}
    return found | {f"sha256:{sha256}" for sha256 in files.values_list("blob_id", flat=True)}


def sentence(key: str, place: int, line: str) -> str:
    """What is wrong, where, and what to do."""
    number = TYPED.search(CITED.sub("", line))
    return _(
        "%(field)s, line %(line)d: the number %(number)s names no source. Cite a run of this version in the same line by "
        "its digest or id, such as sha256: and twelve digits or more; or run the check, and the registry fills the field."
    ) % {"field": _(by_key()[key].title), "line": place, "number": number.group().strip() if number else ""}
