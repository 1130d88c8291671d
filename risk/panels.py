"""What risk shows beside a decision: the open risks, the worst first, and how the privacy assessment stands."""

from django.utils.translation import gettext as _, gettext_lazy

from registry.decision.panels import Dossier, Line, panel
from risk.catalogue import LEVELS
from risk.gates import PIA
from risk.models import Risk


@panel("open-risks", gettext_lazy("Open risks"), empty=gettext_lazy("No risk of the system is open."))
def open_risks(dossier: Dossier) -> list[Line]:
    """Risks that are not closed, by what is left of them after treatment."""
    rows = sorted(
        Risk.objects.live().filter(system=dossier.release.system),
        key=lambda row: (-LEVELS.index(row.residual_level), row.created_at),
    )
    return [
        Line(str(row), row.get_absolute_url(), aside=_("%(level)s, %(status)s") % {
            "level": row.get_residual_level_display(), "status": row.get_status_display().lower(),
        }) for row in rows
    ]  # fmt: skip


@panel("pia", gettext_lazy("Privacy impact assessment"), empty="")
def privacy(dossier: Dossier) -> list[Line]:
    """What its gate says among the answers that the page has already."""
    answers = [answer for answer in dossier.gates if answer.slug == PIA]
    return [Line(answer.reason, answer.place, answer.result) for answer in answers]
