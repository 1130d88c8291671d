"""The condition by which a policy asks for an entry of a register: a budget for training, a drill, a plan."""

from datetime import timedelta

from django.db.models import Q
from django.utils.translation import gettext as _, gettext_lazy

from registry import moment
from registry.gate_results import GateResult
from registry.models import RegisterEntry
from registry.policies.conditions import Asked, Case, condition
from registry.policies.schema import DAYS
from registry.registers.kinds import kind_named, kinds

VALUES = {"type": "object", "additionalProperties": {"type": ["string", "boolean", "number"]}}


@condition(
    "entry", gettext_lazy("Entry of a register is there"), value={"enum": sorted(kinds())},
    more={"fields": VALUES, "within_days": DAYS},
)  # fmt: skip
def entry_there(case: Case, asked: Asked) -> GateResult:
    """An entry of the kind about the system or the version stands, in force where the kind is approved."""
    kind, wanted = kind_named(asked["entry"]), asked.get("fields", {})
    rows = RegisterEntry.objects.filter(kind=kind.name, **{f"fields__{name}": wanted[name] for name in wanted})
    rows = rows.standing().filter(Q(system=case.system) | Q(model_version=case.version, model_version__isnull=False))
    if kind.approve is not None:
        rows = rows.filter(status="approved")
    if "within_days" in asked:
        rows = rows.filter(created_at__gte=moment.now() - timedelta(days=asked["within_days"]))
    found = rows.order_by("-created_at").first()
    if found is not None:
        return GateResult.passed(str(found), found.get_absolute_url())
    said = ", ".join(f"{name}: {value}" for name, value in wanted.items())
    return GateResult.insufficient(
        _("Nothing that stands in the register “%(register)s” is about the system (%(fields)s). Enter it.")
        % {"register": kind.label, "fields": said or _("of any content")},
        kind.url,
    )
