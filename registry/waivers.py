"""What waivers do to gates: which may be waived by the policy, and which waiver carries a closed gate today."""

from typing import Any

from django.utils.formats import date_format
from django.utils.translation import gettext as _

from registry import policy
from registry.material import material
from registry.models import Release, Waiver


def is_waivable(release: Release, gate: str) -> bool:
    """The policy of the release lets this gate be waived."""
    return gate in policy.of_release(release).waivable


def covering(release: Release, gate: str, check: str = "") -> Waiver | None:
    """The waiver in force that carries the gate, or one check of it, for this release; None when there is none.

    A waiver is about a version in its home system: a release for another system is not carried by it.
    """
    if release.system_id != release.version.model.system_id or not is_waivable(release, gate):
        return None
    rows = Waiver.objects.in_force().filter(version=release.version_id, gate=gate, check_name=check)
    return rows.select_related("owner", "accepted_by").order_by("-expires_on").first()


def sentence(waiver: Waiver) -> str:
    """The reason of a waived gate, with owner and end."""
    return _("Waived until %(day)s: %(reason)s Owner: %(owner)s; accepted by %(person)s.") % {
        "day": date_format(waiver.expires_on), "reason": ended_with_a_stop(waiver.reason), "owner": waiver.owner,
        "person": waiver.accepted_by,
    }  # fmt: skip


def ended_with_a_stop(text: str) -> str:
    """A sentence that people typed, with a stop at its end."""
    return text if text.endswith((".", "!", "?", "。")) else f"{text}."


@material("waivers")
def accepted(release: Release) -> Any:
    """The accepted waivers that nobody has ended; none reads as nothing, as before there were any.

    The day on which one expires changes nothing here: the gate turns red by itself. Nor does one that is accepted
    after the publication, on which nobody has decided yet.
    """
    if release.system_id != release.version.model.system_id:
        return None
    rows = Waiver.objects.accepted().filter(version=release.version_id).order_by("pk")
    if release.status == Release.Status.PUBLISHED and release.published_at:
        rows = rows.filter(accepted_at__lte=release.published_at)
    return [
        {"id": str(row.pk), "waives": row.control_ref, "until": row.expires_on.isoformat(), "reason": row.reason,
         "instead": row.compensating_controls, "owner": str(row.owner_id), "accepted_by": str(row.accepted_by_id)}
        for row in rows
    ] or None  # fmt: skip
