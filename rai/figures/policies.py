"""Tables and CSV lines that only threshold_what_if has: policies, what each costs whom, and rates along thresholds."""

from collections.abc import Iterator
from typing import Any

from django.contrib.humanize.templatetags.humanize import intcomma
from django.utils.translation import gettext as _

from rai.figures.lines import Line, group_name, measured, metric_label
from rai.figures.sheets import Cell, Sheet
from rai.wording.policies import cost_words, policy_label, signed, thousandth, threshold_words

MOST_POINTS = 10
RATES = ("selection_rate", "true_positive_rate", "false_positive_rate", "precision", "accuracy")


def sheets(outcome: dict[str, Any]) -> Iterator[Sheet]:
    """All policies side by side, each policy by group, and everybody's rates along thresholds."""
    yield overview(outcome)
    for found in outcome["policies"]:
        yield by_group(found)
    yield from along(outcome)


def overview(outcome: dict[str, Any]) -> Sheet:
    """Accuracy and cost of every policy."""
    head = (_("Policy"), _("Groups by"), _("Accuracy"), _("Selected"), _("Wrongly selected, of 1,000"), _("Wrongly refused, of 1,000"), _("Cost of 1,000 rows"))  # fmt: skip
    rows = tuple((policy_label(found["name"]), policy_cells(head, found)) for found in outcome["policies"])
    return Sheet(_("What each way to set thresholds costs over all rows"), head, rows)


def policy_cells(head: tuple[str, ...], found: dict[str, Any]) -> tuple[Cell, ...]:
    """One policy over all rows."""
    metrics = found["metrics"]
    wrong = [thousandth(metrics[name]["value"]) for name in ("wrongly_selected", "wrongly_refused")]
    texts = (*wrong, cost_words(metrics["mean_cost"]["value"]))
    return (
        Cell(head[1], " × ".join(found["by"])), Cell(head[2], measure=metrics["accuracy"]), Cell(head[3], measure=metrics["selection_rate"]),
        *(Cell(label, text) for label, text in zip(head[4:], texts, strict=True)),
    )  # fmt: skip


def by_group(found: dict[str, Any]) -> Sheet:
    """One policy: threshold, rates and wrong decisions of every group, and the change against one threshold."""
    head = (_("Group"), _("Rows"), _("Threshold"), *(metric_label(name) for name in RATES), _("Wrongly selected, of 1,000"), _("Wrongly refused, of 1,000"))  # fmt: skip
    rows = tuple((group_name(group["group"]), group_cells(head, group, found["name"])) for group in found["groups"])
    return Sheet(f"{policy_label(found['name'])}: {' × '.join(found['by'])}", head, rows)


def group_cells(head: tuple[str, ...], group: dict[str, Any], policy: str) -> tuple[Cell, ...]:
    """One group under one policy."""
    wrong = []
    for name in ("wrongly_selected", "wrongly_refused"):
        text = thousandth(group["metrics"][name]["value"])
        wrong.append(text if policy == "one_threshold" else f"{text} ({signed(group['change'][name])})")
    kept = _("%s (kept)") if group.get("reason") else "%s"
    return (
        Cell(head[1], intcomma(group["n"])), Cell(head[2], kept % threshold_words(group["threshold"])),
        *(Cell(label, measure=group["metrics"][name]) for label, name in zip(head[3:], RATES, strict=False)),
        *(Cell(label, text) for label, text in zip(head[-2:], wrong, strict=True)),
    )  # fmt: skip


def along(outcome: dict[str, Any]) -> Iterator[Sheet]:
    """Rates of every group when everybody is held to one threshold, along a grid of them."""
    head = (_("Threshold"), *(metric_label(name) for name in RATES))
    for group in outcome["grid"]:
        rows = tuple(
            (
                threshold_words(point["threshold"]),
                tuple(Cell(label, measure=point["metrics"][name]) for label, name in zip(head[1:], RATES, strict=True)),
            )
            for point in thinned(group["points"])
        )
        yield Sheet(_("One threshold for all, along thresholds (more of them in the CSV): %s") % (group_name(group["group"]) or _("all rows")), head, rows)  # fmt: skip


def thinned(points: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Every second point where there are many."""
    return points if len(points) <= MOST_POINTS else points[::2]


def lines(outcome: dict[str, Any]) -> Iterator[Line]:
    """Every policy by group, and the grid, for the CSV file."""
    for found in outcome["policies"]:
        by = " × ".join(found["by"])
        for name, value in found["metrics"].items():
            yield measured(found["name"], by, "", name, value)
        for group in found["groups"]:
            who = group_name(group["group"])
            yield Line(found["name"], by, who, "threshold", group["threshold"], n=group["n"], reason=group.get("reason") or "")  # fmt: skip
            for name, value in group["metrics"].items():
                yield measured(found["name"], by, who, name, value)
            for name, change in group["change"].items():
                yield Line(found["name"], by, who, f"{name}_change", change, n=group["n"])
    for group in outcome["grid"]:
        for point in group["points"]:
            for name, value in point["metrics"].items():
                yield measured(f"at {point['threshold']:.6g}", " × ".join(group["by"]), group_name(group["group"]), name, value)  # fmt: skip
