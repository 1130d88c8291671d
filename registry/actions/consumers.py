"""Who uses a version: entered by hand or found in releases and endpoints, asked to acknowledge its end, and left out again."""

from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from registry import access
from registry.actions import work
from registry.audit import log
from registry.errors import BadInput, NotAllowed
from registry.models import (
    AISystem,
    BusinessUnit,
    Consumer,
    Deployment,
    ModelVersion,
    Release,
    RetirementNotice,
    Task,
    User,
)
from registry.transactions import retried

LEAST = 10


@retried
def register_consumer(
    version: ModelVersion, *, actor: User, person: User | None = None, of_unit: BusinessUnit | None = None,
    system: AISystem | None = None, use: str = "",
) -> Consumer:  # fmt: skip
    """Enter who uses a version: oneself, or, for those who may plan its end, a person, a unit or a system."""
    is_oneself = person is not None and person.pk == actor.pk and system is None
    access.require(actor, access.MODEL_VIEW if is_oneself else access.MODEL_RETIRE_REQUEST, version)
    if person is None and system is None:
        raise BadInput(_("Name a person or a system that uses it."), field="person")
    if system is not None and (person is not None or of_unit is not None):
        raise BadInput(
            _("Name a system, or a person with the unit for which he or she speaks; not both."), field="system"
        )
    if system is not None and system.pk == version.home_system.pk:
        raise BadInput(_("It is at home in this system, which needs no line of its own."), field="system")
    same = Consumer.objects.standing().filter(version=version, system=system, of_unit=of_unit)
    if (same.filter(person=person) if of_unit is None else same).exists():
        raise BadInput(_("This use is entered already."), field="person" if system is None else "system")
    return entered(
        Consumer(version=version, person=person, of_unit=of_unit, system=system, use=use.strip()), actor=actor
    )


def entered(row: Consumer, *, actor: Any) -> Consumer:
    """Save and record a use; whoever answers for it is asked at once where the end has a date already."""
    row.save()
    log.record(actor, "consumer.registered", row)
    end = row.version.retirement_date
    if end is not None and RetirementNotice.objects.filter(version=row.version, retirement_date=end).exists():
        ask(row, actor=actor)
    return row


def enter_known(version: ModelVersion, *, actor: Any) -> list[Consumer]:
    """Enter the systems that the registry itself knows to use a version, each once; those that left stay away."""
    entered_already = Consumer.objects.filter(version=version, system__isnull=False).values("system")
    known = AISystem.objects.filter(pk__in=known_systems(version)).exclude(pk__in=entered_already)
    return [
        entered(Consumer(version=version, system=system, use=_("has a release or an endpoint of it")), actor=actor)
        for system in known
    ]


def known_systems(version: ModelVersion) -> set[Any]:
    """Other systems with a release of the version, or that run at an address at which it serves."""
    releases = Release.objects.filter(version=version).exclude(status=Release.Status.WITHDRAWN)
    serving = Deployment.objects.running().filter(release__version=version).exclude(endpoint="").values("endpoint")
    beside = Deployment.objects.running().filter(endpoint__in=serving)
    found = {*releases.values_list("system", flat=True), *beside.values_list("release__system", flat=True)}
    return found - {version.home_system.pk}


def ask(row: Consumer, *, actor: Any) -> Task:
    """A task for whoever answers for the use: read of the end and say what is done about it."""
    return work.open_task(
        row, kind=Task.Kind.ACKNOWLEDGE_END, system=row.home_system, url=row.get_absolute_url(), person=row.answers,
        due_on=row.version.retirement_date, actor=actor,
    )  # fmt: skip


@retried
def acknowledge_end(consumer: Consumer, *, answer: str, actor: User) -> Consumer:
    """Say that one knows of the end, and what one does about it; only whoever answers for the use can."""
    consumer = locked(consumer)
    require_answers(consumer, actor)
    if consumer.version.retirement_date is None:
        raise NotAllowed(_("%s has no retirement date, so there is nothing to acknowledge yet.") % consumer.version)
    if len(answer.strip()) < LEAST:
        raise BadInput(_("Say in at least %d characters what you do about it.") % LEAST, field="answer")
    consumer.acknowledged_by, consumer.acknowledged_at = actor, timezone.now()
    consumer.acknowledged_date, consumer.answer = consumer.version.retirement_date, answer.strip()
    consumer.save()
    log.record(actor, "consumer.acknowledged", consumer, reason=consumer.answer)
    work.close_tasks(consumer, actor=actor)
    return consumer


@retried
def end_use(consumer: Consumer, *, actor: User) -> Consumer:
    """Say that it is used no more; by whoever answers for the use, or whoever may plan the end."""
    consumer = locked(consumer)
    if not consumer.is_answered_by(actor):
        access.require(actor, access.MODEL_RETIRE_REQUEST, consumer.version)
    consumer.ended_at = timezone.now()
    consumer.save()
    log.record(actor, "consumer.ended", consumer)
    work.close_tasks(consumer, actor=actor)
    return consumer


def locked(consumer: Consumer) -> Consumer:
    """The row as it is now, held until the transaction ends; refused when it has ended already."""
    rows = Consumer.objects.select_for_update(of=("self",)).select_related("version__model__system__unit", "system")
    row = rows.get(pk=consumer.pk)
    if row.ended_at is not None:
        raise NotAllowed(_("%s uses it no more.") % row.name)
    return row


def require_answers(consumer: Consumer, person: User) -> None:
    """Nobody acknowledges in another's name."""
    if not consumer.is_answered_by(person):
        raise NotAllowed(_("%s answers for this use; nobody else acknowledges for him or her.") % consumer.answers)


def unaware(version: ModelVersion) -> list[Consumer]:
    """Who uses it and has not acknowledged its end."""
    rows = Consumer.objects.standing().filter(version=version).select_related("version", "person", "system", "of_unit")
    return [row for row in rows if not row.has_acknowledged]
