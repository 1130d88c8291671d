"""Which metrics a condition may name: an app that measures says so for its checks."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from django.utils.translation import gettext as _

from registry.vocabulary import vocabulary

Known = Callable[[str], bool]
# By the name of a check in the vocabulary: whether runs of it hold a figure of this name.
KNOWN: dict[str, Known] = {}


def refusals(asked: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """What is wrong with a condition on a check: the key, and why."""
    check, metric = asked.get("check"), asked.get("metric")
    if check is None:
        return
    if check not in vocabulary().checks:
        yield "check", _("There is no check “%s” in the vocabulary.") % check
        return
    limits = [name for name in ("at_most", "at_least") if name in asked]
    if metric is None and (limits or {"bound", "group"} & set(asked)):
        yield (limits or ["check"])[0], _("A limit needs the “metric” that it is put on.")
    if metric is not None and not limits:
        yield "metric", _("Say how much of “%s” is allowed: “at_most” or “at_least”.") % metric
    if metric is not None and not KNOWN.get(check, lambda _name: False)(metric):
        yield "metric", _("Runs of the check “%(check)s” hold no figure “%(metric)s”.") % {
            "check": check, "metric": metric,
        }  # fmt: skip
    if metric is None and not {"verdict", "fresh_days"} & set(asked):
        yield "check", _("Say what is asked of the check: a “verdict”, a “metric” with a limit, or “fresh_days”.")
