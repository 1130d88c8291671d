"""Files of reports and packs as downloads that a browser saves and never opens."""

from django.core.files.storage import default_storage
from django.http import FileResponse, Http404, HttpRequest
from django.urls import reverse
from django.utils.text import get_valid_filename

from registry.models import Blob
from reports import actions
from reports.formats import FORMATS, kept
from reports.models import Document, Filed


def download(request: HttpRequest, document: Filed, blob: Blob | None, *, ending: str) -> FileResponse:
    """The file of a document that is built; the log knows who took it."""
    if blob is None:
        raise Http404
    actions.note_download(document, actor=request.user)
    name = filename(document, ending=ending)
    response = FileResponse(
        default_storage.open(blob.place), as_attachment=True, filename=name, content_type=blob.media_type
    )
    response["X-Content-Type-Options"] = "nosniff"
    response["Cache-Control"] = "private"
    return response


def buttons(document: Filed, route: str) -> list[tuple[str, str]]:
    """The other formats of a document: the address of each and how its button calls it."""
    return [
        (reverse(f"{route}-{name}", args=[document.pk]), str(FORMATS[name].label))
        for name in kept(document)
        if name in FORMATS
    ]


def filename(document: Filed, *, ending: str) -> str:
    """What the file of a document is called on the disk of whoever saves it."""
    return get_valid_filename(f"{document.noun}-{subject(document)}.{ending}")


def subject(document: Filed) -> str:
    """What a document is about, in a file's name."""
    if not isinstance(document, Document):
        return str(document)
    version = document.version
    return f"{version.model.slug}-{version.version}" if version else (document.system or document.unit).slug
