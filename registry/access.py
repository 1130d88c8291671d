"""Who may do what: the questions asked of one table of actions by permission role.

The table (registry/permissions.py) is the permission document. A duty gives one permission role; a grant holds for a
unit and all below it, or for one system. Cells: `●` in scope, `○` only one's own objects, `D` only drafts (`○D` only one's own drafts), `S` in
scope and subject to separation of duties (the action asks registry/separation.py), `F` only where the grant carries
the flag for raw data, `-` no.

Whoever comes with an API token (`person.bearer`, set by registry/tokens.py) may do what the table gives the person and
a scope of the token lets through, inside the unit of the token. An action that no scope names is closed to tokens.
"""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.db.models import Q
from django.utils.translation import gettext as _

from registry import permissions
from registry.errors import NotAllowed, PasswordNeeded, SecondFactorNeeded
from registry.models.audit import AuditEntry
from registry.models.delegations import Delegation
from registry.models.people import Duty, RoleAssignment, User
from registry.second_factor import has_one

ROLES, TABLE, MATRIX, SCOPES = permissions.ROLES, permissions.TABLE, permissions.MATRIX, permissions.SCOPES

MODEL_VIEW, MODEL_CREATE, MODEL_EDIT = "model.view", "model.create", "model.edit"
MODEL_RETIRE_REQUEST, MODEL_RETIRE_CONFIRM = "model.retire_request", "model.retire_confirm"
MODEL_ASSIGN_OWNER = "model.assign_owner"
CARD_EDIT, CARD_COMMENT, LINEAGE_EDIT = "card.edit", "card.comment", "lineage.edit"
ARTIFACT_UPLOAD, ARTIFACT_DOWNLOAD = "artifact.upload", "artifact.download"
DATASET_UPLOAD, DATASET_VIEW, DATASET_DOWNLOAD_RAW = "dataset.upload", "dataset.view", "dataset.download_raw"
CATALOGUE_EDIT, CATALOGUE_DECIDE = "catalogue.edit", "catalogue.decide"
CHECK_RUN, CHECK_VIEW = "check.run", "check.view"
EXCEPTION_REQUEST, EXCEPTION_ACCEPT = "check.request_exception", "check.accept_exception"
REGISTER_EDIT, REGISTER_APPROVE = "register.edit", "register.approve"
THRESHOLDS_EDIT, THRESHOLDS_APPROVE = "thresholds.edit", "thresholds.approve"
PLAN_EDIT, PLAN_APPROVE = "plan.edit", "plan.approve"
PIA_EDIT, PIA_SIGN_OFF, PIA_VIEW = "pia.edit", "pia.sign_off", "pia.view"
RISK_EDIT, RISK_ACCEPT, RISK_VIEW = "risk.edit", "risk.accept", "risk.view"
INCIDENT_REPORT, INCIDENT_VIEW = "incident.report", "incident.view"
INCIDENT_MANAGE, INCIDENT_CLOSE = "incident.manage", "incident.close"
APPROVAL_SUBMIT, APPROVAL_WITHDRAW = "approval.submit", "approval.withdraw"
APPROVAL_DECIDE, APPROVAL_REVOKE = "approval.decide", "approval.revoke"
MEETING_HOLD = "meeting.hold"
PUBLISH, UNPUBLISH = "publish", "unpublish"
DEPLOYMENT_START, DEPLOYMENT_STOP = "deployment.start", "deployment.stop"
DEPLOYMENT_REPORT = "deployment.report"
REPORT_GENERATE, PACK_GENERATE = "report.generate", "pack.generate"
WEBHOOK_MANAGE, DESK_WRITE = "webhook.manage", "desk.write"
AUDIT_VIEW, AUDIT_VERIFY, LOG_WITNESS = "audit.view", "audit.verify", "log.witness"
ERASE_REQUEST, ERASE_CONFIRM = "erase.request", "erase.confirm"
SETTINGS_CHANGE = "settings.change"
PEOPLE_MANAGE, GRANT_CONFIRM, TOKEN_CREATE = "people.manage", "grant.confirm", "token.create"

