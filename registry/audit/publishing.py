"""Puts checkpoints where the owner of the database cannot reach them: a folder, git, mail, a witness."""

import json
import logging
import os
import subprocess
import tempfile
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.mail import EmailMessage
from django.utils import timezone
from django.utils.translation import gettext as _

from registry.audit import notes, proofs
from registry.errors import BadInput
from registry.models.audit import AuditCheckpoint

AGAIN = timedelta(seconds=60)
NEWEST = "checkpoint.note"
GIT_SECONDS, WITNESS_SECONDS, LONGEST_ANSWER = 10, 5, 64 * 1024
logger = logging.getLogger(__name__)


class NotPublished(Exception):
    """A place did not take the note; the sentence says why."""


@dataclass(frozen=True)
class Place:
    """Where notes are put: its name, the act, which answers with a sentence or raises NotPublished, and how rarely."""

    name: str
    put: Callable[[AuditCheckpoint], str]
    every: timedelta = timedelta(0)

    def rests(self) -> bool:
        """It took a note lately and is not asked for one that was made since."""
        taken = AuditCheckpoint.objects.filter(made_at__gt=timezone.now() - self.every)
        return bool(self.every) and taken.filter(**{f"receipts__{self.name}__ok": True}).exists()

    def is_to_try(self, row: AuditCheckpoint) -> bool:
        """Whether it is time to put the note there (again)."""
        receipt = row.receipts.get(self.name)
        if receipt is None:
            return not self.rests()
        return not receipt.get("ok") and not is_recent(receipt)


def places() -> list[Place]:
    """The places that are set."""
    found = []
    if settings.CHECKPOINT_DIR:
        found.append(Place("folder", partial(put_in_folder, folder=Path(settings.CHECKPOINT_DIR))))
    if settings.CHECKPOINT_GIT:
        found.append(Place("git", partial(put_in_git, folder=Path(settings.CHECKPOINT_GIT))))
    if settings.CHECKPOINT_MAIL:
        rarely = timedelta(hours=settings.CHECKPOINT_MAIL_HOURS)
        found.append(Place("mail", partial(send_by_mail, addresses=settings.CHECKPOINT_MAIL), rarely))
    if settings.CHECKPOINT_WITNESS:
        found.append(Place("witness", partial(send_to_witness, url=settings.CHECKPOINT_WITNESS)))
    return found


def publish(row: AuditCheckpoint) -> None:
    """Put the note into every place that has not taken it yet, and keep what each answered.

    A place that refused the note before less than a minute ago is left in peace; its refusal stays in sight.
    """
    for place in places():
        if not place.is_to_try(row):
            continue
        refused = None if place.name in row.receipts else last_refusal(place, row)
        row.receipts[place.name] = refused if refused and is_recent(refused) else answer(place, row)
        row.save(update_fields=["receipts"])


def answer(place: Place, row: AuditCheckpoint) -> dict[str, Any]:
    """What a place answers to the note, as a receipt to keep."""
    try:
        is_taken, says = True, place.put(row)
    except (NotPublished, OSError, subprocess.SubprocessError, ValueError) as error:
        is_taken, says = False, str(error)
        logger.warning("The checkpoint of %d entries was not put into the %s: %s", row.size, place.name, error)
    return {"ok": is_taken, "at": timezone.now().isoformat(), "says": says[:500]}


def last_refusal(place: Place, row: AuditCheckpoint) -> dict[str, Any] | None:
    """The refusal of the checkpoint before, or None where the place took that one or was not asked."""
    before = AuditCheckpoint.objects.filter(size__lt=row.size).order_by("-size").first()
    receipt = before.receipts.get(place.name) if before else None
    return receipt if receipt and not receipt.get("ok") else None


def is_outside(row: AuditCheckpoint) -> bool:
    """At least one place has the note."""
    return any(receipt.get("ok") for receipt in row.receipts.values())


def is_unsettled(row: AuditCheckpoint) -> bool:
    """A place that is set lacks the note, and was not tried in the last minute."""
    return any(place.is_to_try(row) for place in places())


def is_recent(refusal: dict[str, Any]) -> bool:
    """The place refused less than a minute ago."""
    return timezone.now() - datetime.fromisoformat(refusal["at"]) < AGAIN


def failures(row: AuditCheckpoint) -> tuple[str, ...]:
    """What the places answered that did not take the note."""
    return tuple(
        f"{name}: {receipt.get('says', '')}" for name, receipt in row.receipts.items() if not receipt.get("ok")
    )


