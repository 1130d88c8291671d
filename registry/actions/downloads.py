"""Takes raw data and files of models out of the registry: only for those the table names, and the log knows who did."""

from django.db import transaction

from registry import access
from registry.audit import log
from registry.models import Audited, Blob, ModelVersion, User
from registry.retirement.in_use import require_in_use


@transaction.atomic
def take_artifact(version: ModelVersion, *, actor: User) -> Blob | None:
    """The file of a version; of one that is retired only for auditors, for whom it is a record and no more."""
    access.require(actor, access.ARTIFACT_DOWNLOAD, version)
    if not any(grant.role == "AUD" and grant.reaches(version) for grant in access.grants(actor)):
        require_in_use(version, actor)
    log.record(actor, "version.file_downloaded", version)
    return version.artifact


@transaction.atomic
def take_rows(table: Audited, *, blob: Blob, actor: User) -> Blob:
    """A table of people's data as it was uploaded."""
    access.require(actor, access.DATASET_DOWNLOAD_RAW, table)
    log.record(actor, f"{table._meta.model_name}.downloaded", table)
    return blob
