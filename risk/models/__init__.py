"""The tables of the risk app: assessments of systems and vendors; risks with treatments and acceptances; incidents."""

from risk.models.assessments import Answer, Assessment, AssessmentComment, AssessmentPart, SectionAssignment
from risk.models.erasures import ErasureStep
from risk.models.incidents import Incident, IncidentNote, Suspension
from risk.models.maturity import AdoptionStage, MaturityAssessment
from risk.models.reclassification import AffectedVersion, Reclassification
from risk.models.register import Acceptance, LossRange, Risk, Treatment
from risk.models.vendors import VendorAssessment

__all__ = [
    "Acceptance",
    "AdoptionStage",
    "AffectedVersion",
    "Answer",
    "Assessment",
    "AssessmentComment",
    "AssessmentPart",
    "ErasureStep",
    "Incident",
    "IncidentNote",
    "LossRange",
    "MaturityAssessment",
    "Reclassification",
    "Risk",
    "SectionAssignment",
    "Suspension",
    "Treatment",
    "VendorAssessment",
]
