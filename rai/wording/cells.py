"""Turns outcomes of the check data_quality into sentences in the reader's language."""

from typing import Any

from django.utils.translation import gettext as _, ngettext

from rai.wording.tables import figure_facts, name_of, share_words, worded

LEAK = "target_leakage"
# Stored outcomes come back from some databases with their names in another order.
ROW_SHARES = (
    "duplicate_share",
    "key_duplicate_share",
    "key_missing_share",
    "conflict_share",
    "overlap_share",
    "key_overlap_share",
)


def data_quality(outcome: dict[str, Any]) -> list[str]:
    """One sentence a rule, then what the cells and rows hold, then what the figures do not say."""
    said = [rule_sentence(entry) for entry in outcome["thresholds"]]
    if not said:
        said = [_("No limit was given, so nothing was judged; the shares are recorded.")]
    said += [*cells(outcome), *rows(outcome), *leaks(outcome)]
    said += [rows_sentence(entry) for entry in outcome["thresholds"] if (entry.get("rows_needed") or {}).get("rows")]
    said.append(
        _("The rows seen stand for those to come; the intervals say nothing of values that are wrong and look right.")
    )
    return list(dict.fromkeys(said))


def what(name: str) -> str:
    """What a rule is about, at the beginning of a sentence."""
    words = {
        "missing_share": _("Cells without a value"), "invalid_share": _("Invalid values"),
        "duplicate_share": _("Doubled rows"), "key_duplicate_share": _("Rows with a doubled key"),
        "key_missing_share": _("Rows without a key"), "conflict_share": _("Rows whose inputs stand there with another label too"),
        "overlap_share": _("Rows that stand in the other table too"), "key_overlap_share": _("Rows whose key stands in the other table too"),
        LEAK: _("How well one column alone tells the label"),
    }  # fmt: skip
    return words.get(name, name.replace("_", " "))


def rule_sentence(entry: dict[str, Any]) -> str:
    """The verdict on one rule."""
    name = str(entry["rule"]).partition("<=")[0]
    facts = figure_facts(entry) | {"what": what(name)}
    if entry.get("value") is None:
        return _("%(what)s: %(rule)s cannot be judged, because nothing was named or found that it could be computed from.") % facts  # fmt: skip
    group = (entry.get("worst") or {}).get("group") or {}
    if "rows" in group:
        return worded(
            facts,
            _("%(what)s: at most %(high)s %% (limit %(limit)s %%); seen %(seen)s %%."),
            _("%(what)s: at least %(low)s %% (limit %(limit)s %%); seen %(seen)s %%."),
            _("%(what)s: seen %(seen)s %%, but anything from %(low)s to %(high)s %% is compatible with these rows (limit %(limit)s %%)."),
        )  # fmt: skip
    return worded(
        facts,
        _("%(what)s: at most %(high)s %% everywhere (limit %(limit)s %%), most for %(who)s; the highest seen is %(seen)s %%."),
        _("%(what)s: at least %(low)s %% for %(who)s (limit %(limit)s %%); the highest seen is %(seen)s %%."),
        _("%(what)s: the highest seen is %(seen)s %%, but anything from %(low)s to %(high)s %% is compatible with these rows (limit %(limit)s %%), most for %(who)s."),
    )  # fmt: skip


def rows_sentence(entry: dict[str, Any]) -> str:
    """How many rows would settle a rule."""
    needed = entry["rows_needed"]["rows"]
    words = ngettext(
        "About %(n)s more row of the same mix would probably settle %(rule)s.",
        "About %(n)s more rows of the same mix would probably settle %(rule)s.",
        needed,
    )
    return words % {"n": f"{needed:,}", "rule": entry["rule"]}


def cells(outcome: dict[str, Any]) -> list[str]:
    """Which columns lack values or hold wrong ones, the worst first."""
    said = []
    for name, words in (
        ("missing_share", _("Cells are missing in %(columns)s.")),
        ("invalid_share", _("Columns of numbers hold other values: %(columns)s.")),
    ):
        found = [(one["metrics"][name]["value"], str(one["name"])) for one in outcome["columns"] if (one["metrics"].get(name) or {}).get("value")]  # fmt: skip
        worst = sorted(found, key=lambda each: (-each[0], each[1]))[:5]
        if worst:
            said.append(words % {"columns": ", ".join(f"{column} ({share_words(share)})" for share, column in worst)})
    for one in outcome["expectations"]:
        if one["broken"]:
            facts = {"rule": one["rule"], "n": f"{one['broken']:,}", "share": share_words(one["share"]["value"])}
            said.append(
                ngettext(
                    "%(n)s row breaks “%(rule)s” (%(share)s).", "%(n)s rows break “%(rule)s” (%(share)s).", one["broken"]
                ) % facts
            )  # fmt: skip
    return said


def rows(outcome: dict[str, Any]) -> list[str]:
    """Shares of rows that are not as they should be; what there is none of in one sentence."""
    found = [(what(name), value["value"]) for name, value in ordered(outcome) if value.get("value") is not None]  # fmt: skip
    some = [f"{words} {share_words(share)}" for words, share in found if share > 0]
    none = [words for words, share in found if share == 0]
    said = [_("Found: %s.") % "; ".join(some)] if some else []
    return said + ([_("Found none of these: %s.") % "; ".join(none)] if none else [])


def ordered(outcome: dict[str, Any]) -> list[tuple[str, dict[str, Any]]]:
    """The shares of rows in one order."""
    found = outcome["row_quality"]
    return [(name, found[name]) for name in ROW_SHARES if name in found]


def leaks(outcome: dict[str, Any]) -> list[str]:
    """The column that tells the label best alone."""
    known = [one for one in outcome["columns"] if LEAK in one["metrics"]]
    if not known:
        return []
    best = max(known, key=lambda one: one["metrics"][LEAK]["value"])
    value = best["metrics"][LEAK]
    facts = {"column": name_of({"name": best["name"]}), "seen": share_words(value["value"]), "low": share_words(value["low"], down=True), "high": share_words(value["high"], up=True)}  # fmt: skip
    return [_("%(column)s alone ranks a positive row above a negative one in %(seen)s of pairs (%(low)s to %(high)s; a coin would in half, and near all is a sign of a leak).") % facts]  # fmt: skip
