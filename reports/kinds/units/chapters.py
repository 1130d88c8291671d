"""The chapters of the compliance report of a unit: each number that its first page rests on, and what it leaves out."""

from collections import Counter
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _, ngettext, pgettext

from registry.models import BusinessUnit
from registry.vocabulary import vocabulary
from reports.kinds.blocks import (
    Block,
    aside,
    chapter,
    facts,
    frame,
    heading,
    lead,
    limit,
    stacked,
    table,
    text,
    verdict,
)
from reports.kinds.units.earlier import Earlier, earlier
from reports.kinds.units.figures import Figures, Gap, Placed, figures
from reports.kinds.units.first_page import (
    by_function,
    counted,
    cover,
    figures_head,
    overridden,
    since,
    summary,
    systems_counted,
    title,
)
from reports.not_checked import cannot_show, checks_without_source, limits_of_runs
from reports.standings.kept import ORGANISATION
from reports.titles import Title

# Rows of a table that a person reads; the report's data holds them all.
MOST_GAPS, MOST_SYSTEMS, MOST_UNITS, MOST_OVERRIDES, MOST_RECORDS = 30, 60, 40, 40, 12


def unit_compliance(unit: BusinessUnit, *, as_of: datetime) -> dict[str, Any]:
    """Everything that the compliance report of a unit prints, and in `full` every row of the tables that are cut."""
    found = figures(unit, as_of)
    subject = ORGANISATION if found.is_whole else str(unit.pk)
    past = earlier(found.evaluation, subject, as_of)
    return frame(str(unit), as_of=as_of, cover=cover(found)) | {
        "title": title(found),
        "summary": summary(found, past),
        "picture": [by_function(found)],
        "chapters": [
            chapter(_("Status by function"), *status(found)),
            chapter(_("What is missing most"), *missing(found)),
            chapter(_("Systems"), *systems(found)),
            chapter(_("Changes"), *changed(found, past)),
            chapter(_("Status of every subcategory"), *subcategories(found)),
            chapter(_("Other frameworks"), *others(found)),
        ],
        "not_checked": not_checked(found),
        "full": full(found),
    }


def legend() -> Block:
    """How a bar is read, without its colours."""
    return aside(
        _("Each bar tells from the left: met (dark), partly (yellow), not met (white), not applicable (grey).")
    )


def by_basis(found: Figures) -> Block | None:
    """On what the met subcategories of each function rest at their weakest."""
    names = vocabulary().bases
    rows = []
    for function in found.functions:
        entries = found.of_function(function)
        rests = Counter(entry.basis for entry in entries if entry.result == "met")
        met = sum(entry.result == "met" for entry in entries)
        rows.append([function, f"{met} / {len(entries)}", *(rests[name] for name in names), rests[None]])
    heads = [_("Met"), *(Title(name).text for name in names), _("set by people")]
    return table(
        _("The weakest basis of what is met, by function"), ((_("Function"), 16), *((name, 12) for name in heads)), rows
    )


def status(found: Figures) -> list[Block | None]:
    """On what the met subcategories rest, what people set, what is too old."""
    return [
        facts([
            (_("Rules of the framework"), found.framework.digest),
            (_("Systems counted"), systems_counted(found)),
            (_("Retired systems, left out"), found.retired),
            (_("Units directly below"), len(found.units)),
        ]),
        by_basis(found),
        *override_blocks(found),
        text(_("With evidence that is too old: %s") % ", ".join(found.stale)) if found.stale
        else text(_("Nothing rests on evidence that is too old.")),
        aside(_("Each result is decided from rows of the database by published rules. “Met” always comes with the weakest basis that it rests on: measured, process, reported, documented or attested. What has no evidence is not met; nothing is typed in.")),
        aside(_("A unit is decided over its systems in pilot and production, those of the units below it among them, with what holds for the organisation: one system that lacks a thing keeps the unit from having it. A system that is not in use yet is decided for itself alone.")),
    ]  # fmt: skip


