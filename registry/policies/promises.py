"""What a policy may not say of releases: roll-outs that never reach all, parts whose change always counts, weaker separation."""

from collections.abc import Iterator
from typing import Any, Final

from django.utils.translation import gettext as _

from registry.policies.text import Path

# What is released, what was measured, and by which rules: no policy calls a change of these immaterial.
ALWAYS_MATERIAL: Final = frozenset({"version", "components", "evidence", "policy", "context"})
STRICT: Final = "strict"
ALL: Final = 100


def broken(asked: dict[str, Any]) -> Iterator[tuple[Path, str]]:
    """What is wrong in one tier or addition, and where in it."""
    yield from rollout(asked.get("rollout", []))
    yield from immaterial(asked.get("immaterial", []))
    level = asked.get("separation", STRICT)
    if level != STRICT:
        yield (
            ("separation",),
            _(
                "“%s” is no level of separation: the only one is “strict”. Whoever made a version never approves or publishes "
                "it, and whoever approved it never publishes it; no policy lifts that."
            )
            % level,
        )


def rollout(steps: list[dict[str, int]]) -> Iterator[tuple[Path, str]]:
    """Each step gives more than the one before, and the last one gives all."""
    before = 0
    for number, step in enumerate(steps):
        if step["share"] <= before:
            yield ("rollout", number, "share"), _(
                "A roll-out only rises: this step gives %(share)d %%, the one before it %(before)d %%."
            ) % {"share": step["share"], "before": before}  # fmt: skip
        before = step["share"]
    if steps and before != ALL:
        yield ("rollout", len(steps) - 1, "share"), _("The last step gives %d %%; it must give 100 %%.") % before


def immaterial(names: list[str]) -> Iterator[tuple[Path, str]]:
    """Only parts that there are, and none that a decision always turns on."""
    from registry.material import MATERIAL  # whose reading asks for policies

    for number, name in enumerate(names):
        if name in ALWAYS_MATERIAL:
            yield ("immaterial", number), _("A change of “%s” always voids sign-offs; take it out.") % name
        elif name not in MATERIAL:
            yield ("immaterial", number), _("“%(name)s” is no part of the material; known are: %(known)s.") % {
                "name": name, "known": ", ".join(sorted(MATERIAL.keys() - ALWAYS_MATERIAL)),
            }  # fmt: skip
