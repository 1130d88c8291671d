"""Steps of stories about ends: a plan, a checklist that is worked through, and a version that may be retired."""

from registry.actions import retirement
from registry.models import ModelVersion, PlanItem, RetirementPlan
from registry.retirement import readiness
from tests.factories import Cast

TEXTS = {
    "reason": "A newer model does the same with fewer errors.",
    "plan": "Traffic moves in two steps within a week; the old endpoint is then closed.",
    "user_communication": "Each user is told by mail and in the weekly round.",
    "data_disposition": "Training data stay two years, caches are deleted on the day.",
}
SHOWN = "Ticket OPS-17 lists every key that was revoked."


def planned(cast: Cast, version: ModelVersion) -> RetirementPlan:
    """A plan by the owner."""
    return retirement.write_plan(version, actor=cast.owner, **TEXTS)


def done(cast: Cast, version: ModelVersion, key: str) -> PlanItem:
    """A line that the owner did and nobody signed."""
    return retirement.do_line(version, key=key, evidence=SHOWN, actor=cast.owner)


def ready(cast: Cast, version: ModelVersion) -> None:
    """A plan, and every open line done by the owner and signed by the risk officer."""
    planned(cast, version)
    for each in readiness.checklist(version):
        if not each.is_closed:
            retirement.sign_line(done(cast, version, each.line.id), actor=cast.risk_officer)


def vendor_list(version: ModelVersion, day: str = "2027-03-31") -> bytes:
    """A vendor's list that ends the provider's model of this name, as a CSV."""
    head = "provider,model,retirement_date,source,quotation\n"
    says = f'"The model {version.model.name} is switched off on {day}."'
    return f'{head}{version.provider},"{version.model.name}",{day},https://vendor.example/ends,{says}\n'.encode()
