"""An uploaded table as the pages' tests begin with it: its bytes, and its columns as a worker read them."""

from typing import Any

from django.db import transaction

from rai import actions
from rai.models import Predictions
from registry import jobs
from registry.models import ModelVersion
from tests import factories

CSV = b"y,yhat,sex,weight\n1,1,female,2\n0,1,male,1\n"
COLUMNS = [
    {"name": "y", "type": "number", "values": ["1", "0"], "distinct": 2, "nulls": 0, "rows": 2},
    {"name": "yhat", "type": "number", "values": ["1"], "distinct": 1, "nulls": 0, "rows": 2},
    {"name": "sex", "type": "text", "values": ["female", "male"], "distinct": 2, "nulls": 0, "rows": 2},
    {"name": "weight", "type": "number", "values": ["1", "2"], "distinct": 2, "nulls": 0, "rows": 2},
]


def read_table(cast: factories.Cast, version: ModelVersion) -> Predictions:
    """Uploaded predictions whose columns were read."""
    row = actions.upload_predictions(version, content=CSV, name="preds.csv", actor=cast.owner)
    job = jobs.claim(Predictions, row.pk)
    job.rows, job.columns = 2, COLUMNS
    with transaction.atomic():
        jobs.finish(job)
    return Predictions.objects.get(pk=row.pk)


def text_of(response: Any) -> str:
    """The page as text."""
    return response.content.decode()
