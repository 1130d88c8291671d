"""Builds the invented company: people, data, forty systems, each brought to its stage by the acts that lead there.

What is asked for stands in company.yaml. A generator with a fixed seed draws what the file leaves open (dates, bytes of
artefacts, rows of test data), so two buildings with one seed hold the same inventory. Figures that decide are never
drawn: checks are computed by the worker on the drawn rows.
"""

import random
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager, nullcontext
from datetime import timedelta
from itertools import chain
from typing import Any

from django.db import transaction
from django.utils import timezone

from config.company import (
    data,
    evidence,
    governing,
    happenings,
    later,
    maturity,
    meeting,
    planning,
    registers,
    releasing,
    reviewing,
    supply,
)
from config.company.story import Company, Story, texts
from registry import access
from registry.actions import cards, inventory, owners, people
from registry.errors import NotAllowed
from registry.models import AISystem, BusinessUnit, Duty, Job, ModelVersion, RoleAssignment, User

SEED = 20261121
STAGES_WITHOUT_VERSION = {"intake", "assessment"}


def build(
    *, say: Callable[[str], None], seed: int = SEED, worker: AbstractContextManager[None] | None = None
) -> Company:
    """Build the whole company into an empty registry; `worker` is entered while its checks are computed.

    Raises NotAllowed when the registry holds systems already, RuntimeError when a worker's job errs.
    """
    if AISystem.objects.exists():
        raise NotAllowed("The registry holds systems already; the company is built into an empty one only.")
    company = Company(random.Random(seed))
    say("… people, data, vendors")
    with transaction.atomic():
        settle_people(company)
    with duties_read_once(company):
        with transaction.atomic():
            supply.settle_vendors(company)
            data.settle_data(company)
        say("… systems")
        with transaction.atomic():
            checked = [begun(company, told) for told in texts()["systems"] if evidence.is_checked(told)]
        tables = evidence.upload(company, checked)
        with worker or nullcontext():
            stories = in_order([*checked, *begun_beside(company, tables)])
            say("… releases, and checks in the worker")
            release_beside_checks(company, stories, tables)
    return company


def begun_beside(company: Company, tables: list[Job]) -> Iterator[Story]:
    """The other systems, while the worker reads the tables of those that are checked."""
    for told in texts()["systems"]:
        if not evidence.is_checked(told):
            with turn(tables):
                yield begun(company, told)


def in_order(stories: list[Story]) -> list[Story]:
    """As the file has them."""
    return sorted(stories, key=lambda story: texts()["systems"].index(story.told))


def release_beside_checks(company: Company, stories: list[Story], tables: list[Job]) -> None:
    """The releases that need no check while the worker computes those of the others; the rest while it writes documents."""
    with turn(tables):
        data.lend_copies(company, stories)
        governing.govern(company)
    checked = [story for story in stories if evidence.is_checked(story.told)]
    runs, documents = evidence.request(company, checked, tables), list[Job]()
    for story in (story for story in stories if story not in checked):
        with turn([*runs, *documents]):
            releasing.bring_to_stage(company, story)
        documents = documents or planning.request_documents(company)
    evidence.wait(runs)
    for story in checked:
        with turn(documents):
            releasing.bring_to_stage(company, story)
    for part in (happenings.happen, reviewing.discuss, meeting.meet, later.befall, planning.plan_ahead):
        with turn(documents):
            part(company, stories)
    for settle in (registers.settle_registers, maturity.settle_maturity):
        with turn(documents):
            settle(company)
    evidence.wait(documents)


@contextmanager
def turn(jobs: list[Job]) -> Iterator[None]:
    """One transaction, after the worker had its turn to write while there are jobs."""
    evidence.let_worker_write(jobs)
    with transaction.atomic():
        yield


@contextmanager
def duties_read_once(company: Company) -> Iterator[None]:
    """Nobody's duties change in this block, so nobody's are read twice."""
    with ExitStack() as stack:
        for person in (*company.people.values(), *chain.from_iterable(company.owners.values())):
            stack.enter_context(access.read_once(person))
        yield


