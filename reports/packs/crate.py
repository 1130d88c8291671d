"""RO-Crate metadata of a pack: what each file is, for tools that read research objects (RO-Crate 1.1)."""

import mimetypes
from typing import Any, Final
from urllib.parse import quote

from django.conf import settings

from reports.pack import Draft

NAME: Final = "ro-crate-metadata.json"
PROFILE: Final = "https://w3id.org/ro/crate/1.1"
# The process that holds the key makes the crate again without the drawn file; its digest stands in the manifest.
DRAWN: Final = "report.pdf"
# Some systems do not know these.
TYPES: Final = {".jsonl": "application/jsonl", ".note": "text/plain", ".json": "application/json"}


def metadata(draft: Draft, *, title: str, description: str, as_of: str, language: str) -> dict[str, Any]:
    """The crate of the members that are in the draft: the descriptor, the root data set, the publisher, every file."""
    files = [file_of(draft, name) for name in sorted(draft.digests)]
    publisher = {"@id": "#publisher", "@type": "Organization", "name": settings.INSTALLATION_NAME}
    root = {
        "@id": "./", "@type": "Dataset", "name": title, "description": description, "datePublished": as_of,
        "inLanguage": language, "publisher": {"@id": publisher["@id"]},
        "license": "Confidential: for those to whom the publisher handed it.",
        "hasPart": [{"@id": file["@id"]} for file in files],
    }  # fmt: skip
    descriptor = {
        "@id": NAME, "@type": "CreativeWork", "conformsTo": {"@id": PROFILE}, "about": {"@id": root["@id"]},
    }  # fmt: skip
    return {"@context": f"{PROFILE}/context", "@graph": [descriptor, root, publisher, *files]}


def file_of(draft: Draft, name: str) -> dict[str, Any]:
    """One file of the crate; ids are addresses relative to the crate's folder."""
    ending = name[name.rfind(".") :]
    kind = TYPES.get(ending) or mimetypes.guess_type(name)[0] or "application/octet-stream"
    told = {"@id": address(name), "@type": "File", "name": name, "encodingFormat": kind}
    return told if name == DRAWN else told | {"contentSize": str(draft.size(name)), "sha256": draft.digests[name]}


def address(name: str) -> str:
    """A name as an address: every letter that has a meaning there is written as a number."""
    return quote(name)
