"""threshold_what_if as a picture: the rules, then what each way to set thresholds costs every group, then rates along thresholds."""

from typing import Any

from django.utils import translation
from django.utils.translation import gettext as _, ngettext

from rai.charts.drawing import THEMES, WIDTH, Panel, Theme, beside, layered, room, svg, titled
from rai.charts.limits import Limit, limits_panel
from rai.charts.words import by_name, confidence_of, metric_label, name_of, percent, rounded, whole
from rai.wording.policies import POLICIES, policy_label, threshold_words

MOST_GROUPS = 8
MOST_LINES = 5
ROW = 20
LINES = 170
WRONG = ("wrongly_selected", "wrongly_refused")
DASHES = ([1, 0], [6, 3], [2, 2], [8, 3, 2, 3], [1, 4])


def threshold_what_if(outcome: dict[str, Any], *, language: str | None = None, theme: str = "light") -> bytes:
    """Each rule against its limit, wrongly selected and refused of each group by policy, rates along thresholds."""
    with translation.override(language or translation.get_language()):
        return svg(policy_panels(outcome, THEMES[theme]), THEMES[theme])


def policy_panels(outcome: dict[str, Any], theme: Theme) -> list[Panel]:
    """The panel of limits, if there are any, and the first grouping."""
    limits = [limit_of(entry) for entry in outcome["thresholds"] if entry.get("value") is not None]
    by = outcome["policies"][0]["by"] if outcome["policies"] else []
    policies = [found for found in outcome["policies"] if found["by"] == by]
    rows = [row(at(found, group), found, theme) for group in shown(policies) for found in policies]
    left = room([one.label for one in limits] + [each["label"] for each in rows] + [""])
    panels = []
    if limits:
        said = [_("Dot: seen. Line: what the rows are compatible with (%s). Mark: the limit.") % confidence_of(outcome)]
        title = _("Are the policies within the limits?")
        panels.append(limits_panel(limits, theme, room=left, title=title, axis=_("Percent"), subtitle=said))
    if rows:
        panels.append(wrong_panel(outcome, policies, rows, theme, left))
        panels.append(rates_panel(outcome, by, theme, left))
    return panels


def limit_of(entry: dict[str, Any]) -> Limit:
    """A rule in percent."""
    name, _sign, limit = entry["rule"].replace(">=", "<=").partition("<=")
    policy = next(policy for policy in POLICIES if name.startswith(policy))
    what = {"accuracy": _("%s: accuracy"), "wrongly_selected": _("%s: wrongly selected"), "wrongly_refused": _("%s: wrongly refused")}  # fmt: skip
    label = what[name.removeprefix(f"{policy}_").removesuffix("_group_max")] % policy_label(policy)
    low, high = (100 * (entry["value"] if entry[end] is None else entry[end]) for end in ("low", "high"))
    number = 100 * float(limit)
    named = rounded(number, 0 if round(number) == round(number, 6) else 1)
    return Limit(label, 100 * entry["value"], low, high, number, named, entry["verdict"])


def shown(policies: list[dict[str, Any]]) -> list[dict[str, str]]:
    """The largest groups, in their order."""
    groups = policies[0]["groups"] if policies else []
    largest = sorted(groups, key=lambda group: -group["n"])[:MOST_GROUPS]
    return [group["group"] for group in groups if group in largest]


def at(policy: dict[str, Any], group: dict[str, str]) -> dict[str, Any]:
    """One group under one policy."""
    found: dict[str, Any] = next(each for each in policy["groups"] if each["group"] == group)
    return found


def row(group: dict[str, Any], policy: dict[str, Any], theme: Theme) -> dict[str, Any]:
    """A group's wrong decisions under one policy, of a thousand."""
    found: dict[str, Any] = {
        "label": _("%(group)s (n = %(n)s)") % {"group": name_of(group["group"]), "n": whole(group["n"])},
        "policy": policy_label(policy["name"]), "color": theme.accent if group["evaluable"] else theme.quiet,
    }  # fmt: skip
    for name in WRONG:
        value = group["metrics"][name]
        found |= {
            f"{name}_{end}": None if value[end] is None else 1000 * value[end] for end in ("value", "low", "high")
        }
        threshold = threshold_words(group["threshold"])
        found[f"{name}_figure"] = _("%(n)s at %(threshold)s") % {"n": rounded(1000 * (value["value"] or 0), 0), "threshold": threshold}  # fmt: skip
    return found


def wrong_panel(outcome: dict[str, Any], policies: list[dict[str, Any]], rows: list[dict[str, Any]], theme: Theme, left: int) -> Panel:  # fmt: skip
    """Wrongly selected and wrongly refused beside each other, the policies of a group under each other."""
    names = [policy_label(found["name"]) for found in policies]
    columns = [wrong_column(rows, name, names, theme, left if name == WRONG[0] else 0) for name in WRONG]
    said = [_("Mark: seen, with the threshold behind it. Line: %s interval. Each form is one way to set thresholds.") % confidence_of(outcome)]  # fmt: skip
    costs = outcome["costs"]
    said += [
        _("%(policy)s: accuracy %(seen)s, cost %(cost)s of 1,000 rows.")
        % {
            "policy": policy_label(found["name"]), "seen": percent(found["metrics"]["accuracy"]["value"]),
            "cost": rounded(1000 * (found["metrics"]["mean_cost"]["value"] or 0), 0),
        }
        for found in policies
    ]  # fmt: skip
    said.append(_("Cost of one wrongly selected %(first)s, of one wrongly refused %(second)s.") % {"first": f"{costs['false_positive']:g}", "second": f"{costs['false_negative']:g}"})  # fmt: skip
    if any(not group["evaluable"] for group in policies[0]["groups"]):
        said.append(_("Grey: too few rows to decide by, or no name; shown, never judged."))
    more = len(policies[0]["groups"]) - len({each["label"] for each in rows})
    if more > 0:
        said.append(ngettext("%d smaller group is in the table only.", "%d smaller groups are in the table only.", more) % more)  # fmt: skip
    return titled(beside(columns), _("Of 1,000 people of each group, how many are treated wrongly?"), said)


