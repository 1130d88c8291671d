"""What the audit report on a system says: adherence by input, model and output, findings, runs with the entries of the log that prove them."""

from datetime import datetime, timedelta
from typing import Any, Final

from django.db.models import Count, Max, Min, Q
from django.utils.translation import gettext as _, gettext_lazy, ngettext

from rai.models import CheckRun
from registry import gates
from registry.models import AISystem, AuditCheckpoint, AuditEntry, Evidence, ModelVersion, RegisterEntry, Waiver
from registry.release_gates import evidence_of, preview
from reports.contents import label_of
from reports.kinds.blocks import aside, chapter, facts, frame, heading, limit, moment, table, text, verdict
from risk import words
from risk.models import Assessment

PERIOD: Final = timedelta(days=365)
# Where in a system a check looks, by what it shows.
COMPONENTS: Final = (
    (
        "input",
        gettext_lazy("Input"),
        ("data.", "drift.data", "fairness.representation", "fairness.proxy", "performance.sample"),
    ),
    ("model", gettext_lazy("Model"), ("explain.", "performance.", "drift.prediction", "robustness.", "security.")),
    ("output", gettext_lazy("Output"), ("fairness.", "output.", "generative.")),
)
MOST_RUNS: Final = 500
STAMP: Final = "%Y-%m-%dT%H:%M:%S.%f"  # as entries of the log are dated


def audit(system: AISystem, *, as_of: datetime) -> dict[str, Any]:
    """Everything that the audit report on a system prints, over the year before it."""
    since = as_of - PERIOD
    versions = list(
        ModelVersion.objects.filter(model__system=system).select_related("model").order_by("created_at", "pk")
    )
    standing = [row for version in versions[-1:] for row in evidence_of(preview(version))]
    runs = runs_of(system, since, as_of)
    found = findings(system)
    return frame(system.name, as_of=as_of, cover=cover(system, since)) | {
        "summary": summary(system, standing, runs, found),
        "chapters": [
            chapter(_("Adherence by component"), *adherence(system, standing), controls(versions)),
            chapter(_("Findings and corrective actions"), *told(found)),
            chapter(_("Exceptions"), waivers(system)),
            chapter(_("Runs and their receipts in the log"), *receipts(runs)),
            chapter(_("The log"), *log(system, since, as_of)),
        ],
        "not_checked": not_checked(runs),
    }


def cover(system: AISystem, since: datetime) -> list[tuple[str, Any]]:
    """The lines of the cover."""
    return [
        (_("Business unit"), system.unit), (_("Risk tier"), system.get_risk_tier_display()),
        (_("Life-cycle stage"), system.get_lifecycle_stage_display()), (_("Audited from"), moment(since)),
        (_("Business owner"), system.business_owner), (_("Technical owner"), system.technical_owner),
    ]  # fmt: skip


def summary(
    system: AISystem, standing: list[Evidence], runs: list[CheckRun], found: list[RegisterEntry]
) -> list[list[str]]:
    """What a member of the board reads."""
    failed = [row for row in standing if row.verdict == "fail"]
    undone = sum(row.kind == "corrective_action" and row.status in {"open", "overdue"} for row in found)
    checks = ngettext("%d check stands", "%d checks stand", len(standing)) % len(standing)
    lines = [
        [_("Checks"), _("%(standing)s for the newest version; %(failed)d of them failed.") % {"standing": checks, "failed": len(failed)}],
        [_("Runs in the period"), _("%(runs)d, of which %(unfinished)d did not end with a result.") % {
            "runs": len(runs), "unfinished": sum(run.evidence_id is None for run in runs)}],
        [_("Findings"), ngettext("%d corrective action is open.", "%d corrective actions are open.", undone) % undone],
        [_("Exceptions"), _("%d waivers are in force.") % Waiver.objects.in_force().filter(version__model__system=system).count()],
    ]  # fmt: skip
    return [[str(name), str(value)] for name, value in lines]