# Acts that bind, and those of the second of four eyes: whoever does one in a session gave the password, and the second
# factor where there is one, within the last minutes (registry/fresh_password.py).
STEP_UP = frozenset(
    (
        APPROVAL_DECIDE,
        PUBLISH,
        RISK_ACCEPT,
        EXCEPTION_ACCEPT,
        PIA_SIGN_OFF,
        THRESHOLDS_APPROVE,
        REGISTER_APPROVE,
        PLAN_APPROVE,
        GRANT_CONFIRM,
        ERASE_CONFIRM,
        MODEL_RETIRE_CONFIRM,
        "model.transfer_unit",
        "settings.change",
    )
)

# Duties of these roles are granted by one person and confirmed by another.
CONFIRMED_ROLES = frozenset({"APPR", "PUB", "ADM"})

DUTY_ROLE: dict[str, str] = {
    Duty.BUSINESS_OWNER: "DEV",
    Duty.TECHNICAL_OWNER: "DEV",
    Duty.AUTHOR: "DEV",
    Duty.DATA_STEWARD: "DEV",
    Duty.RISK_OFFICER: "RISK",
    Duty.SECURITY_OFFICER: "RISK",
    Duty.LEGAL_COMPLIANCE: "RISK",
    Duty.AI_COE: "RISK",
    Duty.VALIDATOR: "RISK",
    Duty.PRIVACY_OFFICER: "PRIV",
    Duty.BOARD_MEMBER: "APPR",
    Duty.BOARD_CHAIR: "APPR",
    Duty.EXECUTIVE: "APPR",
    Duty.APPROVER: "APPR",
    Duty.PUBLISHER: "PUB",
    Duty.AUDITOR: "AUD",
    Duty.ADMINISTRATOR: "ADM",
}


@dataclass(frozen=True)
class Grant:
    """A duty that a person holds today, with the permission role that it gives (empty for none).

    `behalf` is the id of the person in whose place a deputy holds it; None for one's own.
    """

    duty: str
    role: str
    unit: Any
    system_id: Any
    raw: bool = False
    since: Any = None
    behalf: Any = None

    def reaches(self, obj: Any) -> bool:
        """The object lies in the unit's subtree and, where the duty is for one system, belongs to it."""
        unit = obj.unit
        if unit is None or not unit.path.startswith(self.unit.path):
            return False
        return self.system_id is None or getattr(getattr(obj, "home_system", None), "pk", None) == self.system_id


def grants(person: Any) -> list[Grant]:
    """The duties that the person holds now.

    They are read afresh at every question, so that a revoked duty ends at once; within `read_once`, at the first.
    """
    if not getattr(person, "is_authenticated", False) or not person.is_active:
        return []
    if not hasattr(person, "duties_read"):
        return held_now(person)
    if person.duties_read is None:
        person.duties_read = held_now(person)
    return person.duties_read


def held_now(person: Any) -> list[Grant]:
    """As the database has them: one's own, and those that others who hold them have handed over for a time."""
    handed = Delegation.objects.in_force().filter(to_person=person.pk, from_person__is_active=True)
    held = Q(person=person.pk) | Q(person__in=handed.values("from_person"))
    rows = list(RoleAssignment.objects.current().filter(held).select_related("unit"))
    own = [
        Grant(row.duty, DUTY_ROLE.get(row.duty, ""), row.unit, row.system_id, row.include_raw_data, row.holds_since)
        for row in rows
        if row.person_id == person.pk
    ]
    return own if len(own) == len(rows) else own + handed_over(handed.select_related("unit"), rows)


def handed_over(handed: Any, rows: list[RoleAssignment]) -> list[Grant]:
    """The duties of a deputy, each while the delegator holds it himself: no chain, and never the flag for raw data."""
    return [
        Grant(
            each.duty, DUTY_ROLE.get(each.duty, ""), each.unit, each.system_id, False,
            max(each.settled_at, row.holds_since), each.from_person_id,
        )
        for each in handed for row in rows if is_of(row, each)
    ]  # fmt: skip


def is_of(row: RoleAssignment, handed: Delegation) -> bool:
    """The assignment is the duty that was handed over, or a wider one."""
    covers = row.system_id is None or row.system_id == handed.system_id
    mine = row.person_id == handed.from_person_id and row.duty == handed.duty
    return mine and covers and bool(handed.unit.path.startswith(row.unit.path))


