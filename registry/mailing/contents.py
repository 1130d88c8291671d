"""What stands in a person's mail of a day, in his or her language; nothing but titles, days and links."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Final

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.db.models import Exists, F, OuterRef
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.translation import gettext as _, override

from registry.models import DailyMail, Reminder, Task, User

MOST: Final = 50
NEW: Final = timedelta(days=7)  # what was handed up counts as new for so long where no mail was ever sent
MONDAY: Final = 0


@dataclass(frozen=True)
class Contents:
    """The tasks of a mail: handed up, overdue, due soon."""

    handed_up: tuple[Task, ...]
    overdue: tuple[Task, ...]
    due: tuple[Task, ...]

    @property
    def is_empty(self) -> bool:
        """There is nothing to tell."""
        return not (self.handed_up or self.overdue or self.due)

    @property
    def count(self) -> int:
        """How many tasks it names."""
        return len(self.handed_up) + len(self.overdue) + len(self.due)


def of_person(person: User, today: date) -> Contents:
    """What the person is told on a day, as he or she wishes: all, on Mondays all, or only what was handed up anew."""
    mine = Task.objects.visible_to(person).waiting().select_related("system")
    handed_up = mine.filter(kind=Task.Kind.ESCALATED)
    if not wants_all(person, today):
        handed_up = handed_up.filter(created_at__gt=last_told(person))
        return Contents(tuple(handed_up[:MOST]), (), ())
    begun = Reminder.objects.filter(task=OuterRef("pk"), due_on=OuterRef("due_on"))
    told = mine.exclude(kind=Task.Kind.ESCALATED).filter(Exists(begun)).order_by(F("due_on"), "created_at")
    return Contents(
        tuple(handed_up[:MOST]),
        tuple(told.filter(due_on__lt=today)[:MOST]),
        tuple(told.filter(due_on__gte=today)[:MOST]),
    )


def wants_all(person: User, today: date) -> bool:
    """Today is a day on which the person wants to be told of everything."""
    return person.mail == User.Mail.DAILY or (person.mail == User.Mail.WEEKLY and today.weekday() == MONDAY)


def last_told(person: User) -> Any:
    """When the last mail went out; a week ago where none did."""
    sent = DailyMail.objects.filter(person=person, sent_at__isnull=False, tries__gt=0).order_by("-day").first()
    return sent.sent_at if sent else timezone.now() - NEW


def letter(person: User, found: Contents) -> EmailMultiAlternatives:
    """The message in the person's language, as plain text with the same as HTML."""
    with override(person.language):
        context = {"found": found, "origin": origin(), "installation": settings.INSTALLATION_NAME, "person": person}
        subject = _("%(installation)s: %(count)d tasks wait for you") % {
            "installation": settings.INSTALLATION_NAME, "count": found.count,
        }  # fmt: skip
        message = EmailMultiAlternatives(
            subject, render_to_string("registry/mail/digest.txt", context), None, [person.email]
        )
        message.attach_alternative(render_to_string("registry/mail/digest.html", context), "text/html")
    return message


def origin() -> str:
    """The address under which the registry is opened, as it is configured; never one that a request named."""
    named: list[str] = [settings.PUBLIC_URL, *settings.CSRF_TRUSTED_ORIGINS]
    found = next((url for url in named if url and "*" not in url), "") or f"http://{settings.ALLOWED_HOSTS[0]}"
    return found.rstrip("/")
