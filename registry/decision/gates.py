"""The gate of conditions: an approval with conditions is worth what becomes of them."""

from django.utils.formats import date_format
from django.utils.translation import gettext as _, gettext_lazy, ngettext

from registry import moment, policy
from registry.gates import GateResult, gate
from registry.models import Condition, Release


@gate("conditions", gettext_lazy("Conditions of the approval are kept"))
def conditions_kept(release: Release) -> GateResult:
    """None is overdue; and once the release is approved, all are verified, unless its policy lets that wait."""
    found = [] if release._state.adding else list(Condition.objects.filter(review__release=release))
    unmet = [one for one in found if one.is_unmet]
    late = next((one for one in unmet if one.due_on < moment.today()), None)
    if late is not None:
        return GateResult.failed(
            _("“%(condition)s” was due on %(day)s and nobody has verified it. It is up to %(owner)s.")
            % {"condition": late, "day": date_format(late.due_on), "owner": late.owner},
            late.get_absolute_url(),
        )
    if unmet and release.status == Release.Status.APPROVED and not may_wait(release):
        return GateResult.failed(
            _("“%(condition)s” must be met and verified before the publication. It is up to %(owner)s.")
            % {"condition": unmet[0], "owner": unmet[0].owner},
            unmet[0].get_absolute_url(),
        )
    if unmet:
        return GateResult.passed(
            ngettext("One is open and in time.", "%(count)d are open and in time.", len(unmet))
            % {"count": len(unmet)}, unmet[0].get_absolute_url(),
        )  # fmt: skip
    return GateResult.passed(_("All are verified.") if found else _("The approval has none."))


def may_wait(release: Release) -> bool:
    """The policy lets a release be published while conditions of its approval are open."""
    return bool(policy.of_release(release).approval_conditions["publish_open"])
