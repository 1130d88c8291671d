"""Proofs that entries are in the log of a checkpoint: one walk over all leaves, and only the needed hashes are kept."""

import base64
import json
from array import array
from collections.abc import Iterator

from registry.audit import merkle, proofs
from registry.models import AuditCheckpoint

Range = tuple[int, int]


def checkpoint_at(as_of: str) -> AuditCheckpoint | None:
    """The newest checkpoint that was made by then; the same for every process that asks."""
    return AuditCheckpoint.objects.filter(made_at__lte=as_of).order_by("-size").first()


def hashes(wanted: set[Range], size: int) -> dict[Range, bytes]:
    """The hashes of these parts of the tree over the first `size` entries."""
    leaves, found = iter(proofs.leaves(0, size)), {}

    def walked(low: int, high: int) -> bytes:
        if high - low == 1:
            made = next(leaves)
        else:
            middle = low + merkle.split(high - low)
            left = walked(low, middle)
            made = merkle.node(left, walked(middle, high))
        if (low, high) in wanted:
            found[low, high] = made
        return made

    if size:
        walked(0, size)
    return found


def lines(entries: array, size: int) -> Iterator[bytes]:
    """A line of JSON for each entry that the checkpoint holds: its number and the hashes of its audit path, in base64."""
    held = [seq for seq in entries if seq <= size]
    known = hashes({part for seq in held for part in merkle.inclusion_ranges(seq - 1, 0, size)}, size)
    for seq in held:
        steps = [base64.b64encode(known[part]).decode() for part in merkle.inclusion_ranges(seq - 1, 0, size)]
        yield json.dumps({"path": steps, "seq": seq}, separators=(",", ":")).encode() + b"\n"
