"""What the report on a model card prints: every field by section with its source, its note and the charts of its runs."""

from datetime import datetime
from typing import Any, Final

from django.conf import settings
from django.utils.translation import gettext as _

from registry import cards
from registry.models import ModelVersion
from registry.release_gates import evidence_of, preview
from reports.contents import check_facts, field_facts, system_facts, version_facts
from reports.not_checked import limits_of_runs

TOLD: Final = ("overview", "intended_uses", "out_of_scope", "limitations")


def model_card(version: ModelVersion, *, as_of: datetime) -> dict[str, Any]:
    """The card of the release, or the newest one; fields that nobody filled and nobody asks for are left out."""
    release = preview(version)
    card = release.card
    found = cards.values(version, card)
    state = cards.counted(found)
    shown = [value for value in found if value.is_filled or value.required or value.note]
    cited = {value.source.id for value in shown if value.source.kind == "check"}
    return {
        "installation": settings.INSTALLATION_NAME,
        "as_of": as_of.isoformat(timespec="seconds"),
        "system": system_facts(version),
        "version": version_facts(version),
        "summary": summary(shown),
        "card": {
            "revision": card.number if card else 0,
            "status": card.get_status_display() if card else "",
            "approved_at": card.approved_at.isoformat(timespec="seconds") if card and card.approved_at else "",
            "filled": state.filled,
            "required": state.required,
            "missing": list(state.missing),
            "sections": [
                {"title": title, "fields": [sourced(value) for value in shown if value.field.section == title]}
                for title in dict.fromkeys(value.field.section for value in shown)
            ],
        },
        "checks": [check_facts(row) for row in evidence_of(release) if str(row.pk) in cited],
        "not_checked": limits_of_runs(),
    }


def summary(shown: list[cards.Value]) -> list[list[str]]:
    """What a reader must know before using the model, in the card's own words."""
    by_id = {value.field.id: value for value in shown}
    told = [by_id[name] for name in TOLD if name in by_id]
    return [[_(value.field.title), value.shown or _("missing"), ""] for value in told]


def sourced(value: cards.Value) -> dict[str, Any]:
    """One field with where it comes from."""
    source = value.source
    return field_facts(value) | {
        "note": value.note,
        "source": source.kind if value.automatic else "",
        "source_id": source.id,
        "at": source.at.isoformat(timespec="seconds") if source.at else "",
        "digest": source.digest,
    }
