"""The log's tables refuse UPDATE and DELETE in the database itself, and the head carries the edge of the tree."""

import hashlib

from django.db import migrations

# The one change that a body takes: its erasure.
ERASURE = (
    "NEW.salt IS NULL AND NEW.body IS NULL AND NEW.erased_at IS NOT NULL "
    "AND OLD.erased_at IS NULL AND NEW.entry_id = OLD.entry_id"
)
REFUSED = "the log is append-only"

SQLITE = [
    f"CREATE TRIGGER audit_entry_no_update BEFORE UPDATE ON registry_auditentry BEGIN SELECT RAISE(ABORT, '{REFUSED}'); END",
    f"CREATE TRIGGER audit_entry_no_delete BEFORE DELETE ON registry_auditentry BEGIN SELECT RAISE(ABORT, '{REFUSED}'); END",
    # INSERT OR REPLACE deletes without a trigger of DELETE.
    "CREATE TRIGGER audit_entry_no_replace BEFORE INSERT ON registry_auditentry "
    "WHEN EXISTS (SELECT 1 FROM registry_auditentry WHERE seq = NEW.seq OR entry_hash = NEW.entry_hash) "
    f"BEGIN SELECT RAISE(ABORT, '{REFUSED}'); END",
    f"CREATE TRIGGER audit_body_only_erasure BEFORE UPDATE ON registry_auditbody WHEN NOT ({ERASURE}) "
    f"BEGIN SELECT RAISE(ABORT, '{REFUSED}'); END",
    f"CREATE TRIGGER audit_body_no_delete BEFORE DELETE ON registry_auditbody BEGIN SELECT RAISE(ABORT, '{REFUSED}'); END",
    "CREATE TRIGGER audit_body_no_replace BEFORE INSERT ON registry_auditbody "
    "WHEN EXISTS (SELECT 1 FROM registry_auditbody WHERE entry_id = NEW.entry_id) "
    f"BEGIN SELECT RAISE(ABORT, '{REFUSED}'); END",
]
SQLITE_BACK = [
    f"DROP TRIGGER IF EXISTS {name}"
    for name in ("audit_entry_no_update", "audit_entry_no_delete", "audit_entry_no_replace", "audit_body_only_erasure",
                 "audit_body_no_delete", "audit_body_no_replace")
]

POSTGRESQL = [
    "CREATE FUNCTION audit_refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
    f"RAISE EXCEPTION '{REFUSED}' USING ERRCODE = 'integrity_constraint_violation'; END $$",
    "CREATE TRIGGER audit_entry_append_only BEFORE UPDATE OR DELETE ON registry_auditentry "
    "FOR EACH ROW EXECUTE FUNCTION audit_refuse()",
    "CREATE TRIGGER audit_entry_no_truncate BEFORE TRUNCATE ON registry_auditentry "
    "FOR EACH STATEMENT EXECUTE FUNCTION audit_refuse()",
    f"CREATE TRIGGER audit_body_only_erasure BEFORE UPDATE ON registry_auditbody FOR EACH ROW WHEN (NOT ({ERASURE})) "
    "EXECUTE FUNCTION audit_refuse()",
    "CREATE TRIGGER audit_body_no_delete BEFORE DELETE ON registry_auditbody "
    "FOR EACH ROW EXECUTE FUNCTION audit_refuse()",
    "CREATE TRIGGER audit_body_no_truncate BEFORE TRUNCATE ON registry_auditbody "
    "FOR EACH STATEMENT EXECUTE FUNCTION audit_refuse()",
]
POSTGRESQL_BACK = [
    "DROP TRIGGER IF EXISTS audit_entry_append_only ON registry_auditentry",
    "DROP TRIGGER IF EXISTS audit_entry_no_truncate ON registry_auditentry",
    "DROP TRIGGER IF EXISTS audit_body_only_erasure ON registry_auditbody",
    "DROP TRIGGER IF EXISTS audit_body_no_delete ON registry_auditbody",
    "DROP TRIGGER IF EXISTS audit_body_no_truncate ON registry_auditbody",
    "DROP FUNCTION IF EXISTS audit_refuse()",
]
THERE = {"sqlite": SQLITE, "postgresql": POSTGRESQL}
BACK = {"sqlite": SQLITE_BACK, "postgresql": POSTGRESQL_BACK}


def forbid(apps, schema_editor):
    for statement in THERE.get(schema_editor.connection.vendor, ()):
        schema_editor.execute(statement, params=None)


def permit(apps, schema_editor):
    for statement in BACK.get(schema_editor.connection.vendor, ()):
        schema_editor.execute(statement, params=None)


def fill_edge(apps, schema_editor):
    """The edge of the tree over the entries that are there: one hash for each bit of their number."""
    head = apps.get_model("registry", "AuditHead").objects.filter(pk=1).first()
    if head is None or not head.size or head.frontier is not None:
        return
    entries = apps.get_model("registry", "AuditEntry").objects.order_by("seq")
    nodes, size = [], 0
    for leaf in entries.values_list("leaf_hash", flat=True).iterator(2000):
        found, joins = bytes(leaf), size
        while joins & 1:
            found = hashlib.sha256(b"\x01" + nodes.pop() + found).digest()
            joins >>= 1
        nodes.append(found)
        size += 1
    if size == head.size:
        head.frontier = b"".join(nodes)
        head.save(update_fields=["frontier"])


def leave(apps, schema_editor):
    """An edge that is there harms nothing."""


class Migration(migrations.Migration):
    dependencies = [("registry", "0004_audit_checkpoints")]

    operations = [migrations.RunPython(fill_edge, leave), migrations.RunPython(forbid, permit)]
