"""Takes in vendors' lists of ends, asks the owners of what they touch, and lets those take the day or dismiss it."""

from dataclasses import dataclass

from django.utils.formats import date_format
from django.utils.translation import gettext as _

from registry import access
from registry.actions import inventory, work
from registry.audit import log
from registry.canonical import digest
from registry.errors import BadInput, NotAllowed
from registry.models import BusinessUnit, Task, User, VendorEnd, VendorEndMatch
from registry.retirement import vendor_lists, vendor_matches
from registry.retirement.vendor_lists import End, Fault
from registry.retirement.vendor_matches import Match
from registry.transactions import retried


@dataclass(frozen=True)
class Taken:
    """What a list brings: its lines with their matches, what is wrong, and whether it was written down."""

    name: str
    rows: list[tuple[End, list[Match]]]
    faults: list[Fault]
    is_kept: bool

    @property
    def matched(self) -> int:
        """Lines that touch something of the inventory."""
        return sum(1 for _end, found in self.rows if found)


@retried
def import_list(unit: BusinessUnit, *, name: str, content: bytes, dry_run: bool, actor: User) -> Taken:
    """Read a list for a unit and what lies below it. With a fault anywhere, or `dry_run`, nothing is written down."""
    access.require(actor, access.MODEL_CREATE, unit)
    ends, faults = vendor_lists.read(name, content)
    found = vendor_matches.matches(ends, actor, unit)
    rows = [(end, found[end.row]) for end in ends]
    is_kept = not (dry_run or faults)
    if is_kept:
        mark = digest(content.decode("utf-8-sig"))
        for end, matches in rows:
            keep(end, matches, unit=unit, name=name, list_digest=mark, actor=actor)
    return Taken(name, rows, faults, is_kept)


def keep(end: End, matches: list[Match], *, unit: BusinessUnit, name: str, list_digest: str, actor: User) -> None:
    """Write down a line with its matches, and give the owners a task each; what is known already is left as it is."""
    facts = {field: getattr(end, field) for field in (
        "provider", "model", "retirement_date", "deprecation_date", "replacement", "source", "quotation", "row",
    )}  # fmt: skip
    key = {field: facts[field] for field in ("provider", "model", "retirement_date")}
    row = VendorEnd.objects.filter(unit=unit, **key).first()
    if row is None:
        row = VendorEnd(unit=unit, list_name=name[:255], list_digest=list_digest, imported_by=actor, **facts)
        row.save()
        log.record(actor, "vendor_end.imported", row)
    known = {*row.matches.values_list("version", flat=True)}
    for match in matches:
        if match.version.pk not in known:
            proposed(row, match, actor=actor)


def proposed(end: VendorEnd, match: Match, *, actor: User) -> VendorEndMatch:
    """The proposal for one version; a day that is set already is never written over."""
    row = VendorEndMatch(end=end, version=match.version, how=match.how)
    row.save()
    log.record(actor, "vendor_end.proposed", row)
    system = match.version.home_system
    for owner in {system.business_owner, system.technical_owner}:
        work.open_task(
            row, kind=Task.Kind.VENDOR_END, system=system, url=row.get_absolute_url(), person=owner,
            due_on=end.retirement_date, actor=actor,
        )  # fmt: skip
    return row


@retried
def accept_end(match: VendorEndMatch, *, reason: str, actor: User) -> VendorEndMatch:
    """Take the vendor's day as that of the version; one that ends earlier already keeps its own day."""
    match = decidable(match, reason=reason, actor=actor)
    version, end = match.version, match.end
    fields = {"retirement_date": end.retirement_date}
    if version.retirement_date and version.retirement_date <= end.retirement_date:
        raise NotAllowed(
            _("%(version)s ends earlier already, on %(day)s. Dismiss the proposal instead.")
            % {"version": version, "day": date_format(version.retirement_date)}
        )
    first = version.deprecation_date or end.deprecation_date
    if first is not None:
        fields["deprecation_date"] = min(first, end.retirement_date)
    inventory.edit_version(version, actor=actor, **fields)
    return decided(match, VendorEndMatch.Status.ACCEPTED, "accepted", reason=reason, actor=actor)


@retried
def dismiss_end(match: VendorEndMatch, *, reason: str, actor: User) -> VendorEndMatch:
    """Say why the vendor's day does not concern the version."""
    match = decidable(match, reason=reason, actor=actor)
    return decided(match, VendorEndMatch.Status.DISMISSED, "dismissed", reason=reason, actor=actor)


def decidable(match: VendorEndMatch, *, reason: str, actor: User) -> VendorEndMatch:
    """The locked row of a proposal that waits, for somebody who may change the dates of the version."""
    access.require(actor, access.MODEL_EDIT, match.version)
    rows = VendorEndMatch.objects.select_for_update(of=("self",)).select_related("version__model__system__unit", "end")
    row = rows.get(pk=match.pk)
    if row.status != VendorEndMatch.Status.PROPOSED:
        raise NotAllowed(_("This proposal is decided on already (%s).") % row.get_status_display())
    if len(reason.strip()) < 10:
        raise BadInput(_("Give a reason of at least ten characters; it stands in the log."), field="reason")
    return row


def decided(match: VendorEndMatch, status: str, event: str, *, reason: str, actor: User) -> VendorEndMatch:
    """The decision, with who took it; the tasks end."""
    match.status, match.decided_by, match.decision_reason = status, actor, reason.strip()
    match.save()
    log.record(actor, f"vendor_end.{event}", match, reason=match.decision_reason)
    work.close_tasks(match, actor=actor)
    return match
