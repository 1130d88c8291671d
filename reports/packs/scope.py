"""What a wide pack is about: the rows that the log tells of under a system or a unit, and the entries of its period."""

from array import array
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from registry.audit.agreement import audited_models
from registry.models import AISystem, AuditEntry, Model, ModelVersion
from reports.models import Pack

BATCH: Final = 500
# Accounts, keys, tasks and what only carries messages: no evidence of how AI is governed.
LEFT_OUT: Final = frozenset(
    {"registry.User", "registry.Task", "registry.Reminder", "registry.Webhook", "registry.Import", "registry.BodyErasure",
     "registry.Labels", "registry.CustomField", "reports.Signature", "reports.SigningKey", "reports.Letterhead"}
)  # fmt: skip
# These happen: they belong to a period in which something was done with them. Whatever else there was stands in the
# pack as soon as it was made before the period's end.
HAPPENS: Final = frozenset(
    {"rai.CheckRun", "rai.Predictions", "rai.PlanRun", "registry.Evidence", "registry.Review", "registry.SignOff",
     "registry.Condition", "registry.Question", "registry.Deployment", "registry.RolloutStep", "registry.GateRecord",
     "registry.LaterRun", "registry.Meeting", "registry.AgendaItem", "registry.Attendance", "registry.Attachment",
     "risk.Incident", "risk.IncidentNote", "reports.Report", "reports.Pack", "reports.BoardPack", "reports.Minutes"}
)  # fmt: skip

# The columns by which a row says that it is about a system or a version.
NAMES: Final = frozenset({"system", "version", "model_version"})


@dataclass
class Found:
    """Ids of rows by the label of their table, each with the number of its last entry; entries of the period by number."""

    rows: dict[str, dict[str, int]] = field(default_factory=dict)
    entries: array = field(default_factory=lambda: array("q"))
    left_out: dict[str, int] = field(default_factory=dict)


@dataclass
class Met:
    """What the log has told of one row so far."""

    last: int
    in_period: bool


class Scope:
    """The subject and the period of a pack, as of a moment."""

    def __init__(self, pack: Pack, as_of: datetime) -> None:
        self.pack = pack
        self.as_of = as_of.isoformat(timespec="microseconds")
        self.since = pack.since.isoformat() if pack.since else ""
        self.until = pack.until.isoformat() if pack.until else "9999"

    def entries(self) -> Iterator[tuple[int, str, str, UUID, UUID | None]]:
        """Number, time, table, row and subject of every entry up to the moment and to the end of the period."""
        rows = AuditEntry.objects.filter(ts_utc__lte=min(self.as_of, f"{self.until}T24"))
        if self.pack.of_unit is not None:
            rows = rows.filter(unit__path__startswith=self.pack.of_unit.path)
        columns = ("seq", "ts_utc", "object_type", "object_id", "about_id")
        return rows.order_by("seq").values_list(*columns).iterator(2000)

    def belongs(self) -> Any:
        """A test of entries: everything of a unit; of a system, what is filed under it or under what belongs to it."""
        if self.pack.system is None:
            return lambda row, about: True
        inside = {self.pack.system_id, *known_of(self.pack.system)}

        def is_inside(row: UUID, about: UUID | None) -> bool:
            if row in inside or about in inside:
                inside.add(row)
                return True
            return False

        return is_inside

    def found(self) -> Found:
        """One walk through the log: rows in the order of their first entry."""
        met: dict[tuple[str, UUID], Met] = {}
        found, belongs = Found(), self.belongs()
        for seq, at, table, row, about in self.entries():
            if not belongs(row, about):
                continue
            in_period = at[:10] >= self.since
            if table in LEFT_OUT:
                found.left_out[table] = found.left_out.get(table, 0) + in_period
                continue
            before = met.get((table, row))
            met[table, row] = Met(seq, in_period or (before is not None and before.in_period))
            if in_period:
                found.entries.append(seq)
        for (table, row), told in met.items():
            if told.in_period or table not in HAPPENS:
                found.rows.setdefault(table, {})[str(row)] = told.last
        return found


def known_of(system: Any) -> Iterable[UUID]:
    """Models and versions of a system, under which much is filed, and every row that names the system or one of them.

    Incidents for example are filed under themselves, since packs of a version have more readers than they.
    """
    versions = ModelVersion.objects.filter(model__system=system)
    yield from Model.objects.filter(system=system).values_list("pk", flat=True)
    yield from versions.values_list("pk", flat=True)
    inside = {AISystem: [system.pk], ModelVersion: versions.values("pk")}
    for model in audited_models():
        for column in model._meta.concrete_fields:
            if column.name in NAMES and column.related_model in inside:
                rows = model._base_manager.filter(**{f"{column.name}__in": inside[column.related_model]})
                yield from rows.order_by().values_list("pk", flat=True)


def stored(entries: array) -> Iterator[AuditEntry]:
    """The entries of these numbers with their bodies, in order, a batch at a time."""
    for start in range(0, len(entries), BATCH):
        numbers = list(entries[start : start + BATCH])
        yield from AuditEntry.objects.filter(seq__in=numbers).select_related("body").order_by("seq")
