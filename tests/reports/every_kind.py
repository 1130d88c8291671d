"""One document of every kind, about a small world in which each of them has something to tell."""

import hashlib
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils import timezone, translation

from rai import charts
from rai.checks import group_fairness
from rai.running.runs import attach
from registry.actions import cards
from reports import building, formats, minutes, printing
from reports.catalogue import BOARD_PACK, MINUTES, ON_UNITS, REPORTS
from reports.models import Minutes
from reports.printing import Printed
from tests import factories
from tests.rai.cubes import compas
from tests.registry.meeting import closed
from tests.risk import steps

LANGUAGES = ("en", "zh-hans")
KINDS = (*REPORTS, BOARD_PACK.kind, MINUTES.kind)
RULES = ("selection_rate_difference<=0.05", "true_positive_rate_difference<=0.6")


@dataclass(frozen=True)
class World:
    """What documents are about, by what their kinds take, and the moment as of which they tell it."""

    subjects: dict[str, Any]
    as_of: datetime

    def printed(self, kind: str, language: str, *, serial: str = "7") -> Printed:
        """The document of a kind in a language."""
        subject, as_of = self.subjects[kind], self.as_of
        if kind == MINUTES.kind:
            return minutes.document_of(Minutes(pk=serial, meeting=subject, language=language), as_of=as_of)
        if kind == BOARD_PACK.kind:
            return building.board_document(subject, as_of=as_of, language=language, serial=serial)
        data = building.gathered(REPORTS[kind], subject, as_of=as_of, language=language)
        pictures = building.pictures_of(data, subject, language)
        return printing.printed(REPORTS[kind], data, language=language, serial=serial, **pictures)


def make_world(cast, words: str = "") -> World:
    """A system with card, a measured run with charts, risk, assessment, incident, waiver and minutes.

    `words` stand in every text that people can write there.
    """
    told = (
        dict.fromkeys(("purpose", "intended_uses", "affected_groups", "human_oversight_design"), words) if words else {}
    )
    version = factories.make_submittable(cast, **told, affects_people=True)
    system = version.home_system
    measured(cast, version)
    if words:
        cards.save_card(version, fields={"limitations": words, "overview": words}, actor=cast.owner)
    about = {"title": words[:200], "description": words} if words else {}
    factories.make_waiver(cast, version, **({"reason": words, "compensating_controls": words} if words else {}))
    steps.registered(cast, system, **about)
    changes = {"impacts": words, "groups_affected": words} if words else {}
    incident = steps.ended(steps.reported(cast, system, **about, **changes), cast.risk_officer)
    subjects = dict.fromkeys(REPORTS, version) | {
        "audit": system,
        "incident": incident,
        "pia": steps.approved(cast, system),
        **dict.fromkeys(ON_UNITS, cast.unit),
    }
    return World(subjects | {BOARD_PACK.kind: cast.unit, MINUTES.kind: closed(cast)}, timezone.now())


def measured(cast, version) -> None:
    """A fairness run with its charts, as a worker keeps them."""
    outcome = group_fairness.run(compas(), thresholds=RULES).to_json()
    row = factories.make_evidence(cast, version, verdict=outcome["verdict"], outcome=outcome, digest=outcome["digest"])
    for language in LANGUAGES:
        with translation.override(language), transaction.atomic():
            attach(row, charts.fairness(outcome), language)


def digests_of(world: World, documents: list[tuple[str, str]]) -> dict[str, str]:
    """The digest of every file of these documents, by kind, language and format."""
    found = {}
    for kind, language in documents:
        document = world.printed(kind, language)
        files = {"pdf": document.pdf, "json": printing.as_json(document.data), **formats.written(document)}
        for name, content in files.items():
            found[f"{kind} {language} {name}"] = hashlib.sha256(content).hexdigest()
    return found
