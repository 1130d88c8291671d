"""Opens the question whether the class of a system's output still fits when data of a higher class join."""

from typing import Any

from registry.actions import work
from registry.datasets import standard
from registry.datasets.inputs import terms_of
from registry.models import AISystem, Task


def review_outputs(systems: list[AISystem], data_class: str, *, actor: Any) -> None:
    """Ask the business owner of each system whose output has a lower class than the data that joined."""
    for system in systems:
        terms = terms_of(system)
        if data_class and standard.rank_of(data_class) > standard.rank_of(standard.output_class_of(terms)):
            work.open_task(
                system, kind=Task.Kind.OUTPUT_CLASS, system=system, url=terms.get_absolute_url(),
                person=system.business_owner, actor=actor,
            )  # fmt: skip
