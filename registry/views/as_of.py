"""A version as it was on a day, with model, card, owners, approvals and policy, rebuilt from the log alone."""

from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from registry import cards, snapshots
from registry.audit.as_of import MODEL, SYSTEM, VERSION, Approval, Recorded, VersionAsOf, version_as_of
from registry.forms.log import DayForm
from registry.models import Duty, SignOff, VersionStatus
from registry.snapshots import Line
from registry.views.versions import fetched

OF_VERSION: Final = (
    "version", "artifact", "artifact_name", "provider", "base_model", "training_run", "change_note",
    "deprecation_date", "retirement_date",
)  # fmt: skip
OF_SYSTEM: Final = ("name", "risk_tier", "lifecycle_stage", "purpose", "intended_uses", "out_of_scope_uses")
APPROVED: Final = frozenset({VersionStatus.APPROVED, VersionStatus.PUBLISHED, VersionStatus.DEPRECATED})


@dataclass(frozen=True)
class Signed:
    """A sign-off with its duty and decision in words."""

    slot: Approval
    duty: str
    decision: str


@dataclass(frozen=True)
class Part:
    """One object as it was: its heading, the entry that says so, and its columns; None where it was not there yet."""

    title: Any
    entry: Recorded | None
    lines: list[Line]


def version_as_of_day(request: HttpRequest, pk: UUID) -> HttpResponse:
    """The day is asked for in the address, so that the answer can be sent to somebody; without one it is today."""
    found = fetched(request.user, pk)
    form = DayForm(request.GET if "day" in request.GET else {"day": timezone.localdate().isoformat()})
    day = form.cleaned_data["day"] if form.is_valid() else None
    context = {"version": found, "form": form, "day": day}
    if day is not None:
        then = version_as_of(found, day)
        context |= {"then": then, **told(then)}
    return render(request, "registry/audit_as_of.html", context)


def told(then: VersionAsOf | None) -> dict[str, Any]:
    """What the page says of that day; nothing before the version was registered."""
    if then is None:
        return {}
    status = str(then.version.says("status") or "")
    signed = [Signed(slot, duty(slot.duty), decision(slot.decision)) for slot in then.approvals]
    return {
        "status": status,
        "status_label": dict(VersionStatus.choices).get(status, status),
        "is_approved": status in APPROVED,
        "signed": signed,
        "approved_by": [row for row in signed if row.slot.decision == "approve" and not row.slot.is_void],
        "waiting": [row for row in signed if not row.slot.decision and not row.slot.is_void],
        "parts": [
            part(_("Version"), then.version, VERSION, *OF_VERSION),
            part(_("Model"), then.model, MODEL, "name"),
            part(_("System"), then.system, SYSTEM, *OF_SYSTEM),
        ],
        "card": Part(_("Model card"), then.card, card_lines(then.card)),
        "stages": stages(then.policy),
    }


def part(title: Any, entry: Recorded | None, kind: str, *names: str) -> Part:
    """The named columns of an object."""
    return Part(title, entry, snapshots.lines(kind, entry.snapshot or {}, *names) if entry else [])


def card_lines(card: Recorded | None) -> list[Line]:
    """What was written on the card, field by field in the order of the schema."""
    written = (card.says("fields") if card else None) or {}
    titles = cards.titles()
    known = [name for name in titles if written.get(name)]
    return [Line(titles[name], str(written[name])) for name in known] + [
        Line(name, str(text)) for name, text in written.items() if name not in titles
    ]


def stages(policy: dict[str, Any] | None) -> list[str]:
    """Who had to sign, stage by stage, under the policy of that day."""
    return [
        ", ".join(f"{duty(ask['duty'])} × {ask['count']}" for ask in stage)
        for stage in (policy or {}).get("stages", [])
    ]


def duty(slug: str) -> str:
    """A duty in words."""
    return str(dict(Duty.choices).get(slug, slug))


def decision(slug: str) -> str:
    """A decision in words; empty while it waits."""
    return str(dict(SignOff.Decision.choices).get(slug, slug))
