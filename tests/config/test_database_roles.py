"""On PostgreSQL each process has a role of its own, and what it needs no role for it cannot do."""

import os

import psycopg
import pytest
from django.core.management import CommandError, call_command
from django.db import ProgrammingError, connection, transaction

from config import grants, postgres, sysroot
from rai.models import CheckRun
from registry.actions import tokens
from registry.models import AuditCheckpoint, AuditEntry, JobStatus, Task
from reports import actions as documents
from reports.models import Pack, SigningKey
from reports.verifier import verify
from tests import factories
from tests.authz.test_addresses import address_of, things
from tests.authz.world import make_world
from tests.environment import DATA_DIR
from tests.faults.test_worker_killed import PARAMETERS, ROWS, fresh, until
from tests.rai import plans

NOW, ID = "now()", "gen_random_uuid()"
# The worst that whoever took over a worker would try, each of which PostgreSQL refuses.
FORBIDDEN_TO_WORKERS = {
    "approve": [
        "INSERT INTO registry_signoff (id) VALUES (gen_random_uuid())",
        "UPDATE registry_signoff SET decision = 'approve'",
        "UPDATE registry_signoff SET voided_at = NULL",
        "DELETE FROM registry_signoff",
        "SELECT * FROM registry_signoff FOR UPDATE",
        "UPDATE registry_review SET status = 'approved'",
        "UPDATE registry_review SET subject_digest = 'x'",
        "INSERT INTO registry_review (id) VALUES (gen_random_uuid())",
        "UPDATE registry_release SET status = 'published'",
        "INSERT INTO registry_release (id) VALUES (gen_random_uuid())",
        "UPDATE registry_modelversion SET status = 'approved'",
        "UPDATE registry_modelversion SET artifact_name = 'x'",
        "INSERT INTO registry_release_evidence (release_id, evidence_id) VALUES (gen_random_uuid(), gen_random_uuid())",
        "INSERT INTO registry_deployment (id) VALUES (gen_random_uuid())",
        "UPDATE registry_deployment SET status = 'active'",
        "UPDATE registry_aisystem SET risk_tier = 'minimal'",
        "INSERT INTO registry_modelcard (id) VALUES (gen_random_uuid())",
        "UPDATE rai_metricbaseline SET status = 'approved'",
        "INSERT INTO rai_metricbaseline (id) VALUES (gen_random_uuid())",
        "UPDATE rai_testplan SET status = 'approved'",
        "INSERT INTO rai_testplan (id) VALUES (gen_random_uuid())",
        "UPDATE risk_risk SET status = 'accepted'",
        "INSERT INTO risk_acceptance (id) VALUES (gen_random_uuid())",
        "UPDATE risk_assessment SET status = 'approved'",
        "UPDATE registry_evidence SET verdict = 'pass'",
        "DELETE FROM registry_evidence",
    ],
    "grant": [
        "INSERT INTO registry_roleassignment (id) VALUES (gen_random_uuid())",
        "UPDATE registry_roleassignment SET duty = 'approver'",
        "DELETE FROM registry_roleassignment",
        "UPDATE registry_businessunit SET path = '/'",
        "INSERT INTO registry_user (id) VALUES (gen_random_uuid())",
        "UPDATE public.registry_user SET is_active = true",
        "UPDATE attestry_narrow.registry_user SET email = 'x@example.org'",
        "DELETE FROM public.registry_user",
    ],
    "read secrets": [
        "SELECT digest FROM registry_apitoken",
        "SELECT count(*) FROM registry_apitoken",
        "INSERT INTO registry_apitoken (digest) VALUES ('x')",
        "UPDATE registry_apitoken SET expiry = NULL",
        "SELECT password FROM public.registry_user",
        "SELECT * FROM public.registry_user",
        "SELECT session_key FROM django_session",
        "INSERT INTO django_session VALUES ('k', 'd', now())",
        "SELECT * FROM registry_failedsignin",
        "SELECT body FROM registry_keptanswer",
        "INSERT INTO registry_keptanswer (key) VALUES ('k')",
    ],
    "bend the log": [
        "UPDATE registry_auditentry SET action = 'x'",
        "DELETE FROM registry_auditentry",
        "TRUNCATE registry_auditentry CASCADE",
        "UPDATE registry_auditbody SET body = ''",
        "DELETE FROM registry_auditbody",
        "DELETE FROM registry_audithead",
        "ALTER TABLE registry_auditentry DISABLE TRIGGER ALL",
        "SET session_replication_role = replica",
        "UPDATE registry_bodyerasure SET confirmed_at = now()",
    ],
    "hide work": [
        "DELETE FROM rai_checkrun",
        "DELETE FROM reports_pack",
        "DELETE FROM reports_report",
        "INSERT INTO reports_pack (id) VALUES (gen_random_uuid())",
        "UPDATE registry_task SET done_at = now()",
        "DELETE FROM registry_task",
        "UPDATE rai_planrun SET due_on = NULL",
        "DELETE FROM rai_planrun",
        "TRUNCATE rai_checkrun CASCADE",
    ],
    "sign": [
        "INSERT INTO reports_signingkey (id) VALUES (gen_random_uuid())",
        "UPDATE reports_signingkey SET public_pem = 'x'",
        "UPDATE reports_signature SET status = 'finished', signature = 'x'",
        "DELETE FROM reports_signature",
        "INSERT INTO registry_auditcheckpoint (size) VALUES (1)",
        "UPDATE registry_auditcheckpoint SET note = 'x'",
    ],
}
FORBIDDEN_TO_ALL = [
    "CREATE TABLE mine (a int)",
    "CREATE TEMPORARY TABLE mine (a int)",
    "CREATE SCHEMA mine",
    "CREATE VIEW mine AS SELECT 1",
    "CREATE FUNCTION mine() RETURNS int LANGUAGE sql AS 'SELECT 1'",
    "CREATE OR REPLACE FUNCTION audit_refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NULL; END $$",
    "DROP FUNCTION audit_refuse() CASCADE",
    "ALTER TABLE registry_auditentry DISABLE TRIGGER ALL",
    "ALTER TABLE registry_signoff DROP COLUMN reason",
    "DROP TRIGGER audit_entry_append_only ON registry_auditentry",
    "DROP TABLE registry_auditentry CASCADE",
    "TRUNCATE registry_auditentry CASCADE",
    "CREATE INDEX ON registry_auditentry (action)",
    "CREATE TRIGGER mine BEFORE INSERT ON registry_auditentry FOR EACH ROW EXECUTE FUNCTION audit_refuse()",
    "CREATE RULE mine AS ON INSERT TO registry_auditentry DO INSTEAD NOTHING",
    "UPDATE registry_auditentry SET action = 'x'",
    "DELETE FROM registry_auditentry",
    "DELETE FROM registry_auditbody",
    "DELETE FROM registry_signoff",
    "SET session_replication_role = replica",
    "CREATE ROLE mine SUPERUSER",
    "ALTER ROLE CURRENT_USER SUPERUSER",
    "GRANT pg_read_all_data TO CURRENT_USER",
    "SET SESSION AUTHORIZATION postgres_owner",
    "COPY (SELECT 1) TO PROGRAM 'true'",
    "SELECT pg_read_file('postgresql.conf')",
    "CREATE EXTENSION dblink",
]
FORBIDDEN_TO_WEB = [
    "INSERT INTO reports_signingkey (id) VALUES (gen_random_uuid())",
    "UPDATE reports_signingkey SET public_pem = 'x'",
    "UPDATE reports_signature SET signature = 'x'",
    "INSERT INTO reports_signature (id) VALUES (gen_random_uuid())",
    "INSERT INTO registry_auditcheckpoint (size) VALUES (1)",
    "UPDATE registry_auditcheckpoint SET note = 'x'",
    "UPDATE registry_auditbody SET entry_id = 2",
]
FORBIDDEN_TO_SIGNERS = [
    statement
    for intent in ("approve", "grant", "read secrets", "bend the log", "hide work")
    for statement in FORBIDDEN_TO_WORKERS[intent]
] + [
    "INSERT INTO registry_evidence (id) VALUES (gen_random_uuid())",
    "INSERT INTO registry_task (id) VALUES (gen_random_uuid())",
    "INSERT INTO rai_checkrun (id) VALUES (gen_random_uuid())",
    "INSERT INTO rai_planrun (id) VALUES (gen_random_uuid())",
    "UPDATE rai_checkrun SET verdict = 'pass'",
]

