"""The tables of the registry app, one module a subject."""

from registry.models.audit import AuditBody, AuditEntry, AuditHead
from registry.models.base import Audited, AuditedQuerySet, BypassRefused
from registry.models.cards import ModelCard
from registry.models.evidence import Attachment, Blob, Evidence, Verdict
from registry.models.inventory import (
    AISystem,
    Dataset,
    DatasetVersion,
    Model,
    ModelVersion,
    Stage,
    Tier,
    VersionStatus,
)
from registry.models.jobs import Job, JobStatus, SweepLease
from registry.models.lineage import LineageLink, Relation
from registry.models.people import BusinessUnit, Duty, RoleAssignment, User
from registry.models.releases import Deployment, OfSystem, OfSystemQuerySet, Release, Review, SignOff
from registry.models.tokens import ApiToken
from registry.models.work import Task

__all__ = [
    "AISystem",
    "ApiToken",
    "Attachment",
    "AuditBody",
    "AuditEntry",
    "AuditHead",
    "Audited",
    "AuditedQuerySet",
    "Blob",
    "BusinessUnit",
    "BypassRefused",
    "Dataset",
    "DatasetVersion",
    "Deployment",
    "Duty",
    "Evidence",
    "Job",
    "JobStatus",
    "LineageLink",
    "Model",
    "ModelCard",
    "ModelVersion",
    "OfSystem",
    "OfSystemQuerySet",
    "Relation",
    "Release",
    "Review",
    "RoleAssignment",
    "SignOff",
    "Stage",
    "SweepLease",
    "Task",
    "Tier",
    "User",
    "Verdict",
    "VersionStatus",
]
