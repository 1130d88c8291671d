"""The first page of the compliance report of a unit: what a member of the board reads in two minutes, and one picture."""

from collections import Counter
from collections.abc import Sequence
from typing import Any, Final

from django.utils.translation import gettext as _, ngettext

from registry.vocabulary import vocabulary
from reports.kinds.blocks import Block, stacked
from reports.kinds.units.earlier import Earlier
from reports.kinds.units.figures import Figures, Placed
from reports.titles import Title

# How many systems, and twice as many requirements, a line of the summary names.
NAMED: Final = 3


def title(found: Figures) -> str:
    """What the document calls itself."""
    if found.is_whole:
        return _("NIST AI RMF compliance report of the organisation")
    return _("NIST AI RMF compliance report of a unit")


def cover(found: Figures) -> list[tuple[str, Any]]:
    """The lines of the cover."""
    return [
        (_("Framework"), f"{_(found.framework.name)} {found.framework.version}"),
        (_("Systems"), systems_counted(found)),
        (_("For"), _("Governance board, executives, risk officers, auditors")),
    ]  # fmt: skip


def systems_counted(found: Figures) -> str:
    """How many systems the report counts, and how many of them are in use."""
    return _("%(all)d, of which %(in_use)d in pilot or production") % {
        "all": len(found.systems),
        "in_use": found.in_use,
    }


def summary(found: Figures, past: Earlier) -> list[list[str]]:
    """What a member of the board reads."""
    counts = found.evaluation.counts
    lines = [
        (_("Result"), _("%(met)d of %(all)d subcategories met, %(partly)d partly, %(not_met)d not met, %(not_applicable)d not applicable.") % {
            **counts, "all": len(found.evaluation.requirements)}),
        (_("Weakest basis"), weakest(found)),
        (_("Missing most"), most_missing(found)),
        (_("Worst off"), worst_off(found)),
        (_("Overrides"), overridden(found)),
        (_("Evidence too old"), named(found.stale) or _("Nothing rests on evidence that is too old.")),
        (_("Since the last period"), since(past)),
    ]  # fmt: skip
    return [[str(name), str(value)] for name, value in lines]


def bases(found: Figures) -> dict[str, int]:
    """How many met requirements rest on each basis at its weakest, the strongest first."""
    rests = Counter(entry.basis for entry in found.evaluation.requirements if entry.result == "met" and entry.basis)
    return {name: rests[name] for name in vocabulary().bases if rests[name]}


def weakest(found: Figures) -> str:
    """On what the met requirements rest, the weakest basis first."""
    rests = bases(found)
    if not rests:
        return _("Nothing is met by evidence, so that nothing rests on any.")
    return ", ".join(f"{Title(name).text} ({n})" for name, n in reversed(rests.items()))


def most_missing(found: Figures) -> str:
    """The gap that concerns the most systems."""
    if not found.systems:
        return _("No system is registered here.")
    if not found.gaps:
        return _("Nothing is missing in any system.")
    first = found.gaps[0]
    return ngettext(
        "%(what)s: missing in %(n)d of %(all)d system (%(id)s).",
        "%(what)s: missing in %(n)d of %(all)d systems (%(id)s).",
        len(found.systems),
    ) % {"what": _(first.item.shows), "n": len(first.systems), "all": len(found.systems), "id": first.requirement.id}


def worst_off(found: Figures) -> str:
    """The systems of which the least is met."""
    rows = [f"{each.row.name} ({met_of(each)})" for each in found.systems[:NAMED]]
    return "; ".join(rows) or _("No system is registered here.")


def met_of(each: Placed) -> str:
    """How many requirements are met, of those that apply."""
    return f"{each.counts['met']}/{sum(each.counts.values()) - each.counts['not_applicable']}"


def overridden(found: Figures) -> str:
    """How many results people set."""
    rows = found.overrides
    if not rows:
        return _("No result was set by people in place of the evidence.")
    told = ngettext(
        "%d result was set by people in place of the evidence", "%d results were set by people in place of the evidence", len(rows)
    ) % len(rows)  # fmt: skip
    return f"{told}: {named([key for _row, key, _override in rows])}"


def named(ids: Sequence[str]) -> str:
    """A few ids, and how many more there are."""
    shown = ", ".join(dict.fromkeys(ids[: 2 * NAMED]))
    left = len(ids) - 2 * NAMED
    return shown if left <= 0 else ngettext("%(shown)s and %(n)d more", "%(shown)s and %(n)d more", left) % {
        "shown": shown, "n": left}  # fmt: skip


def since(past: Earlier) -> str:
    """What became better and what worse."""
    if past.day is None:
        return _("No standing of an earlier day is recorded here, so there is nothing to compare with.")
    return _("Compared with %(day)s: %(better)d better, %(worse)d worse, %(other)d began or ceased to apply.") % {
        "better": past.better, "worse": past.worse, "other": len(past.changes) - past.better - past.worse, "day": past.day,
    }  # fmt: skip


def figures_head() -> list[str]:
    """The heads of the four figures beside a bar."""
    return [_("Met"), _("Partly"), _("Not met"), _("N/A")]


def counted(results: list[str]) -> dict[str, int]:
    """How many came to each result, in the order of the figures."""
    found = Counter(results)
    return {name: found[name] for name in ("met", "partly", "not_met", "not_applicable")}


def by_function(found: Figures) -> Block | None:
    """The functions as bars: the picture of the first page."""
    rows = []
    for name in found.functions:
        counts = counted([entry.result for entry in found.of_function(name)])
        rows.append((name, counts, list(counts.values())))
    return stacked(
        _("What the subcategories of each function came to; from the left: met, partly, not met, not applicable"),
        [_("Function"), *figures_head()],
        rows,
    )