@contextmanager
def read_once(person: Any) -> Iterator[None]:
    """Within this block the person's duties are read at the first question only: for requests that change nothing."""
    if hasattr(person, "duties_read"):
        yield
        return
    person.duties_read = None
    try:
        yield
    finally:
        del person.duties_read


def lets_through(person: Any, action: str, obj: Any = None) -> bool:
    """Whether the credential lets the action through: a session all, a token what its scopes name, in its unit."""
    token = getattr(person, "bearer", None)
    if token is None:
        return True
    if not any(action in SCOPES.get(scope, frozenset()) for scope in token.scopes) or token.unit is None:
        return False
    unit = getattr(obj, "unit", None)
    return obj is None or (unit is not None and unit.path.startswith(token.unit.path))


def is_administrator(person: Any) -> bool:
    """The person manages people and settings; no business right follows from it."""
    return any(grant.role == "ADM" for grant in grants(person))


def cell_allows(cell: str, person: Any, obj: Any, *, raw: bool = False) -> bool:
    """Whether a cell of the table permits the act on this object; `raw` is the flag of the grant."""
    if cell in {"●", "S"}:
        return True
    if cell in {"-", "F"}:
        return raw and cell == "F"
    is_own = not hasattr(obj, "is_own") or bool(obj.is_own(person))
    is_draft = bool(getattr(obj, "is_draft", False))
    return (is_own or "○" not in cell) and (is_draft or "D" not in cell)


def allowed(person: Any, action: str, obj: Any) -> bool:
    """Whether the person may do the action on the object, by the duties held today."""
    row = MATRIX[action]
    return lets_through(person, action, obj) and any(
        grant.role and grant.reaches(obj) and cell_allows(row[grant.role], person, obj, raw=grant.raw)
        for grant in grants(person)
    )


def may_anywhere(person: Any, action: str) -> bool:
    """Whether the person may do the action in some unit: decides which doors are drawn, never what is opened."""
    return lets_through(person, action) and any(
        grant.role and MATRIX[action][grant.role] != "-" for grant in grants(person)
    )


def require(person: Any, action: str, obj: Any) -> None:
    """Refuse with a sentence unless `allowed`."""
    if not allowed(person, action, obj):
        raise NotAllowed(
            _(
                "You may not do this (%(action)s) on %(object)s. Ask an administrator which duty of your unit permits it."
            )
            % {"action": action, "object": obj}
        )
    if "S" in MATRIX[action].values():
        require_no_stake(person, action, obj)
    if action in STEP_UP:
        require_second_factor(person)
        require_fresh(person)


def require_no_stake(person: Any, action: str, obj: Any) -> None:
    """Refuse a deputy what is subject to separation on things that belong to the delegator or that he or she began.

    What the rules say besides of each act, registry/separation.py asks of both.
    """
    behind = stands_for(person, action, obj)
    for delegator in User.objects.filter(pk__in=behind) if behind else ():
        began = AuditEntry.objects.filter(object_id=obj.pk, object_rev=1, actor=delegator)
        if (hasattr(obj, "is_own") and obj.is_own(delegator)) or began.exists():
            raise NotAllowed(
                _("%(object)s belongs to %(person)s or was begun there; so nobody decides on it in that place.")
                % {"object": obj, "person": delegator}
            )


def require_second_factor(person: Any) -> None:
    """Refuse who holds a duty that demands a second factor, for whichever duty the act is done, and has none."""
    if lacks_second_factor(person):
        raise SecondFactorNeeded(
            _("One of your duties demands a second factor for acts that bind, and you have none. Nothing was done.")
        )


def lacks_second_factor(person: Any) -> bool:
    """The installation demands a second factor of a duty that the person holds, and there is none."""
    demanded = frozenset(settings.SECOND_FACTOR_DUTIES)
    return any(demanded & {grant.duty, grant.role} for grant in grants(person) if demanded) and not has_one(person)


def require_fresh(person: Any) -> None:
    """Refuse a session that said too long ago who is there; the page then asks (registry/fresh_password.py)."""
    if not is_fresh(person):
        raise PasswordNeeded(
            _(
                "This act needs your password anew, and your second factor if you have one. Sign in again, then repeat it."
            )
        )


