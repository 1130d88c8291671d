"""Every URL of the installation. All but the first few need a signed-in person, by middleware."""

from django.contrib.auth.decorators import login_not_required
from django.urls import include, path
from django.views.i18n import set_language

from config import health

urlpatterns = [
    path("livez", login_not_required(health.livez), name="livez"),
    path("readyz", login_not_required(health.readyz), name="readyz"),
    path("i18n/setlang/", login_not_required(set_language), name="set_language"),
    path("", include("django.contrib.auth.urls")),
    path("", include("registry.urls")),
    path("", include("risk.urls")),
    path("", include("rai.urls")),
    path("", include("reports.urls")),
    path("api/v1/", include("config.api")),
]
