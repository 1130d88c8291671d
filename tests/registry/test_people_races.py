"""Acts on people, erasures and tokens at the same moment: each has its effect once, and the others are told why not."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import OperationalError, connection

from registry.actions import erasure, inventory, people, tokens
from registry.audit import log, verification
from registry.errors import DomainError
from registry.models import ApiToken, AuditEntry, BodyErasure, Duty, RoleAssignment
from tests import factories

pytestmark = [pytest.mark.both, pytest.mark.django_db(transaction=True)]
REASON = "The person asked to be forgotten."


@pytest.fixture
def cast(transactional_db) -> factories.Cast:
    """The people of every story, in a database that all threads see."""
    return factories.make_cast()


@pytest.fixture
def rounds(amount) -> range:
    """How often a race is run."""
    return range(amount(20))


def at_once(*acts: Callable[[], object]) -> list[str]:
    """All acts begin at the same moment, each with a connection of its own; what each was told, "" for a yes."""
    start = threading.Barrier(len(acts))

    def begin(act: Callable[[], object]) -> str:
        start.wait(timeout=30)
        try:
            act()
        except DomainError as refusal:
            return str(refusal)
        finally:
            connection.close()
        return ""

    with ThreadPoolExecutor(len(acts)) as pool:
        return list(pool.map(begin, acts))


def entries(action: str) -> int:
    """How often the log says so."""
    return AuditEntry.objects.filter(action=action).count()


def require_one_yes(said: list[str], why_not: str) -> None:
    """One act was done, and every other one met the same reason; the log agrees with all rows."""
    assert said.count("") == 1, said
    assert [line for line in said if line and why_not not in line] == []
    assert list(verification.findings()) == []


def newcomer(cast, number: int):
    """Somebody with a duty that nobody needs to confirm."""
    return factories.invite(f"new{number}", f"Nia New {number}", Duty.AUTHOR, cast.unit, cast.administrator)


def test_a_duty_that_two_administrators_grant_at_once_is_granted_once(cast, rounds):
    for number in rounds:
        person, before = newcomer(cast, number), entries("duty.granted")

        def grant(person=person):
            people.grant_duty(person, duty=Duty.VALIDATOR, unit=cast.unit, actor=cast.administrator)

        require_one_yes(at_once(*[grant] * 4), "holds this duty already")
        assert entries("duty.granted") - before == 1


def test_a_duty_is_confirmed_once_and_a_refusal_at_that_moment_does_not_undo_it(cast, rounds):
    """Four eyes: one answer of a second person counts, yes or no."""
    second = factories.invite("risk2", "Rolf Risk", Duty.RISK_OFFICER, cast.unit, cast.administrator)
    for number in rounds:
        person = newcomer(cast, number)
        row = people.grant_duty(person, duty=Duty.APPROVER, unit=cast.unit, actor=cast.administrator)

        def confirm(row=row):
            people.confirm_duty(row, actor=cast.risk_officer)

        def decline(row=row):
            people.decline_duty(row, reason="Not before the training in March.", actor=second)

        said = at_once(confirm, decline, confirm, decline)
        require_one_yes(said, "waits for nobody's confirmation")
        row.refresh_from_db()
        assert RoleAssignment.objects.current().filter(pk=row.pk).exists() == (row.confirmed_at is not None)


def test_a_confirmation_is_kept_where_the_duty_ends_at_that_moment(cast, rounds):
    """Neither overwrites what the other wrote: an ended duty stays ended."""
    for number in rounds:
        person = newcomer(cast, number)
        row = people.grant_duty(person, duty=Duty.APPROVER, unit=cast.unit, actor=cast.administrator)
        stale = RoleAssignment.objects.get(pk=row.pk)
        at_once(
            lambda row=row: people.confirm_duty(row, actor=cast.risk_officer),
            lambda stale=stale: people.end_duty(stale, actor=cast.administrator),
        )
        row.refresh_from_db()
        assert row.ends_on is not None
        assert (row.confirmed_at is not None) == (
            AuditEntry.objects.filter(action="duty.confirmed", object_id=row.pk).count() == 1
        )
        assert list(verification.findings()) == []


def test_an_erasure_is_asked_for_and_confirmed_once(cast, rounds):
    version = factories.make_version(cast)
    for number in rounds:
        inventory.edit_version(version, change_note=f"Trained by Zoe {number}.", actor=cast.owner)
        entry = AuditEntry.objects.filter(action="version.edited").latest("seq")

        def ask(entry=entry):
            erasure.request_erasure(entry, reason=REASON, actor=cast.privacy_officer)

        require_one_yes(at_once(*[ask] * 3), "was asked for already")
        asked = BodyErasure.objects.get(entry=entry)

        def confirm(asked=asked):
            erasure.confirm_erasure(asked, actor=cast.risk_officer)

        require_one_yes(at_once(*[confirm] * 3), "was erased already")
    assert entries("erasure.confirmed") == len(rounds)


def test_a_token_is_revoked_once(cast, rounds):
    for _round in rounds:
        token, _secret = tokens.create_token(cast.owner, name="CI", scopes=["models:read"], unit=cast.unit)

        def revoke(token=token):
            tokens.revoke_token(
                ApiToken(**{field.attname: getattr(token, field.attname) for field in token._meta.concrete_fields}),
                actor=cast.owner,
            )

        require_one_yes(at_once(*[revoke] * 3), "was revoked already")
    assert entries("token.revoked") == len(rounds)


def test_duties_erasures_and_tokens_of_many_people_at_once_are_all_done(cast, rounds):
    """Acts that lock further rows after their first entry: whichever the database breaks off is done again."""
    for number in rounds:
        people_ = [newcomer(cast, number * 10 + one) for one in range(4)]
        acts = [
            act
            for one in people_
            for act in (
                lambda one=one: people.grant_duty(one, duty=Duty.VALIDATOR, unit=cast.unit, actor=cast.administrator),
                lambda one=one: people.invite(
                    f"x{one.pk}@bank.example", name="Xenia", unit=cast.unit, duty=Duty.AUTHOR, actor=cast.administrator
                ),
            )
        ]
        assert at_once(*acts) == [""] * len(acts)
    assert list(verification.findings()) == []


class BrokenOff(Exception):
    """What psycopg raises when PostgreSQL ends a deadlock."""

    sqlstate = "40P01"


ACTS: dict[str, Callable] = {
    "add a unit": lambda cast: people.add_unit("Cards", parent=cast.unit, actor=cast.administrator),
    "invite": lambda cast: people.invite(
        "x@bank.example", name="Xenia", unit=cast.unit, duty=Duty.AUTHOR, actor=cast.administrator
    ),
    "end a duty": lambda cast: people.end_duty(cast.owner.role_assignments.get(), actor=cast.administrator),
    "ask for an erasure": lambda cast: erasure.request_erasure(
        AuditEntry.objects.latest("seq"), reason=REASON, actor=factories.grant(
            cast, cast.outsider, Duty.PRIVACY_OFFICER, unit=cast.unit.parent
        ).person,
    ),
    "make a token": lambda cast: tokens.create_token(cast.owner, name="CI", scopes=["models:read"], unit=cast.unit),
}  # fmt: skip


@pytest.mark.parametrize("act", ACTS)
def test_an_act_that_the_database_broke_off_is_done_again_whole(act, cast, monkeypatch):
    calls, record = [], log.record

    def broken(*args, **named):
        calls.append(args[1])
        if len(calls) == 1:
            raise OperationalError("deadlock detected") from BrokenOff()
        return record(*args, **named)

    monkeypatch.setattr(log, "record", broken)
    ACTS[act](cast)
    assert calls[1] == calls[0]
    assert list(verification.findings()) == []
