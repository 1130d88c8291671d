"""Turns outcomes of the checks of personal data into sentences in the reader's language; no value of a cell stands in them."""

from collections.abc import Callable, Mapping
from typing import Any

from django.utils.translation import gettext as _, ngettext

from rai.engine.personal.rules import rules
from rai.wording.cells import rows_sentence
from rai.wording.tables import figure_facts, share_words, worded

MOST_NAMED = 8
COUNTS = ("exposed_columns", "exposed_rows")
WHY: dict[str, Callable[[], str]] = {
    "": lambda: _("Nothing is declared about it."),
    "masked": lambda: _("The record says that it is masked; it is not."),
    "blocked": lambda: _("The record says that it is kept out; it is not."),
}
HANDLINGS: dict[str, Callable[[], str]] = {
    "": lambda: _("nothing declared"),
    "allowed": lambda: _("let through"),
    "masked": lambda: _("masked"),
    "blocked": lambda: _("kept out"),
}


def handling_label(handling: str) -> str:
    """What is done with a column, in one word."""
    return HANDLINGS[handling]() if handling in HANDLINGS else handling


def kind_label(kind: str) -> str:
    """What people call a kind of personal data."""
    if kind == "kept_out":
        return _("Cells of a column that is to be kept out")
    return _(rules().kinds[kind].label) if kind in rules().kinds else kind


def kinds_words(kinds: Mapping[str, int]) -> str:
    """The kinds with their cells, the most frequent first."""
    return ", ".join(f"{kind_label(kind)} ({cells:,})" for kind, cells in by_cells(kinds))


def by_cells(kinds: Mapping[str, int]) -> list[tuple[str, int]]:
    """Kinds and cells, the most frequent first."""
    return sorted(kinds.items(), key=lambda one: (-one[1], one[0]))


def figure_labels() -> dict[str, str]:
    """What people call the figures of these checks, in the order of their tables: stored JSON keeps none."""
    return {
        "exposed_columns": _("Columns that show personal data"), "exposed_rows": _("Rows that show personal data"),
        "exposed_share": _("Share of rows that show personal data"), "personal_share": _("Share of rows with personal data"),
        "smallest_group": _("Rows of the smallest group"), "l_diversity": _("Fewest different sensitive values in a group"),
        "unique_share": _("Share of rows that stand alone"), "below_five_share": _("Share of rows in groups below five"),
        "told_share": _("Share of rows whose group gives the sensitive value away"),
    }  # fmt: skip


def figure_label(name: str) -> str:
    """What people call one of them."""
    return figure_labels().get(name, name.replace("_", " "))


def personal_data(outcome: dict[str, Any]) -> list[str]:
    """One sentence a rule, each column that shows personal data and why it may not, then what was not counted."""
    said = [rule_sentence(entry) for entry in outcome["thresholds"]]
    exposed = [one for one in outcome["found"] if one["is_exposed"]]
    said += [column_sentence(one) for one in exposed[:MOST_NAMED]]
    if len(exposed) > MOST_NAMED:
        left = len(exposed) - MOST_NAMED
        said.append(ngettext("%d more column is in the table.", "%d more columns are in the table.", left) % left)
    said += [*let_through(outcome), *seen_share(outcome), *not_counted(outcome), *more_rows(outcome)]
    said.append(
        _("Names in running text and what only a reader would recognise are not found. No value of a cell is kept with the result.")
    )  # fmt: skip
    return said


def rule_sentence(entry: dict[str, Any]) -> str:
    """The verdict on one rule."""
    name, sign = str(entry["rule"]).replace(">=", "<=").partition("<=")[0], "≥" if ">=" in entry["rule"] else "≤"
    if entry.get("value") is None:
        return _("%(rule)s cannot be judged: what it speaks of is not known.") % entry
    if entry["low"] == entry["high"] == entry["value"] and entry["rule"].rpartition("=")[2].strip().isdecimal():
        return count_sentence(entry, figure_label(name), sign)
    facts = figure_facts(entry) | {"what": figure_label(name)}
    return worded(
        facts,
        _("%(what)s: at most %(high)s %% (limit %(limit)s %%); seen %(seen)s %%."),
        _("%(what)s: at least %(low)s %% (limit %(limit)s %%); seen %(seen)s %%."),
        _("%(what)s: seen %(seen)s %%, but anything from %(low)s to %(high)s %% is compatible with these rows (limit %(limit)s %%)."),
    )  # fmt: skip


def more_rows(outcome: dict[str, Any]) -> list[str]:
    """How many more rows would settle the rules that are open."""
    return [rows_sentence(entry) for entry in outcome["thresholds"] if (entry.get("rows_needed") or {}).get("rows")]


def count_sentence(entry: dict[str, Any], what: str, sign: str) -> str:
    """The verdict on a count, which is a fact about these rows."""
    limit = entry["rule"].rpartition("=")[2].strip()
    facts = {"what": what, "seen": f"{entry['value']:,.0f}", "limit": f"{sign} {int(limit):,}"}
    if entry["verdict"] == "insufficient":
        return _("%(what)s: %(seen)s (limit %(limit)s). The rows are too few to settle it; thirty are needed.") % facts
    if entry["verdict"] == "pass":
        return _("%(what)s: %(seen)s (limit %(limit)s). The limit is met on these rows.") % facts
    return _("%(what)s: %(seen)s (limit %(limit)s). The limit is broken.") % facts


