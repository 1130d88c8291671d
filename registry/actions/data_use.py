"""Keeps the purpose for which data are linked, and takes it through the review of whether they serve the goal."""

from datetime import timedelta
from typing import Final

from django.utils import timezone
from django.utils.translation import gettext as _

from registry import access, separation
from registry.actions import work
from registry.actions.texts import required_text
from registry.audit import log
from registry.datasets.fitness import asks_approval
from registry.errors import BadInput, NotAllowed
from registry.models import AISystem, DatasetVersion, DataUse, Duty, LineageLink, Task, User
from registry.transactions import retried

F = DataUse.Fit
DAYS_TO_REVIEW: Final = 30


def begin_use(
    link: LineageLink, *, data: DatasetVersion, system: AISystem | None, purpose: str, actor: User
) -> DataUse:
    """Keep what the data are linked for; where the tier asks for it, somebody is asked whether they serve the goal."""
    told = required_text(purpose, field="purpose")
    use = DataUse(link=link, data=data, system=system, purpose=told, asked_by=actor)
    use.save()
    log.record(actor, "data_use.begun", use)
    if system is not None and asks_approval(system):
        ask_review(use, actor=actor)
    return use


def ask_review(use: DataUse, *, actor: User | None) -> None:
    """A task for the steward, or for the risk officers where the steward made the link."""
    steward = use.data.dataset.steward
    whom = {"duty": Duty.RISK_OFFICER} if steward.pk == use.asked_by_id else {"person": steward}
    work.open_task(
        use, kind=Task.Kind.REVIEW_FIT, system=use.system, url=use.get_absolute_url(), actor=actor,
        due_on=timezone.localdate() + timedelta(days=DAYS_TO_REVIEW), **whom,  # type: ignore[arg-type]
    )  # fmt: skip


def may_review(use: DataUse, person: User) -> bool:
    """The steward of the data, or who decides on what systems of the unit may use; never who made the link."""
    return any(
        access.allowed(person, action, obj) and separation.are_apart(person, {use.asked_by_id}, action=action, obj=obj)
        for action, obj in ((access.DATASET_UPLOAD, use.data), (access.CATALOGUE_DECIDE, use))
    )


@retried
def review_fit(use: DataUse, *, fit: str, reason: str, actor: User) -> DataUse:
    """Say whether the data serve the goal, and why; it holds for the purpose and the goal of today."""
    use = locked(use)
    if not may_review(use, actor):
        raise NotAllowed(_("The steward of the data or a risk officer reviews this, and not who made the link."))
    if fit not in {F.FITS, F.UNFIT}:
        raise BadInput(_("Say whether the data serve the goal or do not."), field="fit")
    use.fit, use.reason, use.goal = fit, required_text(reason), use.goal_now
    use.reviewed_by, use.reviewed_at = actor, timezone.now()
    use.save()
    log.record(actor, "data_use.reviewed", use, reason=use.reason)
    work.close_tasks(use, actor=actor, kind=Task.Kind.REVIEW_FIT)
    return use


@retried
def change_purpose(use: DataUse, *, purpose: str, reason: str, actor: User) -> DataUse:
    """Use linked data for another purpose; what was reviewed before is asked again."""
    access.require(actor, access.LINEAGE_EDIT, use.system or use)
    told, why = required_text(purpose, field="purpose"), required_text(reason)
    use = locked(use)
    use.purpose, use.asked_by = told, actor
    use.save()
    log.record(actor, "data_use.purpose_changed", use, reason=why)
    if use.is_stale:
        ask_review(use, actor=actor)
    return use


def locked(use: DataUse) -> DataUse:
    """The row as it is now, held until the transaction ends."""
    return DataUse.objects.select_for_update(of=("self",)).get(pk=use.pk)


def ask_again(system: AISystem, *, actor: User) -> None:
    """The goal of a system changed: every review of fit for the goal of before is asked anew."""
    for use in DataUse.objects.filter(system=system).exclude(fit=F.OPEN).select_related("data__dataset__steward"):
        if use.is_stale:
            ask_review(use, actor=actor)
