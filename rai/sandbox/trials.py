"""Tries a model in the child: what its scores do when rows are moved, flipped, pushed outside, or were in its training.

Every task answers with one line a row: the score before, what happened (0 to 1), and how far. Judging is not done here.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from rai.checks.saying import InputError
from rai.engine import trials
from rai.sandbox import models, tables
from rai.sandbox.models import LoadedModel
from rai.sandbox.order import Order, Reply

Rows = np.ndarray
SURER = 1e-12


def libraries(order: Order) -> tuple[str, ...]:
    """What runs this model, and what reads the table."""
    return (*models.libraries(order), *tables.LIBRARIES)


class Tried:
    """Sampled rows of a table, and the model's scores of them in any changed form."""

    def __init__(self, order: Order, model: LoadedModel, *, labels: tuple[str, ...] = ()) -> None:
        info = model.info
        self.model, self.order = model, order
        self.numbers = tuple(name for name in info.features if name not in info.texts)
        self.named = tuple(dict.fromkeys((*info.texts, *labels)))
        wanted = tables.Wanted(self.numbers, self.named, int(order.request["seed"]), int(order.request["rows"]))
        self.sample = tables.sampled(order, wanted)
        self.matrix = self.sample.numbers

    def texts(self, name: str) -> Rows:
        """A column of text as it is, None where a cell is empty."""
        place = self.named.index(name)
        return np.array(self.sample.labels[place], dtype=object)[self.sample.codes[:, place].astype(int)]

    def scores(self, matrix: Rows | None = None, changed: Mapping[str, Rows] | None = None) -> Rows:
        """The model's scores of the rows, with other numbers or other texts where given."""
        numbers = self.matrix if matrix is None else matrix
        columns = {name: numbers[:, place] for place, name in enumerate(self.numbers)}
        columns |= {name: self.texts(name) for name in self.model.info.texts}
        return self.model.predict({**columns, **(changed or {})})


def attempt(order: Order) -> Reply:
    """One trial. Request: `trial`, its name; `cut`, from which score on a row is positive; `rows`, the most to sample; `seed`; what it asks besides."""
    model = models.loaded(order)
    order.progress(20, "try")
    array, said = TRIALS[order.request["trial"]](order, model)
    about = {"format": model.info.format, "library": model.info.library, "library_version": model.version}
    return Reply({"model": about, **said}, array)


Found = tuple[Rows, dict[str, Any]]


def told(tried: Tried, happened: Rows, size: Rows, before: Rows, **more: Any) -> Found:
    """The lines of a trial and what is said of the sample."""
    lines = np.column_stack([before, happened, size])
    return lines, {
        "rows_available": tried.sample.rows_available,
        "rows_used": len(lines),
        "missing": tried.sample.missing,
        **more,
    }


def perturbed(order: Order, model: LoadedModel) -> Found:
    """Share of twenty noisy copies of each row that are decided otherwise, and the mean change of its score."""
    tried, cut = Tried(order, model), float(order.request["cut"])
    before = tried.scores()
    flips, moved = np.zeros(len(before)), np.zeros(len(before))
    for copy in trials.noisy(tried.matrix, share=float(order.request["share"]), seed=int(order.request["seed"])):
        after = tried.scores(copy)
        flips += (after >= cut) != (before >= cut)
        moved += np.abs(after - before)
    return told(tried, flips / trials.COPIES, moved / trials.COPIES, before)


def attacked(order: Order, model: LoadedModel) -> Found:
    """Whether one plausible step turns the decision on each row, and the distance of the nearest that does (−1: none)."""
    tried, cut = Tried(order, model), float(order.request["cut"])
    before = tried.scores()
    fixed = np.array([name in order.request["fixed"] for name in tried.numbers], dtype=bool)
    nearest = np.full(len(before), np.inf)
    for changed, distance in trials.plausible(tried.matrix, reach=float(order.request["reach"]), fixed=fixed):
        turned = (tried.scores(changed) >= cut) != (before >= cut)
        nearest = np.where(turned & (distance < nearest), distance, nearest)
    found = np.isfinite(nearest)
    return told(tried, found, np.where(found, nearest, -1), before, tried_inputs=int((~fixed).sum()))


