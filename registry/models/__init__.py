"""The tables of the registry app, one module a subject."""

from registry.models.artifacts import Artifact, ArtifactType, ArtifactVersion
from registry.models.audit import AuditBody, AuditCheckpoint, AuditEntry, AuditHead, BodyErasure, WitnessedNote
from registry.models.base import Audited, AuditedQuerySet, BypassRefused
from registry.models.cards import ModelCard
from registry.models.comparisons import Candidate, Comparison
from registry.models.components import Component, ComponentUse, Use
from registry.models.conditions import Condition, Question
from registry.models.data_terms import DataTerms
from registry.models.data_use import DataAccess, DataUse
from registry.models.datasets import Dataset, DatasetVersion
from registry.models.delegations import DelegatedAct, Delegation
from registry.models.evidence import Attachment, Blob, Evidence, Verdict
from registry.models.idempotency import KeptAnswer
from registry.models.intake import Fitness, FoundUse, Intake
from registry.models.jobs import Job, JobStatus, SweepLease
from registry.models.labels import CustomField, Labels, LabelWord
from registry.models.lineage import LineageLink, Relation
from registry.models.lists import Import, SavedFilter, SearchEntry
from registry.models.meetings import AgendaItem, Attendance, Meeting
from registry.models.people import BusinessUnit, Duty, RoleAssignment, User
from registry.models.pipeline_steps import PipelineStep
from registry.models.policies import GateRecord, PolicyApproval, ReviewPolicy, StageOpinion
from registry.models.proposals import Approval, Proposal, ProposalQuerySet
from registry.models.registers import RegisterEntry
from registry.models.release_life import LaterRun, RolloutStep
from registry.models.releases import Deployment, OfSystem, OfSystemQuerySet, Release
from registry.models.reminders import DailyMail, Reminder
from registry.models.retirement import (
    Consumer,
    PlanItem,
    RetirementNotice,
    RetirementPlan,
    VendorEnd,
    VendorEndMatch,
)
from registry.models.reviews import Review, SignOff
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
    "AgendaItem",
    "Agreement",
    "ApiToken",
    "Approval",
    "Artifact",
    "ArtifactType",
    "ArtifactVersion",
    "Attachment",
    "Attendance",
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
    "Condition",
    "Consumer",
    "CustomField",
    "DailyMail",
    "DataAccess",
    "DataTerms",
    "DataUse",
    "Dataset",
    "DatasetVersion",
    "DelegatedAct",
    "Delegation",
    "Delivery",
    "Dependence",
    "Deployment",
    "Duty",
    "Evidence",
    "FailedSignIn",
    "Fitness",
    "FoundUse",
    "GateRecord",
    "Import",
    "Intake",
    "Job",
    "JobStatus",
    "KeptAnswer",
    "LabelWord",
    "Labels",
    "LaterRun",
    "Layer",
    "LineageLink",
    "Making",
    "Manager",
    "Meeting",
    "Model",
    "ModelCard",
    "ModelVersion",
    "OfSystem",
    "OfSystemQuerySet",
    "PipelineStep",
    "PlanItem",
    "PolicyApproval",
    "Proposal",
    "ProposalQuerySet",
    "Question",
    "RegisterEntry",
    "Relation",
    "Release",
    "Reminder",
    "RetirementNotice",
    "RetirementPlan",
    "Review",
    "ReviewPolicy",
    "RoleAssignment",
    "RolloutStep",
    "SavedFilter",
    "SearchEntry",
    "Side",
    "SignOff",
    "Stage",
    "StageOpinion",
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
