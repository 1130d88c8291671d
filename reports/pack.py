"""The container of an evidence pack: a reproducible ZIP whose members are listed, hashed and signed."""

import hashlib
import io
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from django.utils.translation import gettext as _

from registry.canonical import canonical
from reports import signing
from reports.verifier import verify
from reports.verifier.verify import MANIFEST, MAX_MEMBERS, MAX_PACK, PREDICATE_TYPE, SIGNATURE_MEMBERS, name_fault

HOWTO, VERIFIER = "HOWTO.txt", "verify.py"
RESERVED = frozenset({MANIFEST, HOWTO, VERIFIER, *SIGNATURE_MEMBERS})
REGULAR_FILE = 0o100644
UNIX = 3


class Unpackable(ValueError):
    """The members cannot stand in one pack: a defect of the code that chose them, never of its user."""


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
    content = with_tools(members, verifier_source)
    digests = digests_of(content)
    whole = container({**content, MANIFEST: manifest(digests), **signature_members(digests, predicate, key)})
    if len(whole) > MAX_PACK:
        raise Unpackable(f"The pack has {len(whole)} bytes; at most {MAX_PACK} can be verified. Leave out raw data.")
    return whole


def with_tools(members: Mapping[str, bytes], verifier_source: bytes | None = None) -> dict[str, bytes]:
    """The members with the verifier and the page that says how to use it."""
    source = Path(verify.__file__).read_bytes() if verifier_source is None else verifier_source
    return {**members, HOWTO: howto().encode("utf-8"), VERIFIER: source}


def digests_of(content: Mapping[str, bytes]) -> dict[str, str]:
    """Hex SHA-256 by name."""
    return {name: hashlib.sha256(content[name]).hexdigest() for name in sorted(content)}


def refuse_names(members: Mapping[str, bytes]) -> None:
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


def signature_members(
    digests: Mapping[str, str], predicate: Mapping[str, Any], key: signing.Signer
) -> dict[str, bytes]:
    """Statement and signature in the forms that in-toto tools, OpenSSL and our verifier read."""
    payload = canonical(signing.statement(digests, PREDICATE_TYPE, predicate))
    signed = signing.pae(signing.PAYLOAD_TYPE, payload)
    return {
        "statement.json": payload,
        "statement.dsse.json": signing.dsse(payload, signing.PAYLOAD_TYPE, key),
        "statement.pae": signed,
        "statement.sig": key.sign(signed),
        "pubkey.pem": key.public_pem.encode("ascii"),
    }


def container(members: Mapping[str, bytes]) -> bytes:
    """The one ZIP of these members: stored, sorted by name, dated 1980, regular files of mode 0644, no extras."""
    whole = io.BytesIO()
    with zipfile.ZipFile(whole, "w", zipfile.ZIP_STORED, allowZip64=False) as archive:
        for name in sorted(members):
            entry = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
            entry.create_system, entry.external_attr = UNIX, REGULAR_FILE << 16
            archive.writestr(entry, members[name])
    return whole.getvalue()


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
            _("The key signed the statement (OpenSSL 3):"),
            ["openssl pkeyutl -verify -pubin -inkey pubkey.pem -rawin -in statement.pae -sigfile statement.sig"],
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