pytestmark = [pytest.mark.real, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def roles(lacking):
    """The roles are there, with their privileges, in the database of the test."""
    if connection.vendor != "postgresql":
        lacking("PostgreSQL", "roles of a database need it")
    call_command("database_roles", "--apply")
    yield
    call_command("database_roles", "--apply", "--before-migrate")


def connected(process):
    """A connection of the process's own role, as the process itself would make it."""
    known = connection.settings_dict
    place = {"host": known["HOST"] or None, "port": known["PORT"] or None, "dbname": known["NAME"]}
    return psycopg.connect(user=f"attestry_{process}", autocommit=True, **place)


def address(process):
    """The URL by which a process finds the database of the test."""
    return postgres.address({**connection.settings_dict, "USER": f"attestry_{process}", "PASSWORD": ""})


def not_refused(process, statements):
    """The statements that PostgreSQL did not refuse for want of a privilege, with what it said."""
    found = []
    with connected(process) as link:
        for statement in statements:
            try:
                link.execute(statement)
            except psycopg.errors.InsufficientPrivilege:
                continue
            except psycopg.Error as error:
                found.append((statement, str(error)))
            else:
                found.append((statement, "it was carried out"))
    return found


def test_a_worker_cannot_sign_approve_grant_or_read_secrets(roles):
    """P8: sixty forbidden statements in the worker's role, each of them refused."""
    statements = [statement for some in FORBIDDEN_TO_WORKERS.values() for statement in some]
    assert len(statements) >= 60
    assert not_refused("worker", statements) == []


def test_a_signer_can_do_nothing_but_sign(roles):
    assert not_refused("signer", FORBIDDEN_TO_SIGNERS) == []


def test_the_web_server_cannot_sign_or_rewrite_the_log(roles):
    assert not_refused("web", FORBIDDEN_TO_WEB) == []


@pytest.mark.parametrize("process", grants.PROCESSES)
def test_nobody_but_the_migrator_changes_the_shape_of_the_database(roles, process):
    """B.6: no DDL, no truncation, no way around triggers, no file of the server, no other role."""
    statements = [one.replace("postgres_owner", connection.settings_dict["USER"]) for one in FORBIDDEN_TO_ALL]
    statements += [f"SET ROLE attestry_{other}" for other in grants.PROCESSES if other != process]
    assert not_refused(process, statements) == []


def test_a_worker_reads_names_of_people_but_no_password(roles, cast):
    with connected("worker") as link:
        rows = link.execute("SELECT name, password FROM registry_user").fetchall()
    assert ("Olga Owner", "") in rows
    assert {password for _name, password in rows} == {""}


def test_what_a_refused_statement_held_does_not_stand_in_the_servers_log(roles):
    """P15: texts of a unit, hashes and sessions would otherwise stand there with every error."""
    place = DATA_DIR / "postgres.log"
    if not place.exists():
        pytest.skip("The log of a server that was named is not within reach.")
    for process in grants.PROCESSES:
        with connected(process) as link, pytest.raises(psycopg.Error):
            link.execute(f"SELECT 'kanari-{process}' FROM no_such_table")
    with connection.cursor() as cursor, pytest.raises(ProgrammingError):
        cursor.execute("SELECT 'kanari-owner' FROM no_such_table")
    text = place.read_text()
    assert "kanari-owner" in text  # it would be found
    assert [process for process in grants.PROCESSES if f"kanari-{process}" in text] == []


def test_the_roles_can_be_applied_again_and_to_what_was_given_too_much(roles):
    """A privilege that somebody gave by hand is gone after the next time."""
    with connection.cursor() as cursor:
        cursor.execute("GRANT ALL ON registry_signoff TO attestry_worker")
    assert not_refused("worker", ["UPDATE registry_signoff SET decision = 'approve'"])
    call_command("database_roles", "--apply")
    assert not_refused("worker", ["UPDATE registry_signoff SET decision = 'approve'"]) == []


def test_without_the_right_to_make_roles_the_command_says_who_must(roles, capsys):
    with pytest.raises(CommandError, match="superuser"), connection.cursor() as cursor:
        cursor.execute("SET ROLE attestry_web")
        try:
            call_command("database_roles", "--apply")
        finally:
            cursor.execute("RESET ROLE")


def test_the_table_names_only_tables_that_exist(roles):
    assert set(grants.MATRIX) - set(connection.introspection.table_names()) == set()


@pytest.fixture
def workers(roles, start_worker, tmp_path):
    """A worker and a signer, each in its own role; the signer alone knows where the key is."""
    apart = {**sysroot.environment(), "ATTESTRY_SIGN_BY_QUEUE": "true"}
    signer = {**apart, "ATTESTRY_KEY_DIR": str(tmp_path / "keys"), "ATTESTRY_DATABASE_URL": address("signer")}
    start_worker(queues=("sign",), concurrency=1, env=signer)
    start_worker(queues=("checks", "default", "pdf"), env={**apart, "ATTESTRY_DATABASE_URL": address("worker")})
    return tmp_path / "keys"


def test_the_whole_path_works_in_these_roles(workers):
    """P8: table read, check, report and pack by a worker that cannot sign; the pack is verified offline."""
    cast = factories.make_cast()
    version = factories.make_version(cast)
    factories.make_limit(cast, version.home_system, rule="selection_rate_difference<=0.5")
    predictions = uploaded(cast, version)
    run = asked(cast, version, predictions)
    report = documents.request_report(version, kind="compliance", actor=cast.risk_officer)
    pack = documents.request_pack(version, actor=cast.auditor)
    for job in (run, report, pack):
        assert until(lambda job=job: fresh(job).is_over, 90)
        assert fresh(job).status == JobStatus.FINISHED, fresh(job).reason
    key = SigningKey.objects.get()
    assert (workers / f"{key.fingerprint}.pem").exists()
    assert verify.problems(Pack.objects.get(pk=pack.pk).blob.read(), key.fingerprint) == []
    assert AuditEntry.objects.filter(action="signature.made").count() >= 1
    assert until(lambda: AuditCheckpoint.objects.exists(), 20)  # made by the signer, too


def test_a_due_plan_is_run_and_alarms_in_the_role_of_a_worker(roles, start_worker):
    """S-124: what nobody asks for is asked for by a worker, which may add runs and tasks and change neither."""
    cast = factories.make_cast()
    version = factories.make_version(cast)
    plans.limited(cast, version)
    plans.in_force(cast, version, table=plans.read(cast, version, plans.rows_of(400, 100)))
    start_worker(
        queues=("checks", "default"), env={**sysroot.environment(), "ATTESTRY_DATABASE_URL": address("worker")}
    )
    found = CheckRun.objects.filter(status=JobStatus.FINISHED, verdict="fail", plan_run__due_on__isnull=False)
    assert until(found.exists, 60), list(CheckRun.objects.values("status", "reason"))
    assert Task.objects.filter(kind="alarm", object_id=found.get().pk).count() == 2


def uploaded(cast, version):
    """Predictions whose columns the worker has read."""
    from rai import actions

    row = actions.upload_predictions(version, content=ROWS.encode(), name="rows.csv", actor=cast.owner)
    assert until(lambda: fresh(row).is_over, 60)
    assert fresh(row).status == JobStatus.FINISHED, fresh(row).reason
    return fresh(row)


def asked(cast, version, predictions):
    """A check on them."""
    from rai import actions

    return actions.request_check(
        version, slug="group_fairness", predictions=predictions, parameters=PARAMETERS, actor=cast.owner
    )


@pytest.fixture
def in_the_role_of_the_web_server(roles, cast):
    """This process may do what the web server may."""
    with connection.cursor() as cursor:
        cursor.execute("SET ROLE attestry_web")
    yield cast
    with connection.cursor() as cursor:
        cursor.execute("RESET ROLE")


def test_what_people_do_works_in_the_role_of_the_web_server(in_the_role_of_the_web_server, valkey, client):
    """Every kind of row is made, every page read, a token made and taken back, a session begun and ended."""
    cast = in_the_role_of_the_web_server
    with transaction.atomic():
        world = make_world(cast)
    assert client.post("/login/", {"username": cast.owner.email, "password": "wrong"}).status_code == 422
    client.post("/login/", {"username": cast.owner.email, "password": factories.PASSWORD})
    for one in things():
        assert client.get(address_of(one, world)).status_code < 500, one.route
    body = {"system": str(world["system"].pk), "name": "Another model"}
    made = client.post("/api/v1/models/", body, content_type="application/json", headers={"Idempotency-Key": "k"})
    assert made.status_code == 201
    token, _secret = tokens.create_token(cast.owner, name="p", scopes=["models:read"], unit=cast.unit, days=1)
    tokens.revoke_token(token, actor=cast.owner)
    assert client.post("/logout/").status_code == 302


def test_what_belongs_to_one_process_is_handed_to_no_other(monkeypatch, tmp_path):
    """The signer's folder and each address leave the environment that children inherit."""
    secret = tmp_path / "signer_url"
    secret.write_text("postgres://attestry_signer@/x\n")
    monkeypatch.setenv("ATTESTRY_DATABASE_URL", "postgres://attestry_migrator@/x")
    monkeypatch.setenv("ATTESTRY_DATABASE_URL_WEB", "postgres://attestry_web@/x")
    monkeypatch.setenv("ATTESTRY_DATABASE_URL_SIGNER_FILE", str(secret))
    monkeypatch.setenv("ATTESTRY_KEY_DIR", "/var/lib/attestry/keys")
    own = postgres.apart("django.db.backends.postgresql")
    assert not [name for name in os.environ if name.startswith(("ATTESTRY_DATABASE_URL", "ATTESTRY_KEY_DIR"))]
    assert own.is_shared
    assert own.env("web")["ATTESTRY_DATABASE_URL"] == "postgres://attestry_web@/x"
    assert own.env("signer")["ATTESTRY_DATABASE_URL"] == "postgres://attestry_signer@/x"
    assert own.env("worker")["ATTESTRY_DATABASE_URL"] == "postgres://attestry_migrator@/x"
    assert [process for process in grants.PROCESSES if "ATTESTRY_KEY_DIR" in own.env(process)] == ["signer"]


def test_on_sqlite_there_is_nothing_to_take_apart(monkeypatch):
    monkeypatch.setenv("ATTESTRY_KEY_DIR", "/somewhere")
    assert postgres.apart("django.db.backends.sqlite3").env("worker") == {}
    assert os.environ["ATTESTRY_KEY_DIR"] == "/somewhere"
