"""The addresses of checks: uploads, runs, evidence and limits."""

from django.urls import path

from rai.views import (
    alarms,
    baselines,
    checks,
    endings,
    evidence,
    guidance,
    plans,
    predictions,
    retraining,
    rows,
    versions,
)

urlpatterns = [
    path("versions/<uuid:pk>/evidence/", versions.version_evidence, name="version-evidence"),
    path("versions/<uuid:pk>/predictions/", predictions.predictions_upload, name="predictions-upload"),
    path("versions/<uuid:pk>/checks/", checks.check_request, name="check-request"),
    path("predictions/<uuid:pk>/", predictions.predictions, name="predictions"),
    path("predictions/<uuid:pk>/file/", rows.predictions_file, name="predictions-file"),
    path("checks/", checks.checks, name="checks"),
    path("checks/<uuid:pk>/", checks.check, name="check"),
    path("checks/<uuid:pk>/cancel/", checks.check_cancel, name="check-cancel"),
    path("checks/<uuid:pk>/chart.svg", checks.check_chart, name="check-chart"),
    path("checks/<uuid:pk>/figures.csv", checks.check_figures, name="check-figures"),
    path("evidence/<uuid:pk>/", evidence.evidence, name="evidence"),
    path("evidence/<uuid:pk>/outcome.json", evidence.evidence_outcome, name="evidence-outcome"),
    path("evidence/<uuid:pk>/withdraw/", evidence.evidence_withdraw, name="evidence-withdraw"),
    path("checks/<uuid:pk>/alarm/", alarms.alarm_answer, name="alarm-answer"),
    path("evidence/", endings.evidence_list, name="evidence-list"),
    path("systems/<uuid:pk>/plans/", plans.plans, name="plans"),
    path("plans/<uuid:pk>/", plans.plan, name="plan"),
    path("plans/<uuid:pk>/edit/", plans.plan_edit, name="plan-edit"),
    path("plans/<uuid:pk>/checks/", plans.plan_check, name="plan-check"),
    path("plans/<uuid:pk>/checks/remove/", plans.plan_check_remove, name="plan-check-remove"),
    path("plans/<uuid:pk>/metrics/", guidance.plan_guidance, name="plan-guidance"),
    path("plans/<uuid:pk>/retraining/", retraining.plan_retraining, name="plan-retraining"),
    path("plans/<uuid:pk>/propose/", plans.plan_propose, name="plan-propose"),
    path("plans/<uuid:pk>/approve/", plans.plan_approve, name="plan-approve"),
    path("plans/<uuid:pk>/run/", plans.plan_run, name="plan-run"),
    path("systems/<uuid:pk>/limits/", baselines.baselines, name="baselines"),
    path("limits/<uuid:pk>/approve/", baselines.baseline_approve, name="baseline-approve"),
    path("limits/<uuid:pk>/supersede/", baselines.baseline_supersede, name="baseline-supersede"),
]