def settle_people(company: Company) -> None:
    """Units first, then the central functions, then two owners a unit; duties that need it are confirmed by another."""
    told = texts()
    administrator = people.make_first_administrator(told["administrator"], installation=told["organisation"])
    root = BusinessUnit.objects.get(parent=None)
    for key, unit in told["units"].items():
        parent = company.units.get(unit.get("parent", ""), root)
        company.units[key] = people.add_unit(unit["name"], parent=parent, actor=administrator)
    for key, person in told["people"].items():
        company.people[key] = invited(key, person, root, administrator)
    for key, pair in told["owners"].items():
        first, second = (invited(f"{key}.{row['duty']}", row, company.units[key], administrator) for row in pair)
        company.owners[key] = (first, second)
    confirm_duties(company)


def invited(key: str, person: dict[str, str], unit: BusinessUnit, actor: User) -> User:
    """A person with one duty; the address comes from the key, for names are written in any script."""
    return people.invite(f"{key}@heron.example", name=person["name"], unit=unit, duty=person["duty"], actor=actor)


def confirm_duties(company: Company) -> None:
    """A risk officer, who holds none of them, confirms the duties that a second person must confirm."""
    for row in RoleAssignment.objects.waiting().exclude(duty=Duty.RISK_OFFICER):
        people.confirm_duty(row, actor=company.people["risk"])


def begun(company: Company, told: dict[str, Any]) -> Story:
    """The system with its owners and, from development on, a model with a version, its data and a card."""
    business, technical = company.owners[told["unit"]]
    purpose = told["purpose"]
    words = texts()["texts"][told.get("lang", "en")]["system"]
    system = inventory.register_system(
        company.units[told["unit"]], name=told["name"], purpose=purpose, risk_tier=told["tier"],
        business_owner=business, technical_owner=technical, actor=technical,
        task_type=told["task"], method_type=told["method"], is_generative=told.get("generative", False),
        is_agentic=told.get("agentic", False), has_vendor_component="vendor" in told,
        affects_people=told.get("people", False), interacts_with_people=told.get("generative", False),
        processes_personal_data=any(texts()["datasets"][key]["personal"] for key in told["data"]),
        stage="intake" if told["stage"] in STAGES_WITHOUT_VERSION else "development",
        build_tune_adopt="adopt" if "vendor" in told else "build", autonomy_level="in_the_loop",
        portfolio_layer="service" if told.get("generative") else "solution", resources_managed_by="central_team",
        **{name: text.format(purpose=purpose) for name, text in words.items()},
    )  # fmt: skip
    owners.accept(system, side="business", actor=business)
    story = Story(told, system)
    if story.stage not in STAGES_WITHOUT_VERSION:
        story.row = first_version(company, story)
    supply.build_on(company, story)
    return story


def first_version(company: Company, story: Story) -> ModelVersion:
    """A version with bytes of its own, linked to its data, with a card that fills what the tier asks for."""
    told, actor = story.told, story.system.technical_owner
    retires = timezone.localdate() + timedelta(days=company.draw.randrange(8, 900))
    model = inventory.register_model(story.system, name=told["name"], actor=actor)
    version = inventory.register_version(
        model, version=f"{company.draw.randrange(1, 4)}.{company.draw.randrange(10)}.0",
        artifact=company.draw.randbytes(2048), artifact_name="model.bin", actor=actor,
        provider=told.get("vendor", texts()["organisation"]), base_model=told.get("base", ""),
        training_run=f"run-{company.draw.randrange(10**6):06d}",
        deprecation_date=retires - timedelta(days=30), retirement_date=retires,
    )  # fmt: skip
    story.row = version
    for rows in chain.from_iterable(company.datasets[key] for key in told["data"]):
        data.use(company, story, rows)
    cards.save_card(version, fields={name: story.say(text) for name, text in story.words["card"].items()}, actor=actor)
    return version
