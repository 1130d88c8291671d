"""My work, the first screen: what waits for the reader, what ends soon and what changed on what he or she owns."""

from datetime import timedelta
from typing import Any, Final

from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from registry import access
from registry.models import (
    AISystem,
    AuditEntry,
    BodyErasure,
    Delegation,
    Evidence,
    ModelVersion,
    RoleAssignment,
    Task,
    User,
    VersionStatus,
)
from registry.models.evidence import SOON

AHEAD: Final = timedelta(days=90)
SHOWN: Final = 12


def home(request: HttpRequest) -> HttpResponse:
    """My work; on an installation without systems, the three first steps."""
    person = request.user
    systems = AISystem.objects.visible_to(person)
    if not has_begun(person):
        steps = first_steps(person) | {"confirmations": confirmations(person), "deputies": deputies(person),
                                      "erasures": erasures(person)}  # fmt: skip
        return render(request, "registry/first_steps.html", steps)
    own = systems.filter(Q(business_owner=person) | Q(technical_owner=person))
    return render(
        request,
        "registry/work.html",
        {
            "tasks": Task.objects.visible_to(person).waiting().select_related("system")[:SHOWN],
            "confirmations": confirmations(person),
            "deputies": deputies(person),
            "erasures": erasures(person),
            "own_systems": own.select_related("unit")[:SHOWN],
            "ending": ending(person),
            "evidence": running_out(person),
            "changes": changes(person, own),
        },
    )


def confirmations(person: Any) -> Any:
    """Powerful duties that wait for this person's agreement; the rows themselves, so that none is left over."""
    waiting = RoleAssignment.objects.to_confirm(person)
    return waiting.select_related("person", "unit", "system", "granted_by").order_by("created_at")[:SHOWN]


def deputies(person: Any) -> Any:
    """Delegations of powerful duties that wait for this person's agreement."""
    return Delegation.objects.to_confirm(person).select_related("from_person", "to_person", "unit", "system")[:SHOWN]


def erasures(person: Any) -> Any:
    """Requests to erase a text that wait for this person as the second."""
    return BodyErasure.objects.to_confirm(person).select_related("unit", "requested_by").order_by("created_at")[:SHOWN]


def has_begun(person: Any) -> bool:
    """The reader's units have a version; for an administrator, who sees none, the installation has one."""
    rows = ModelVersion.objects
    return rows.visible_to(person).exists() or (access.is_administrator(person) and rows.all().exists())


def first_steps(person: Any) -> dict[str, Any]:
    """What of the first steps is done and what this person may do."""
    return {
        "others": User.objects.visible_to(person).exclude(pk=person.pk).count(),
        "system": AISystem.objects.visible_to(person).first(),
        "may_invite": access.is_administrator(person),
        "may_register": access.may_anywhere(person, access.MODEL_CREATE),
    }


def ending(person: Any) -> Any:
    """Versions whose retirement comes within the quarter or is over already."""
    until = timezone.localdate() + AHEAD
    rows = ModelVersion.objects.visible_to(person).retiring_before(until)
    return rows.select_related("model__system").order_by("retirement_date")[:SHOWN]


def running_out(person: Any) -> Any:
    """Evidence that the person can renew and that ends within thirty days, or has ended."""
    rows = Evidence.objects.renewable_by(person).ending_before(timezone.now() + SOON)
    over = (VersionStatus.REJECTED, VersionStatus.RETIRED)
    return rows.exclude(version__status__in=over).select_related("version__model").order_by("valid_until")[:SHOWN]


def changes(person: Any, own: Any) -> Any:
    """The latest entries of the log about the systems that the person owns, and their versions."""
    versions = ModelVersion.objects.filter(model__system__in=own)
    entries = AuditEntry.objects.filter(Q(about_id__in=own.values("pk")) | Q(about_id__in=versions.values("pk")))
    return entries.select_related("actor").order_by("-seq")[:SHOWN]
