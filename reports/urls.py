"""The addresses of reports, packs, frameworks and verification codes."""

from django.urls import path

from reports.views import board_packs, frameworks, minutes, packs, reports, verification

urlpatterns = [
    path("versions/<uuid:pk>/reports/", reports.version_reports, name="version-reports"),
    path("versions/<uuid:pk>/reports/", reports.version_reports, name="report-request"),
    path("versions/<uuid:pk>/packs/", packs.pack_request, name="pack-request"),
    path("reports/", reports.reports, name="reports"),
    path("reports/<uuid:pk>/", reports.report, name="report"),
    path("reports/<uuid:pk>/report.pdf", reports.report_file, name="report-file"),
    path("reports/<uuid:pk>/report.json", reports.report_data, name="report-data"),
    path("packs/", packs.packs, name="packs"),
    path("packs/<uuid:pk>/", packs.pack, name="pack"),
    path("packs/<uuid:pk>/pack.zip", packs.pack_file, name="pack-file"),
    path("meetings/<uuid:pk>/minutes/", minutes.meeting_minutes, name="meeting-minutes"),
    path("minutes/<uuid:pk>/minutes.pdf", minutes.minutes_file, name="minutes-file"),
    path("board-packs/", board_packs.board_packs, name="board-packs"),
    path("board-packs/<uuid:pk>/", board_packs.board_pack, name="board-pack"),
    path("board-packs/<uuid:pk>/board-pack.pdf", board_packs.board_pack_file, name="board-pack-file"),
    path("board-packs/<uuid:pk>/board-pack.json", board_packs.board_pack_data, name="board-pack-data"),
    path("frameworks/", frameworks.framework, name="frameworks"),
    path("frameworks/<slug:slug>/", frameworks.framework, name="framework"),
    path("frameworks/<slug:slug>/<str:key>/", frameworks.requirement, name="requirement"),
    path("verify/", verification.verify_ask, name="verify-ask"),
    path("verify/verify.py", verification.verifier, name="verifier"),
    path("verify/verify.html", verification.verifier_page, name="verifier-page"),
    path("verify/<str:code>/", verification.verify, name="verify"),
]
