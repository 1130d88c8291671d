"""The log: every change is in it, and whatever is changed beside it is found."""

import io
import threading

import pytest
from django.core.management import call_command
from django.db import DatabaseError, connection, transaction
from django.utils import timezone

from registry.actions import inventory, people
from registry.audit import agreement, log, merkle, verification
from registry.models import AISystem, AuditBody, AuditEntry, AuditHead, BypassRefused, RoleAssignment
from tests import append_only, factories

pytestmark = pytest.mark.both


@pytest.fixture
def version(cast):
    """A version with its system, model, card and evidence behind it."""
    return factories.make_submittable(cast)


def sql(statement: str, *values) -> None:
    """A change beside the program, by somebody who owns the database and so takes its triggers away first."""
    append_only.drop(connection)
    with connection.cursor() as cursor:
        cursor.execute(statement, values)


def found() -> str:
    """All findings in one text."""
    return "\n".join(verification.findings())


def test_an_untouched_log_is_accepted(version):
    """P1."""
    assert found() == ""


def test_update_by_sql_on_a_governed_row_is_named(version):
    """P1: exit code 1 and the row's name."""
    sql("UPDATE registry_modelversion SET status = 'approved'")
    out = io.StringIO()
    with pytest.raises(SystemExit) as ended:
        call_command("verify_audit", stdout=out, stderr=io.StringIO())
    assert ended.value.code == 1
    assert f"registry.ModelVersion {version.pk}: status changed outside the log" in out.getvalue()


@pytest.mark.parametrize(
    ("statement", "says"),
    [
        ("UPDATE registry_auditentry SET action = 'version.approved' WHERE seq = 5", "column action"),
        ("UPDATE registry_auditentry SET header = leaf_hash WHERE seq = 5", "leaf hash"),
        ("UPDATE registry_auditentry SET prev_hash = leaf_hash WHERE seq = 5", "does not follow"),
        ("UPDATE registry_auditbody SET body = salt WHERE entry_id = 5", "not the one that was committed to"),
        ("UPDATE registry_auditbody SET body = NULL WHERE entry_id = 5", "without a recorded erasure"),
        ("UPDATE registry_audithead SET size = size - 1", "head: says"),
        (
            "UPDATE registry_audithead SET entry_hash = (SELECT leaf_hash FROM registry_auditentry WHERE seq = 1)",
            "head: does not carry",
        ),
        ("UPDATE registry_modelcard SET fields = '{}'", "fields changed outside the log"),
        ("UPDATE registry_evidence SET verdict = 'fail'", "verdict changed outside the log"),
        ("UPDATE registry_user SET name = 'Somebody Else'", "name changed outside the log"),
    ],
)
def test_every_kind_of_tampering_is_found(version, statement, says):
    """S-175: each entry is chained to the one before. P1."""
    sql(statement)
    assert says in found()


def test_a_removed_tail_is_found(version):
    """P2 in part: the head row still knows the size."""
    last = AuditEntry.objects.order_by("-seq").first().seq
    sql("DELETE FROM registry_auditbody WHERE entry_id = %s", last)
    sql("DELETE FROM registry_auditentry WHERE seq = %s", last)
    assert "head: says" in found()


def test_a_removed_middle_is_found(version):
    sql("DELETE FROM registry_auditbody WHERE entry_id = 4")
    sql("DELETE FROM registry_auditentry WHERE seq = 4")
    assert "entry 4: missing" in found()


def test_a_ghost_row_is_found(version, cast):
    AISystem(
        unit=cast.unit, name="Ghost", slug="ghost", purpose="Nobody registered it.", risk_tier="minimal",
        business_owner=cast.owner, technical_owner=cast.owner,
    ).save()  # fmt: skip
    assert "exists without any entry" in found()


def test_a_vanished_row_is_found(version):
    sql("DELETE FROM registry_evidence")
    assert "the row is gone" in found()


