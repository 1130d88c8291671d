"""Turns outcomes of trials of a model into sentences in the reader's language."""

from collections.abc import Callable
from typing import Any

from django.utils.translation import gettext as _

from rai.wording.rules import details, plain_threshold

SHARES = (
    "unstable_rows",
    "flip_rate",
    "turned_share",
    "changed_share",
    "surer_outside",
    "unrepeated_share",
    "disagreeing_share",
)
LABELS: dict[str, Callable[[], str]] = {
    "unstable_rows": lambda: _("Rows that some noise decides otherwise"),
    "flip_rate": lambda: _("Noisy copies that are decided otherwise"),
    "mean_score_change": lambda: _("Mean change of the score"),
    "turned_share": lambda: _("Rows that one plausible step turns"),
    "changed_share": lambda: _("Decisions that change with the protected attribute alone"),
    "surer_outside": lambda: _("Pushes beyond the range that make the model surer"),
    "unrepeated_share": lambda: _("Rows that are scored otherwise when asked again"),
    "largest_repeat": lambda: _("Largest difference when asked again"),
    "disagreeing_share": lambda: _("Rows whose uploaded score is not the model's"),
    "largest_disagreement": lambda: _("Largest difference from an uploaded score"),
    "attack_auc": lambda: _("Area under the attacker's curve"),
}
CAVEATS: dict[str, Callable[[], str]] = {
    "perturbation": lambda: _("Noise is drawn for each number apart; real errors often come together."),
    "adversarial": lambda: _("Only single steps to values seen in the table are tried: an attacker who does more finds more."),
    "counterfactual_fairness": lambda: _("Other inputs stay as they are, also those that go with the protected attribute: a pass here rules out no proxy."),
    "out_of_distribution": lambda: _("One input at a time is pushed, by one whole range; other ways of being strange are not tried."),
    "consistency": lambda: _("Asked in the same process and on the same machine."),
    "membership_inference": lambda: _("One attack, by the size of the error; a stronger one may tell more."),
}  # fmt: skip


def label_of(name: str) -> str:
    """What people call a figure."""
    return LABELS[name]() if name in LABELS else name.replace("_", " ")


def in_order(outcome: dict[str, Any]) -> list[tuple[str, dict[str, Any]]]:
    """The figures of an outcome, the one that rules usually speak of first: stored JSON keeps no order."""
    known = list(LABELS)
    return sorted(outcome["overall"]["metrics"].items(), key=lambda pair: known.index(pair[0]))


def figure_words(name: str, value: float | None) -> str:
    """A figure as share or as number."""
    if value is None:
        return "–"
    return f"{value:.1%}" if name in SHARES else f"{value:.3g}"


def trials(outcome: dict[str, Any]) -> list[str]:
    """Every figure with its interval, the verdicts, what is special about this run, and what the trial does not show."""
    said = [figure_sentence(name, value) for name, value in in_order(outcome)]
    said += special(outcome)
    for entry in outcome["thresholds"]:
        name, _sign, limit = entry["rule"].partition("<=")
        said += [plain_threshold(entry, label_of(name), limit), *details(entry)]
    return [*said, CAVEATS[outcome["check"]]()]


def figure_sentence(name: str, value: dict[str, Any]) -> str:
    """One figure."""
    facts = {end: figure_words(name, value[end]) for end in ("value", "low", "high")} | {
        "name": label_of(name),
        "n": f"{value['n']:,}",
    }
    if value["method"] == "none":
        return _("%(name)s: %(value)s, on %(n)s rows.") % facts
    return _("%(name)s: %(value)s (95 %% interval %(low)s to %(high)s), on %(n)s rows.") % facts


def special(outcome: dict[str, Any]) -> list[str]:
    """What must be known beside the figures."""
    told, figures, said = outcome["told"], outcome["overall"]["metrics"], []
    if told.get("is_input") is False:
        said.append(_("The model does not read the protected attribute, so changing it alone cannot change an answer."))
    if figures.get("disagreeing_share", {}).get("value"):
        said.append(
            _(
                "The uploaded scores are not those of this model. Whatever was checked on them does not speak of this version."
            )
        )
    if told.get("uploaded_missing"):
        said.append(_("%s rows hold no uploaded score and were not compared.") % f"{told['uploaded_missing']:,}")
    median = (outcome.get("distances") or {}).get("median")
    if median is not None:
        said.append(
            _("Where a step turns the decision, half of the nearest are at most %s mean absolute deviations long.")
            % f"{median:.2f}"
        )
    return said
