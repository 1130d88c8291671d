"""The tables of the risk app: assessments with parts and answers; risks with treatments and acceptances; incidents."""

from risk.models.assessments import Answer, Assessment, AssessmentPart
from risk.models.incidents import Incident, IncidentNote
from risk.models.register import Acceptance, Risk, Treatment

__all__ = [
    "Acceptance",
    "Answer",
    "Assessment",
    "AssessmentPart",
    "Incident",
    "IncidentNote",
    "Risk",
    "Treatment",
]
