"""The registry's part of the REST API, one module a noun."""

from registry.api.lineage import LineageViewSet
from registry.api.log import AuditViewSet
from registry.api.releases import ReleaseViewSet
from registry.api.reviews import ReviewViewSet
from registry.api.systems import ModelViewSet, SystemViewSet, UnitViewSet, owner_named
from registry.api.versions import VersionViewSet
from registry.api.waivers import WaiverViewSet

__all__ = [
    "AuditViewSet",
    "LineageViewSet",
    "ModelViewSet",
    "ReleaseViewSet",
    "ReviewViewSet",
    "SystemViewSet",
    "UnitViewSet",
    "VersionViewSet",
    "WaiverViewSet",
    "owner_named",
]
