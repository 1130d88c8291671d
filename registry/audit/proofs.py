"""Proofs about the log as it is stored: that it holds an entry, that it continues an earlier one; and for packs."""

import base64
from collections.abc import Iterator

from django.utils.translation import gettext as _

from registry.audit import merkle
from registry.errors import BadInput
from registry.models.audit import AuditCheckpoint, AuditEntry, AuditHead

BATCH = 2000


def leaves(low: int, high: int) -> Iterator[bytes]:
    """Leaf hashes of entries low + 1 … high, from the bytes of their headers."""
    rows = AuditEntry.objects.filter(seq__gt=low, seq__lte=high).order_by("seq")
    return (merkle.leaf(bytes(header)) for header in rows.values_list("header", flat=True).iterator(BATCH))


def size_now() -> int:
    """How many entries the log has."""
    return AuditHead.objects.filter(pk=1).values_list("size", flat=True).first() or 0


def root_at(size: int) -> bytes:
    """The root of the tree over the first `size` entries."""
    return merkle.root_of(leaves(0, size))


def consistency(old: int, new: int) -> list[bytes]:
    """The proof that the log of `new` entries begins with that of `old`; BadInput where there is none."""
    if not 0 <= old <= new <= size_now():
        raise BadInput(
            _("There is no proof from %(old)d to %(new)d: sizes up to %(now)d are known, the smaller one first.")
            % {"old": old, "new": new, "now": size_now()},
            field="from",
        )
    return merkle.consistency_proof(leaves, old, new)


def inclusion(entry: int, size: int) -> list[bytes]:
    """The audit path of entry number `entry` (from 1) in the log of `size` entries; BadInput where there is none."""
    if not 1 <= entry <= size <= size_now():
        raise BadInput(
            _("Entry %(entry)d is not among the first %(size)d of %(now)d entries.")
            % {"entry": entry, "size": size, "now": size_now()},
            field="entry",
        )
    return merkle.inclusion_proof(leaves, entry - 1, size)


def for_pack(seq: int) -> tuple[bytes, bytes] | None:
    """The members `checkpoint.note` and `inclusion.tlog-proof` for an entry: bytes of both.

    The note is the newest checkpoint that holds the entry; None until there is one. The second is a C2SP tlog-proof:
    the entry's place counted from 0, its audit path, and the same note, so that it can be checked by itself.
    """
    row = AuditCheckpoint.objects.filter(size__gte=seq).order_by("-size").first()
    if row is None:
        return None
    path = "".join(f"{base64.b64encode(step).decode()}\n" for step in inclusion(seq, row.size))
    proof = f"c2sp.org/tlog-proof@v1\nindex {seq - 1}\n{path}\n{row.note}"
    return row.note.encode(), proof.encode()
