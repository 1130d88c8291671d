"""The check of packages against advisories, kept as evidence when run: which have weaknesses that are known, and how grave they are.

Nothing is fetched. The bill of materials and the advisories are files that people brought; both are read in the child.
"""

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any, Final

from django.db.models import OuterRef, Q, Subquery
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from rai.models import MetricBaseline
from rai.wording.refusals import refused
from registry import moment
from registry.models import Attachment, AuditEntry, Component, ComponentUse, ModelVersion, RegisterEntry, Verdict
from registry.record_checks import Answer, Finding, record_check

SLUG: Final = "security.dependencies"
BILL, ADVISORIES = "bill_of_materials", "advisories"
# A component of the catalogue says its ecosystem by its provider.
PYPI: Final = "pypi"
NAMED: Final = 20


@record_check(
    SLUG,
    _("Known weaknesses of packages"),
    {
        "looked": _("%(packages)s packages of %(bill)s were held against %(advisories)s advisories of %(file)s."),
        "looked_record": _("%(packages)s packages that the record names were held against %(advisories)s advisories of %(file)s."),
        "none": _("None of them has a weakness that these advisories know of."),
        "critical": _("Critical weaknesses: %(n)s, in %(named)s."),
        "high": _("High weaknesses: %(n)s, in %(named)s."),
        "medium": _("Medium weaknesses: %(n)s, in %(named)s."),
        "low": _("Low weaknesses: %(n)s, in %(named)s."),
        "unrated": _("Weaknesses that nobody has rated: %(n)s, in %(named)s."),
        "borne": _("Borne by a decision: %(named)s."),
        "lapsed": _("A decision to bear it has run out: %(named)s."),
        "not_evaluable": _("Not evaluable: %(n)s, among them %(named)s. The table says why."),
        "fresh": _("The newest advisory is of %(day)s, %(days)s days old."),
        "stale": _("The newest advisory is of %(day)s, %(days)s days old: older than the limit, so what became known since is missing. Bring a newer file."),
        "no_packages": _("No packages are known: bring a bill of materials, or name the libraries among the components."),
        "no_advisories": _("No advisories are there to hold the packages against: bring a file of them."),
        "unread": _("A file could not be read: %(why)s"),
    },
    read_rule="rai.checks.dependencies:parse_rule",
    sheets="rai.figures.dependencies:sheets",
)  # fmt: skip
def dependencies(version: ModelVersion) -> list[Finding] | Answer:
    """The newest bill of the version, else its components, against the newest advisories of its system."""
    from rai.checks.contract import InputError
    from rai.sandbox import launcher

    bill, advisories, packages = newest(version, BILL), newest(version.home_system, ADVISORIES), of_record(version)
    lacking = [] if bill or packages else ["no_packages"]
    lacking += [] if advisories else ["no_advisories"]
    if lacking or advisories is None:
        return [Finding(code, Verdict.INSUFFICIENT) for code in lacking]
    try:
        found = read(bill, advisories, packages)
    except (InputError, launcher.SandboxError) as error:
        return [Finding("unread", Verdict.INSUFFICIENT, {"why": str(refused(error))})]
    return answered(version, found, bill, advisories)


def newest(row: Any, role: str) -> Attachment | None:
    """The newest file of a row in this role."""
    return Attachment.objects.of(row).filter(role=role).select_related("blob").order_by("-created_at").first()


def of_record(version: ModelVersion) -> list[tuple[str, str, str]]:
    """Ecosystem, name and version of the libraries and tools among the components that the record names."""
    uses = ComponentUse.objects.bearing_on(version.home_system, version).select_related("component")
    kinds = (Component.Kind.LIBRARY, Component.Kind.TOOL)
    found = {use.component for use in uses if use.component.component_type in kinds}
    return sorted(
        (PYPI if one.provider.strip().lower() == PYPI else "", one.name, one.version) for one in found
    )  # fmt: skip


def read(bill: Attachment | None, advisories: Attachment, packages: list[tuple[str, str, str]]) -> dict[str, Any]:
    """What the child says of both files; raises InputError or SandboxError."""
    from rai.sandbox import launcher
    from rai.sandbox.limits import Limits

    files = {"advisories": advisories, **({"bill": bill} if bill else {})}
    found = launcher.run(
        "weaknesses", {"packages": packages}, files={name: one.blob.path for name, one in files.items()},
        titles={name: one.name for name, one in files.items()}, limits=Limits(processor=40, wall=60),
    )  # fmt: skip
    return found.json