def test_recording_outside_a_transaction_is_refused(transactional_db, cast):
    version = factories.make_version(cast)
    with pytest.raises(RuntimeError, match="transaction"):
        log.record(cast.owner, "system.edited", version.home_system)


def test_a_change_that_fails_leaves_no_entry(version, cast):
    before = AuditHead.objects.get().size
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        inventory.edit_system(version.home_system, name="Half", actor=cast.owner)
        raise ZeroDivisionError
    assert AuditHead.objects.get().size == before
    assert found() == ""


def test_bulk_writes_on_governed_rows_are_refused(version):
    for write in (
        lambda: AISystem.objects.all().update(name="x"),
        lambda: AISystem.objects.all().delete(),
        lambda: AISystem.objects.bulk_create([]),
        lambda: AuditEntry.objects.all().delete(),
    ):
        with pytest.raises(BypassRefused):
            write()


def test_every_entry_has_a_body_with_its_own_salt(version):
    salts = [bytes(body.salt) for body in AuditBody.objects.all()]
    assert len(salts) == len(set(salts)) == AuditEntry.objects.count()


def test_a_log_is_verified_as_of_one_moment_while_people_go_on(transactional_db, cast, monkeypatch):
    """P1: no false alarm: somebody writes between the reading of the entries and that of the head."""
    version = factories.make_submittable(cast)

    def write() -> None:
        inventory.edit_system(version.home_system, name="Meanwhile", actor=cast.owner)
        connection.close()

    def meanwhile(head, walk) -> str:
        thread = threading.Thread(target=write)
        thread.start()
        thread.join()
        return ""

    monkeypatch.setattr(verification, "HEAD_CHECKS", (meanwhile, *verification.HEAD_CHECKS))
    assert found() == ""
    monkeypatch.undo()
    assert AISystem.objects.get().name == "Meanwhile"
    assert found() == ""


def test_writers_at_once_make_one_chain(transactional_db, cast, amount):
    """P1: sixteen writers on one object and on their own; every change has its entry, and the log verifies."""
    systems = [factories.make_system(cast) for _ in range(3)]
    before, rounds = AuditHead.objects.get().size, amount(60)

    def write(number: int) -> None:
        for turn in range(rounds):
            inventory.edit_system(
                AISystem.objects.get(pk=systems[turn % 3].pk), name=f"{number} {turn}", actor=cast.owner
            )
        connection.close()

    threads = [threading.Thread(target=write, args=(number,)) for number in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert AuditHead.objects.get().size == before + 16 * rounds
    assert found() == ""


# ---- the database itself refuses what only a mistake would ask for


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE registry_auditentry SET action = 'version.approved' WHERE seq = 5",
        "DELETE FROM registry_auditentry WHERE seq = 5",
        "UPDATE registry_auditbody SET body = NULL WHERE entry_id = 5",
        "UPDATE registry_auditbody SET body = salt WHERE entry_id = 5",
        "DELETE FROM registry_auditbody WHERE entry_id = 5",
    ],
)
def test_the_database_refuses_to_change_the_log(version, statement):
    """S-175: decisions and evidence stand in a log that is only added to."""
    with connection.cursor() as cursor, pytest.raises(DatabaseError, match="append-only"):
        cursor.execute(statement)


@pytest.mark.skipif(connection.vendor != "sqlite", reason="REPLACE is SQLite's")
@pytest.mark.parametrize("table", append_only.TABLES)
def test_the_database_refuses_to_replace_an_entry(version, table):
    with connection.cursor() as cursor, pytest.raises(DatabaseError, match="append-only"):
        cursor.execute(f"INSERT OR REPLACE INTO {table} SELECT * FROM {table}")


@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite has no TRUNCATE")
def test_the_database_refuses_to_empty_the_log(version):
    with connection.cursor() as cursor, pytest.raises(DatabaseError, match="append-only"):
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("TRUNCATE registry_auditentry CASCADE")


