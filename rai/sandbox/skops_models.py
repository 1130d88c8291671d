"""scikit-learn models in skops archives: types on our list alone, trees looked over, one score a row."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from rai.checks.saying import InputError
from rai.engine.forests import Forest
from rai.sandbox import forests, formats, skops_trees
from rai.sandbox.models import ModelInfo, matrix_of, of_matrix
from rai.sandbox.scored import finite, one_score
from rai.sandbox.skops_archive import forbidden
from rai.sandbox.skops_types import TYPES


def read_info(path: Path, title: str) -> ModelInfo:
    """Inputs, classes and library of the model, which is loaded for it; raises InputError for what cannot be run."""
    model = load(path, title)
    if not hasattr(model, "predict"):
        raise InputError(
            "{title} holds no model but a {name}. Save the fitted model.", title=title, name=type(model).__name__
        )
    names = getattr(model, "feature_names_in_", None)
    if names is None:
        names = [f"f{place}" for place in range(int(getattr(model, "n_features_in_", 0)))]
    names, classes = tuple(map(str, names)), tuple(map(str, getattr(model, "classes_", ())))
    return ModelInfo(
        format=formats.SKOPS, library="scikit-learn", objective=type(last_step(model)).__name__, features=names,
        categorical=(), trees=sum(1 for _ in skops_trees.trees(model)), outputs=scores_of(model, classes),
        texts=tuple(names[place] for place in text_places(model, names)), classes=classes,
    )  # fmt: skip


def scores_of(model: Any, classes: tuple[str, ...]) -> int:
    """How many scores a row gets: one for two classes."""
    if classes:
        return 1 if len(classes) <= 2 else len(classes)
    return int(getattr(last_step(model), "n_outputs_", 1))


def load(path: Path, title: str) -> Any:
    """The object in the archive, after its description and before anything of it is asked to work."""
    import skops.io

    raw = path.read_bytes()
    for what in forbidden(raw):
        raise InputError(
            "{title} is not run: {what}. Save a fitted scikit-learn model of the kinds that docs/models.md lists with "
            "skops.io.dump, export it as ONNX, or upload a table of predictions instead.",
            title=title,
            what=what,
        )
    try:
        model = skops.io.loads(raw, trusted=sorted(TYPES))
        skops_trees.check(model)
    except MemoryError:
        raise
    except Exception as error:
        raise InputError(
            "{title} is not a whole skops archive. Save it again with skops.io.dump.", title=title
        ) from error
    return model


def last_step(model: Any) -> Any:
    """The model at the end of a pipeline."""
    while hasattr(model, "steps"):
        model = model.steps[-1][1]
    return model


def text_places(model: Any, names: tuple[str, ...]) -> list[int]:
    """Which inputs take text: those whose learnt categories, or fillings, are text."""
    first = model.steps[0][1] if hasattr(model, "steps") else model
    if not hasattr(first, "transformers_"):
        return [place for place in range(len(names)) if takes_text(first, place)]
    found = set()
    for _name, step, chosen in first.transformers_:
        places = np.arange(len(names))
        where = (
            [names.index(one) for one in chosen]
            if all(isinstance(one, str) for one in list(chosen))
            else places[chosen]
        )
        found |= {int(place) for index, place in enumerate(where) if takes_text(step, index)}
    return sorted(found)


def takes_text(step: Any, place: int) -> bool:
    """The transformer, or one inside it, learnt text in its column at this place."""
    inside = [one for _name, one in step.steps] if hasattr(step, "steps") else [step]
    learnt = [getattr(one, "categories_", ()) for one in inside if hasattr(one, "categories_")]
    fillings = [getattr(one, "statistics_", ()) for one in inside if hasattr(one, "statistics_")]
    texts = [np.asarray(values[place]).dtype.kind in "OU" for values in learnt if place < len(values)]
    return any(texts) or any(isinstance(values[place], str) for values in fillings if place < len(values))


class SkopsModel:
    """A fitted scikit-learn model or pipeline."""

    def __init__(self, path: Path, title: str, info: ModelInfo) -> None:
        import sklearn

        self.version, self.info, self.title = sklearn.__version__, info, title
        self.native = load(path, title)
        for part in skops_trees.parts(self.native):
            if "n_jobs" in vars(part):
                part.n_jobs = 1

    def predict(self, columns: Mapping[str, np.ndarray]) -> np.ndarray:
        """The score of each row: the probability of the second class, else the decision value, else the number."""
        given = self.given(columns)
        asked = next(name for name in ("predict_proba", "decision_function", "predict") if hasattr(self.native, name))
        if not self.info.classes:
            asked = "predict"
        try:
            scores = getattr(self.native, asked)(given)
        except MemoryError:
            raise
        except (ValueError, TypeError, IndexError, AttributeError, KeyError) as error:
            raise self.refused(columns) from error
        return finite(one_score([scores], len(scores), title=self.title), title=self.title)

    def given(self, columns: Mapping[str, np.ndarray]) -> Any:
        """The columns as the model was fitted: with names, or as a matrix."""
        if hasattr(self.native, "feature_names_in_"):
            import pandas

            return pandas.DataFrame({name: columns[name] for name in self.info.features})
        if self.info.texts:
            return np.column_stack([np.asarray(columns[name], dtype=object) for name in self.info.features])
        return matrix_of(self.info, columns)

    def refused(self, columns: Mapping[str, np.ndarray]) -> InputError:
        """Why the model does not take the rows: an empty cell is the usual reason."""
        for name, column in columns.items():
            empty = sum(value is None or value != value for value in column)
            if empty:
                return InputError(
                    "{title} does not take empty cells, and column “{name}” has {rows} of them. Fill them as in training, "
                    "best inside the model (SimpleImputer), then try again.",
                    title=self.title, name=name, rows=int(empty),
                )  # fmt: skip
        return InputError(
            "{title} stopped at the rows it was given. The columns may hold values of another kind than in training.",
            title=self.title,
        )

    def raw(self, matrix: np.ndarray) -> np.ndarray:
        """The decision value where the model has one, else the score."""
        if hasattr(self.native, "decision_function"):
            return np.asarray(self.native.decision_function(self.given(of_matrix(self.info, matrix))), dtype=np.float64)
        return self.predict(of_matrix(self.info, matrix))

    def forest(self) -> Forest | None:
        """The trees as plain arrays, in the units of the score; None for what is no forest of the known kinds."""
        model = self.native
        if hasattr(model, "_predictors"):
            return forests.of_histograms(model._predictors)
        trees = list(getattr(model, "estimators_", [])) if type(model).__name__ in skops_trees.AVERAGED else []
        trees = [model] if hasattr(model, "tree_") else trees
        if not trees:
            return None
        return forests.of_scikit_learn(
            trees, weights=[1 / len(trees)] * len(trees), output=1 if self.info.classes else 0
        )


LOADERS = {formats.SKOPS: SkopsModel}
