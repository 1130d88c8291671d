"""The container of an evidence pack: a reproducible ZIP whose members are listed, hashed and signed."""

import hashlib
import io
import tempfile
import zipfile
from collections.abc import Collection, Iterable, Iterator, Mapping
from pathlib import Path
from typing import IO, Any, Self

from django.utils.translation import gettext as _

from registry.canonical import canonical
from reports import signing
from reports.verifier import verify
from reports.verifier.verify import MANIFEST, MAX_MEMBERS, MAX_PACK, PREDICATE_TYPE, SIGNATURE_MEMBERS, name_fault

HOWTO, VERIFIER = "HOWTO.txt", "verify.py"
RESERVED = frozenset({MANIFEST, HOWTO, VERIFIER, *SIGNATURE_MEMBERS})
REGULAR_FILE = 0o100644
UNIX = 3
CHUNK = 1 << 20


class Unpackable(ValueError):
    """The members cannot stand in one pack: a defect of the code that chose them, never of its user."""


class Draft:
    """The members of a pack on their way: their bytes lie in one unnamed file, so that no pack need fit into memory.

    `digests` are the hex SHA-256 by name. Names are judged when the pack is written.
    """

    def __init__(self, folder: Path | None = None) -> None:
        self.file = tempfile.TemporaryFile(dir=folder)  # noqa: SIM115 - it lives as long as the draft
        self.digests: dict[str, str] = {}
        self.places: dict[str, tuple[int, int]] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        self.file.close()

    def put(self, name: str, content: bytes | Iterable[bytes]) -> None:
        """Add a member. Raises Unpackable for a second one of this name."""
        if name in self.digests:
            raise Unpackable(f"{name}: stands twice in the pack.")
        hashed, start = hashlib.sha256(), self.file.seek(0, io.SEEK_END)
        for chunk in [content] if isinstance(content, bytes) else content:
            hashed.update(chunk)
            self.file.write(chunk)
        self.digests[name], self.places[name] = hashed.hexdigest(), (start, self.file.tell() - start)

    def size(self, name: str) -> int:
        """The bytes of a member."""
        return self.places[name][1]

    def chunks(self, name: str) -> Iterator[bytes]:
        """The bytes of a member, a piece at a time."""
        start, size = self.places[name]
        for at in range(start, start + size, CHUNK):
            self.file.seek(at)
            yield self.file.read(min(CHUNK, start + size - at))


def write(
    members: Mapping[str, bytes],
    *,
    key: signing.Signer,
    predicate: Mapping[str, Any],
    verifier_source: bytes | None = None,
) -> bytes:
    """The bytes of a signed pack of these members; the same for the same input, key and language.

    `members` maps names with `/` between folders to bytes; `predicate` is what the signer says about them, JSON whose
    top-level strings the verifier prints; `verifier_source` lies in the pack as verify.py, by default the file of this
    installation. Raises Unpackable, naming the member, for a name that is unsafe somewhere, reserved, or the same as
    another but for case, and for more than the verifier takes.
    """
    refuse_names(members)
    whole = io.BytesIO()
    with Draft() as draft:
        for name, content in members.items():
            draft.put(name, content)
        write_draft(draft, whole, key=key, predicate=predicate, verifier_source=verifier_source)
    return whole.getvalue()


def write_draft(
    draft: Draft, target: IO[bytes], *, key: signing.Signer, predicate: Mapping[str, Any],
    verifier_source: bytes | None = None,
) -> None:  # fmt: skip
    """Write a draft into a file that can be read back, as the signed pack that `write` gives. Raises Unpackable."""
    refuse_names(draft.digests)
    add_tools(draft, verifier_source)
    signed = {MANIFEST: manifest(draft.digests), **signature_members(draft.digests, predicate, key)}
    for name, content in signed.items():
        draft.put(name, content)
    write_container({name: draft.chunks(name) for name in draft.digests}, target)
    size = target.tell()
    if size > MAX_PACK:
        raise Unpackable(
            f"The pack has {size} bytes; at most {MAX_PACK} can be verified. Ask for a shorter period or for one system."
        )


def add_tools(draft: Draft, verifier_source: bytes | None = None) -> None:
    """Put the verifier into a draft, and the page that says how to use it."""
    source = Path(verify.__file__).read_bytes() if verifier_source is None else verifier_source
    draft.put(HOWTO, howto().encode("utf-8"))
    draft.put(VERIFIER, source)


