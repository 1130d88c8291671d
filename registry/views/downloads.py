"""Stored bytes as downloads: a browser saves them and never opens them, whatever they hold."""

from uuid import UUID

from django.core.files.storage import default_storage
from django.http import FileResponse, Http404, HttpRequest
from django.shortcuts import get_object_or_404
from django.utils.text import get_valid_filename
from django.views.decorators.http import require_safe

from registry.actions import downloads as actions
from registry.models import Blob, ModelVersion


def saved(blob: Blob | None, *, name: str) -> FileResponse:
    """The bytes under a name, of no type that a browser shows."""
    if blob is None:
        raise Http404
    answer = FileResponse(
        default_storage.open(blob.place),
        as_attachment=True,
        filename=get_valid_filename(name or "file"),
        content_type="application/octet-stream",
    )
    answer["Cache-Control"] = "private, no-store"
    return answer


@require_safe
def version_file(request: HttpRequest, pk: UUID) -> FileResponse:
    """The file of a version."""
    found = get_object_or_404(ModelVersion.objects.visible_to(request.user).select_related("artifact"), pk=pk)
    return saved(actions.take_artifact(found, actor=request.user), name=found.artifact_name)