def test_the_database_lets_a_body_be_erased_once(version):
    """P13."""
    erase = "UPDATE registry_auditbody SET body = NULL, salt = NULL, erased_at = CURRENT_TIMESTAMP WHERE entry_id = 5"
    with connection.cursor() as cursor:
        cursor.execute(erase)
        with pytest.raises(DatabaseError, match="append-only"):
            cursor.execute(erase)


# ---- the tree beside the chain


def test_the_head_carries_the_edge_of_the_tree(version):
    """P1: the edge that is kept in O(log n) is that of the tree over all headers."""
    head = AuditHead.objects.get()
    leaves = [merkle.leaf(bytes(entry.header)) for entry in AuditEntry.objects.order_by("seq")]
    assert log.frontier(head).root() == merkle.root_of(leaves)
    assert len(bytes(head.frontier)) == 32 * head.size.bit_count()


def test_the_columns_that_came_later_are_read_from_the_migrations():
    assert set(agreement.columns_added("rai.checkrun")) >= {"plan_run"}
    assert "plan_run" not in agreement.columns_added("rai.predictions")


@pytest.mark.parametrize("is_erased", [False, True])
@pytest.mark.parametrize(("tamper", "is_accepted"), [(False, True), (True, False)])
def test_a_row_agrees_with_an_entry_from_before_its_newer_columns(cast, monkeypatch, tamper, is_accepted, is_erased):
    """A later release adds columns: while they stand at their defaults, the entries of before hold, erased or not."""
    newer = {"include_raw_data", "last_seen_on"}
    monkeypatch.setattr(agreement, "columns_added", lambda label: ["last_seen_on", "include_raw_data"])
    whole = RoleAssignment.snapshot
    with monkeypatch.context() as then:
        then.setattr(
            RoleAssignment, "snapshot",
            lambda row: {name: value for name, value in whole(row).items() if name not in newer},
        )  # fmt: skip
        duty = people.grant_duty(cast.outsider, duty="validator", unit=cast.other_unit, actor=cast.administrator)
    if is_erased:
        entry = AuditEntry.objects.get(object_id=duty.pk)
        AuditBody.objects.filter(pk=entry.pk).update(
            body=None, salt=None, erased_at=timezone.now(), erased_reason="asked for"
        )
    if tamper:
        with connection.cursor() as cursor:
            cursor.execute("UPDATE registry_roleassignment SET include_raw_data = %s", [True])
    found = [line for line in verification.findings() if str(duty.pk) in line]
    assert (found == []) == is_accepted


def test_an_older_log_without_an_edge_gets_it_with_the_next_entry(version, cast):
    sql("UPDATE registry_audithead SET frontier = NULL")
    inventory.edit_system(version.home_system, name="Next", actor=cast.owner)
    head = AuditHead.objects.get()
    leaves = list(AuditEntry.objects.order_by("seq").values_list("leaf_hash", flat=True))
    assert bytes(head.frontier) == merkle.frontier_of(map(bytes, leaves)).packed()


def test_an_entry_lies_in_the_unit_of_the_stored_row_and_not_of_what_the_caller_had_read(cast):
    """The caller's row may be older than the one that is recorded."""
    model = factories.make_model(cast, factories.make_system(cast, slug="here"))
    there = factories.make_system(cast, slug="there")
    sql("UPDATE registry_aisystem SET unit_id = %s WHERE id = %s", *map(as_kept, (cast.other_unit.pk, there.pk)))
    assert model.system.unit_id == cast.unit.pk, "read and remembered"
    sql("UPDATE registry_model SET system_id = %s WHERE id = %s", *map(as_kept, (there.pk, model.pk)))
    with transaction.atomic():
        entry = log.record(cast.owner, "model.edited", model)
    assert entry.unit_id == str(cast.other_unit.pk)


def as_kept(pk):
    """An id as the database keeps it."""
    return AISystem._meta.pk.get_db_prep_value(pk, connection)