# ---- a folder


def shares_the_disk(folder: str) -> bool:
    """Whether the folder lies on the volume of the data folder; False when it cannot be seen."""
    try:
        return os.stat(folder).st_dev == os.stat(settings.DATA_DIR).st_dev
    except OSError:
        return False


def put_in_folder(row: AuditCheckpoint, *, folder: Path) -> str:
    """A file for each size, and the newest under a name that stays. The folder is not made: it may be unmounted."""
    if not folder.is_dir():
        raise NotPublished(_("The folder %s is not there. Mount it, or make it.") % folder)
    require_continued(folder / NEWEST, row)
    for name in (f"checkpoint-{row.size:012d}.note", NEWEST):
        write(folder / name, row.note)
    return str(folder / f"checkpoint-{row.size:012d}.note")


def require_continued(place: Path, row: AuditCheckpoint) -> None:
    """Refuse to lay a note over one that the log does not continue: of another log, of more entries, of other ones."""
    last = note_in(place)
    if last is None:
        return
    origin = notes.parse(row.note).origin
    known = {"place": place, "last": last.size, "now": row.size, "other": last.origin, "own": origin}
    if last.origin != origin:
        raise NotPublished(
            _("%(place)s is a note of another log, %(other)s; this one is %(own)s. Choose another place.") % known
        )
    if last.size > row.size:
        raise NotPublished(
            _(
                "The log became smaller: %(place)s speaks of %(last)d entries, the log has %(now)d. Find out who restored or cut it; to go on, move that file away."
            )
            % known
        )
    kept = AuditCheckpoint.objects.filter(pk=last.size).values_list("root", flat=True).first()
    if bytes(kept or b"") != last.root and proofs.root_at(last.size) != last.root:
        raise NotPublished(
            _(
                "The log was rewritten: its first %(last)d entries are not those of %(place)s. Run verify_audit --against that file; to go on, move it away."
            )
            % known
        )


