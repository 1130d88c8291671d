"""The rows of an uploaded table as they were uploaded, for those who may take people's data."""

from uuid import UUID

from django.http import FileResponse, Http404, HttpRequest
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_safe

from rai.models import Predictions
from registry.actions import downloads as actions
from registry.views.downloads import saved


@require_safe
def predictions_file(request: HttpRequest, pk: UUID) -> FileResponse:
    """The table of predictions; of one in several files the one that `?part=` counts to, in the order of the page."""
    found = get_object_or_404(Predictions.objects.visible_to(request.user).select_related("blob"), pk=pk)
    files, place = found.files, request.GET.get("part", "1")
    if not place.isdecimal() or not 1 <= int(place) <= len(files):
        raise Http404
    blob, name = files[int(place) - 1]
    return saved(actions.take_rows(found, blob=blob, actor=request.user), name=name)
