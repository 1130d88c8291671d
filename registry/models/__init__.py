"""The tables of the registry app, one module a subject."""

from registry.models.audit import AuditBody, AuditCheckpoint, AuditEntry, AuditHead, BodyErasure, WitnessedNote
from registry.models.base import Audited, AuditedQuerySet, BypassRefused
from registry.models.cards import ModelCard
from registry.models.datasets import Dataset, DatasetVersion
from registry.models.evidence import Attachment, Blob, Evidence, Verdict
from registry.models.idempotency import KeptAnswer
from registry.models.jobs import Job, JobStatus, SweepLease
from registry.models.lineage import LineageLink, Relation
from registry.models.people import BusinessUnit, Duty, RoleAssignment, User
from registry.models.releases import Deployment, OfSystem, OfSystemQuerySet, Release, Review, SignOff
from registry.models.sign_ins import FailedSignIn
from registry.models.systems import AISystem, Model, Stage, Tier
from registry.models.tokens import ApiToken
from registry.models.versions import ModelVersion, VersionStatus
from registry.models.waivers import Waiver
from registry.models.work import Task

__all__ = [
    "AISystem",
    "ApiToken",
    "Attachment",
    "AuditBody",
    "AuditCheckpoint",
    "AuditEntry",
    "AuditHead",
    "Audited",
    "AuditedQuerySet",
    "Blob",
    "BodyErasure",
    "BusinessUnit",
    "BypassRefused",
    "Dataset",
    "DatasetVersion",
    "Deployment",
    "Duty",
    "Evidence",
    "FailedSignIn",
    "Job",
    "JobStatus",
    "KeptAnswer",
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
    "Waiver",
    "WitnessedNote",
]