def component_of(row: Evidence) -> str:
    """Where a run looks; the model where nothing says otherwise."""
    for name, _label, prefixes in COMPONENTS:
        if any(shown.startswith(prefixes) for shown in row.shows):
            return name
    return "model"


def adherence(system: AISystem, standing: list[Evidence]) -> list[Any]:
    """Input, model and output, each with its checks and with what the newest assessment says of it."""
    assessed = Assessment.objects.approved().filter(system=system).order_by("-approved_at").first()
    parts = {part.component: part for part in assessed.parts.all()} if assessed else {}
    blocks: list[Any] = []
    for name, label, _prefixes in COMPONENTS:
        rows = [
            [label_of(row.check_slug), verdict(row.verdict), moment(row.effective_at), moment(row.valid_until), row.digest[:19]]
            for row in standing if component_of(row) == name
        ]  # fmt: skip
        head = ((_("Check"), 0), (_("Verdict"), 15), (_("Run"), 18), (_("Valid until"), 18), (_("Outcome"), 20))
        blocks += [
            heading(label),
            table(_("Checks that stand"), head, rows) or text(_("No check of this component stands.")),
            aside(_("Assessment: %s") % standing_of(parts.get(name))),
        ]
    return blocks


def standing_of(part: Any) -> str:
    """What an assessment says of a component."""
    if part is None:
        return _("none is approved")
    return (
        _("no personal data")
        if part.is_closed
        else _("risk that is left: %s") % (words.level_word(part.residual_level) or "–")
    )


def controls(versions: list[ModelVersion]) -> Any:
    """The gates of the newest version, as they answer now."""
    rows = [
        [found.title, verdict(found.result), found.reason]
        for version in versions[-1:]
        for found in (gates.evaluate(preview(version)))
    ]
    return table(_("Gates of the newest version"), ((_("Gate"), 34), (_("Answer"), 17), (_("Reason"), 0)), rows)


def findings(system: AISystem) -> list[RegisterEntry]:
    """Audits of the system and what follows from findings."""
    rows = RegisterEntry.objects.standing().filter(system=system, kind__in=("audit_engagement", "corrective_action"))
    return list(rows.select_related("owner").order_by("kind", "number"))


def told(found: list[RegisterEntry]) -> list[Any]:
    """Audits with their findings, then actions with their standing."""
    from registry.registers import kinds

    audits = [row for row in found if row.kind == "audit_engagement"]
    actions = [row for row in found if row.kind == "corrective_action"]
    statuses = {name: kinds()[name].statuses for name in ("audit_engagement", "corrective_action")}

    def status(row: RegisterEntry) -> str:
        return _(str(statuses[row.kind][row.status]))

    return [
        table(
            _("Audits"),
            ((_("Audit"), 26), (_("Auditor"), 18), (_("Status"), 14), (_("Findings"), 0)),
            [[row.title, row.fields.get("auditor", ""), status(row), row.fields.get("findings", "")] for row in audits],
        ) or text(_("No audit of this system is on the register.")),
        table(
            _("Corrective actions"),
            ((_("What is to be done"), 0), (_("Owner"), 20), (_("Due"), 14), (_("Status"), 14)),
            [[row.fields.get("action") or row.title, row.owner, row.due_on or "", status(row)] for row in actions],
        ) or text(_("No corrective action is on the register.")),
    ]  # fmt: skip


def waivers(system: AISystem) -> Any:
    """Everything that was let through, whatever became of it."""
    rows = Waiver.objects.filter(version__model__system=system).select_related("version__model", "owner")
    found = [
        [row.version, row.title, row.status_label, row.expires_on, row.reason]
        for row in rows.order_by("created_at", "pk")
    ]
    head = ((_("Version"), 22), (_("What is let through"), 20), (_("Status"), 13), (_("Until"), 13), (_("Reason"), 0))
    return table(_("Waivers"), head, found) or text(_("Nobody asked for a waiver."))


