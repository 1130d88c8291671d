"""Entries of registers, made from the rules: for every item one for each member that it looks at, with all that it asks."""

from datetime import date, timedelta
from itertools import count
from typing import Any

from registry import blobs
from registry.audit import log
from registry.models import Attachment, RegisterEntry
from registry.registers import Field, Kind, kinds
from registry.registers.kinds import RECORDED
from reports.framework_files import SLUGS, Item, load
from tests.reports.generated.base import TEXT, Company, keep

numbers = count(1)
SORTS = ("vendor", "aisystem", "dataset")
ROLE = ["provider of a general-purpose model with systemic risk"]
FIXED: dict[tuple[str, str], Any] = {("eu_classification", "tier"): "high", ("eu_classification", "role"): "both",
         ("eu_classification", "annex_iii_area"): "5(b)", ("feedback_item", "linked_change"): "new",
         ("environmental_record", "period"): str(date.today().year),
         ("organisation_profile", "eu_roles"): ROLE}  # fmt: skip
OF_SYSTEM = ("self", "all_systems", "systems_in_use", "high_tier_in_use", "generative_in_use", "agentic_in_use",
             "third_party_in_use", "personal_data_in_use", "people_affecting_in_use")  # fmt: skip


def write(company: Company) -> None:
    """Workflows first, then what each item asks for, then statements."""
    items = [item for slug in SLUGS for item in load(slug).items]
    entry(company, kinds()["data_description"], company.rows["data training"].dataset)
    entry(company, kinds()["monitoring_procedure"], company.system)
    entry(company, kinds()["feedback_item"], company.system, feedback_type="appeal")
    for kind in kinds().values():
        for status in reached(kind):
            entry(company, kind, company.system, status=status)
            entry(company, kind, company.root, status=status)
    for item in items:
        if item.kind == "record" and item.entity in kinds():
            for about, more in members(company, item.population):
                for values in wanted(item):
                    entry(company, kinds()[item.entity], about, **{**more, **values})
    for item in items:
        if item.kind == "attestation":
            statement(company, item)


def reached(kind: Kind) -> list[str]:
    """The statuses in which a workflow ends."""
    approved = ["approved"] if kind.approve and kind.approve.workflow else []
    return approved + [move.to for move in kind.moves.values() if move.workflow]


def members(company: Company, population: str) -> list[tuple[Any, dict[str, Any]]]:
    """What an entry is about so that it speaks for each member of the population."""
    if population in OF_SYSTEM:
        return [(company.system, {})]
    if population == "people_with_ai_roles":
        people = {row.pk for row in company.rows.values() if row._meta.model_name == "user"} | {
            person.pk for person in company.cast.everyone().values()
        }  # fmt: skip
        return [(company.root, {"person": str(pk)}) for pk in people]
    if population in ("critical_vendors", "active_vendors"):
        return [(company.rows["vendor"], {})]
    if population.startswith(("incidents", "serious", "third_party_incidents")):
        return [(company.system, {"incident": str(company.rows["incident"].pk)})]
    return [(company.root, {})]


def wanted(item: Item) -> list[dict[str, Any]]:
    """The values that `where` asks for; one entry for each value, or as many as are counted."""
    plain = {name: best(value) for name, value in item.where.items()}
    if item.distinct_on:
        values = item.where.get(item.distinct_on)
        named = values if isinstance(values, tuple) else (None,) * item.min_count
        return [
            {**plain, **({item.distinct_on: value} if value else {"number": place})}
            for place, value in enumerate(named)
        ]
    return [plain] * item.min_count


def best(value: Any) -> Any:
    """The last of several: the furthest of statuses."""
    return value[-1] if isinstance(value, tuple) else value


def entry(company: Company, kind: Kind, about: Any, **said: Any) -> RegisterEntry:
    """An entry with every field filled, unless something else is said."""
    status, number = said.pop("status", None) or begins(kind), said.pop("number", 0)
    vendor, system, dataset = (about if about._meta.model_name == name else None for name in SORTS)
    fields = {each.name: sample(each, company, number) for each in kind.fields.values()} | {
        name: value for name, value in said.items() if name in kind.fields
    }  # fmt: skip
    is_approved = status == "approved" and kind.approve is not None
    for (name, column), value in FIXED.items():
        if name == kind.name and column not in said:
            fields[column] = str(company.rows[value].pk) if value == "new" else value
    row = RegisterEntry(
        kind=kind.name, number=next(numbers), title=f"{kind.one} {next(numbers)}", fields=fields, status=status,
        unit=about if about == company.root else about.unit, system=system, vendor=vendor, dataset=dataset,
        owner=company.cast.owner, author=author(company, fields), due_on=due(company, kind),
        approved_by=company.rows["risk_officer"] if is_approved else None,
        approved_at=company.ago(6) if is_approved else None, submitted_at=company.ago(7),
    )  # fmt: skip
    row.save()
    log.record(company.cast.owner, "entry.added", row)
    if status in reached(kind):
        log.record(company.rows["risk_officer"], "entry.approved" if is_approved else "entry.moved", row)
    return row


def author(company: Company, fields: dict[str, Any]) -> Any:
    """Who wrote it: the person whom it is about, where there is one."""
    known = {str(row.pk): row for row in company.rows.values() if row._meta.model_name == "user"}
    return known.get(str(fields.get("person")), company.cast.owner)


def begins(kind: Kind) -> str:
    """The best status: approved, or the last that is not over."""
    if kind.approve:
        return "approved"
    if reached(kind):
        return reached(kind)[0]
    last = [status for status in kind.statuses if status not in ("retired", "superseded", "cancelled", "stopped")]
    return last[-1] if last else RECORDED


def due(company: Company, kind: Kind) -> Any:
    """Ahead; only what is to be corrected lies behind, so that it is looked at."""
    days = -10 if kind.name == "corrective_action" else 300
    return (company.now + timedelta(days=days)).date() if kind.due else None


def sample(each: Field, company: Company, number: int) -> Any:
    """A value of the type of a field."""
    if each.choices and "duties" not in each.choices:
        names = list(each.choices)
        choice = names[number % len(names)]
        return [choice] if each.type == "several" else choice
    plain = {"count": 7, "number": 12.5, "yes_no": True, "lines": ["one", "two"], "several": ["risk_officer"]}
    if each.type == "day":
        return company.day(20 if each.name not in ("valid_until", "deadline") else -200).isoformat()
    if each.type == "person":
        people = ("validator", "human_reviewer", "domain_expert")
        return str(company.rows[people[number % 3]].pk)
    if each.is_row:
        pk = str(target(each, company))
        return [pk] if each.type == "rows" else pk
    return plain.get(each.type, TEXT)


def target(each: Field, company: Company) -> Any:
    """Some row to which the field may lead."""
    if each.of == "risk.Incident":
        return company.rows["incident"].pk
    known = RegisterEntry.objects.filter(kind=each.of).first()
    return known.pk if known else company.system.pk


def statement(company: Company, item: Item) -> None:
    """A signed statement with its paper, by who holds the role."""
    about = company.root if item.population == "organisation" else company.system
    signer = company.rows[item.role]
    row = entry(company, kinds()["signed_statement"], about, topic=item.topic, signed_by=str(signer.pk))
    keep(Attachment(
        blob=blobs.store(b"signed", "application/pdf"), name="signed.pdf", role="file", object_type=row._meta.label,
        object_id=row.pk,
    ))  # fmt: skip
