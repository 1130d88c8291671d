"""What a worker does for a pack: fill a draft, sign it, let its own verifier judge it, store it."""

import errno
import mmap
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import IO, Any, Final

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from registry import blobs, jobs, moment
from registry.audit import log
from registry.canonical import canonical
from registry.errors import BadInput
from reports import desk, pack as container, signing
from reports.models import Pack
from reports.pack import CHUNK, Draft
from reports.packs import beside, crate, proofs, version, wide
from reports.packs.told import Told
from reports.printing import as_json, verification_code
from reports.verifier import verify

TRIES: Final = 3
FORMAT: Final = 2
FULL: Final = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})


def build_pack(job: Pack) -> None:
    """Build the pack and finish the job in one transaction."""
    jobs.report_progress(job, 10, _("gathering evidence"))
    with room(), tempfile.TemporaryFile(dir=folder()) as file:
        fingerprint, as_of = signed(job, file)
        with transaction.atomic():
            job.blob = blobs.store(chunks(file), "application/zip")
            job.as_of, job.key_fingerprint, job.code = as_of, fingerprint, code_of(file)
            jobs.finish(job)
            log.record(None, "pack.built", job)
            beside.sign_again(job)


@contextmanager
def room() -> Iterator[None]:
    """Within this block a full disk is a sentence that a person can act on; what was half written is gone by then."""
    try:
        yield
    except OSError as error:
        if error.errno not in FULL:
            raise
        raise BadInput(
            _("There is no room left on the disk for this pack; nothing was kept of it. Free some, then ask again.")
        ) from error


def folder() -> Path:
    """Where packs lie while they are built: beside the stored files, on the same disk, without a name."""
    place = Path(settings.DATA_DIR)
    place.mkdir(parents=True, exist_ok=True, mode=0o700)
    return place


def chunks(file: IO[bytes]) -> Iterator[bytes]:
    """A file from its beginning, a piece at a time."""
    file.seek(0)
    while chunk := file.read(CHUNK):
        yield chunk


@contextmanager
def mapped(file: IO[bytes]) -> Iterator[Any]:
    """The bytes of a file as they lie on the disk, without reading them into memory."""
    file.flush()
    with mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as view:
        yield view


def code_of(file: IO[bytes]) -> str:
    """What a reader types at /verify/."""
    with mapped(file) as view:
        return verification_code(view)


def signed(job: Pack, file: IO[bytes]) -> tuple[str, datetime]:
    """Write the pack; the key's fingerprint and the moment. Built again where the registry changed before it was signed."""
    for tries_left in reversed(range(TRIES)):
        as_of = timezone.now()
        key = desk.key_for(job, as_of)
        file.seek(0)
        file.truncate()
        try:
            packed(job, file, as_of=as_of, key=key)
        except signing.Refused:
            if not tries_left:
                raise
            continue
        return key.fingerprint, as_of
    raise AssertionError("unreachable")


def packed(job: Pack, file: IO[bytes], *, as_of: datetime, key: signing.Signer) -> None:
    """Write a pack that the verifier it carries accepts."""
    with Draft(folder()) as draft:
        predicate = fill(draft, job, as_of=as_of, key=key)
        jobs.report_progress(job, 60, _("signing"))
        container.write_draft(draft, file, key=key, predicate=predicate)
    with mapped(file) as view:
        problems = verify.problems(view, key.fingerprint)
    if problems:
        raise ValueError(_("The pack was not issued: its own verifier refuses it (%s).") % problems[0])


def fill(draft: Draft, job: Pack, *, as_of: datetime, key: signing.Signer, drawn: bool = True) -> dict[str, Any]:
    """Put every member into a draft but those of verifier and signature; what the statement says of them.

    Without `drawn` the PDF is empty: the process that holds the key makes all else again, and draws nothing.
    """
    sort = wide if job.is_wide else version
    with moment.at(as_of):
        told = sort.fill(draft, job, as_of=as_of, drawn=drawn)
    proved = add_proofs(draft, told, as_of)
    draft.put(
        "pack.json", canonical({"format": FORMAT, "as_of": as_of.isoformat(timespec="seconds"), **told.index, **proved})
    )
    add_crate(draft, told, job, as_of)
    return {**told.predicate, "key_fingerprint": key.fingerprint}


def add_proofs(draft: Draft, told: Told, as_of: datetime) -> dict[str, Any]:
    """The newest checkpoint of the log and the proofs that the entries are in it, where there is one."""
    found = proofs.checkpoint_at(as_of.isoformat())
    if found is None:
        return {}
    draft.put("checkpoint.note", found.note.encode())
    draft.put("proofs.jsonl", proofs.lines(told.entries, found.size))
    return {"checkpoint": {"size": found.size, "proved": sum(seq <= found.size for seq in told.entries)}}


def add_crate(draft: Draft, told: Told, job: Pack, as_of: datetime) -> None:
    """The metadata of the crate, over all members that are there."""
    data = crate.metadata(
        draft, title=told.title, description=_("Evidence pack of %s") % told.title,
        as_of=as_of.isoformat(timespec="seconds"), language=job.language,
    )  # fmt: skip
    draft.put(crate.NAME, as_json(data))