def column_sentence(one: dict[str, Any]) -> str:
    """One column that shows personal data, and what the record says of it."""
    if one["is_header"]:
        return _("Column “%(column)s”: its own name is personal data. Is the line of names missing from the file?") % {"column": one["name"]}  # fmt: skip
    share = one["share"]
    facts = {
        "column": one["name"], "kinds": kinds_words(one["kinds"]), "share": share_words(share["value"]),
        "low": share_words(share["low"], down=True), "high": share_words(share["high"], up=True),
        "why": WHY.get(one["handling"], WHY[""])(),
    }  # fmt: skip
    return _("Column “%(column)s”: %(kinds)s, in %(share)s of the rows (%(low)s to %(high)s). %(why)s") % facts


def let_through(outcome: dict[str, Any]) -> list[str]:
    """What the record allows, what was held back, and what is masked already."""
    said = []
    allowed = [one["name"] for one in outcome["found"] if one["handling"] == "allowed"]
    if allowed:
        said.append(_("Let through by the record: %s.") % ", ".join(allowed))
    held = outcome["held_back"]
    if held["rows"]:
        facts = {"rows": f"{held['rows']:,}", "found": f"{held['with_personal_data']:,}"}
        said.append(_("Rows held back: %(rows)s, of which %(found)s hold personal data.") % facts)
    if outcome["masked_cells"]:
        said.append(_("Cells that look masked: %s.") % f"{outcome['masked_cells']:,}")
    return said


def seen_share(outcome: dict[str, Any]) -> list[str]:
    """What the rows say of rows to come."""
    share = outcome["overall"]["metrics"]["personal_share"]
    if share["value"]:
        facts = {"share": share_words(share["value"]), "low": share_words(share["low"], down=True), "high": share_words(share["high"], up=True)}  # fmt: skip
        return [_("Rows with any personal data, allowed or not: %(share)s (%(low)s to %(high)s).") % facts]
    return [_("Nothing was found. Of rows to come at most %s would hold any that these detectors know.") % share_words(share["high"], up=True)]  # fmt: skip


def not_counted(outcome: dict[str, Any]) -> list[str]:
    """Columns in which something looked like personal data and was not counted, and why."""
    said = []
    if outcome["by_chance"]:
        said.append(
            _("Not counted, because no more numbers pass a check digit than would by chance: %s.")
            % ", ".join(sorted(outcome["by_chance"]))
        )  # fmt: skip
    if outcome["codes"]:
        said.append(
            _("Not counted, because they hold a handful of codes although they are called like personal data: %s.")
            % ", ".join(outcome["codes"])
        )  # fmt: skip
    return said


def reidentification(outcome: dict[str, Any]) -> list[str]:
    """One sentence a rule, by which columns, what would help, and what the counts do not say."""
    said = [rule_sentence(entry) for entry in outcome["thresholds"]]
    quasi = outcome["quasi"]
    if not quasi["columns"]:
        return [*said, _("No column was named that tells people apart, and none is called so. Name those that somebody else may know.")]  # fmt: skip
    names = ", ".join(quasi["columns"])
    said.append(
        _("Told apart by %s, proposed by their names: choose them yourself where somebody may know other things.")
        % names
        if quasi["is_proposed"]
        else _("Told apart by %s.") % names
    )
    if quasi["not_chosen"]:
        said.append(_("Not looked at, although their names say that they tell people apart: %s.") % ", ".join(quasi["not_chosen"]))  # fmt: skip
    said += [*alone(outcome), *would_help(outcome)]
    said += more_rows(outcome)
    said.append(_("The counts speak of these rows alone: who knows more than these columns, or another table, may tell more people apart."))  # fmt: skip
    return said


def alone(outcome: dict[str, Any]) -> list[str]:
    """Rows that stand alone, and groups that give a sensitive value away."""
    figures, said = outcome["overall"]["metrics"], []
    for name in ("unique_share", "told_share"):
        value = figures[name]
        if value["value"] is not None:
            facts = {"what": figure_label(name), "seen": share_words(value["value"]), "low": share_words(value["low"], down=True), "high": share_words(value["high"], up=True)}  # fmt: skip
            said.append(_("%(what)s: %(seen)s (%(low)s to %(high)s).") % facts)
    return said


def would_help(outcome: dict[str, Any]) -> list[str]:
    """The column without which the smallest group would be largest, where that is larger than now."""
    smallest = outcome["overall"]["metrics"]["smallest_group"]["value"] or 0
    best = max(outcome["without"].items(), key=lambda one: (one[1], one[0]), default=("", 0))
    if len(outcome["without"]) < 2 or best[1] <= smallest:
        return []
    facts = {"column": best[0], "n": f"{best[1]:,}"}
    return [_("Without “%(column)s” the smallest group would have %(n)s rows.") % facts]


def band_label(band: dict[str, Any]) -> str:
    """A band of group sizes."""
    if band["most"] == 1:
        return _("alone")
    if band["most"] is None:
        return _("groups of %d and more") % band["least"]
    return _("groups of %(least)d to %(most)d") % band