def refuse_names(members: Collection[str]) -> None:
    """Raise Unpackable for names that could not be unpacked safely and to different files on every system."""
    reserved = {name.casefold(): name for name in RESERVED}
    taken: dict[str, str] = {}
    for name in members:
        fault = name_fault(name)
        if fault:
            raise Unpackable(f"{name!a}: a member's name {fault}.")
        if name.casefold() in reserved:
            raise Unpackable(f"{name}: this name belongs to the pack itself.")
        if name.casefold() in taken:
            raise Unpackable(f"{name}: differs from {taken[name.casefold()]} only by case.")
        taken[name.casefold()] = name
    refuse_folders({**reserved, **taken})
    if len(members) > MAX_MEMBERS - len(RESERVED):
        raise Unpackable(f"{len(members)} members; at most {MAX_MEMBERS - len(RESERVED)} can be verified.")


def refuse_folders(taken: Mapping[str, str]) -> None:
    """Raise Unpackable when one name is another's folder; `taken` maps case-folded names to names."""
    for folded, name in taken.items():
        parts = folded.split("/")
        for depth in range(1, len(parts)):
            file = taken.get("/".join(parts[:depth]))
            if file:
                raise Unpackable(f"{name}: lies in a folder that is itself the member {file}.")


def manifest(digests: Mapping[str, str]) -> bytes:
    """Hex digests by name as `sha256sum -c` reads them, sorted by name."""
    return "".join(f"{digests[name]}  {name}\n" for name in sorted(digests)).encode("utf-8")


def statement(digests: Mapping[str, str], predicate: Mapping[str, Any]) -> bytes:
    """What is signed: the members by digest, what the signer says of them, and the digest of the manifest.

    The last ties MANIFEST.sha256 to the signature for those who verify with OpenSSL and sha256sum alone.
    """
    said = {**predicate, "manifest": hashlib.sha256(manifest(digests)).hexdigest()}
    return canonical(signing.statement(digests, PREDICATE_TYPE, said))


def signature_members(
    digests: Mapping[str, str], predicate: Mapping[str, Any], key: signing.Signer
) -> dict[str, bytes]:
    """Statement and signature in the forms that in-toto tools, OpenSSL and our verifier read."""
    payload = statement(digests, predicate)
    signed = signing.pae(signing.PAYLOAD_TYPE, payload)
    return {
        "statement.json": payload,
        "statement.dsse.json": signing.dsse(payload, signing.PAYLOAD_TYPE, key),
        "statement.pae": signed,
        "statement.sig": key.sign(signed),
        "pubkey.pem": key.public_pem.encode("ascii"),
    }


def container(members: Mapping[str, bytes]) -> bytes:
    """The one ZIP of these members."""
    whole = io.BytesIO()
    write_container({name: [content] for name, content in members.items()}, whole)
    return whole.getvalue()


def write_container(members: Mapping[str, Iterable[bytes]], target: IO[bytes]) -> None:
    """The one ZIP of these members: stored, sorted by name, dated 1980, regular files of mode 0644, no extras."""
    with zipfile.ZipFile(target, "w", zipfile.ZIP_STORED, allowZip64=False) as archive:
        for name in sorted(members):
            entry = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
            entry.create_system, entry.external_attr = UNIX, REGULAR_FILE << 16
            with archive.open(entry, "w") as place:
                for chunk in members[name]:
                    place.write(chunk)
    target.seek(0, io.SEEK_END)


def howto() -> str:
    """HOWTO.txt: what a stranger does with the pack, in the language in force."""
    steps = [
        (
            _(
                "Take verify.py and the fingerprint of the signing key from outside this pack: from the organisation's "
                "own pages, or from somebody you trust there. Whoever forges a pack also forges the verify.py and the "
                "pubkey.pem that lie in it. Needs Python 3.9 or later and nothing else:"
            ),
            ["python3 verify.py PACK.zip --key-fingerprint FINGERPRINT"],
        ),
        (
            _(
                "Or in a browser, offline: take verify.html from outside this pack too, open it from the disk, enter the "
                "fingerprint and drop the pack on the page."
            ),
            [],
        ),
        (
            _("The same with other tools, in the unpacked folder. Every file is as it was listed:"),
            [f"sha256sum -c {MANIFEST}"],
        ),
        (
            _("The key is the one whose fingerprint you were given:"),
            ["openssl pkey -pubin -in pubkey.pem -outform DER | sha256sum"],
        ),
        (
            _("The key signed the statement (OpenSSL 3), and the statement names the list; the second prints 1:"),
            [
                "openssl pkeyutl -verify -pubin -inkey pubkey.pem -rawin -in statement.pae -sigfile statement.sig",
                f'grep -c "\\"manifest\\":\\"$(sha256sum < {MANIFEST} | cut -c 1-64)\\"" statement.pae',
            ],
        ),
        (
            _(
                "statement.dsse.json holds statement and signature for tools that read in-toto and DSSE. The other "
                "tools do not see files that were added to the pack; verify.py does."
            ),
            [],
        ),
    ]
    return "\n".join("\n".join([text, *(f"    {command}" for command in commands), ""]) for text, commands in steps)
