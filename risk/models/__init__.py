"""The tables of the risk app: assessments with their parts and answers; risks with treatments and acceptances."""

from risk.models.assessments import Answer, Assessment, AssessmentPart
from risk.models.register import Acceptance, Risk, Treatment

__all__ = ["Acceptance", "Answer", "Assessment", "AssessmentPart", "Risk", "Treatment"]