def note_in(place: Path) -> notes.Note | None:
    """The note in a file, None where there is no file; NotPublished where it holds something else."""
    try:
        return notes.parse(place.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
    except (BadInput, UnicodeError) as error:
        raise NotPublished(_("%s holds something else than a note. Move it away.") % place) from error


def outside_notes() -> Iterator[tuple[Path, str]]:
    """The newest notes that lie in the folder and in the git repository, as far as they can be read here."""
    for folder in filter(None, (settings.CHECKPOINT_DIR, settings.CHECKPOINT_GIT)):
        place = Path(folder) / NEWEST
        try:
            yield place, place.read_text(encoding="utf-8")
        except (OSError, UnicodeError):
            logger.warning("The note %s cannot be read; the log is not compared with it.", place)


def write(place: Path, text: str) -> None:
    """Whole or not at all, and lasting."""
    handle, half_made = tempfile.mkstemp(prefix=".new-", dir=place.parent)
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        Path(half_made).chmod(0o644)
        Path(half_made).rename(place)
    except BaseException:
        Path(half_made).unlink(missing_ok=True)
        raise


# ---- a git repository on this machine


def put_in_git(row: AuditCheckpoint, *, folder: Path) -> str:
    """A commit of the newest note; whoever clones or mirrors the repository holds the history of the notes."""
    if not (folder / ".git").exists():
        raise NotPublished(_("%s is no git repository with a working tree. Run: git init %s") % (folder, folder))
    require_continued(folder / NEWEST, row)
    write(folder / NEWEST, row.note)
    git(folder, "add", "--", NEWEST)
    if git(folder, "status", "--porcelain", "--", NEWEST):
        git(folder, "commit", "--quiet", "-m", f"Checkpoint of {row.size} entries", "--", NEWEST)
    return git(folder, "rev-parse", "HEAD")


def git(folder: Path, *arguments: str) -> str:
    """Run git there, without hooks, signatures or the settings of whoever runs it; what it printed."""
    command = ["git", "-C", str(folder), "-c", "core.hooksPath=/dev/null", "-c", "commit.gpgSign=false",
               "-c", "user.name=Attestry", "-c", "user.email=attestry@localhost", *arguments]  # fmt: skip
    environment = {"PATH": os.environ.get("PATH", os.defpath), "GIT_CONFIG_NOSYSTEM": "1", "GIT_TERMINAL_PROMPT": "0",
                   "GIT_CONFIG_GLOBAL": "/dev/null", "LC_ALL": "C"}  # fmt: skip
    try:
        done = subprocess.run(
            command, capture_output=True, text=True, timeout=GIT_SECONDS, check=False, env=environment
        )
    except FileNotFoundError as error:
        raise NotPublished(_("git is not installed here.")) from error
    if done.returncode:
        raise NotPublished(f"git {arguments[0]}: {done.stderr.strip() or done.stdout.strip()}")
    return done.stdout.strip()


# ---- mail to auditors


def send_by_mail(row: AuditCheckpoint, *, addresses: Sequence[str]) -> str:
    """Send the note as text and as a file; whoever keeps the message has a note outside."""
    if not settings.SENDS_MAIL:
        raise NotPublished(_("ATTESTRY_EMAIL_URL is not set: there is no server that would take the mail."))
    known = {"size": row.size, "origin": notes.parse(row.note).origin}
    message = EmailMessage(
        subject=_("Checkpoint of %(size)d entries: %(origin)s") % known,
        body=_(
            "This is a signed note on the audit log of %(origin)s as it was. Keep this message. Later, bring the attached file to “Check a note” there: the answer says whether any of the first %(size)d entries was changed since."
        )
        % known,
        to=list(addresses),
    )
    message.attach(f"checkpoint-{row.size:012d}.note", row.note.encode(), "application/octet-stream")  # byte for byte
    message.send()
    return ", ".join(addresses)


# ---- another installation as witness


class NoRedirect(urllib.request.HTTPRedirectHandler):
    """The note goes to the address that is set and to no other."""

    def redirect_request(self, *args: Any, **kwargs: Any) -> None:
        return None


def send_to_witness(row: AuditCheckpoint, *, url: str) -> str:
    """Send the note with the proof that it continues the last one the witness saw; its signature comes back."""
    status, answer = post(url, payload(row, last_seen()))
    if status == 409 and isinstance(answer.get("size"), int) and answer["size"] <= row.size:
        status, answer = post(url, payload(row, answer["size"]))
    if status != 200 or not isinstance(answer.get("cosignature"), str):
        raise NotPublished(_("The witness answered %(status)s: %(detail)s") % {
            "status": status, "detail": answer.get("detail", _("no sentence")),
        })  # fmt: skip
    return answer["cosignature"].strip()


def last_seen() -> int:
    """The size of the last note that the witness took, as far as is known here."""
    rows = AuditCheckpoint.objects.filter(receipts__witness__ok=True).order_by("-size")
    return rows.values_list("size", flat=True).first() or 0


def payload(row: AuditCheckpoint, since: int) -> dict[str, Any]:
    """The note, and the proof of its consistency with the tree of `since` entries."""
    proof = proofs.consistency(since, row.size) if 0 < since < row.size else []
    return {"note": row.note, "old_size": since, "proof": [item.hex() for item in proof]}


def post(url: str, body: dict[str, Any]) -> tuple[int, dict[str, Any]]:
    """POST to exactly this address: no proxy, no redirect, a few seconds, a short answer."""
    if not url.startswith(("https://", "http://")):
        raise NotPublished(_("The witness's address %s does not begin with https://.") % url)
    if not settings.CHECKPOINT_WITNESS_TOKEN:
        raise NotPublished(
            _("ATTESTRY_CHECKPOINT_WITNESS_TOKEN is not set: the witness takes notes with a token of its own.")
        )
    headers = {"Content-Type": "application/json", "Authorization": f"Bearer {settings.CHECKPOINT_WITNESS_TOKEN}"}
    request = urllib.request.Request(url, data=json.dumps(body).encode(), headers=headers, method="POST")
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}), NoRedirect)
    try:
        with opener.open(request, timeout=WITNESS_SECONDS) as response:
            return response.status, answer_of(response.read(LONGEST_ANSWER))
    except urllib.error.HTTPError as error:
        return error.code, answer_of(error.read(LONGEST_ANSWER))


def answer_of(raw: bytes) -> dict[str, Any]:
    """The JSON object that came back, or an empty one."""
    try:
        found = json.loads(raw)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def wanted_places() -> str:
    """What to set so that notes are put outside; for the page that says none is."""
    return "ATTESTRY_CHECKPOINT_DIR, ATTESTRY_CHECKPOINT_GIT, ATTESTRY_CHECKPOINT_MAIL, ATTESTRY_CHECKPOINT_WITNESS"
