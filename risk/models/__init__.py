"""The tables of the risk app: assessments of systems and vendors; risks with treatments and acceptances; incidents."""

from risk.models.assessments import Answer, Assessment, AssessmentPart
from risk.models.incidents import Incident, IncidentNote
from risk.models.reclassification import AffectedVersion, Reclassification
from risk.models.register import Acceptance, Risk, Treatment
from risk.models.vendors import VendorAssessment

__all__ = [
    "Acceptance",
    "AffectedVersion",
    "Answer",
    "Assessment",
    "AssessmentPart",
    "Incident",
    "IncidentNote",
    "Reclassification",
    "Risk",
    "Treatment",
    "VendorAssessment",
]
