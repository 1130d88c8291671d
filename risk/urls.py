"""The addresses of the risk app's pages: plural nouns, verbs last and POST-only."""

from django.urls import path

from risk.views import (
    answers,
    assessments,
    erasures,
    incidents,
    losses,
    maturity,
    outside,
    oversight,
    reclassification,
    register,
    vendors,
    version_tab,
)

urlpatterns = [
    path("assessments/", assessments.assessments, name="assessments"),
    path("assessments/new/", assessments.assessment_new, name="assessment-new"),
    path("systems/<uuid:pk>/assess/", assessments.assessment_start, name="assessment-start"),
    path("systems/<uuid:pk>/assess/<slug:slug>/", assessments.assessment_start, name="assessment-start-as"),
    path("assessments/<uuid:pk>/", assessments.assessment, name="assessment"),
    path("assessments/<uuid:pk>/questions/<slug:question>/", answers.assessment_question, name="assessment-question"),
    path(
        "assessments/<uuid:pk>/questions/<slug:question>/comment/",
        answers.assessment_comment,
        name="assessment-comment",
    ),
    path(
        "assessments/<uuid:pk>/questions/<slug:question>/attach/", answers.assessment_attach, name="assessment-attach"
    ),
    path("assessments/<uuid:pk>/files/<uuid:file>/", answers.assessment_file, name="assessment-file"),
    path("assessments/<uuid:pk>/assign/", answers.assessment_assign, name="assessment-assign"),
    path("assessments/<uuid:pk>/upgrade/", answers.assessment_upgrade, name="assessment-upgrade"),
    path("assessments/<uuid:pk>/export/<slug:form>/", answers.assessment_export, name="assessment-export"),
    path("assessments/<uuid:pk>/answers/<slug:section>/", assessments.assessment_section, name="assessment-section"),
    path("assessments/<uuid:pk>/submit/", assessments.assessment_submit, name="assessment-submit"),
    path("assessments/<uuid:pk>/sign/", assessments.assessment_sign, name="assessment-sign"),
    path("assessments/<uuid:pk>/again/", assessments.assessment_again, name="assessment-again"),
    path("maturity/", maturity.maturity_assessments, name="maturity-assessments"),
    path("maturity/new/", maturity.maturity_new, name="maturity-new"),
    path("maturity/<uuid:pk>/", maturity.maturity_assessment, name="maturity-assessment"),
    path("maturity/<uuid:pk>/answers/", maturity.maturity_answers, name="maturity-answers"),
    path("maturity/<uuid:pk>/confirm/", maturity.maturity_confirm, name="maturity-confirm"),
    path("risks/", register.risks, name="risks"),
    path("risks/new/", register.risk_new, name="risk-new"),
    path("risks/losses/", losses.risk_losses, name="risk-losses"),
    path("oversight/", oversight.oversight, name="oversight"),
    path("warnings/<uuid:pk>/", oversight.component_matches, name="component-matches"),
    path("board/risk/", losses.board_risk, name="board-risk"),
    path("risks/<uuid:pk>/", register.risk, name="risk"),
    path("risks/<uuid:pk>/estimate/", register.risk_act, {"verb": "estimate"}, name="risk-estimate"),
    path("risks/<uuid:pk>/rate/", register.risk_act, {"verb": "rate"}, name="risk-rate"),
    path("risks/<uuid:pk>/treat/", register.risk_act, {"verb": "treat"}, name="risk-treat"),
    path("risks/<uuid:pk>/accept/", register.risk_act, {"verb": "accept"}, name="risk-accept"),
    path("risks/<uuid:pk>/close/", register.risk_act, {"verb": "close"}, name="risk-close"),
    path("risks/<uuid:pk>/reopen/", register.risk_act, {"verb": "reopen"}, name="risk-reopen"),
    path("treatments/<uuid:pk>/finish/", register.treatment_finish, name="treatment-finish"),
    path("incidents/", incidents.incidents, name="incidents"),
    path("incidents/new/", incidents.incident_new, name="incident-new"),
    path("systems/<uuid:pk>/report-incident/", incidents.incident_report, name="incident-report"),
    path("outside-reports/<uuid:pk>/take-up/", outside.report_take_up, name="report-take-up"),
    path("incidents/<uuid:pk>/", incidents.incident, name="incident"),
    path("incidents/<uuid:pk>/manage/", incidents.incident_act, {"verb": "manage"}, name="incident-manage"),
    path("incidents/<uuid:pk>/close/", incidents.incident_act, {"verb": "close"}, name="incident-close"),
    path("incidents/<uuid:pk>/reopen/", incidents.incident_act, {"verb": "reopen"}, name="incident-reopen"),
    path("datasets/<uuid:pk>/reclassify/", reclassification.dataset_reclassify, name="dataset-reclassify"),
    path("reclassifications/<uuid:pk>/", reclassification.reclassification, name="reclassification"),
    path("affected-versions/<uuid:pk>/", reclassification.affected_version, name="affected-version"),
    path(
        "affected-versions/<uuid:pk>/decide/", reclassification.affected_act, {"verb": "decide"}, name="affected-decide"
    ),
    path(
        "affected-versions/<uuid:pk>/finish/", reclassification.affected_act, {"verb": "finish"}, name="affected-finish"
    ),
    path("erasure-requests/<uuid:pk>/", erasures.erasure_request, name="erasure-request"),
    path("erasure-steps/<uuid:pk>/", erasures.erasure_step, name="erasure-step"),
    *(
        path(f"erasure-steps/<uuid:pk>/{verb}/", erasures.erasure_step_act, {"verb": verb}, name=f"erasure-step-{verb}")
        for verb in erasures.ACTS
    ),
    path("versions/<uuid:pk>/risks/", version_tab.version_risks, name="version-risks"),
    path("vendors/<uuid:pk>/assessments/", vendors.vendor_assessments, name="vendor-assessments"),
    path("vendors/<uuid:pk>/assess/", vendors.vendor_assess, name="vendor-assess"),
    path("vendor-assessments/<uuid:pk>/", vendors.vendor_assessment, name="vendor-assessment"),
    path("vendor-assessments/<uuid:pk>/answers/", vendors.vendor_assessment_answers, name="vendor-assessment-answers"),
    path("vendor-assessments/<uuid:pk>/submit/", vendors.vendor_assessment_submit, name="vendor-assessment-submit"),
    path("vendor-assessments/<uuid:pk>/decide/", vendors.vendor_assessment_decide, name="vendor-assessment-decide"),
]
