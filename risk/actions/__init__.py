"""Verbs: the only code of the risk app that changes state when people ask for it."""

from risk.actions.assessments import reassess, save_answers, start_assessment, submit_assessment
from risk.actions.collaboration import assign_section, attach_evidence, comment, upgrade
from risk.actions.incidents import (
    close_incident,
    is_concerned,
    manage_incident,
    may_close,
    may_manage,
    reopen_incident,
    report_incident,
)
from risk.actions.losses import estimate_loss
from risk.actions.reclassification import decide_affected, finish_affected, reclassify
from risk.actions.register import finish_treatment, rate_risk, register_risk, treat_risk
from risk.actions.responses import accept_risk, asked_for, close_risk, reopen_risk
from risk.actions.signing import approve_assessment, reject_assessment, require_independent, sign_action
from risk.actions.vendors import (
    answer_vendor_assessment,
    decide_vendor_assessment,
    start_vendor_assessment,
    submit_vendor_assessment,
)

__all__ = [
    "accept_risk",
    "answer_vendor_assessment",
    "approve_assessment",
    "asked_for",
    "assign_section",
    "attach_evidence",
    "close_incident",
    "close_risk",
    "comment",
    "decide_affected",
    "decide_vendor_assessment",
    "estimate_loss",
    "finish_affected",
    "finish_treatment",
    "is_concerned",
    "manage_incident",
    "may_close",
    "may_manage",
    "rate_risk",
    "reassess",
    "reclassify",
    "register_risk",
    "reject_assessment",
    "reopen_incident",
    "reopen_risk",
    "report_incident",
    "require_independent",
    "save_answers",
    "sign_action",
    "start_assessment",
    "start_vendor_assessment",
    "submit_assessment",
    "submit_vendor_assessment",
    "treat_risk",
    "upgrade",
]
