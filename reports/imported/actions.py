"""Brings frameworks in, and rules for their controls; two others approve them (registry/actions/proposals.py)."""

from typing import Any

from django.utils.translation import gettext as _

from registry import access, blobs
from registry.actions import proposals
from registry.actions.owners import require_reason
from registry.audit import log
from registry.canonical import digest
from registry.errors import BadInput
from registry.models import BusinessUnit, User
from registry.transactions import retried
from reports.imported import catalogue, rules
from reports.imported.reading import mapping_of
from reports.models import FrameworkEdition


@retried
def bring(*, content: bytes, file: str, slug: str = "", reason: str, actor: User) -> FrameworkEdition:
    """Take in a catalogue, or rules for one that is here.

    A first catalogue without any rule claims nothing and replaces nothing, so that it stands at once; everything else
    waits for two others.
    """
    unit = BusinessUnit.objects.get(parent=None)
    access.require(actor, access.THRESHOLDS_EDIT, unit)
    require_reason(reason)
    log.locked_head()  # two at once are two editions
    body = body_of(content, file=file, slug=slug)
    used = in_force(body["framework"])
    checksum = digest(body)
    if used is not None and used.digest == checksum:
        raise BadInput(_("%s: it changes nothing; this edition is in force already.") % file, field="file")
    row = FrameworkEdition(
        unit=unit, slug=body["framework"], name=body["name"], edition=body["version"], file_name=file[:200],
        source=blobs.store(content, "application/octet-stream"), body=body, digest=checksum, author=actor,
        reason=reason.strip(),
    )  # fmt: skip
    row.save()
    log.record(actor, "framework.brought", row, reason=row.reason)
    if used is None and not any("evidence" in entry for entry in catalogue.controls(body)):
        proposals.bring_into_force(row, actor=actor)
    else:
        proposals.ask_approvers(row, actor=actor)
    return row


def body_of(content: bytes, *, file: str, slug: str) -> dict[str, Any]:
    """What an edition would hold: a catalogue with the rules that its controls had, or the one in force with rules."""
    raw = mapping_of(content, file=file)
    if not rules.is_rules(raw):
        body = catalogue.read(content, file=file, slug=slug)
        used = in_force(body["framework"])
        return rules.carried(body, used.body if used else None)
    used = in_force(str(raw.get("framework") or ""))
    if used is None:
        told = _("%(file)s, framework: no catalogue “%(named)s” is in force here; bring the catalogue first.")
        raise BadInput(told % {"file": file, "named": raw.get("framework")}, field="file")
    return rules.with_rules(used.body, content, file=file)


def in_force(slug: str) -> FrameworkEdition | None:
    """The edition that decides now."""
    found: FrameworkEdition | None = FrameworkEdition.objects.in_force().filter(slug=slug).first()
    return found
