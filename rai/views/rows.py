"""The rows of an uploaded table as they were uploaded, for those who may take people's data."""

from uuid import UUID

from django.http import FileResponse, HttpRequest
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_safe

from rai.models import Predictions
from registry.actions import downloads as actions
from registry.views.downloads import saved


@require_safe
def predictions_file(request: HttpRequest, pk: UUID) -> FileResponse:
    """The table of predictions."""
    found = get_object_or_404(Predictions.objects.visible_to(request.user).select_related("blob"), pk=pk)
    return saved(actions.take_rows(found, blob=found.blob, actor=request.user), name=found.name)
