"""From the names of the vocabulary to rows: which entity, check, workflow and population this installation can show."""

from collections.abc import Callable, Collection, Container, Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any, TypeVar
from uuid import UUID

from django.utils.translation import gettext as _

from registry.models import AISystem, BusinessUnit
from reports import (
    course_rows,
    data_rows,
    document_rows,
    duty_rows,
    exception_rows,
    inventory_rows,
    measured_rows,
    meeting_rows,
    plan_rows,
    register_rows,
    retirement_rows,
    risk_rows,
    statement_rows,
    supply_rows,
)
from reports.facts import AttestationFact, CheckFact, Fact, Member, Stored, WorkflowFact
from reports.law_conditions import RECORDED
from reports.populations import CONDITIONS, ORGANISATION_CONDITIONS, POPULATIONS, Found, is_in_use
from reports.scope import Scope
from reports.titles import CONDITIONS as CONDITION_TITLES, Title

ENTITIES: dict[str, Callable[[Scope], Iterable[Fact]]] = {
    "ai_system": inventory_rows.systems,
    "model_version": inventory_rows.model_versions,
    "model_card": inventory_rows.model_cards,
    "dataset_version": inventory_rows.dataset_versions,
    "lineage_link": inventory_rows.lineage_links,
    "role_assignment": duty_rows.role_assignments,
    "business_unit": inventory_rows.business_units,
    "release": inventory_rows.releases,
    "deployment": inventory_rows.deployments,
    "vendor": supply_rows.vendors,
    "agreement": supply_rows.agreements,
    "vendor_assessment": supply_rows.assessments,
    "component": supply_rows.components,
    "retirement_plan": retirement_rows.plans,
    "artifact_version": supply_rows.artifact_versions,
    "gate_evaluation": inventory_rows.gate_evaluations,
    "risk": risk_rows.risks,
    "risk_treatment": risk_rows.treatments,
    "pia": risk_rows.privacy_assessments,
    "exception": exception_rows.exceptions,
    "incident": exception_rows.incidents,
    "reclassification": data_rows.reclassifications,
    "metric_baseline": measured_rows.baselines,
    "test_plan": plan_rows.test_plans,
    "monitoring_plan": plan_rows.monitoring_plans,
    "monitor_observation": plan_rows.observations,
    "board_meeting": meeting_rows.meetings,
    "board_decision": meeting_rows.decisions,
    "report": document_rows.reports,
    "evidence_pack": document_rows.packs,
    "audit_event": document_rows.audit_events,
    **{name: register_rows.entries(name) for name in register_rows.entities()},
}
WORKFLOWS: dict[str, Callable[[Scope], Iterable[WorkflowFact]]] = {
    "release": document_rows.release_reviews,
    "model_card": document_rows.card_reviews,
    "periodic_review": document_rows.periodic_reviews,
    "pia": risk_rows.privacy_reviews,
    "risk_acceptance": risk_rows.risk_acceptances,
    "exception": exception_rows.granted_exceptions,
    "incident": exception_rows.closed_incidents,
    "data_source": data_rows.approved_sources,
    "reclassification": data_rows.reclassifications_done,
    "intake": course_rows.intakes,
    "change": course_rows.changes,
    "validation": course_rows.validations,
    "appeal": course_rows.appeals,
    "risk_treatment": course_rows.treated_risks,
    "vendor_onboarding": course_rows.onboardings,
    "retirement": retirement_rows.retirements,
    **register_rows.workflows(),
}
# Of no framework's vocabulary: what stands in place of a result.
INSTEAD = {"status_override": statement_rows.overrides}
TOPICS: dict[str, Callable[[Scope], Iterable[AttestationFact]]] = {**statement_rows.topics()}
KINDS: dict[str, Container[str]] = {
    "entity": ENTITIES,
    "workflow": WORKFLOWS,
    "topic": TOPICS,
    "population": POPULATIONS,
}
Row = TypeVar("Row", bound=Stored)


