"""What differs between two states of the material: which part, from what to what; and who made the newer one."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from registry import act_words, cards
from registry.canonical import plain
from registry.models import AuditEntry, Review

LONGEST = 300
# Of a long text so much is shown beside a decision, and so much of what is the same before it.
SHORT, LEAD = 80, 20
# What tells the rows of a list apart, the first that they have.
KEYS = ("check", "id", "slot", "component", "name", "rule", "slug")


@dataclass(frozen=True)
class Difference:
    """One place of one part that reads otherwise; either text may be empty."""

    part: str
    place: str
    before: str
    after: str

    def __str__(self) -> str:
        return _("%(part)s, %(place)s: from “%(before)s” to “%(after)s”") % {
            "part": self.part_name, "place": self.place, "before": self.before or "–", "after": self.after or "–",
        }  # fmt: skip

    @property
    def in_short(self) -> str:
        """From what to what in one line: of two long texts the places at which they part."""
        before, after = parting(self.before, self.after)
        return _("from “%(before)s” to “%(after)s”") % {"before": before or "–", "after": after or "–"}

    @property
    def part_name(self) -> str:
        """The part as people read it."""
        return act_words.in_words(self.part)


@dataclass(frozen=True)
class Since:
    """What changed since somebody looked: the places, and for each change why it was made and by whom."""

    differences: list[Difference]
    reasons: list[str]

    def __str__(self) -> str:
        return " ".join([*self.reasons, "; ".join(str(one) for one in self.differences[:5])]).strip()


def differences(before: dict[str, Any], after: dict[str, Any]) -> list[Difference]:
    """Every place that differs, part by part."""
    return [found for part in sorted({*before, *after}) for found in of_part(part, before.get(part), after.get(part))]


def of_part(part: str, before: Any, after: Any) -> Iterator[Difference]:
    """The places of one part; those of a card go by the names of its fields."""
    if part == "card" and before and after:
        for change in cards.changes(before["fields"], after["fields"]):
            yield Difference(part, change.title, text_of(change.before), text_of(change.after))
        before, after = before | {"fields": None}, after | {"fields": None}
    old, new = leaves(before), leaves(after)
    for place in [*old, *(place for place in new if place not in old)]:
        if old.get(place) != new.get(place):
            yield Difference(part, place, text_of(old.get(place)), text_of(new.get(place)))


def leaves(value: Any, place: str = "") -> dict[str, Any]:
    """Every plain value by the way that leads to it."""
    if isinstance(value, dict):
        pairs = [(str(key), each) for key, each in value.items()]
    elif isinstance(value, list):
        pairs = [(key_of(each, number), each) for number, each in enumerate(value, 1)]
    else:
        return {} if value is None else {place or "–": value}
    found: dict[str, Any] = {}
    for key, each in pairs:
        found |= leaves(each, f"{place} › {key}" if place else key)
    return found


def key_of(value: Any, number: int) -> str:
    """What a row of a list is called: by what tells it apart, or by its number."""
    named = [str(value[key]) for key in KEYS if value.get(key)] if isinstance(value, dict) else []
    return named[0] if named else str(number)


def text_of(value: Any) -> str:
    """A value as a short text."""
    text = value if isinstance(value, str) else "" if value is None else json.dumps(value, ensure_ascii=False)
    return text if len(text) <= LONGEST else f"{text[:LONGEST]}…"


def parting(before: str, after: str) -> tuple[str, str]:
    """Both texts, each with room in half a line: from a few words before the first place that differs."""
    pairs = enumerate(zip(before, after, strict=False))
    same = next((place for place, (old, new) in pairs if old != new), min(len(before), len(after)))
    begin = max(0, same - LEAD) if max(len(before), len(after)) > SHORT else 0
    cut = [f"{'…' if begin else ''}{text[begin : begin + SHORT]}{'…' if len(text) > begin + SHORT else ''}"
           for text in (before, after)]  # fmt: skip
    return cut[0], cut[1]


def frozen_before(review: Review) -> list[dict[str, Any]]:
    """What the log tells of each freezing of the review, the oldest first; nothing of those whose text was erased."""
    rows = AuditEntry.objects.filter(object_id=review.pk, action="review.frozen").select_related("body")
    return [json.loads(bytes(row.body.body)) for row in rows.order_by("seq") if row.body.body]


def material_at(review: Review, digest: str) -> dict[str, Any]:
    """The material that had this digest; the one of today where the log does not tell."""
    told = [each["snapshot"] for each in frozen_before(review) if each["snapshot"]["subject_digest"] == digest]
    return told[-1]["material"] if told else review.material


def since(review: Review, digest: str) -> Since:
    """What changed in a review since its material had this digest; empty where the digest is no older one of it."""
    told = frozen_before(review)
    seen = [number for number, each in enumerate(told) if each["snapshot"]["subject_digest"] == digest]
    if not seen:
        return Since([], [])
    reasons = [each["reason"] for each in told[seen[-1] + 1 :] if each["reason"]]
    return Since(differences(told[seen[-1]]["snapshot"]["material"], plain(review.material)), reasons)