def override_blocks(found: Figures) -> list[Block | None]:
    """What people set in place of the evidence: printed as that, with who answers for it and until when."""
    rows = [
        (
            str(row), key, verdict(one.result), verdict(one.instead_of), one.reason,
            f"{pgettext('status', 'Override')}\n{one.owner}\n{one.expires_on}",
        )
        for row, key, one in found.overrides
    ]  # fmt: skip
    head = (
        (_("Where"), 15), (_("Subcategory"), 13), (_("Set to"), 18), (_("By the evidence"), 18), (_("Reason"), 0),
        (_("Who answers, until"), 15),
    )  # fmt: skip
    shown = table(_("Overrides: results that people set in place of the evidence"), head, rows[:MOST_OVERRIDES])
    return [shown, cut(len(rows), MOST_OVERRIDES)] if shown else [text(overridden(found))]


def cut(there: int, most: int) -> Block | None:
    """That a table does not hold all, how many there are, and where they stand."""
    if there <= most:
        return None
    return aside(_("%(shown)d of %(all)d rows stand here. The report's data hold them all: the JSON file, which lies in the PDF too.") % {"shown": most, "all": there})  # fmt: skip


def missing(found: Figures) -> list[Block | None]:
    """What would make more of the framework met, by how many systems it concerns."""
    if not found.systems:
        return [text(_("No system is registered here, so that nothing can be missing in one. What is not met for the unit itself is told with each subcategory."))]  # fmt: skip
    if not found.gaps:
        return [text(_("Nothing is missing in any system."))]
    head = (
        (_("What would make it met"), 0), (_("Subcategory"), 16), (_("Needed for"), 20), (_("Systems that lack it"), 13),
        (_("Alone missing in"), 13),
    )  # fmt: skip
    return [
        lead(_("Each line is one piece of evidence that the rules ask for. “Alone missing” counts the systems in which the subcategory would be met with it.")),
        table(_("Missing evidence, by how many systems it concerns"), head, [gap_row(found, gap) for gap in found.gaps[:MOST_GAPS]]),
        cut(len(found.gaps), MOST_GAPS),
    ]  # fmt: skip


def gap_row(found: Figures, gap: Gap) -> list[Any]:
    """One piece of evidence that is missing."""
    return [
        _(gap.item.shows), gap.requirement.id, Title(gap.item.population).text,
        f"{len(gap.systems)} / {len(found.systems)}", gap.last,
    ]  # fmt: skip


def systems(found: Figures) -> list[Block | None]:
    """The units below, then the systems, the worst off first."""
    if not found.systems:
        return [text(_("No system is registered in this unit or below it. The report tells only of what holds for the organisation."))]  # fmt: skip
    units = [(each.row, each.counts, [each.systems, *figures_of(each)]) for each in found.units]
    rows = [
        (called(found, each.row), each.counts, [each.row.get_risk_tier_display(), *figures_of(each)])
        for each in found.systems
    ]
    return [
        stacked(_("What the subcategories came to in each unit below"), [_("Unit"), _("Systems"), *figures_head()], units[:MOST_UNITS]),
        cut(len(units), MOST_UNITS),
        stacked(_("What the subcategories came to in each system, the worst off first"), [_("System"), _("Tier"), *figures_head()], rows[:MOST_SYSTEMS]),
        legend(),
        cut(len(rows), MOST_SYSTEMS),
        aside(ngettext("%d retired system is left out.", "%d retired systems are left out.", found.retired) % found.retired) if found.retired else None,
    ]  # fmt: skip


def called(found: Figures, row: Any) -> str:
    """A system by its name, with its unit where that is another than the report's."""
    return row.name if row.unit_id == found.unit.pk else f"{row.name} ({row.unit})"


def figures_of(each: Placed) -> list[int]:
    """The four figures beside a bar."""
    return [each.counts[name] for name in ("met", "partly", "not_met", "not_applicable")]


def changed(found: Figures, past: Earlier) -> list[Block | None]:
    """What was recorded over the year, and what came to something else since the last period."""
    rows = [
        (f"{one.since} – {one.until}", one.counts, list(one.counts.values())) for one in past.records[-MOST_RECORDS:]
    ]
    now = found.evaluation.counts
    turned = [
        (one.requirement.id, _(one.requirement.title), verdict(one.before), verdict(one.now)) for one in past.changes
    ]
    disbelieved = (
        ngettext(
            "%d recorded standing was changed by something else than the program and is left out.",
            "%d recorded standings were changed by something else than the program and are left out.",
            past.disbelieved,
        )
        % past.disbelieved
    )
    compared = _("Nothing came to anything else than on %s.") % past.day if past.day and not turned else ""
    head = ((_("Subcategory"), 16), (_("About"), 0), (_("On %s") % past.day, 18), (_("Now"), 18))
    return [
        text(since(past)),
        aside(_("It was said by other rules than those of today: a change may come from them.")) if past.other_rules else None,
        table(_("What came to something else"), head, turned) or (text(compared) if compared else None),
        stacked(_("What was recorded within a year"), [_("From – to"), *figures_head()], [*rows, (_("Now"), now, list(now.values()))]),
        cut(len(past.records), MOST_RECORDS),
        aside(disbelieved) if past.disbelieved else None,
    ]  # fmt: skip


