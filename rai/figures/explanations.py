"""Tables and CSV lines of explanations: chosen rows one by one, gaps between groups, and how values go with inputs."""

from collections.abc import Iterator
from typing import Any

from django.utils.translation import gettext as _

from rai.figures.lines import Line, group_name, measured
from rai.figures.sheets import Cell, Sheet

MOST_GAPS = 10


def sheets(outcome: dict[str, Any]) -> list[Sheet]:
    """How the values were made, the chosen rows, the gaps between groups, and the shapes."""
    return [
        *quality(outcome),
        *(one_row(row) for row in outcome.get("local", [])),
        *gaps(outcome),
        *(shape(each) for each in outcome.get("shapes", [])),
        *(curve(each) for each in outcome.get("curves", [])),
    ]


def quality(outcome: dict[str, Any]) -> list[Sheet]:
    """Method, budget, additivity and stability: how good the explanation itself is."""
    explainer, sample, stability = outcome["explainer"], outcome["sample"], outcome["stability"]
    facts = [
        (_("Worked out by"), means_label(explainer)),
        *background(explainer.get("means") or {}),
        (
            _("Rows used"),
            f"{sample['rows_used']:,} / {sample['rows_available']:,} ({stop_label(sample['stop_reason'])})",
        ),
        (_("Largest relative error of an input"), percentage(sample["largest_relative_error"])),
        (_("Additivity error"), f"{explainer['additivity_error']:.3g}"),
        (_("Largest change of a share between halves"), percentage(stability["largest_share_change"])),
        (_("Evaluable"), _("Yes") if explainer.get("evaluable", True) else _("No")),
    ]
    r2 = outcome.get("surrogate", {}).get("r2")
    if r2 is not None:
        facts.append((_("R² of a straight line in the inputs"), f"{r2:.3f}"))
    head = (_("Explanation"), _("Figure"))
    return [
        Sheet(_("How good the explanation is"), head, tuple((name, (Cell(head[1], text),)) for name, text in facts))
    ]


def means_label(explainer: dict[str, Any]) -> str:
    """What the values were worked out with, and why."""
    words = {
        "leaf_tables": _("tables over the leaves, held against the model's library"),
        "library": _("the model's own library"),
        "permutation": _("permutations of the inputs against a fixed background"),
    }
    reasons = {
        "not_prepared": _("the compiled loops are not kept on this machine"), "large_trees": _("the trees are too large for tables"),
        "no_trees": _("its nodes form no trees"), "read_in_two_ways": _("one input is read in two ways"),
        "disagrees": _("the tables and the library disagree"), "no_forest": _("the model is no forest of plain trees"),
    }  # fmt: skip
    means = explainer.get("means") or {"by": "library", "reason": ""}
    label, reason = words.get(means["by"], means["by"]), reasons.get(means["reason"])
    return f"{label} ({reason})" if reason else label


def background(means: dict[str, Any]) -> list[tuple[str, str]]:
    """What an estimate cost and was held against."""
    if "background" not in means:
        return []
    return [
        (_("Scores asked for a row"), f"{means['scores_a_row']:,}"),
        (
            _("Background"),
            _("%(rows)d rows, %(digest)s") % {"rows": means["background_rows"], "digest": means["background"]},
        ),
        (_("Moves under another seed"), percentage(means["moved_by_seed"])),
    ]


def stop_label(reason: str) -> str:
    """Why no more rows were taken."""
    words = {"settled": _("settled"), "all_rows": _("all rows"), "row_cap": _("the most that are taken")}
    return words.get(reason, reason)


def percentage(value: float | None) -> str:
    """A share, or a dash."""
    return "–" if value is None else f"{value:.1%}"


def one_row(row: dict[str, Any]) -> Sheet:
    """A chosen row: every input that moved its score, and what the rest add."""
    head = (_("Input"), _("Value"), _("Adds to the score"))
    rows = [(one["name"], one["value"], one["contribution"]) for one in row["inputs"]]
    told = [(name, (Cell(head[1], cell(value)), Cell(head[2], f"{added:+.3f}"))) for name, value, added in rows]
    if row["rest_inputs"]:
        told.append(
            (_("%d other inputs") % row["rest_inputs"], (Cell(head[1], ""), Cell(head[2], f"{row['rest']:+.3f}")))
        )
    caption = _("Row %(row)s: from %(base)s, the mean, to its score %(raw)s") % {
        "row": row["row"], "base": f"{row['base']:.3f}", "raw": f"{row['raw']:.3f}",
    }  # fmt: skip
    return Sheet(caption, head, tuple(told))


def cell(value: float | None) -> str:
    """A value of a row."""
    return _("(missing)") if value is None else f"{value:g}"


def gaps(outcome: dict[str, Any]) -> list[Sheet]:
    """The inputs whose weight differs most between groups."""
    head = (_("Input"), _("Difference of mean |SHAP|"), _("Weighs most for"), _("Weighs least for"))
    rows = tuple(
        (gap["feature"], (Cell(head[1], measure=gap["difference"]), Cell(head[2], group_name(gap["highest"])), Cell(head[3], group_name(gap["lowest"]))))
        for gap in outcome.get("gaps", [])[:MOST_GAPS]
    )  # fmt: skip
    return [Sheet(_("Attribution gap between groups"), head, rows)] if rows else []