def runs_of(system: AISystem, since: datetime, until: datetime) -> list[CheckRun]:
    """Every run that was asked for in the period, whatever became of it."""
    rows = CheckRun.objects.filter(version__model__system=system, created_at__range=(since, until))
    return list(rows.select_related("version__model", "evidence", "requested_by").order_by("created_at", "pk"))


def receipts(runs: list[CheckRun]) -> list[Any]:
    """Each run with the entry of the log that says how it ended; of very many the newest, and how many there are."""
    shown = runs[-MOST_RUNS:]
    ends = AuditEntry.objects.filter(object_id__in=[run.pk for run in shown]).order_by("seq")
    last = {entry.object_id: entry for entry in ends}
    head = (
        (_("Asked"), 16), (_("Version"), 18), (_("Check"), 18), (_("Ended as"), 0), (_("Verdict"), 14),
        (_("Entry of the log"), 18),
    )  # fmt: skip
    rows = [
        [moment(run.created_at), run.version, label_of(run.slug), run.get_status_display(),
         verdict(run.verdict) if run.verdict else "", receipt(last.get(run.pk))]
        for run in shown
    ]  # fmt: skip
    counted = ngettext("%d run was asked for in the period.", "%d runs were asked for in the period.", len(runs)) % len(
        runs
    )
    cut = _("The newest %d stand here; the list of runs in the registry holds them all.") % MOST_RUNS
    return [text(counted), aside(cut) if len(runs) > MOST_RUNS else None, table(_("Runs, oldest first"), head, rows)]


def receipt(entry: AuditEntry | None) -> str:
    """The number and hash of an entry."""
    return f"{entry.seq} · {bytes(entry.entry_hash).hex()[:12]}" if entry else ""


def log(system: AISystem, since: datetime, until: datetime) -> list[Any]:
    """What the chained log holds of the system in the period, and the newest checkpoint of the whole log."""
    here = Q(about_id=system.pk) | Q(object_id=system.pk)
    versions = ModelVersion.objects.filter(model__system=system).values("pk")
    rows = AuditEntry.objects.filter(here | Q(about_id__in=versions) | Q(object_id__in=versions))
    rows = rows.filter(ts_utc__gte=since.strftime(STAMP), ts_utc__lt=until.strftime(STAMP))
    counted = rows.aggregate(n=Count("seq"), first=Min("seq"), last=Max("seq"))
    note = AuditCheckpoint.objects.filter(made_at__lte=until).order_by("-size").first()
    return [
        facts([
            (_("Entries on the system in the period"), counted["n"]),
            (_("From entry to entry"), f"{counted['first'] or '–'} … {counted['last'] or '–'}"),
            (_("Newest checkpoint, size of the log"), note.size if note else _("none was made yet")),
            (_("Root of its tree"), bytes(note.root).hex() if note else ""),
            (_("Signed by the key"), note.key_fingerprint if note else ""),
        ]),
        by_action(rows),
    ]  # fmt: skip


def by_action(rows: Any) -> Any:
    """How often each kind of change happened."""
    found = rows.values("action").annotate(n=Count("seq")).order_by("action")
    return table(
        _("Changes by kind"), ((_("Change"), 0), (_("How often"), 20)), [[row["action"], row["n"]] for row in found]
    )


def not_checked(runs: list[CheckRun]) -> list[dict[str, str]]:
    """What a reader must not take for shown."""
    rows = [
        limit(_("What nobody recorded"), _("The report is read from the registry. Work that left no row in it is not seen.")),
        limit(_("The whole chain of the log"), _("The report names entries and the newest checkpoint; whether every entry of the log holds is said by the page on the log and by the pack's verifier.")),
    ]  # fmt: skip
    return rows if runs else [*rows, limit(_("Measurements"), _("No check was run in the period."))]
