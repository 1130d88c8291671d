"""The order of the stages of a review: as they are written, and each after those that it names."""

from collections.abc import Iterator
from typing import Any

from django.utils.translation import gettext as _

from registry.policies.text import Path


def named_before(stage: Any) -> list[str]:
    """The names of the stages that a stage comes after."""
    after = stage.get("after", []) if isinstance(stage, dict) else []
    return [after] if isinstance(after, str) else list(after)


def name_of(stage: Any) -> str:
    """The name of a stage; empty for one without."""
    return str(stage.get("name", "")) if isinstance(stage, dict) else ""


def circles(told: list[Any]) -> Iterator[tuple[Path, str]]:
    """What is wrong with the order, and where: a name that stands twice or is none, stages that wait for each other."""
    names = [name_of(stage) for stage in told]
    fits = True
    for number, stage in enumerate(told):
        if names[number] and names[number] in names[:number]:
            fits = False
            yield (number, "name"), _("Two stages are called “%s”.") % names[number]
        for name in named_before(stage):
            if name not in names:
                fits = False
                yield (number, "after"), _("There is no stage called “%s”.") % name
    stuck = left_over(told) if fits else []
    if stuck:
        ring = ", ".join(names[number] or str(number + 1) for number in stuck)
        yield (stuck[0], "after"), _("The stages wait for each other in a circle: %s.") % ring


def sequence(told: list[Any]) -> tuple[list[int], list[int]]:
    """The stages in an order in which each comes after those it names, and those that no order can hold."""
    done: list[int] = []
    waiting = list(range(len(told)))
    while waiting:
        names = {name_of(told[number]) for number in done}
        ready = next((number for number in waiting if set(named_before(told[number])) <= names), None)
        if ready is None:
            break
        done.append(ready)
        waiting.remove(ready)
    return done, waiting


def left_over(told: list[Any]) -> list[int]:
    """The stages that wait for each other."""
    return sequence(told)[1]


def ordered(told: list[Any]) -> list[Any]:
    """The stages in the order in which they are worked through."""
    return [told[number] for number in sequence(told)[0]]