def answered(version: ModelVersion, found: dict[str, Any], bill: Attachment | None, advisories: Attachment) -> Answer:
    """Findings and judged limits of what the child found."""
    from rai.checks import dependencies as check
    from rai.checks.contract import plain

    system, today = version.home_system, moment.today()
    day = date.fromisoformat(found["newest"]) if found["newest"] else timezone.localdate(advisories.created_at)
    rules = list(MetricBaseline.objects.in_force(system, SLUG).values_list("rule", flat=True))
    judged = check.judge(found, rules=rules, borne=borne(version), today=today, newest=day)
    verdicts = {check.parse_rule(one.rule).name: one.verdict for one in judged.thresholds}
    said = {"packages": found["packages"], "advisories": found["advisories"], "file": advisories.name}
    looked = (
        Finding("looked", Verdict.PASS, said | {"bill": bill.name})
        if bill
        else Finding("looked_record", Verdict.PASS, said)
    )
    findings = [looked, *counted(found, judged, verdicts), age(day, judged.counts[check.AGE], verdicts[check.AGE])]
    files = [{"role": one.role, "name": one.name, "digest": one.blob.digest} for one in (bill, advisories) if one]
    beside = {
        "files": files, "thresholds": plain(judged.thresholds), "weaknesses": list(judged.weaknesses),
        "unknown": found["unknown"], "counts": dict(judged.counts),
    }  # fmt: skip
    return Answer(findings, beside)


def counted(found: dict[str, Any], judged: Any, verdicts: Mapping[str, str]) -> Iterable[Finding]:
    """A finding for every level that has open weaknesses, for what is borne, and for what cannot be told."""
    if not judged.weaknesses and not found["unknown"]:
        yield Finding("none", Verdict.PASS)
    for level, n in judged.counts.items():
        named = [one for one in judged.weaknesses if one["severity"] == level and one["borne"] != "borne"]
        if n and named:
            facts = {"n": n, "named": listed(f"{one['package']} ({one['ids'][0]})" for one in named)}
            yield Finding(level, verdicts.get(level, Verdict.PASS), facts)
    for state in ("borne", "lapsed"):
        named = [one for one in judged.weaknesses if one["borne"] == state]
        if named:
            yield Finding(
                state,
                Verdict.PASS,
                {"named": listed(f"{one['package']} ({one['ids'][0]}, {one['until']})" for one in named)},
            )
    if found["unknown"]:
        facts = {"n": found["unknown_in_all"], "named": listed(one["package"] for one in found["unknown"])}
        yield Finding("not_evaluable", verdicts["not_evaluable"], facts)


def age(day: date, days: int, verdict: str) -> Finding:
    """How old the advisories are."""
    return Finding("fresh" if verdict == Verdict.PASS else "stale", verdict, {"day": day.isoformat(), "days": days})


def listed(names: Iterable[str]) -> str:
    """The first names, and that there are more."""
    every = list(dict.fromkeys(names))
    return ", ".join(every[:NAMED]) + (" …" if len(every) > NAMED else "")


def borne(version: ModelVersion) -> list[Any]:
    """The decisions that bear on this version: weaknesses of the register that are borne, up to the day that they name.

    An edit after the decision was decided by nobody: then it must be decided again.
    """
    from rai.checks.dependencies import Borne

    system = version.home_system
    above = [pk for pk in system.unit.path.split("/") if pk]
    rows = RegisterEntry.objects.standing().filter(kind="vulnerability", status="accepted", due_on__isnull=False)
    rows = rows.filter(Q(system=system) | Q(system=None, unit__in=above))
    last = AuditEntry.objects.filter(object_id=OuterRef("pk"), action__in=("entry.moved", "entry.edited")).order_by(
        "-seq"
    )
    decided = rows.annotate(last=Subquery(last.values("action")[:1])).filter(last="entry.moved")
    said = [(row.fields, row.due_on) for row in decided]
    return [Borne(str(one["identifier"]), str(one["component_name"]), until) for one, until in said if until]
