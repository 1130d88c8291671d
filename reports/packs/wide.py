"""What a pack of a system, a unit or an engagement holds: every row that the log tells of there, and the log of them."""

import json
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from django.apps import apps

from registry.audit.log import object_digest
from registry.canonical import canonical, plain
from registry.models import Attachment, AuditEntry, Evidence
from reports import contents
from reports.models import Pack
from reports.pack import Draft
from reports.packs import frameworks
from reports.packs.people import People
from reports.packs.scope import BATCH, Found, Scope, stored
from reports.packs.told import Told
from reports.printing import as_json


def fill(draft: Draft, pack: Pack, *, as_of: datetime, drawn: bool = True) -> Told:
    """Put the members into a draft; what is told of them. Nothing is drawn here."""
    scope, people = Scope(pack, as_of), People(pack)
    found = scope.found()
    for table, rows in sorted(found.rows.items()):
        draft.put(f"rows/{table}.jsonl", lines_of(table, rows, people))
    draft.put("files.jsonl", files_of([pk for rows in found.rows.values() for pk in rows], people))
    for row in chunked(Evidence, list(found.rows.get("registry.Evidence", {}))):
        draft.put(f"outcomes/{row.check_slug or 'evidence'}-{row.pk}.json", as_json(row.outcome))
    systems = list(found.rows.get("registry.AISystem", {}))
    for name, content in frameworks.members(systems, people.said, as_of=as_of, language=pack.language):
        draft.put(name, content)
    draft.put("audit.jsonl", (entry_line(entry, people) for entry in stored(found.entries)))
    title = str(people.said(str(pack.subject)))
    return Told(title, index(pack, found, people), predicate(pack, found, as_of), found.entries)


def lines_of(table: str, rows: Mapping[str, int], people: People) -> Iterator[bytes]:
    """The rows of a table as lines of JSON: id, values as the log digests them, that digest, and the last entry.

    Where people's names were replaced in a row, its digest is left out: it is over the row as it was.
    """
    for row in chunked(apps.get_model(table), list(rows)):
        values = plain(row.snapshot())
        said = people.said(values)
        proof = {"digest": object_digest(values).hex()} if said == values else {}
        yield canonical({"entry": rows[str(row.pk)], "id": str(row.pk), "values": said, **proof}) + b"\n"


def files_of(ids: list[str], people: People) -> Iterator[bytes]:
    """The files attached to rows, by their digests: a line of JSON each. The files themselves stay in the registry."""
    for start in range(0, len(ids), BATCH):
        rows = Attachment.objects.filter(object_id__in=ids[start : start + BATCH]).select_related("blob").order_by("pk")
        for row in rows:
            told = {"row": str(row.object_id), "table": row.object_type, "name": row.name, "role": row.role}
            yield canonical(people.said({**told, "sha256": row.blob.sha256, "size": row.blob.size})) + b"\n"


def chunked(model: Any, ids: list[str]) -> Iterator[Any]:
    """The rows with these ids in this order, so many at a time."""
    for start in range(0, len(ids), BATCH):
        some = ids[start : start + BATCH]
        held = {str(row.pk): row for row in model._base_manager.filter(pk__in=some)}
        yield from (held[pk] for pk in some if pk in held)


def entry_line(entry: AuditEntry, people: People) -> bytes:
    """One entry for the slice. Its body is personal text; without it the commitment in the header stays."""
    line = contents.slice_line(entry)
    kept = line if people.are_shown else {key: line[key] for key in line if key not in {"body", "salt"}}
    return json.dumps(kept, sort_keys=True).encode() + b"\n"


def index(pack: Pack, found: Found, people: People) -> dict[str, Any]:
    """What pack.json says of the contents."""
    return {
        "scope": scope_of(pack), "subject": people.said(str(pack.subject)), "period": period_of(pack),
        "people": "named" if people.are_shown else "pseudonyms of this pack; log bodies are left out",
        "counts": {table: len(rows) for table, rows in sorted(found.rows.items())} | {"entries": len(found.entries)},
        "entries_left_out": dict(sorted(found.left_out.items())),
    }  # fmt: skip


def scope_of(pack: Pack) -> str:
    """What it is of, in one word and an id."""
    place = f"system {pack.system_id}" if pack.system_id else f"unit {pack.of_unit_id}"
    return f"{'engagement in ' if pack.engagement_id else ''}{place}"


def period_of(pack: Pack) -> str:
    """From … to …, either of which may be open."""
    return f"{pack.since or ''}/{pack.until or ''}"


def predicate(pack: Pack, found: Found, as_of: datetime) -> dict[str, Any]:
    """What the signature states beyond the files' digests."""
    return {
        "scope": scope_of(pack), "period": period_of(pack), "as_of": as_of.isoformat(timespec="seconds"),
        "entries": len(found.entries), "people": "named" if pack.shows_people else "pseudonyms",
    }  # fmt: skip
