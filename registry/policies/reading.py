"""Reads the text of a policy: everything that is wrong with it, line by line, or what it says."""

from dataclasses import dataclass
from typing import Any, Final

from django.utils.translation import gettext as _

from registry.errors import BadInput
from registry.policies import order, refusals, shape
from registry.policies.schema import POLICY
from registry.policies.text import Problem, Unreadable, parsed

SHOWN: Final = 12


@dataclass(frozen=True)
class Reading:
    """What a text says, and why it is refused; without problems it may be proposed."""

    body: dict[str, Any]
    problems: tuple[Problem, ...]


def read(text: str, *, people: bool = True) -> Reading:
    """The policy in a text. `people` also asks whether the duties and units it names exist in the organisation now."""
    try:
        found = parsed(text)
    except Unreadable as error:
        return Reading({}, (error.problem,))
    wrong = list(shape.misfits(found, found.content, POLICY))
    if not wrong:
        wrong = list(refusals.Reader(found, people).problems())
    return Reading({} if wrong else settled(found.content), tuple(sorted(set(wrong))))


def settled(body: dict[str, Any]) -> dict[str, Any]:
    """The body with its stages in the order in which they are worked through."""
    for part in (*body["tiers"].values(), *body.get("kinds", {}).values(), *body.get("systems", {}).values()):
        if "stages" in part:
            part["stages"] = order.ordered(part["stages"])
    return body


def require_readable(text: str, *, people: bool = True) -> dict[str, Any]:
    """The body of a text. Raises BadInput with the lines that are wrong."""
    found = read(text, people=people)
    if found.problems:
        more = len(found.problems) - SHOWN
        said = [str(problem) for problem in found.problems[:SHOWN]]
        if more > 0:
            said.append(_("… and %d more.") % more)
        raise BadInput(" ".join(said), field="source")
    return found.body
