"""What may be done to an entry: the verbs of its kind, each sent to an address of its own."""

from functools import partial
from typing import Final

from django.urls import reverse
from django.utils.translation import gettext as _, gettext_lazy

from registry import access
from registry.actions import register_approval, register_files, registers as actions
from registry.forms.acts import ActForm, ReasonForm
from registry.models import RegisterEntry, User
from registry.registers import acceptance, rights
from registry.registers.forms import FileForm
from registry.registers.kinds import WAITING, Move
from registry.views.supply.acts import Act, Verb

VERBS: Final = {
    "submit": Verb(
        register_approval.submit_entry, gettext_lazy("Submit for approval"),
        gettext_lazy("Submitted. Whoever may approve it has a task."), ActForm,
    ),
    "approve": Verb(register_approval.approve_entry, gettext_lazy("Approve"), gettext_lazy("Approved. It is in force.")),
    "send-back": Verb(
        register_approval.send_back_entry, gettext_lazy("Send back"), gettext_lazy("Sent back; its author reads why.")
    ),
    "attach": Verb(
        register_files.attach_file, gettext_lazy("Attach a file"), gettext_lazy("The file is kept."), FileForm
    ),
    "withdraw": Verb(
        actions.withdraw_entry, gettext_lazy("Take out of use"), gettext_lazy("It is out of use."), danger=True
    ),
    "accept": Verb(
        actions.accept_entry, gettext_lazy("I have read it and accept it"), gettext_lazy("Kept: you accept it."), ActForm
    ),
}  # fmt: skip


def offered_to(row: RegisterEntry, person: User, **sent: ActForm) -> list[Act]:
    """The verbs and moves that are open to a person now, with empty forms; `sent` are those that were refused."""
    names = open_verbs(row, person)
    found = [act(row, name, VERBS[name], reverse(f"entry-{name}", args=[row.pk]), sent) for name in names]
    moves = [
        act(row, move.name, verb_of(move), reverse("entry-move", args=[row.pk, move.name]), sent)
        for move in row.of.moves_from(row.status)
        if not move.page and may_move(row, move, person)
    ]
    is_last = bool(found) and found[-1].danger
    return [*found[:-1], *moves, found[-1]] if is_last else [*found, *moves]


def pages_of(row: RegisterEntry, person: User) -> list[tuple[str, str]]:
    """The steps that are taken on a page of their own and are open to a person now: words and address."""
    return [
        (_(move.label), reverse(move.page, args=[row.pk]))
        for move in row.of.moves_from(row.status)
        if move.page and may_move(row, move, person)
    ]


def open_verbs(row: RegisterEntry, person: User) -> list[str]:
    """The names of the verbs that fit the status and the person."""
    if not row.is_standing:
        return []
    approval = row.of.approve
    may_edit = rights.may_write(row.of, person, row)
    may_decide = approval is not None and access.allowed(person, access.REGISTER_APPROVE, row) and any(
        access.holds(person, duty, row) for duty in approval.duties
    )  # fmt: skip
    is_open = {
        "accept": acceptance.is_asked(row) and person in acceptance.missing(row),
        "approve": may_decide and row.status == WAITING,
        "send-back": may_decide and row.status == WAITING,
        "submit": may_edit and row.is_draft,
        "attach": may_edit,
        "withdraw": may_decide if row.status == "approved" else may_edit,
    }
    return [name for name, is_so in is_open.items() if is_so]


def may_move(row: RegisterEntry, move: Move, person: User) -> bool:
    """The person may take the step, as far as duties say."""
    if not move.duties:
        return rights.may_write(row.of, person, row)
    holds = any(access.holds(person, duty, row) for duty in move.duties)
    return holds and access.allowed(person, access.REGISTER_APPROVE, row)


def act(row: RegisterEntry, name: str, verb: Verb, url: str, sent: dict[str, ActForm]) -> Act:
    """A verb as the page offers it."""
    form = sent.get(name) or verb.form(auto_id=f"{name}_%s")
    return Act(name, verb.title, form, url, verb.danger, name in sent)


def verb_of(move: Move) -> Verb:
    """A move as a verb."""
    return Verb(partial(actions.move_entry, move=move.name), _(move.label), _(move.said), ReasonForm)
