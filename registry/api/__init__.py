"""The registry's part of the REST API, one module a noun."""

from registry.api.artifacts import ArtifactVersionViewSet, ArtifactViewSet
from registry.api.datasets import DatasetVersionViewSet, DatasetViewSet
from registry.api.deployments import DeploymentViewSet
from registry.api.lineage import LineageViewSet
from registry.api.log import AuditViewSet
from registry.api.releases import ReleaseViewSet
from registry.api.reviews import ReviewViewSet
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
    "DatasetVersionViewSet",
    "DatasetViewSet",
    "DeploymentViewSet",
    "LineageViewSet",
    "ModelViewSet",
    "ReleaseViewSet",
    "ReviewViewSet",
    "SystemViewSet",
    "UnitViewSet",
    "VendorViewSet",
    "VersionViewSet",
    "WaiverViewSet",
    "owner_named",
]
