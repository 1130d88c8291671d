"""Verbs: the only code of the risk app that changes state when people ask for it."""

from risk.actions.assessments import reassess, save_answers, start_assessment, submit_assessment
from risk.actions.incidents import (
    close_incident,
    is_concerned,
    manage_incident,
    may_close,
    may_manage,
    reopen_incident,
    report_incident,
)
from risk.actions.register import finish_treatment, rate_risk, register_risk, treat_risk
from risk.actions.responses import accept_risk, asked_for, close_risk, reopen_risk
from risk.actions.signing import approve_assessment, reject_assessment, require_independent

__all__ = [
    "accept_risk",
    "approve_assessment",
    "asked_for",
    "close_incident",
    "close_risk",
    "finish_treatment",
    "is_concerned",
    "manage_incident",
    "may_close",
    "may_manage",
    "rate_risk",
    "reassess",
    "register_risk",
    "reject_assessment",
    "reopen_incident",
    "reopen_risk",
    "report_incident",
    "require_independent",
    "save_answers",
    "start_assessment",
    "submit_assessment",
    "treat_risk",
]
