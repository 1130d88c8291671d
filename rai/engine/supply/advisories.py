"""Reads a file of advisories, OSV as JSON or a CSV, and says which packages of a bill they speak of."""

import csv
import io
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from packaging.utils import canonicalize_name
from packaging.version import InvalidVersion

from rai.checks.saying import InputError
from rai.engine.supply import ranges, severity
from rai.engine.supply.bills import PYPI, Package, decoded, listed, parsed, text
from rai.engine.supply.ranges import Affected, Clause, Event

MOST_ADVISORIES, MOST_EVENTS, MOST_VERSIONS = 200_000, 2_000, 20_000
COLUMNS = ("id", "package", "affected", "severity")
CLAUSE = re.compile(r"(<=|>=|==|!=|<|>)\s*([^\s<>=!,|*]+)")
DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
RANGES = {"ECOSYSTEM", "SEMVER"}


@dataclass(frozen=True)
class Advisory:
    """One advisory: its ids, the own one first, the day it was last changed (empty: not said), and what it affects."""

    ids: tuple[str, ...]
    modified: str
    severity: str
    affected: tuple[Affected, ...]


@dataclass(frozen=True)
class Weakness:
    """A package with a weakness that is known: the ids that name it, how grave it is, and where it is mended."""

    package: Package
    ids: tuple[str, ...]
    severity: str
    mended_in: str


@dataclass(frozen=True)
class Held:
    """Packages against advisories. `unknown`: packages of which it cannot be told, each with a reason."""

    packages: int
    advisories: int
    newest: str
    weaknesses: tuple[Weakness, ...]
    unknown: tuple[tuple[Package, str], ...]


# ---- reading


def read(content: bytes, title: str) -> list[Advisory]:
    """The advisories of a file, without those that were withdrawn; raises InputError that says what is wrong with it."""
    plain = decoded(content, title)
    found = list(of_csv(plain, title) if plain.lstrip()[:1] not in ("{", "[") else of_osv(plain, title))
    if not found or len(found) > MOST_ADVISORIES:
        raise InputError(
            "{title} holds {n} advisories; 1 to {most} are read. Send OSV records in JSON (a list, or one a line) or a CSV "
            "with the columns id, package, affected and severity.",
            title=title, n=f"{len(found):,}", most=f"{MOST_ADVISORIES:,}",
        )  # fmt: skip
    return found


def of_osv(plain: str, title: str) -> Iterator[Advisory]:
    """One record, a list of them, `{"vulns": […]}`, or one record a line."""
    lines = [line for line in plain.splitlines() if line.strip()]
    if len(lines) > 1 and all(line.startswith("{") and line.rstrip().endswith("}") for line in lines):
        records: list[Any] = [parsed(line, title) for line in lines]
    else:
        whole = parsed(plain, title)
        records = whole if isinstance(whole, list) else whole.get("vulns", [whole])
    for place, record in enumerate(records if isinstance(records, list) else [records], start=1):
        if (
            not isinstance(record, dict)
            or not text(record.get("id"))
            or not isinstance(record.get("affected", []), list)
        ):
            raise InputError(
                "{title}: record {place} is no OSV advisory: it has no id, or what it affects is no list. Export it "
                "again, or send a CSV with the columns id, package, affected and severity.",
                title=title, place=f"{place:,}",
            )  # fmt: skip
        if not record.get("withdrawn"):
            yield osv(record)


def osv(record: dict[str, Any]) -> Advisory:
    """An advisory as the OSV schema writes it."""
    others = strings(record, "aliases")
    modified = text(record.get("modified"))[:10]
    return Advisory(
        ids=tuple(dict.fromkeys([text(record["id"]), *others])), modified=modified if DAY.fullmatch(modified) else "",
        severity=gravest(record), affected=tuple(osv_affected(one) for one in listed(record, "affected")),
    )  # fmt: skip


def gravest(record: dict[str, Any]) -> str:
    """The gravest level that the record gives, by word or by vector, of the whole or of one package."""
    level = severity.UNRATED
    for holder in (record, *listed(record, "affected")):
        told = holder.get("database_specific"), holder.get("ecosystem_specific")
        words = [severity.of_word(one.get("severity")) for one in told if isinstance(one, dict)]
        vectors = [severity.of_vector(one.get("score")) for one in listed(holder, "severity")]
        for one in (*words, *vectors):
            level = severity.graver(level, one)
    return level


def osv_affected(one: dict[str, Any]) -> Affected:
    """Ranges and versions of one package; a range of commits answers nothing about a release."""
    told = one.get("package")
    package = told if isinstance(told, dict) else {}
    ecosystem = text(package.get("ecosystem")).partition(":")[0].lower()
    spans = listed(one, "ranges")
    named = strings(one, "versions")
    return Affected(
        ecosystem=ecosystem, name=called(ecosystem, text(package.get("name"))),
        events=tuple(tuple(events_of(span)) for span in spans if span.get("type") in RANGES),
        versions=frozenset(named[:MOST_VERSIONS]),
        readable=bool(named) or any(span.get("type") in RANGES for span in spans),
    )  # fmt: skip


def strings(holder: dict[str, Any], name: str) -> list[str]:
    """The texts of a list; nothing where it is none."""
    found = holder.get(name)
    return [text(one) for one in found if text(one)] if isinstance(found, list) else []


def events_of(span: dict[str, Any]) -> Iterator[Event]:
    """The events of a range, each a kind and a version."""
    for event in listed(span, "events")[:MOST_EVENTS]:
        for kind in (ranges.INTRODUCED, ranges.FIXED, ranges.LAST, ranges.LIMIT):
            if text(event.get(kind)):
                yield kind, text(event[kind])


