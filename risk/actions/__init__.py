"""Verbs: the only code of the risk app that changes state when people ask for it."""

from risk.actions.assessments import reassess, save_answers, start_assessment, submit_assessment
from risk.actions.register import finish_treatment, rate_risk, register_risk, treat_risk
from risk.actions.responses import accept_risk, asked_for, close_risk, reopen_risk
from risk.actions.signing import approve_assessment, reject_assessment, require_independent

__all__ = [
    "accept_risk",
    "approve_assessment",
    "asked_for",
    "close_risk",
    "finish_treatment",
    "rate_risk",
    "reassess",
    "register_risk",
    "reject_assessment",
    "reopen_risk",
    "require_independent",
    "save_answers",
    "start_assessment",
    "submit_assessment",
    "treat_risk",
]