def flipped(order: Order, model: LoadedModel) -> Found:
    """Whether any other value of the protected attribute changes the decision on each row, and by how much its score moves."""
    name = order.request["protected"]
    known = name in model.info.features
    tried, cut = Tried(order, model, labels=() if known else (name,)), float(order.request["cut"])
    before = tried.scores()
    changed, moved = np.zeros(len(before), dtype=bool), np.zeros(len(before))
    values: list[Any] = []
    if known:
        values = others_of(tried, name, order.title("data"))
        for value in values:
            after = tried.scores(
                changed={name: np.full(len(before), value, dtype=object if name in model.info.texts else float)}
            )
            changed |= (after >= cut) != (before >= cut)
            moved = np.maximum(moved, np.abs(after - before))
    return told(tried, changed, moved, before, is_input=known, values=len(values))


def others_of(tried: Tried, name: str, title: str) -> list[Any]:
    """The values of the protected attribute in the table; raises InputError where they are too many to be groups."""
    if name in tried.model.info.texts:
        return [value for value in tried.sample.labels[tried.named.index(name)] if value is not None]
    column = tried.matrix[:, tried.numbers.index(name)]
    values = np.unique(column[~np.isnan(column)])
    if len(values) > tables.MOST_LABELS:
        raise InputError(
            "{title}: column “{name}” has more than {most_labels} different values, too many to compare by. "
            "Choose a column with fewer, or put the values into bands.",
            title=title, name=name, most_labels=tables.MOST_LABELS,
        )  # fmt: skip
    return [float(value) for value in values]


def pushed_out(order: Order, model: LoadedModel) -> Found:
    """The share of pushes beyond all that was seen which leave the model surer than it was, and the largest move of a score."""
    tried = Tried(order, model)
    before = tried.scores()
    surer, moved, pushes = np.zeros(len(before)), np.zeros(len(before)), 0
    for _index, changed in trials.outside(tried.matrix):
        after = tried.scores(changed)
        surer += np.abs(after - 0.5) > np.abs(before - 0.5) + SURER
        moved = np.maximum(moved, np.abs(after - before))
        pushes += 1
    return told(tried, surer / max(pushes, 1), moved, before, pushes=pushes)


def repeated(order: Order, model: LoadedModel) -> Found:
    """How far the score moves when rows come again, backwards and one by one; and whether uploaded scores are the model's."""
    uploaded = order.request.get("uploaded")
    tried = Tried(order, model)
    before = tried.scores()
    turned = tried_backwards(tried)
    again = np.maximum(np.abs(tried.scores() - before), np.abs(turned - before))
    tolerance = float(order.request["tolerance"])
    repeats = {"largest_repeat": float(again.max()), "unrepeated": int((again > tolerance).sum())}
    if not uploaded:
        return told(tried, np.zeros(len(before)), again, before, **repeats)
    said = tables.sampled(order, tables.Wanted((uploaded,), (), int(order.request["seed"]), len(before))).numbers[:, 0]
    empty = np.isnan(said)
    apart = np.where(empty, 0.0, np.abs(said - before))
    return told(tried, (apart > tolerance) & ~empty, apart, before, uploaded_missing=int(empty.sum()), **repeats)


def tried_backwards(tried: Tried) -> Rows:
    """The scores with the rows in the opposite order, put back into theirs."""
    texts = {name: tried.texts(name)[::-1] for name in tried.model.info.texts}
    return tried.scores(tried.matrix[::-1].copy(), texts)[::-1]


def inferred(order: Order, model: LoadedModel) -> Found:
    """Whether a row was in the training (1) or not (0), and how wrong the model is about it (its log loss)."""
    parts = []
    for name, member in (("data", 0.0), ("members", 1.0)):
        own = replace(
            order, files={**order.files, "data": order.files[name]}, titles={**order.titles, "data": order.titles[name]}
        )
        tried = Tried(own, model, labels=(order.request["target"],))
        scores = np.clip(tried.scores(), 1e-12, 1 - 1e-12)
        truth = np.array([label == order.request["positive"] for label in tried.texts(order.request["target"])])
        parts.append(
            np.column_stack([scores, np.full(len(scores), member), -np.log(np.where(truth, scores, 1 - scores))])
        )
    lines = np.concatenate(parts)
    return lines, {
        "rows_available": len(lines),
        "rows_used": len(lines),
        "missing": {},
        "members": len(parts[1]),
        "others": len(parts[0]),
    }


TRIALS: dict[str, Callable[[Order, LoadedModel], Found]] = {
    "perturbation": perturbed, "adversarial": attacked, "counterfactual_fairness": flipped,
    "out_of_distribution": pushed_out, "consistency": repeated, "membership_inference": inferred,
}  # fmt: skip
