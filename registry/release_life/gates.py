"""The gates whose answer can turn after an approval: it has an end, and a later run can speak against the release."""

from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext as _, gettext_lazy

from registry.gates import GateResult, gate
from registry.models import LaterRun, Release

APPROVAL = "approval"


@gate(APPROVAL, gettext_lazy("The approval holds"), lasting=True)
def approval_holds(release: Release) -> GateResult:
    """What is approved or published has an approval whose last day is not past; what is in review gets a new one."""
    if release.status not in {Release.Status.APPROVED, Release.Status.PUBLISHED}:
        return GateResult.passed(_("An approval is asked for."))
    place = reverse("release", args=[release.pk])
    if release.approval_ends_on is None:
        return GateResult.passed(_("The policy sets no end."), place)
    facts = {"day": date_format(release.approval_ends_on)}
    if release.approval_has_ended:
        return GateResult.failed(_("The approval ended on %(day)s. Ask for its renewal.") % facts, place)
    return GateResult.passed(_("It holds until %(day)s.") % facts, place)


@gate("later-runs", gettext_lazy("No later run speaks against it"), lasting=True)
def later_runs_allow(release: Release) -> GateResult:
    """No run that failed after the release was frozen is undecided, to be retrained for, or accepted for too long."""
    if release._state.adding:
        return GateResult.passed(_("Nothing is frozen yet; every run counts."))
    found = LaterRun.objects.against(release).select_related("evidence").first()
    if found is None:
        return GateResult.passed(_("None that failed stands undecided."))
    facts = {"check": found.evidence.check_slug, "day": date_format(found.created_at)}
    said = _("A later run of “%(check)s” failed on %(day)s, and nobody has decided what follows.")
    if found.choice == LaterRun.Choice.ACCEPT:
        said = _("A later run of “%(check)s” failed on %(day)s; the time for which that was accepted is over.")
    elif found.choice:
        said = _("A later run of “%(check)s” failed on %(day)s; it is to be mended first.")
    return GateResult.failed(said % facts, found.get_absolute_url(), evidence=found.evidence.get_absolute_url())
