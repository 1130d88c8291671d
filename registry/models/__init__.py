"""The tables of the registry app, one module a subject."""

from registry.models.artifacts import Artifact, ArtifactType, ArtifactVersion
from registry.models.audit import AuditBody, AuditCheckpoint, AuditEntry, AuditHead, BodyErasure, WitnessedNote
from registry.models.base import Audited, AuditedQuerySet, BypassRefused
from registry.models.cards import ModelCard
from registry.models.comparisons import Candidate, Comparison
from registry.models.components import Component, ComponentUse, Use
from registry.models.data_terms import DataTerms
from registry.models.datasets import Dataset, DatasetVersion
from registry.models.evidence import Attachment, Blob, Evidence, Verdict
from registry.models.idempotency import KeptAnswer
from registry.models.intake import Fitness, FoundUse, Intake
from registry.models.jobs import Job, JobStatus, SweepLease
from registry.models.labels import CustomField, Labels, LabelWord
from registry.models.lineage import LineageLink, Relation
from registry.models.lists import Import, SavedFilter, SearchEntry
from registry.models.people import BusinessUnit, Duty, RoleAssignment, User
from registry.models.releases import Deployment, OfSystem, OfSystemQuerySet, Release, Review, SignOff
from registry.models.retirement import (
    Consumer,
    PlanItem,
    RetirementNotice,
    RetirementPlan,
    VendorEnd,
    VendorEndMatch,
)
from registry.models.sign_ins import FailedSignIn
from registry.models.systems import (
    Acceptance,
    AISystem,
    Autonomy,
    Dependence,
    Layer,
    Making,
    Manager,
    Model,
    Side,
    Stage,
    Tier,
)
from registry.models.tokens import ApiToken
from registry.models.vendors import Agreement, Vendor
from registry.models.versions import ModelVersion, VersionStatus
from registry.models.waivers import Waiver
from registry.models.webhooks import Delivery, Webhook
from registry.models.work import Task

__all__ = [
    "AISystem",
    "Acceptance",
    "Agreement",
    "ApiToken",
    "Artifact",
    "ArtifactType",
    "ArtifactVersion",
    "Attachment",
    "AuditBody",
    "AuditCheckpoint",
    "AuditEntry",
    "AuditHead",
    "Audited",
    "AuditedQuerySet",
    "Autonomy",
    "Blob",
    "BodyErasure",
    "BusinessUnit",
    "BypassRefused",
    "Candidate",
    "Comparison",
    "Component",
    "ComponentUse",
    "Consumer",
    "CustomField",
    "DataTerms",
    "Dataset",
    "DatasetVersion",
    "Delivery",
    "Dependence",
    "Deployment",
    "Duty",
    "Evidence",
    "FailedSignIn",
    "Fitness",
    "FoundUse",
    "Import",
    "Intake",
    "Job",
    "JobStatus",
    "KeptAnswer",
    "LabelWord",
    "Labels",
    "Layer",
    "LineageLink",
    "Making",
    "Manager",
    "Model",
    "ModelCard",
    "ModelVersion",
    "OfSystem",
    "OfSystemQuerySet",
    "PlanItem",
    "Relation",
    "Release",
    "RetirementNotice",
    "RetirementPlan",
    "Review",
    "RoleAssignment",
    "SavedFilter",
    "SearchEntry",
    "Side",
    "SignOff",
    "Stage",
    "SweepLease",
    "Task",
    "Tier",
    "Use",
    "User",
    "Vendor",
    "VendorEnd",
    "VendorEndMatch",
    "Verdict",
    "VersionStatus",
    "Waiver",
    "Webhook",
    "WitnessedNote",
]
