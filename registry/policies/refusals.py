"""What makes a well-shaped policy impossible: names that mean nothing, quorums nobody can reach, stages in a circle."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

from django.db import models
from django.utils.translation import gettext as _

from registry import stages
from registry.gate_titles import TITLES
from registry.models import AISystem, BusinessUnit, Duty, RoleAssignment
from registry.policies import conditions, metrics, order, promises, shape
from registry.policies.schema import ASKS, ENVIRONMENTS, LONG_STAGE, of_condition
from registry.policies.text import Document, Path, Problem
from registry.vocabulary import vocabulary

# Who answers, and what signatures are bound to: no policy lets anybody go without these.
NEVER_WAIVED: Final = frozenset({"owners", "binding"})
# Acts that make things safer wait for no gate.
UNGATED: Final = frozenset({"suspend", "rework", "reassess", "retire"})


@dataclass(frozen=True)
class Reader:
    """Reads a document of the right shape; `people` also asks who and what there is in the organisation now."""

    found: Document
    people: bool

    def problem(self, path: Path, reason: str) -> Problem:
        """A refusal at the line of a part."""
        return Problem(self.found.line_of(path), reason)

    def problems(self) -> Iterator[Problem]:
        """Everything that makes it impossible."""
        content = self.found.content
        for tier, asked in content["tiers"].items():
            yield from self.part(asked, ("tiers", tier))
        for kind, asked in content.get("kinds", {}).items():
            if kind not in yes_no_fields():
                yield self.problem(("kinds", kind), unknown_field(kind))
            yield from self.part(asked, ("kinds", kind))
        for slug, asked in content.get("systems", {}).items():
            if self.people and not AISystem.objects.filter(slug=slug).exists():
                yield self.problem(("systems", slug), _("There is no system with the short name “%s”.") % slug)
            yield from self.part(asked, ("systems", slug))

    def part(self, asked: dict[str, Any], path: Path) -> Iterator[Problem]:
        """One tier, or what is added for a kind or a system."""
        yield from self.stages(asked.get("stages", []), (*path, "stages"))
        yield from self.evidence(asked.get("evidence", []), (*path, "evidence"))
        yield from self.asked(asked.get("gates", []), (*path, "gates"))
        yield from self.waivers(asked.get("waivers", {}).get("gates", []), (*path, "waivers", "gates"), asked)
        yield from (self.problem((*path, *where), reason) for where, reason in promises.broken(asked))
        to = asked.get("reminders", {}).get("escalate_to")
        if to:
            yield from self.held(to, 1, (*path, "reminders", "escalate_to"))

    def stages(self, told: list[Any], path: Path) -> Iterator[Problem]:
        """The stages: their shape, who is asked, how many must agree, and what comes after what."""
        fits = True
        for number, stage in enumerate(told):
            schema = LONG_STAGE if isinstance(stage, dict) else ASKS
            wrong = list(shape.misfits(self.found, stage, schema, under=(*path, number)))
            yield from wrong
            fits = fits and not wrong
            if not wrong:
                yield from self.stage(stage if isinstance(stage, dict) else {"ask": stage}, (*path, number))
        if fits:
            yield from (self.problem((*path, *where), reason) for where, reason in order.circles(told))
            yield from self.enough_people(told, path)

    def stage(self, stage: dict[str, Any], path: Path) -> Iterator[Problem]:
        """One stage in its long form."""
        slots = slots_of(stage)
        quorum = stage.get("quorum", slots.total())
        if quorum > slots.total():
            yield self.problem(
                (*path, "quorum"),
                _("The quorum of %(quorum)d cannot be reached: only %(slots)d sign-offs are asked for.")
                % {"quorum": quorum, "slots": slots.total()},
            )
        for duty, count in slots.items():
            yield from self.held(duty, count, (*path, "ask"))
        for number, slug in enumerate(stage.get("units", []) if self.people else []):
            reason = self.unspoken(slug, sorted(slots))
            if reason:
                yield self.problem((*path, "units", number), reason)

    def unspoken(self, slug: str, duties: list[str]) -> str:
        """Why nobody of the stage can speak for a unit; empty where somebody can."""
        unit = BusinessUnit.objects.filter(slug=slug).first()
        if unit is None:
            return _("There is no business unit with the short name “%s”.") % slug
        held = RoleAssignment.objects.current().filter(duty__in=duties, person__is_active=True)
        if held.filter(unit__path__startswith=unit.path).exists():
            return ""
        names = ", ".join(str(Duty(duty).label) for duty in duties)
        return _("Nobody can speak for %(unit)s: it wants one of these duties there, and nobody holds any: %(duties)s.") % {
            "unit": unit, "duties": names,
        }  # fmt: skip

    def enough_people(self, told: list[Any], path: Path) -> Iterator[Problem]:
        """Each person decides once, so stages that ask everybody of one duty need so many people together."""
        total: Counter[str] = Counter()
        for number, stage in enumerate(told if self.people else []):
            slots = slots_of(stage if isinstance(stage, dict) else {"ask": stage})
            if isinstance(stage, dict) and stage.get("quorum", slots.total()) < slots.total():
                continue
            for duty, count in slots.items():
                if total[duty] and count <= self.holders.get(duty, 0):  # too many in one stage is said there
                    yield from self.held(duty, total[duty] + count, (*path, number))
            total += slots

    def held(self, duty: str, count: int, path: Path) -> Iterator[Problem]:
        """So many people hold the duty today: each decides once."""
        if not self.people or self.holders.get(duty, 0) >= count:
            return
        facts = {"duty": Duty(duty).label, "count": count, "holders": self.holders.get(duty, 0)}
        yield self.problem(
            path,
            _("Nobody holds the duty “%(duty)s”; give it to somebody first, or ask another one.") % facts
            if not facts["holders"]
            else _("%(count)d people with the duty “%(duty)s” are asked for; %(holders)d hold it.") % facts,
        )

    @cached_property
    def holders(self) -> dict[str, int]:
        """How many people hold each duty today, anywhere."""
        rows = RoleAssignment.objects.current().filter(person__is_active=True)
        return dict(rows.values_list("duty").annotate(count=models.Count("person", distinct=True)).order_by())

    def evidence(self, told: list[dict[str, Any]], path: Path) -> Iterator[Problem]:
        """The checks that are asked for."""
        for number, ask in enumerate(told):
            where = (*path, number)
            if ask["check"] not in vocabulary().checks:
                yield self.problem((*where, "check"), _("There is no check “%s” in the vocabulary.") % ask["check"])
            yield from self.field(ask.get("applies_when", ""), (*where, "applies_when"))

    def field(self, name: str, path: Path) -> Iterator[Problem]:
        """A yes-or-no fact of systems."""
        if name and name not in yes_no_fields():
            yield self.problem(path, unknown_field(name))

    def asked(self, told: list[dict[str, Any]], path: Path) -> Iterator[Problem]:
        """The structured conditions, each of one known kind and each under a name of its own."""
        seen: set[str] = set()
        for number, asked in enumerate(told):
            where = (*path, number)
            kind = conditions.KINDS.get(conditions.kind_of(asked))
            if kind is None:
                known = ", ".join(sorted(conditions.KINDS))
                yield self.problem(where, _("This is no condition: it names none of %s.") % known)
                continue
            wrong = list(shape.misfits(self.found, asked, of_condition(kind), under=where))
            yield from wrong
            if wrong:
                continue
            yield from self.condition(asked, kind, where)
            slug = conditions.slug_of(asked)
            if slug in seen:
                yield self.problem(where, _("A second condition of this kind needs a “name” of its own."))
            seen.add(slug)

    def condition(self, asked: dict[str, Any], kind: conditions.Kind, path: Path) -> Iterator[Problem]:
        """One condition: when it is asked, of what, and whether what it names exists."""
        yield from self.field(asked.get("when", ""), (*path, "when"))
        for moment in conditions.moments(asked):
            reason = moment_refused(moment, kind)
            if reason:
                yield self.problem((*path, "at"), reason)
        for key, reason in metrics.refusals(asked):
            yield self.problem((*path, key), reason)
        if "opinion" in asked:
            yield from self.held(asked["opinion"], 1, (*path, "opinion"))

    def waivers(self, told: list[str], path: Path, asked: dict[str, Any]) -> Iterator[Problem]:
        """What may be waived exists and is none of what never is."""
        own = {conditions.slug_of(one) for one in asked.get("gates", [])}
        for number, slug in enumerate(told):
            where = (*path, number)
            if slug in NEVER_WAIVED:
                yield self.problem(where, _("The gate “%s” can never be waived; take it out.") % slug)
            elif slug not in own and slug not in TITLES:
                yield self.problem(where, _("There is no gate “%s”.") % slug)


def slots_of(stage: dict[str, Any]) -> Counter[str]:
    """How many sign-offs of each duty a stage asks for."""
    slots: Counter[str] = Counter()
    for ask in stage["ask"]:
        slots[ask["duty"]] += ask.get("count", 1)
    return slots


def yes_no_fields() -> list[str]:
    """The facts of a system that are yes or no."""
    return [field.name for field in AISystem._meta.concrete_fields if isinstance(field, models.BooleanField)]


def unknown_field(name: str) -> str:
    """The sentence for a fact that systems do not have."""
    return _("“%(name)s” is no yes-or-no fact of a system; known are: %(known)s.") % {
        "name": name, "known": ", ".join(yes_no_fields()),
    }  # fmt: skip


def moment_refused(moment: str, kind: conditions.Kind) -> str:
    """Why nothing can be asked at this moment, or not this; empty where it can."""
    head, _colon, rest = moment.partition(":")
    gated = sorted(set(stages.MOVES) - UNGATED)
    known = {
        conditions.INTAKE: not rest, conditions.RELEASE: not rest, conditions.PUBLICATION: not rest,
        conditions.STAGE: rest in gated, conditions.DEPLOYMENT: not rest or rest in ENVIRONMENTS,
    }  # fmt: skip
    if not known.get(head, False):
        return _("“%(moment)s” is no moment; known are: %(known)s.") % {
            "moment": moment,
            "known": ", ".join(
                [conditions.INTAKE, *(f"{conditions.STAGE}:{verb}" for verb in gated), conditions.RELEASE,
                 conditions.PUBLICATION, conditions.DEPLOYMENT, *(f"{conditions.DEPLOYMENT}:{one}" for one in ENVIRONMENTS)]
            ),
        }  # fmt: skip
    if kind.needs_release and not conditions.is_of_release(moment):
        return _("“%(kind)s” is asked of a release; at “%(moment)s” there is none yet.") % {
            "kind": kind.name, "moment": moment,
        }  # fmt: skip
    return ""
