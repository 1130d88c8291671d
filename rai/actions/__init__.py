"""Verbs: the only code of this app that changes state when people ask for it."""

from rai.actions.checks import cancel_check, request_check, upload_parts, upload_predictions, withdraw_evidence
from rai.actions.limits import approve_baseline, propose_baseline, supersede_baseline
from rai.actions.plans import (
    add_planned_check,
    answer_alarm,
    approve_plan,
    draft_plan,
    edit_plan,
    propose_plan,
    record_guidance,
    record_retraining,
    remove_planned_check,
    run_plan,
)
from rai.actions.reported import report_figures
from rai.actions.supply import keep_supply_file

__all__ = [
    "add_planned_check",
    "answer_alarm",
    "approve_baseline",
    "approve_plan",
    "cancel_check",
    "draft_plan",
    "edit_plan",
    "keep_supply_file",
    "propose_baseline",
    "propose_plan",
    "record_guidance",
    "record_retraining",
    "remove_planned_check",
    "report_figures",
    "request_check",
    "run_plan",
    "supersede_baseline",
    "upload_parts",
    "upload_predictions",
    "withdraw_evidence",
]
