"""The addresses of reports, packs, frameworks and verification codes."""

from django.urls import path

from reports.audits import views as audits
from reports.formats import FORMATS
from reports.imported import views as imported
from reports.views import board_packs, frameworks, minutes, packs, reports, schedules, verification

urlpatterns = [
    path("versions/<uuid:pk>/reports/", reports.version_reports, name="version-reports"),
    path("versions/<uuid:pk>/reports/", reports.version_reports, name="report-request"),
    path("versions/<uuid:pk>/packs/", packs.pack_request, name="pack-request"),
    path("reports/", reports.reports, name="reports"),
    path("unit-reports/", reports.unit_reports, name="unit-reports"),
    path("reports/<uuid:pk>/", reports.report, name="report"),
    path("reports/<uuid:pk>/report.pdf", reports.report_file, name="report-file"),
    path("reports/<uuid:pk>/report.json", reports.report_data, name="report-data"),
    *(
        path(f"reports/<uuid:pk>/report.{form}", reports.report_format, {"form": form}, name=f"report-{form}")
        for form in FORMATS
    ),
    path("assessments/<uuid:pk>/reports/", reports.row_reports, {"kind": "pia"}, name="assessment-reports"),
    path("incidents/<uuid:pk>/reports/", reports.row_reports, {"kind": "incident"}, name="incident-reports"),
    path("report-schedules/", schedules.report_schedules, name="report-schedules"),
    path("report-schedules/<uuid:pk>/end/", schedules.report_schedule_end, name="report-schedule-end"),
    path("letterhead/", schedules.letterhead, name="letterhead"),
    path("packs/", packs.packs, name="packs"),
    path("packs/<uuid:pk>/", packs.pack, name="pack"),
    path("packs/<uuid:pk>/pack.zip", packs.pack_file, name="pack-file"),
    path("packs/<uuid:pk>/stamp/", packs.pack_stamp, name="pack-stamp"),
    path("packs/<uuid:pk>/beside/<uuid:file>/", packs.pack_beside, name="pack-beside"),
    path("meetings/<uuid:pk>/minutes/", minutes.meeting_minutes, name="meeting-minutes"),
    path("minutes/<uuid:pk>/minutes.pdf", minutes.minutes_file, name="minutes-file"),
    path("desk/", audits.desk, name="desk"),
    path("desk/new/<slug:kind>/", audits.desk_new, name="desk-new"),
    path("desk/<uuid:pk>/", audits.desk_item, name="desk-item"),
    path("desk/<uuid:pk>/answer/", audits.desk_act, {"verb": "answer"}, name="desk-answer"),
    path("desk/<uuid:pk>/close/", audits.desk_act, {"verb": "close"}, name="desk-close"),
    path("desk/<uuid:pk>/return/", audits.desk_act, {"verb": "return"}, name="desk-return"),
    path("desk/<uuid:pk>/withdraw/", audits.desk_act, {"verb": "withdraw"}, name="desk-withdraw"),
    path("desk/<uuid:pk>/files/", audits.desk_attach, name="desk-attach"),
    path("desk/<uuid:pk>/files/<uuid:file>/", audits.desk_file, name="desk-file"),
    path("board-packs/", board_packs.board_packs, name="board-packs"),
    path("board-packs/<uuid:pk>/", board_packs.board_pack, name="board-pack"),
    path("board-packs/<uuid:pk>/board-pack.pdf", board_packs.board_pack_file, name="board-pack-file"),
    path("board-packs/<uuid:pk>/board-pack.json", board_packs.board_pack_data, name="board-pack-data"),
    *(
        path(
            f"board-packs/<uuid:pk>/board-pack.{form}",
            board_packs.board_pack_format,
            {"form": form},
            name=f"board-pack-{form}",
        )
        for form in FORMATS
    ),
    path("frameworks/", frameworks.framework, name="frameworks"),
    path("framework-editions/", imported.editions, name="framework-editions"),
    path("framework-editions/new/", imported.bring, name="framework-bring"),
    path("framework-editions/<uuid:pk>/", imported.edition, name="framework-edition"),
    *(
        path(
            f"framework-editions/<uuid:pk>/{verb}/",
            imported.edition_act,
            {"verb": verb},
            name=f"framework-edition-{verb}",
        )
        for verb in imported.ACTS
    ),
    path("frameworks/<slug:slug>/", frameworks.framework, name="framework"),
    path("frameworks/<slug:slug>/status.csv", frameworks.status_table, name="framework-table"),
    path("frameworks/<slug:slug>/<str:key>/", frameworks.requirement, name="requirement"),
    path("key/", verification.keys, name="signing-keys"),
    path("verify/", verification.verify_ask, name="verify-ask"),
    path("verify/verify.py", verification.verifier, name="verifier"),
    path("verify/verify.html", verification.verifier_page, name="verifier-page"),
    path("verify/<str:code>/", verification.verify, name="verify"),
]