def subcategories(found: Figures) -> list[Block | None]:
    """The 72, function by function: result, basis, by how many systems it is met, and why."""
    head = (
        (_("Subcategory"), 14), (_("Result"), 18), (_("Basis"), 13), (_("Systems that meet it"), 11), (_("Why"), 0),
    )  # fmt: skip
    blocks: list[Block | None] = [
        lead(
            _(
                "“Systems that meet it” counts those to which the subcategory applies. Titles are this project's own words."
            )
        )
    ]
    for name in found.functions:
        rows = [subcategory(found, entry) for entry in found.of_function(name)]
        blocks += [
            heading(name),
            table(_("%(function)s: %(n)d subcategories") % {"function": name, "n": len(rows)}, head, rows),
        ]
    return blocks


def subcategory(found: Figures, entry: Any) -> list[Any]:
    """One of the 72."""
    met, applying = found.meeting[entry.requirement.id]
    marks = [pgettext("status", "Override")] if entry.override else [_("excepted")] if entry.excepted else []
    marks += [_("evidence too old")] if entry.is_stale else []
    return [
        "\n".join([entry.requirement.id, *marks]), verdict(entry.result), Title(entry.basis).text if entry.basis else "",
        f"{met} / {applying}", f"{_(entry.requirement.title)}\n{entry.reason}",
    ]  # fmt: skip


def others(found: Figures) -> list[Block | None]:
    """The other frameworks of the installation, in a line each."""
    rows = [
        (_(each.framework.name), counts, list(counts.values()))
        for each in found.others for counts in [counted([entry.result for entry in each.requirements])]
    ]  # fmt: skip
    return [
        stacked(
            _("What the requirements of the other frameworks came to here"), [_("Framework"), *figures_head()], rows
        ),
        legend(),
        aside(_("Each is decided by its own rule: a result here never counts there.")),
    ]


# ---- the limits and the data


def not_checked(found: Figures) -> list[dict[str, str]]:
    """What a reader must not take for shown."""
    return [
        limit(_("Systems that nobody registered"), _("The report tells of what is in the registry. What is used without an entry is not seen.")),
        limit(_("Other units"), _("The report tells of the systems of this unit and the units below it, and of what holds for the organisation. Rows of other units are not in it.")),
        *limits_of_runs(),
        *checks_without_source(found.evaluation, found.facts),
        *cannot_show(found.evaluation),
    ]  # fmt: skip


def full(found: Figures) -> dict[str, Any]:
    """Every row of the tables, for who reads the data."""
    return {
        "evaluation": found.evaluation.to_json(),
        "systems": [system_facts(each) for each in found.systems],
        "units": [
            {"id": str(each.row.pk), "name": str(each.row), "systems": each.systems, **each.counts}
            for each in found.units
        ],
        "gaps": [
            {
                "item": gap.item.id, "requirement": gap.requirement.id, "shows": _(gap.item.shows),
                "systems": gap.systems, "alone_missing_in": gap.last,
            }
            for gap in found.gaps
        ],
        "overrides": [
            {"about": str(row.pk), "id": key, **override.to_json()} for row, key, override in found.overrides
        ],
        "others": {each.framework.slug: each.counts for each in found.others},
    }  # fmt: skip


def system_facts(each: Placed) -> dict[str, Any]:
    """One system with what each requirement came to there."""
    return {
        "id": str(each.row.pk), "name": each.row.name, "unit": str(each.row.unit),
        "tier": each.row.get_risk_tier_display(), "stage": each.row.get_lifecycle_stage_display(), **each.counts,
        "results": {entry.requirement.id: entry.result for entry in each.evaluation.requirements},
    }  # fmt: skip