class DjangoFacts:
    """The database of this installation as the rules see it.

    `user` limits what is looked at to what that person may see; None looks at everything. With a `system` the facts
    serve a report on it: its readers must not learn the names of what belongs to other systems, so such rows keep
    their id and lose label and address. With a `unit` populations and conditions are those of its systems and of all
    below it.
    """

    def __init__(
        self, user: Any, system: AISystem | None, as_of: datetime, scope: Scope | None = None, *,
        unit: BusinessUnit | None = None,
    ) -> None:  # fmt: skip
        self.system = system
        self.unit = unit
        self.as_of = as_of
        self.scope = scope or Scope(user=user, as_of=as_of, focus=system.pk if system else None)
        self._populations: dict[str, list[Found]] = {}
        self._runs: dict[str, list[CheckFact]] | None = None
        self.check_names = measured_rows.check_names()

    def forget(self, *, runs: bool) -> None:
        """Look populations up anew when they are asked for next, and the runs of checks where these changed."""
        self._populations, self._runs = {}, None if runs else self._runs
        self.check_names = measured_rows.check_names()

    @property
    def runs(self) -> dict[str, list[CheckFact]]:
        """Every standing run, by the check that it shows."""
        if self._runs is None:
            self._runs = {}
            for run in measured_rows.runs(self.scope):
                self._runs.setdefault(run.check, []).append(run)
        return self._runs

    def records(self, entity: str) -> list[Fact]:
        """Every row of an entity."""
        source = ENTITIES.get(entity) or INSTEAD.get(entity)
        return [self._for_reader(row) for row in source(self.scope)] if source else []

    def checks(self, names: Sequence[str]) -> list[CheckFact]:
        """Every standing run of one of the checks."""
        found = [run for name in names for run in self.runs.get(name, ())]
        for name in measured_rows.RECORD_CHECKS.keys() & set(names):
            found += measured_rows.record_checks(self.scope, name)
        return [self._for_reader(run) for run in found]

    def workflows(self, name: str) -> list[WorkflowFact]:
        """Every ended run of a workflow."""
        return [self._for_reader(row) for row in WORKFLOWS[name](self.scope)] if name in WORKFLOWS else []

    def attestations(self, topic: str) -> list[AttestationFact]:
        """Every signed statement on a topic."""
        return [self._for_reader(row) for row in TOPICS[topic](self.scope)] if topic in TOPICS else []

    def _for_reader(self, row: Row) -> Row:
        systems = {key for kind, key in row.subjects if kind == "system"}
        if self.system is None or not systems or str(self.system.pk) in systems:
            return row
        return replace(row, label=_("A record of another system"), url="")

    def population(self, name: str, system: str | None) -> list[Member]:
        """The members of a population, or those that belong to a system."""
        if name not in POPULATIONS:
            return []
        within = {UUID(system)} if system else self.within
        return [member for member, systems in self.members(name) if within is None or _has(systems, within, member)]

    @property
    def within(self) -> Collection[UUID] | None:
        """The systems of the unit; None for the whole organisation."""
        return None if self.unit is None else self.scope.beneath(self.unit.path)

    def members(self, name: str) -> list[Found]:
        """The members of a population with the systems to which they belong."""
        if name not in self._populations:
            self._populations[name] = POPULATIONS[name](self.scope)
        return self._populations[name]

    def condition(self, name: str, system: str | None, *, within: Collection[UUID] | None = None) -> tuple[bool, str]:
        """Whether a condition holds, without a system in some of the unit's. What is not recorded is taken to hold: more
        is asked rather than less."""
        title = CONDITION_TITLES.get(name, Title(name).text)
        if name in ORGANISATION_CONDITIONS:
            holds = ORGANISATION_CONDITIONS[name](self.scope)
            return holds, _("Of the whole organisation: “%s”.") % title if holds else _("Not so here: “%s”.") % title
        if name not in CONDITIONS and name not in RECORDED:
            return True, _("It is not recorded whether this holds, so it is taken to hold: “%s”.") % title
        if system is None:
            return self._anywhere(name, title, self.within if within is None else within)
        return self._here(name, title, UUID(system))

    def _here(self, name: str, title: Any, system: UUID) -> tuple[bool, str]:
        found = self.scope.systems.get(system)
        answer = False if found is None else self._answer(name, found)
        if answer is None:
            return True, _("It is not recorded whether this holds, so it is taken to hold: “%s”.") % title
        told = {"system": found, "condition": title}
        if answer:
            return True, _("So for %(system)s: “%(condition)s”.") % told
        return False, _("Not so for %(system)s: “%(condition)s”.") % told

    def _answer(self, name: str, system: AISystem) -> bool | None:
        return CONDITIONS[name](self.scope, system) if name in CONDITIONS else RECORDED[name](self.scope, system)

    def _anywhere(self, name: str, title: Any, within: Collection[UUID] | None) -> tuple[bool, str]:
        among = self.scope.systems if within is None else {pk: self.scope.systems[pk] for pk in within}
        answers = [self._answer(name, system) for system in among.values() if is_in_use(system)]
        if name == "always" or True in answers:
            return True, _("So for a system in use: “%s”.") % title
        if None in answers or (name in RECORDED and not answers):
            return True, _("It is not recorded whether this holds, so it is taken to hold: “%s”.") % title
        return False, _("Of no system in use: “%s”.") % title

    def has_source(self, kind: str, name: str) -> bool:
        """This installation can hold such a thing."""
        if kind == "check":
            return name in self.check_names
        return name in KINDS[kind]


def _has(systems: frozenset[UUID], within: Collection[UUID], member: Member) -> bool:
    return member.kind == "organisation" or not systems.isdisjoint(within)


def without_source() -> dict[str, list[str]]:
    """The names of the vocabulary that nothing in this installation can show, by kind: for reports and for the page
    that says what is not checked."""
    from registry.vocabulary import vocabulary

    words = vocabulary()
    return {
        "entity": sorted(words.entities.keys() - ENTITIES.keys()),
        "check": sorted(words.checks.keys() - measured_rows.check_names()),
        "workflow": sorted(words.workflows.keys() - WORKFLOWS.keys()),
        "topic": sorted(words.topics.keys() - TOPICS.keys()),
        "population": sorted(words.populations.keys() - POPULATIONS.keys()),
    }