def wrong_column(rows: list[dict[str, Any]], name: str, policies: list[str], theme: Theme, left: int) -> Panel:
    """One kind of wrong decision."""
    import altair

    order = list(dict.fromkeys(each["label"] for each in rows))
    side = altair.Axis(grid=True, labels=bool(left), labelPadding=8, minExtent=left, maxExtent=left)
    y = altair.Y("label:N", sort=order, title=None, scale=altair.Scale(domain=order), axis=side)
    offset = altair.YOffset("policy:N", sort=policies, scale=altair.Scale(domain=policies, paddingOuter=0.3))
    top = 1.4 * max([each[f"{name}_high"] or 0.0 for each in rows] + [1.0])
    title = _("Wrongly selected") if name == WRONG[0] else _("Wrongly refused")
    scale = altair.Scale(domain=[0, top], nice=False)
    x = altair.X(f"{name}_value:Q", scale=scale, title=title, axis=altair.Axis(tickCount=4))
    base = altair.Chart().encode(y=y, yOffset=offset)
    color = altair.Color("color:N", scale=None)
    whisker = base.mark_rule(strokeWidth=2).encode(x=altair.X(f"{name}_low:Q", title=title), x2=f"{name}_high:Q", color=color)  # fmt: skip
    forms = altair.Scale(domain=policies, range=["circle", "square", "triangle-up", "diamond"])
    shape = altair.Shape("policy:N", scale=forms, sort=policies, legend=legend(theme, 260) if left else None)  # fmt: skip
    marks = base.mark_point(filled=True, size=55, opacity=1).encode(x=x, shape=shape, color=color)
    figure = base.encode(x=f"{name}_high:Q", text=f"{name}_figure:N")
    halo = figure.mark_text(align="left", dx=7, fontSize=10, stroke=theme.ground, strokeWidth=4)
    figures = figure.mark_text(align="left", dx=7, fontSize=10, color=theme.ink)
    height = ROW * len(policies) * len(order)
    return layered(rows, [halo, whisker, marks, figures], width=(WIDTH - 180) // 2, height=height)


def rates_panel(outcome: dict[str, Any], by: list[str], theme: Theme, left: int) -> Panel:
    """True and false positive rates of the largest groups when everybody is held to one threshold, along thresholds."""
    named = [group for group in outcome["grid"] if group["by"] == by]
    largest = sorted(named, key=lambda group: -group["n"])[:MOST_LINES]
    names = ("true_positive_rate", "false_positive_rate")
    columns = [rates_column(largest, name, outcome, theme, 0 if place else left) for place, name in enumerate(names)]
    said = [_("Each line is a group, told by its dashes. Upright: the single threshold.")]
    return titled(beside(columns), _("One threshold for all, from low to high, by %s") % by_name(by), said)


def legend(theme: Theme, room: int, *, size: int = 90) -> Any:
    """A legend whose signs have the colour of the drawing."""
    import altair

    return altair.Legend(columns=2, labelLimit=room, symbolSize=size, symbolFillColor=theme.accent, symbolStrokeColor=theme.accent)  # fmt: skip


def rates_column(groups: list[dict[str, Any]], name: str, outcome: dict[str, Any], theme: Theme, left: int) -> Panel:
    """One rate along thresholds."""
    import altair

    rows = [
        {"group": name_of(group["group"]), "threshold": point["threshold"], "rate": point["metrics"][name]["value"]}
        for group in groups
        for point in group["points"]
        if point["metrics"][name]["value"] is not None
    ]
    names = [name_of(group["group"]) for group in groups]
    dash = altair.StrokeDash(
        "group:N", sort=names, scale=altair.Scale(domain=names, range=list(DASHES)[: len(names)]),
        legend=legend(theme, 220, size=600) if left else None,
    )  # fmt: skip
    percents = altair.Axis(labelExpr="format(100 * datum.value, '~g') + ' %'", tickCount=5, minExtent=left)
    y = altair.Y("rate:Q", title=None, scale=altair.Scale(domain=[0, 1]), axis=percents)
    x = altair.X("threshold:Q", title=metric_label(name), scale=altair.Scale(zero=False, nice=False), axis=altair.Axis(tickCount=5, grid=False))  # fmt: skip
    drawn = [altair.Chart().mark_line(strokeWidth=2, color=theme.accent).encode(x=x, y=y, strokeDash=dash)]
    single = outcome["threshold"]["value"]
    if single is not None:
        mark = altair.Chart(altair.Data(values=[{"threshold": single}])).mark_rule(strokeWidth=2, color=theme.limit)
        drawn.append(mark.encode(x="threshold:Q"))
    return layered(rows, drawn, width=(WIDTH - 180) // 2, height=LINES)
