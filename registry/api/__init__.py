"""The registry's part of the REST API, one module a noun."""

from registry.api.artifacts import ArtifactVersionViewSet, ArtifactViewSet
from registry.api.data_use import DataAccessViewSet, DataUseViewSet
from registry.api.datasets import DatasetVersionViewSet, DatasetViewSet
from registry.api.deployments import DeploymentViewSet
from registry.api.later_runs import LaterRunViewSet
from registry.api.lineage import LineageViewSet
from registry.api.log import AuditViewSet
from registry.api.meetings import MeetingViewSet
from registry.api.policies import PolicyViewSet
from registry.api.records import RecordKindViewSet, RecordViewSet
from registry.api.registers import EntryViewSet
from registry.api.releases import ReleaseViewSet
from registry.api.reviews import ConditionViewSet, ReviewViewSet
from registry.api.systems import ModelViewSet, SystemViewSet, UnitViewSet, owner_named
from registry.api.vendors import ComparisonViewSet, ComponentViewSet, VendorViewSet
from registry.api.versions import VersionViewSet
from registry.api.waivers import WaiverViewSet

__all__ = [
    "ArtifactVersionViewSet",
    "ArtifactViewSet",
    "AuditViewSet",
    "ComparisonViewSet",
    "ComponentViewSet",
    "ConditionViewSet",
    "DataAccessViewSet",
    "DataUseViewSet",
    "DatasetVersionViewSet",
    "DatasetViewSet",
    "DeploymentViewSet",
    "EntryViewSet",
    "LaterRunViewSet",
    "LineageViewSet",
    "MeetingViewSet",
    "ModelViewSet",
    "PolicyViewSet",
    "RecordKindViewSet",
    "RecordViewSet",
    "ReleaseViewSet",
    "ReviewViewSet",
    "SystemViewSet",
    "UnitViewSet",
    "VendorViewSet",
    "VersionViewSet",
    "WaiverViewSet",
    "owner_named",
]