def shape(each: dict[str, Any]) -> Sheet:
    """What an input adds to the score, by its value."""
    head = (_("Values"), _("Rows"), _("Adds on average"))
    rows = tuple(
        (span(one), (Cell(head[1], f"{one['n']:,}"), Cell(head[2], f"{one['mean']:+.3f}"))) for one in each["bins"]
    )
    return Sheet(_("What %s adds to the score, by its value") % each["name"], head, rows)


def curve(each: dict[str, Any]) -> Sheet:
    """Both curves of an input, place by place, each with its standard error."""
    head = (_("Value"), _("Rows up to here"), _("Accumulated local effect"), _("Partial dependence"))
    rows = tuple(
        (f"{one['at']:g}", (Cell(head[1], f"{one['n']:,}"), Cell(head[2], with_error(one["ale"], one["ale_error"], "+.4f")), Cell(head[3], with_error(one["pdp"], one["pdp_error"], ".4f"))))
        for one in each["places"]
    )  # fmt: skip
    return Sheet(_("How the score goes with %s") % each["name"], head, rows)


def with_error(value: float, error: float | None, form: str) -> str:
    """A value with its standard error."""
    return f"{value:{form}}" if error is None else f"{value:{form}} ± {error:.4f}"


def span(one: dict[str, Any]) -> str:
    """The values of a bin."""
    if one["low"] is None:
        return _("(missing)")
    return f"{one['low']:g}" if one["low"] == one["high"] else f"{one['low']:g} – {one['high']:g}"


def lines(outcome: dict[str, Any]) -> Iterator[Line]:
    """Chosen rows, gaps and shapes as lines."""
    for row in outcome.get("local", []):
        for one in row["inputs"]:
            yield Line("row", "", str(row["row"]), one["name"], one["contribution"])
    for gap in outcome.get("gaps", []):
        about = f"{group_name(gap['highest'])} / {group_name(gap['lowest'])}"
        yield measured("gap", " × ".join(gap["by"]), about, gap["feature"], gap["difference"])
    for each in outcome.get("shapes", []):
        for one in each["bins"]:
            yield Line("shape", each["name"], span(one), "mean", one["mean"], n=one["n"])
    for each in outcome.get("curves", []):
        for one in each["places"]:
            yield Line("curve", each["name"], f"{one['at']:g}", "ale", one["ale"], n=one["n"])
            yield Line("curve", each["name"], f"{one['at']:g}", "pdp", one["pdp"], n=one["n"])


# ---- drift of attributions


def shifts(outcome: dict[str, Any]) -> list[Sheet]:
    """Every input before and now, and how both sides were explained."""
    return [moved_inputs(outcome), both_sides(outcome)]


def moved_inputs(outcome: dict[str, Any]) -> Sheet:
    """Shares, ranks and gaps of every input, the one that moved furthest first."""
    head = (_("Input"), _("Share, approved"), _("Share now"), _("Change of the share"), _("Rank, approved → now"), _("Gap between distributions"))  # fmt: skip
    rows = tuple(
        (
            one["name"],
            (
                Cell(head[1], percentage(one["share_before"])), Cell(head[2], percentage(one["share_now"])), Cell(head[3], measure=one["change"]),
                Cell(head[4], ranks_said(one)), Cell(head[5], measure=one["ks"]),
            ),
        )
        for one in outcome["shifts"]
    )  # fmt: skip
    return Sheet(_("What drives the model, approved and now"), head, rows)


def ranks_said(one: dict[str, Any]) -> str:
    """Both rank intervals, and that they do not meet."""
    said = f"{between(one['ranks_before'])} → {between(one['ranks_now'])}"
    return _("%s (surely another)") % said if one["moved"] == "surely" else said


def between(ends: list[int]) -> str:
    """A rank interval."""
    return f"{ends[0]}" if ends[0] == ends[1] else f"{ends[0]}–{ends[1]}"


def both_sides(outcome: dict[str, Any]) -> Sheet:
    """Rows, additivity and stability of both explanations."""
    sides = [outcome["sides"][name] for name in ("before", "now")]
    head = (_("Explanation"), _("Approved"), _("Now"))
    facts = (
        (_("Rows used"), [f"{one['rows_used']:,} / {one['rows_available']:,}" for one in sides]),
        (_("Additivity error"), [f"{one['additivity_error']:.3g}" for one in sides]),
        (_("Largest change of a share between halves"), [percentage(one["largest_share_change"]) for one in sides]),
        (_("Evaluable"), [_("Yes") if one["evaluable"] else _("No") for one in sides]),
    )
    rows = tuple(
        (name, tuple(Cell(label, text) for label, text in zip(head[1:], said, strict=True))) for name, said in facts
    )
    return Sheet(_("How good both explanations are"), head, rows)


def shift_lines(outcome: dict[str, Any]) -> Iterator[Line]:
    """Changes of shares and gaps as lines."""
    for one in outcome["shifts"]:
        yield measured("feature", "", "", f"{one['name']}_share_change", one["change"])
        yield measured("feature", "", "", f"{one['name']}_ks", one["ks"])
