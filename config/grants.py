"""What each process may do in PostgreSQL: one table of privileges, and the SQL that brings a database to it.

Letters: S select, I insert, U update, D delete, `r` update of the ringing alone, `c` those columns that stand below.
A table that is not named here belongs to the web server alone; whoever owns the tables (the migrator) may everything.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from django.apps import apps
from django.db import connection
from django.db.models import Model

PROCESSES = ("web", "worker", "signer")
NARROW = "attestry_narrow"
VERBS = {"S": "SELECT", "I": "INSERT", "U": "UPDATE", "D": "DELETE"}

TABLE = """
django_migrations          S    S    S
django_content_type        S    S    S
registry_auditentry        SI   SI   SI
registry_auditbody         SIc  SI   SI
registry_audithead         SIU  SIU  SIU
registry_auditcheckpoint   S    S    SIU
registry_witnessednote     SIU  -    S
registry_bodyerasure       SIU  S    S
registry_blob              SI   SI   S
registry_attachment        SIU  SI   S
registry_evidence          SIU  SI   S
registry_user              SIU  -    -
registry_businessunit      SIU  S    S
registry_roleassignment    SIU  S    S
registry_aisystem          SIU  S    S
registry_model             SIU  S    S
registry_modelversion      SIU  Sc   S
registry_dataset           SIU  S    S
registry_datasetversion    SIU  S    S
registry_artifact          SIU  S    S
registry_artifactversion   SIU  S    S
registry_dataterms         SIU  S    S
registry_modelcard         SIU  S    S
registry_lineagelink       SIU  S    S
registry_datause           SIU  S    S
registry_dataaccess        SIU  S    S
registry_pipelinestep      SIU  S    S
registry_searchentry       SIUD SIU  -
registry_release           SIU  S    S
registry_release_evidence  SID  S    S
registry_release_artifact_versions SID S S
registry_release_dataset_versions SID S S
registry_review            SIU  S    S
registry_signoff           SIU  S    S
registry_condition         SIU  S    S
registry_question          SIU  S    S
registry_reviewpolicy      SIU  S    S
registry_policyapproval    SI   S    S
registry_gaterecord        SI   SI   S
registry_stageopinion      SI   S    S
registry_delegation        SIU  S    S
registry_delegatedact      SI   S    S
registry_meeting           SIU  S    S
registry_agendaitem        SIU  S    S
registry_attendance        SIU  S    S
registry_reminder          SI   S    S
registry_dailymail         S    SIUD -
registry_deployment        SIU  S    S
registry_rolloutstep       SIU  S    S
registry_laterrun          SIU  SI   S
registry_task              SIU  SI   S
registry_waiver            SIU  S    S
registry_webhook           SIU  SU   -
registry_delivery          SID  SID  -
registry_intake            SIU  S    S
registry_founduse          SIU  S    S
registry_dependence        SIU  S    S
registry_retirementplan    SIU  S    S
registry_planitem          SIU  S    S
registry_consumer          SIU  SI   S
registry_retirementnotice  SI   SI   S
registry_vendorend         SIU  S    S
registry_vendorendmatch    SIU  S    S
registry_vendor            SIU  S    S
registry_agreement         SIU  S    S
registry_component         SIU  S    S
registry_componentuse      SIU  S    S
registry_comparison        SIU  S    S
registry_registerentry     SIU  S    S
registry_candidate         SIU  S    S
registry_keptanswer        SID  cD   cD
registry_sweeplease        SIU  SIU  SIU
registry_failedsignin      SIUD -    -
registry_apitoken          SIUD -    -
django_session             SIUD -    -
risk_assessment            SIU  S    S
risk_assessmentpart        SIU  S    S
risk_answer                SIUD S    S
risk_sectionassignment     SIU  S    S
risk_assessmentcomment     SI   S    S
risk_maturityassessment    SIU  S    S
risk_risk                  SIU  S    S
risk_treatment             SIU  S    S
risk_acceptance            SIU  S    S
risk_vendorassessment      SIU  S    S
risk_reclassification      SIU  S    S
risk_affectedversion       SIU  S    S
risk_incident              SIU  S    S
risk_incidentnote          SIU  S    S
risk_suspension            SIU  S    S
risk_erasurestep           SIU  S    S
risk_lossrange             SIU  S    S
rai_predictions            SIU  SU   Sr
rai_checkrun               SIU  SIU  Sr
rai_testplan               SIU  S    S
rai_planrun                SIU  SI   S
rai_metricbaseline         SIU  S    S
reports_report             SIU  SIU  Sr
reports_reportschedule     SIU  SU   S
reports_letterhead         SI   S    S
reports_pack               SIU  SU   Sr
reports_boardpack          SIU  SIU  Sr
reports_minutes            SIU  SU   Sr
reports_signature          S    SIr  SU
reports_deskitem           SIU  S    S
reports_frameworkedition   SIU  S    S
reports_frameworkapproval  SI   S    S
reports_signingkey         S    S    SIU
reports_standing           S    SIU  S
reports_standinghead       S    SIU  S
"""
# Erasing needs these (a trigger refuses every other change of a body); a sweep drops old answers without reading them;
# a worker that reads stored bytes by night says when.
COLUMNS = {
    ("web", "registry_auditbody"): "UPDATE (salt, body, erased_at, erased_reason)",
    ("worker", "registry_modelversion"): "UPDATE (backup_verified_at)",
    ("worker", "registry_keptanswer"): "SELECT (id, created_at)",
    ("signer", "registry_keptanswer"): "SELECT (id, created_at)",
}
MATRIX: dict[str, dict[str, str]] = {
    words[0]: dict(zip(PROCESSES, words[1:], strict=True))
    for words in (line.split() for line in TABLE.strip().splitlines())
}
WEB_ALONE = {"web": "SIUD", "worker": "-", "signer": "-"}
# Columns that nobody but the web server reads, and what stands in their place for the others.
HIDDEN = {"registry_user": {"password": "''::varchar"}}


# A statement that PostgreSQL refuses is written into its log with every value in it, unless a superuser says otherwise.
QUIET = {"log_min_error_statement": "panic", "log_error_verbosity": "terse"}


@dataclass(frozen=True)
class Names:
    """The names of the roles in one cluster."""

    prefix: str = "attestry_"

    def of(self, process: str) -> str:
        """The role of a process, quoted."""
        return connection.ops.quote_name(self.prefix + process)

    @property
    def everybody(self) -> str:
        """All roles, for a list."""
        return ", ".join(map(self.of, PROCESSES))


def roles(names: Names) -> Iterator[str]:
    """What a superuser carries out: the roles, what of theirs is logged, where each looks for tables. May be repeated."""
    database = connection.ops.quote_name(connection.settings_dict["NAME"])
    for process in PROCESSES:
        role = names.of(process)
        yield f"DO $$ BEGIN CREATE ROLE {role} LOGIN; EXCEPTION WHEN duplicate_object THEN NULL; END $$"
        yield f"ALTER ROLE {role} NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS"
        for setting, value in QUIET.items():
            yield f"ALTER ROLE {role} SET {setting} = '{value}'"
        if process != "web":
            yield f"ALTER ROLE {role} IN DATABASE {database} SET search_path = {NARROW}, public"


def grants(names: Names) -> Iterator[str]:
    """What the owner of the tables carries out after every migration. May be carried out again."""
    database, everybody = connection.ops.quote_name(connection.settings_dict["NAME"]), names.everybody
    yield "REVOKE CREATE ON SCHEMA public FROM PUBLIC"
    yield f"REVOKE ALL ON DATABASE {database} FROM PUBLIC"
    yield f"GRANT CONNECT ON DATABASE {database} TO {everybody}"
    yield f"CREATE SCHEMA IF NOT EXISTS {NARROW}"
    for schema in ("public", NARROW):
        yield f"REVOKE ALL ON ALL TABLES IN SCHEMA {schema} FROM PUBLIC, {everybody}"
        yield f"REVOKE ALL ON SCHEMA {schema} FROM {everybody}"
        yield f"GRANT USAGE ON SCHEMA {schema} TO {everybody}"
    yield f"REVOKE ALL ON ALL SEQUENCES IN SCHEMA public FROM PUBLIC, {everybody}"
    yield f"GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO {names.of('web')}"
    for table in tables():
        yield from grants_on(table, names)
    yield from narrow_views(names)


def tables() -> list[str]:
    """The tables of the program that are in the database."""
    there = set(connection.introspection.table_names())
    known = {model._meta.db_table for model in apps.get_models(include_auto_created=True)}
    return sorted((known | set(MATRIX)) & there)


def grants_on(table: str, names: Names) -> Iterator[str]:
    """The privileges on one table."""
    for process, letters in MATRIX.get(table, WEB_ALONE).items():
        wanted = [VERBS[letter] for letter in letters if letter in VERBS]
        wanted += ["UPDATE (rung_at)"] if "r" in letters else []
        wanted += [COLUMNS[process, table]] if "c" in letters else []
        if wanted:
            yield f"GRANT {', '.join(wanted)} ON {connection.ops.quote_name(table)} TO {names.of(process)}"


def narrow_views(names: Names) -> Iterator[str]:
    """Tables with columns that are not for everybody, under the same name in a schema that the others look into first."""
    for model in apps.get_models():
        table = model._meta.db_table
        if table not in HIDDEN:
            continue
        yield f"DROP VIEW IF EXISTS {NARROW}.{table}"
        yield f"CREATE VIEW {NARROW}.{table} AS SELECT {', '.join(shown(model))} FROM public.{table}"
        yield f"GRANT SELECT ON {NARROW}.{table} TO {names.of('worker')}, {names.of('signer')}"


def shown(model: type[Model]) -> Iterator[str]:
    """The columns of a view: each as it is, or what stands in its place."""
    hidden = HIDDEN[model._meta.db_table]
    for field in model._meta.concrete_fields:
        column = str(field.column)
        name = connection.ops.quote_name(column)
        yield f"{hidden[column]} AS {name}" if column in hidden else name


def drop_views() -> Iterator[str]:
    """What stands in the way of a migration that changes a hidden table."""
    yield f"DROP SCHEMA IF EXISTS {NARROW} CASCADE"