def is_fresh(person: Any) -> bool:
    """Whether the session gave the password lately, and the second factor where there is one.

    Who does not come by a session (a command, a job) gives none.
    """
    given = getattr(person, "password_at", None)
    if given is None:
        return True
    moments = [given, getattr(person, "factor_at", 0.0)] if has_one(person) else [given]
    return all(0 <= time.time() - moment <= 60 * max(1, settings.STEP_UP_MINUTES) for moment in moments)


def require_anywhere(person: Any, action: str) -> None:
    """Refuse with a sentence unless the person may do the action in some unit."""
    if not may_anywhere(person, action):
        raise NotAllowed(_("You hold no duty that permits this (%s). Ask an administrator.") % action)


def stands_for(person: Any, action: str, obj: Any, *, duty: str = "", role: str = "") -> frozenset[Any]:
    """The ids of those in whose place the person does the action; none where a duty of his or her own permits it.

    `duty` and `role` narrow it to an act that only this duty or role permits; without an object any place counts.
    """
    fit = [
        grant for grant in grants(person)
        if grant.role and (not duty or grant.duty == duty) and (not role or grant.role == role)
        and (obj is None or grant.reaches(obj)) and cell_allows(MATRIX[action][grant.role], person, obj)
    ]  # fmt: skip
    return frozenset() if any(grant.behalf is None for grant in fit) else frozenset(grant.behalf for grant in fit)


def holds(person: Any, duty: str, obj: Any) -> bool:
    """Whether the person holds exactly this duty for the object."""
    return any(grant.duty == duty and grant.reaches(obj) for grant in grants(person))


def reach(
    person: Any, action: str, *, unit: str, system: str | None, own: Q | None = None, held: list[Grant] | None = None
) -> Q:
    """The rows on which the person may do the action, as a condition.

    `unit` and `system` are the lookups that lead from the row to its business unit and to its home system; `own`
    selects the person's own rows, for cells that say so; `held` are the person's duties where they are read already.
    """
    found = Q(pk__in=[])
    if not lets_through(person, action):
        return found
    for grant in grants(person) if held is None else held:
        cell = MATRIX[action].get(grant.role, "-")
        if cell in {"-", "F"} or (cell == "○" and own is None) or (grant.system_id and system is None):
            continue
        here = within(grant.unit, unit)
        if grant.system_id:
            here &= Q(**{str(system): grant.system_id})
        found |= here & own if cell == "○" and own is not None else here
    token = getattr(person, "bearer", None)
    return found if token is None else found & within(token.unit, unit)


def within(place: Any, unit: str) -> Q:
    """Rows of a unit and of all below it: below the topmost lie all units, so that no row of theirs need be read."""
    return (
        Q(**{f"{unit}__isnull": False}) if place.parent_id is None else Q(**{f"{unit}__path__startswith": place.path})
    )


def reach_above(person: Any, action: str, *, unit: str, own: Q | None = None) -> Q:
    """The rows of the units in which the person may do the action, and of the units above: what holds for all below.

    A duty for one system reaches the units above that system, too. A token does not reach below or beside its unit.
    """
    found = Q(pk__in=[])
    if not lets_through(person, action):
        return found
    for grant in grants(person):
        cell = MATRIX[action].get(grant.role, "-")
        if cell in {"-", "F"} or (cell == "○" and own is None):
            continue
        here = above_or_below(grant.unit, unit)
        found |= here & own if cell == "○" and own is not None else here
    token = getattr(person, "bearer", None)
    return found if token is None else found & above_or_below(token.unit, unit)


def above_or_below(place: Any, unit: str) -> Q:
    """Rows of a unit, of all below it and of all above it."""
    above = [pk for pk in place.path.split("/") if pk]
    return Q(**{f"{unit}__path__startswith": place.path}) | Q(**{f"{unit}__in": above})


def units_where(person: Any) -> Q:
    """The units in which the person holds any duty, with all below them."""
    found = Q(pk__in=[])
    for grant in grants(person):
        found |= Q(path__startswith=grant.unit.path)
    return found
