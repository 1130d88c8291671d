"""What a kind of register entry is, and the table of all kinds."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Final

from django.urls import reverse
from django.utils.translation import gettext, gettext_lazy as _

from registry.models.people import Duty

WAITING, WITHDRAWN, RECORDED, SUPERSEDED = "in_review", "withdrawn", "recorded", "superseded"
# Statuses that any kind may come to have; a file may give them words of its own.
EVERYWHERE: Final = {
    WAITING: _("In review"),
    WITHDRAWN: _("Withdrawn"),
    RECORDED: _("Recorded"),
    SUPERSEDED: _("Superseded"),
}
OVER: Final = frozenset({WITHDRAWN, SUPERSEDED, "retired"})


@dataclass(frozen=True)
class Field:
    """A field of a kind. `of` is the kind or table to which a row leads; a `stamped` one is set by a move alone."""

    name: str
    type: str
    label: str
    required: bool = False
    help: str = ""
    choices: Mapping[str, str] = field(default_factory=dict)
    of: str = ""
    stamped: bool = False

    @property
    def title(self) -> str:
        """The label in the reader's language."""
        return gettext(self.label)

    def offered(self) -> list[tuple[str, str]]:
        """Its values with their words."""
        if self.choices == DUTIES:
            return [(value, str(label)) for value, label in Duty.choices]
        return [(value, gettext(label)) for value, label in self.choices.items()]

    @property
    def is_row(self) -> bool:
        """It leads to one row or to several."""
        return self.type in {"row", "rows"}


DUTIES: Final[Mapping[str, str]] = {"duties": "duties"}


@dataclass(frozen=True)
class Move:
    """A step from some statuses to another. With `duties` it is taken by who holds one and did not write the entry.

    `page` is the name of the page on which it is taken, where a reason alone does not do.
    """

    name: str
    label: str
    said: str
    starts: tuple[str, ...]
    to: str
    duties: tuple[str, ...] = ()
    stamp: str = ""
    keeps_reason_in: str = ""
    workflow: str = ""
    page: str = ""


@dataclass(frozen=True)
class Approval:
    """Who approves an entry; `workflow` is the name under which frameworks ask for it."""

    duties: tuple[str, ...]
    distinct_from_author: bool = True
    workflow: str = ""


@dataclass(frozen=True)
class Due:
    """The date that reminds: what frameworks call it, its words, and whether it must be given."""

    name: str
    label: str
    required: bool = False


@dataclass(frozen=True)
class Kind:
    """A kind of entry, as its file describes it."""

    name: str
    group: str
    title: str
    one: str
    what: str
    about: tuple[str, ...]
    fields: Mapping[str, Field]
    statuses: Mapping[str, str]
    moves: Mapping[str, Move] = field(default_factory=dict)
    approve: Approval | None = None
    due: Due | None = None
    view: str = "model.view"
    below: bool = False
    named_by: tuple[str, ...] = ()
    acknowledged_in: str = ""
    settled_by: str = ""
    followed_at: str = ""
    writers: tuple[str, ...] = ()

    @property
    def url(self) -> str:
        """Its list."""
        return reverse("register", args=[self.name])

    @property
    def label(self) -> str:
        """What many are called."""
        return gettext(self.title)

    @property
    def begins(self) -> str:
        """The status of a new entry."""
        return next(iter(self.statuses), RECORDED)

    def word(self, status: str) -> str:
        """A status as people read it."""
        said = self.statuses.get(status)
        return gettext(said) if said else str(EVERYWHERE.get(status, status))

    @cached_property
    def typed(self) -> tuple[str, ...]:
        """The statuses that a person may give a new entry: none that an approval or a guarded move leads to."""
        if self.approve:
            return ()
        guarded = {move.to for move in self.moves.values() if move.duties or move.stamp}
        return tuple(status for status in self.statuses if status not in guarded)

    @property
    def is_edited_freely(self) -> bool:
        """Its status is changed with its other fields, since no verb leads from one to another."""
        return not self.moves and not self.approve

    @property
    def replaced(self) -> str:
        """What a revision becomes when the next one is approved."""
        return next((status for status in (SUPERSEDED, "retired") if status in self.statuses), SUPERSEDED)

    @property
    def retired(self) -> str:
        """What an entry becomes when it is taken out of use."""
        return next(
            (status for status in ("retired", SUPERSEDED) if status in self.statuses and self.approve), WITHDRAWN
        )

    def moves_from(self, status: str) -> list[Move]:
        """The steps that are open in a status."""
        return [move for move in self.moves.values() if status in move.starts]


TABLE: Final[dict[str, Kind]] = {}


def kinds() -> Mapping[str, Kind]:
    """Every kind of this installation, by name."""
    return TABLE


def kind_named(name: str) -> Kind:
    """A kind by its name."""
    return TABLE[name]