def of_csv(plain: str, title: str) -> Iterator[Advisory]:
    """Rows with id, package, affected and severity; ecosystem, aliases and modified where they are there."""
    try:
        rows = csv.DictReader(io.StringIO(plain, newline=""), strict=True)
        lacking = [name for name in COLUMNS if name not in (rows.fieldnames or [])]
        if lacking:
            raise InputError(
                "{title} has no column “{name}”. A CSV of advisories has id, package, affected and severity.",
                title=title, name=lacking[0],
            )  # fmt: skip
        for place, row in enumerate(rows, start=2):
            yield of_row({name: text(value) for name, value in row.items() if name}, place, title)
    except csv.Error as error:
        raise InputError("{title} is no CSV: {what}. Export it again.", title=title, what=str(error)[:120]) from error


def of_row(row: dict[str, str], place: int, title: str) -> Advisory:
    """One advisory of a row; raises InputError that names row, column and value."""
    level, ecosystem = severity.of_word(row["severity"]), (row.get("ecosystem") or PYPI).lower()
    for name in ("id", "package"):
        if not row[name]:
            raise InputError(
                "{title}, row {place}: column “{name}” is empty. Fill it.", title=title, place=place, name=name
            )
    if level == severity.UNRATED and row["severity"]:
        raise InputError(
            "{title}, row {place}: “{value}” in column “severity” is none of critical, high, medium, low. Write one "
            "of them, or leave it empty.",
            title=title, place=place, value=row["severity"],
        )  # fmt: skip
    day = (row.get("modified") or "")[:10]
    return Advisory(
        ids=(row["id"], *(row.get("aliases") or "").split()), modified=day if DAY.fullmatch(day) else "", severity=level,
        affected=(Affected(ecosystem, called(ecosystem, row["package"]), clauses=tuple(clauses(row["affected"], place, title))),),
    )  # fmt: skip


def clauses(written: str, place: int, title: str) -> Iterator[tuple[Clause, ...]]:
    """Alternatives apart by `||`, each with bounds apart by commas, all of which must hold."""
    for alternative in written.split("||"):
        parts = [CLAUSE.fullmatch(part.strip()) for part in alternative.split(",")]
        found = tuple((part[1], part[2]) for part in parts if part is not None)
        if len(found) != len(parts) or not all(ranges.known(bound) for _sign, bound in found):
            raise InputError(
                "{title}, row {place}: “{value}” in column “affected” cannot be read. Write bounds such as "
                ">=1.0,<1.2.3 and set alternatives apart by ||.",
                title=title, place=place, value=written,
            )  # fmt: skip
        yield found


def called(ecosystem: str, name: str) -> str:
    """A name as its ecosystem compares it (PEP 503 for PyPI)."""
    return str(canonicalize_name(name)) if ecosystem == PYPI else name


# ---- holding against each other


def held(packages: Iterable[Package], advisories: list[Advisory]) -> Held:
    """Every package against every advisory that names it; one weakness under several ids is told once, as the gravest."""
    by_name: dict[tuple[str, str], list[tuple[Advisory, Affected]]] = defaultdict(list)
    for advisory in advisories:
        for affected in advisory.affected:
            by_name[affected.ecosystem, affected.name].append((advisory, affected))
    covered = {ecosystem for ecosystem, _name in by_name}
    found: list[Weakness] = []
    unknown: list[tuple[Package, str]] = []
    count = 0
    for package in packages:
        count += 1
        if package.ecosystem not in covered:
            unknown.append((package, "ecosystem" if package.ecosystem else "no_ecosystem"))
            continue
        weak, reason = against(package, by_name.get((package.ecosystem, called(package.ecosystem, package.name)), []))
        found += weak
        unknown += [(package, reason)] if reason else []
    newest = max((one.modified for one in advisories), default="")
    return Held(count, len(advisories), newest, tuple(found), tuple(unknown))


def against(package: Package, named: list[tuple[Advisory, Affected]]) -> tuple[list[Weakness], str]:
    """The weaknesses of one package, and why something about it cannot be told, empty where all can."""
    if named and not package.version:
        return [], "no_version"
    told = [(advisory, affected, ranges.holds(package.version, affected)) for advisory, affected in named]
    weak = [
        Weakness(package, advisory.ids, advisory.severity, mended(package, affected))
        for advisory, affected, is_affected in told
        if is_affected
    ]
    # A record may speak of a package twice; what one entry says outweighs the silence of another.
    sure = {advisory.ids for advisory, _affected, is_affected in told if is_affected}
    open_ = any(is_affected is None and advisory.ids not in sure for advisory, _affected, is_affected in told)
    return merged(weak), "range" if open_ else ""


def mended(package: Package, affected: Affected) -> str:
    """Where a weakness is mended, for ecosystems whose versions have an order here."""
    return ranges.mended_in(package.version, affected) if affected.ecosystem == PYPI else ""


def merged(weak: list[Weakness]) -> list[Weakness]:
    """Weaknesses of one package that share an id as one."""
    kept: list[Weakness] = []
    for one in weak:
        same = [each for each in kept if set(each.ids) & set(one.ids)]
        for other in same:
            kept.remove(other)
            one = Weakness(
                one.package, tuple(dict.fromkeys([*other.ids, *one.ids])), severity.graver(one.severity, other.severity),
                higher(one.mended_in, other.mended_in),
            )  # fmt: skip
        kept.append(one)
    return kept


def higher(one: str, other: str) -> str:
    """The later of two versions: both records must be mended; an empty one says nothing."""
    try:
        return max(filter(None, (one, other)), key=ranges.public, default="")
    except InvalidVersion:
        return one or other
