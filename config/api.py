"""The REST API's routes and its schema."""

from django.urls import include, path
from drf_spectacular.views import SpectacularAPIView
from rest_framework.permissions import IsAuthenticated
from rest_framework.routers import SimpleRouter

from rai import api as rai
from registry import api as registry
from reports import api as reports
from reports.audits import api as audits
from reports.board.api import BoardPackViewSet
from reports.imported.api import FrameworkEditionViewSet
from reports.standings.api import FrameworkViewSet
from risk import api as risk

router = SimpleRouter()
# Both /api/v1/versions and /api/v1/versions/ are the same place, so that a POST is never lost in a redirect.
router.trailing_slash = "/?"
for noun, view in {
    "units": registry.UnitViewSet,
    "systems": registry.SystemViewSet,
    "models": registry.ModelViewSet,
    "versions": registry.VersionViewSet,
    "conditions": registry.ConditionViewSet,
    "reviews": registry.ReviewViewSet,
    "releases": registry.ReleaseViewSet,
    "meetings": registry.MeetingViewSet,
    "deployments": registry.DeploymentViewSet,
    "later-runs": registry.LaterRunViewSet,
    "artifacts": registry.ArtifactViewSet,
    "artifact-versions": registry.ArtifactVersionViewSet,
    "waivers": registry.WaiverViewSet,
    "policies": registry.PolicyViewSet,
    "vendors": registry.VendorViewSet,
    "components": registry.ComponentViewSet,
    "comparisons": registry.ComparisonViewSet,
    "data-accesses": registry.DataAccessViewSet,
    "data-uses": registry.DataUseViewSet,
    "entries": registry.EntryViewSet,
    "datasets": registry.DatasetViewSet,
    "dataset-versions": registry.DatasetVersionViewSet,
    "lineage": registry.LineageViewSet,
    "audit": registry.AuditViewSet,
    "predictions": rai.PredictionsViewSet,
    "checks": rai.CheckViewSet,
    "evidence": rai.EvidenceViewSet,
    "plans": rai.PlanViewSet,
    "assessments": risk.AssessmentViewSet,
    "opinions": risk.OpinionViewSet,
    "risks": risk.RiskViewSet,
    "incidents": risk.IncidentViewSet,
    "reports": reports.ReportViewSet,
    "packs": reports.PackViewSet,
    "desk-items": audits.DeskItemViewSet,
    "board-packs": BoardPackViewSet,
    "frameworks": FrameworkViewSet,
    "framework-editions": FrameworkEditionViewSet,
}.items():
    router.register(noun, view, basename=f"api-{noun}")
router.register("records", registry.RecordKindViewSet, basename="api-records-kinds")
router.register(r"records/(?P<entity>[\w-]+)", registry.RecordViewSet, basename="api-records")

urlpatterns = [
    path("schema/", SpectacularAPIView.as_view(permission_classes=[IsAuthenticated]), name="api-schema"),
    path("", include(router.urls)),
]
