"""What the command `measure` runs on counts by group: group fairness of two labels, several classes or numbers; sample adequacy."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _

from rai.checks.contract import InputError, Outcome
from rai.measuring import warehouses
from rai.measuring.scores import SETTINGS, refuse


def group_fairness(options: Mapping[str, Any]) -> Outcome:
    """Counts by one GROUP BY, then the check on the counts."""
    from rai.checks.group_fairness import run
    from rai.engine.counts import read

    chosen = {"thresholds": options["threshold"], "reference": references(options["reference"])}
    chosen |= {name: options[name] for name in SETTINGS}
    if options["connection"] and options["kind"] == "classification":
        return warehouses.measured(options, run, **chosen)
    if options["kind"] != "classification":
        return beyond_two_labels(options)
    names = ("target", "prediction", "sensitive", "control", "positive", "weight", "weight_kind", "cluster")
    return run(read(options["data"], **{name: options[name] for name in names}), **chosen)


def beyond_two_labels(options: Mapping[str, Any]) -> Outcome:
    """The same for labels of more than two classes, and for numbers."""
    from rai.checks import group_fairness_classes, group_fairness_numbers
    from rai.engine.classes import read_classes
    from rai.engine.scores import read_scores

    refuse(options, "control", "weight", "cluster", "connection")
    chosen = {"thresholds": options["threshold"], "reference": references(options["reference"])}
    chosen |= {name: options[name] for name in SETTINGS}
    columns = {"target": options["target"]}
    if options["kind"] == "multiclass":
        columns |= {"prediction": options["prediction"], "sensitive": options["sensitive"]}
        return group_fairness_classes.run(read_classes(options["data"], **columns), **chosen)
    columns |= {"score": options["prediction"], "groups": options["sensitive"], "positive": None}
    book = read_scores(options["data"], **columns, intersections=options["intersections"])
    return group_fairness_numbers.run(book, **chosen)


def references(given: list[str]) -> dict[str, str]:
    """Column → value of every `--reference COLUMN=VALUE`."""
    for text in given:
        if "=" not in text:
            raise InputError(_('--reference "%s" names no value; write it as race=Caucasian.') % text)
    return dict(text.split("=", 1) for text in given)


def sample_adequacy(options: Mapping[str, Any]) -> Outcome:
    """The counts of group fairness, then widths and needs on them."""
    from rai.checks.sample_adequacy import run
    from rai.engine.counts import read

    refuse(options, "control", "reference")
    names = ("target", "prediction", "sensitive", "positive", "weight", "weight_kind", "cluster")
    cube = read(options["data"], **{name: options[name] for name in names})
    return run(cube, thresholds=options["threshold"], **{name: options[name] for name in SETTINGS})
