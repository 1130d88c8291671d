"""Metamorphic twins: what a reader gets is the same byte for byte with and without rows that he or she may not see."""

import itertools
import random
import re
from datetime import timedelta

import pytest
from django.db import connection, transaction
from django.test import Client
from django.urls import reverse

from rai import actions as checks
from rai.models import CheckRun
from registry import jobs
from registry.actions import cards, datasets, inventory, people, releases, tokens
from registry.audit import checkpoints
from registry.models import AISystem, Duty, Evidence, Task, Waiver
from reports import actions as documents
from reports.models import Report
from risk.models import Incident, Risk
from tests import factories
from tests.authz.test_addresses import OPEN, address_of, pages, things
from tests.authz.world import (
    addresses,
    make_artifact,
    make_ending,
    make_entry,
    make_found,
    make_listed,
    make_reclassified,
    make_supplied,
    make_world,
)
from tests.rai.uploads import read_table
from tests.risk import steps

NOUNS = {
    "units": "unit", "systems": "system", "models": "model", "versions": "version", "reviews": "review",
    "releases": "release", "conditions": "condition", "waivers": "waiver", "vendors": "vendor", "components": "component", "comparisons": "comparison", "predictions": "predictions", "checks": "check", "evidence": "evidence", "plans": "plan",
    "assessments": "assessment", "opinions": "assessment", "risks": "risk", "incidents": "incident", "reports": "report", "packs": "pack", "desk-items": "desk_item", "board-packs": "board_pack",
    "deployments": "deployment", "artifacts": "artifact", "artifact": "artifact_version",
    "audit": "version", "lineage": "version", "datasets": "dataset", "dataset": "data", "entries": "register_entry",
    "later-runs": "later_run", "meetings": "meeting", "policies": "policy", "data-uses": "data_use", "data-accesses": "data_access",
    "records": "risk", "frameworks": "system", "framework-editions": "policy",
}  # fmt: skip
LISTED = {"entity": "risk", "slug": "nist_ai_rmf"}
QUERIES = (
    "", "", "?q=Offer", "?q=a", "?q=sha256", "?status=finished", "?status=draft", "?show=closed", "?tier=limited",
    "?sort=name", "?order=-name", "?ordering=name", "?page=2", "?page_size=1", "?page_size=200", "?action=version.",
    "?unit=lending", "?stage=validation", "?code=0000-0000-0000-0000",
)  # fmt: skip
# What differs by design: tokens against forgery, how long ago, and the time and signature of a link to the next page.
MASKED = re.compile(
    rb'"X-CSRFToken": "[^"]+"|name="csrfmiddlewaretoken" value="[^"]+"|>[^<]+</time>|(?<=%3A)\w+%3A[\w-]{43}'
)
APART = OPEN | {
    "logout",
    "api-schema",
    "password_change",
    "api-policies-detail",
    "api-policies-dry-run",
    "api-framework-editions-detail",
    "api-framework-editions-difference",
    "api-framework-editions-approve",
    "api-framework-editions-reject",
}
TWINS = 2  # of one reading without hidden rows
words = itertools.count(1)


class Reader(Client):
    """A client that takes answers as they come; Django's own also copies the context of every template, for tests that ask."""

    def __init__(self, **defaults):
        super().__init__(raise_request_exception=False, **defaults)

    def request(self, **request):
        return self.handler(self._base_environ(**request))


# The last one is the second in which a page that is never kept was asked for.
VOLATILE = {"Set-Cookie", "Content-Length", "Expires"}


def masked(answer):
    """Status, headers and bytes of an answer without what differs by design."""
    content = b"".join(answer.streaming_content) if answer.streaming else answer.content
    headers = {name: value for name, value in answer.headers.items() if name not in VOLATILE}
    return answer.status_code, headers, MASKED.sub(b"", content)


def routes(world):
    """An address for every pattern of the resolver: pages and REST, with a thing of the reader's unit where one is named."""
    found = [one.url({}) for one in pages() if not one.arguments and one.name not in APART]
    found += [address_of(one, world) for one in things()]
    for one in addresses("api/"):
        if one.name in APART or not one.name:
            continue
        first, *rest = one.name.split("-")[1:]
        noun = next(word for word in ("-".join((first, *rest[:1])), first) if word in NOUNS)
        wanted = re.findall(r"\?P<(\w+)>", one.route)
        found.append(reverse(one.name, args=[LISTED.get(name, world[NOUNS[noun]].pk) for name in wanted]))
    return list(dict.fromkeys(found))


def mirrored(cast):
    """The same cast for the other unit: its people hold their duties there and nowhere else."""
    parts = {
        part: factories.invite(f"their.{part}", f"Their {part}", duty, cast.other_unit, cast.administrator)
        for part, duty in (
            ("risk_officer", Duty.RISK_OFFICER), ("owner", Duty.TECHNICAL_OWNER), ("approver", Duty.APPROVER),
            ("privacy_officer", Duty.PRIVACY_OFFICER), ("second_approver", Duty.APPROVER),
            ("publisher", Duty.PUBLISHER), ("auditor", Duty.AUDITOR),
        )
    }  # fmt: skip
    return factories.Cast(
        unit=cast.other_unit, other_unit=cast.unit, administrator=cast.administrator, outsider=cast.owner, **parts
    )


# ---- what is done in the unit that the reader may not see


def a_whole_world(cast, dice):
    """A row of every kind."""
    make_world(cast)


def a_system_of_the_same_name(cast, dice):
    """Names are unique within a unit only."""
    taken = AISystem.objects.filter(unit=cast.unit).values_list("name", flat=True)
    free = AISystem.objects.filter(unit=cast.other_unit).exclude(name__in=taken).order_by("name")
    names = list(free.values_list("name", flat=True))
    factories.make_system(cast, **({"name": dice.choice(names)} if names else {}))


def a_version_of_the_same_bytes(cast, dice):
    """Bytes that the reader's unit has, too, are kept once."""
    factories.make_version(cast, artifact=dice.choice([b"the very same bytes", b"others"]))


def a_table_of_the_same_bytes(cast, dice):
    """An upload that the reader's unit made, too."""
    read_table(cast, factories.make_version(cast))


def a_check(cast, dice):
    """Asked for, and perhaps failed."""
    version = factories.make_version(cast)
    asked = {"target": "y", "prediction": "yhat", "sensitive": ["sex"]}
    run = checks.request_check(
        version, slug="group_fairness", predictions=read_table(cast, version), parameters=asked, actor=cast.owner
    )
    if dice.random() < 0.5:
        jobs.fail(jobs.claim(CheckRun, run.pk), "Left undone.")


def a_release(cast, dice):
    """One more version in review."""
    releases.submit_for_review(factories.make_releasable(cast), notes="One more release.", actor=cast.owner)


def a_document(cast, dice):
    """A report or a pack."""
    version = factories.make_version(cast)
    if dice.random() < 0.5:
        documents.request_report(version, kind="compliance", actor=cast.risk_officer)
    else:
        documents.request_pack(version, actor=cast.auditor)


def risks_and_answers(cast, dice):
    """The register and a questionnaire."""
    system = factories.make_system(cast)
    steps.planned(cast, steps.registered(cast, system))
    if dice.random() < 0.5:
        steps.submitted(cast, system)


def a_dataset_and_a_link(cast, dice):
    """Data and lineage."""
    dataset = datasets.register_dataset(cast.unit, name=f"Customers {next(words)}", actor=cast.owner)
    data = datasets.register_dataset_version(
        dataset, version="1", hash="sha256:" + dice.choice("abcdef") * 64, use="training", actor=cast.owner
    )
    inventory.add_link(
        factories.make_version(cast), relation="trained_on", purpose="To learn from", target=data, actor=cast.owner
    )


def data_of_a_higher_class(cast, dice):
    """Data, and a version that learned from them."""
    make_reclassified(cast, name=f"Complaints {next(words)}")


def a_card(cast, dice):
    """Words in a card that the reader's search may look for."""
    cards.save_card(factories.make_version(cast), fields={"overview": "Offer Triage " * 20}, actor=cast.owner)


def a_token(cast, dice):
    """A credential of somebody else."""
    tokens.create_token(cast.owner, name="pipeline", scopes=["models:read"], unit=cast.unit, days=3)


def a_duty(cast, dice):
    """A duty in that unit for somebody who has one there."""
    duty = dice.choice([Duty.DATA_STEWARD, Duty.VALIDATOR, Duty.AUTHOR])
    unit = people.add_unit(f"Desk {next(words)}", parent=cast.unit, actor=cast.administrator)
    people.grant_duty(cast.owner, duty=duty, unit=unit, actor=cast.administrator)


def a_waiver(cast, dice):
    """Asked for, and perhaps accepted."""
    waiver = factories.make_waiver(cast)
    if dice.random() < 0.5:
        factories.accept_waiver(cast, waiver)


def an_incident(cast, dice):
    """Reported, and perhaps closed."""
    incident = steps.reported(cast, factories.make_system(cast), serious=dice.random() < 0.5)
    if dice.random() < 0.5:
        steps.ended(incident, cast.risk_officer)


def what_comes_from_others(cast, dice):
    """A vendor with its assessment and terms, components, a use and a comparison."""
    make_supplied(cast, factories.make_version(cast))


def an_artefact(cast, dice):
    """A prompt with a version."""
    make_artifact(cast, name=f"Offer {next(words)}")


def an_end(cast, dice):
    """A plan, somebody who uses the version, and a vendor's end that touches it."""
    make_ending(cast, factories.make_version(cast))


def a_found_use(cast, dice):
    """Something outside the inventory, and a system that rests on another."""
    make_found(cast, factories.make_system(cast), name=f"Chat {next(words)}")


def entries_of_registers(cast, dice):
    """A policy that waits for approval, and a plan."""
    make_entry(cast, factories.make_system(cast))


def tags_and_a_sheet(cast, dice):
    """Tags, an import that waits, and a list that was kept."""
    make_listed(cast, factories.make_system(cast))


HIDDEN_ACTS = (
    a_whole_world, a_system_of_the_same_name, a_version_of_the_same_bytes, a_table_of_the_same_bytes, a_check, a_release,
    a_document, risks_and_answers, a_dataset_and_a_link, a_card, a_token, a_duty,
    a_waiver, an_incident, data_of_a_higher_class,
    what_comes_from_others, an_artefact, an_end, a_found_use, tags_and_a_sheet, entries_of_registers,
)  # fmt: skip
READERS = ("owner", "risk_officer", "privacy_officer", "approver", "publisher", "auditor")


def difference(one, other):
    """Where two answers part, for the reader of a red test."""
    if one[:2] != other[:2]:
        return f"{one[:2]} / {other[:2]}"
    lines = zip(one[2].splitlines(), other[2].splitlines(), strict=False)
    return next((f"{a[:200]!r} / {b[:200]!r}" for a, b in lines if a != b), f"{len(one[2])} / {len(other[2])} bytes")


def answers(reader, urls):
    """What each address answers; that a file was downloaded is logged, so the reading itself is taken back."""
    found = {}
    for url in urls:
        savepoint = transaction.savepoint()
        found[url] = masked(reader.get(url))
        transaction.savepoint_rollback(savepoint)
    return found


def differing(reader, before, hidden):
    """Where the answers are others with the hidden rows; these are gone again afterwards."""
    savepoint = transaction.savepoint()
    hidden()
    after = answers(reader, before)
    transaction.savepoint_rollback(savepoint)
    return [f"{url}: {difference(before[url], after[url])}" for url in before if before[url] != after[url]]


def reader_of(person, here, urls, dice):
    """The person with a session, or now and then with a token at the REST addresses; what there is to read."""
    if dice.random() < 0.8:
        reader = Reader()
        reader.force_login(person)
        return reader, urls
    _row, secret = tokens.create_token(person, name="p", scopes=list(tokens.SCOPES), unit=here.unit, days=1)
    bearer = Reader(headers={"Authorization": f"Bearer {secret}"})
    return bearer, [url for url in urls if url.startswith("/api/")]


def some_data_sets(dice, here, there, urls):
    """Random rows of the reader's unit, then, twice, random rows of the other: what differs, and what was read."""
    for act in dice.sample(HIDDEN_ACTS[1:], dice.randrange(3)):
        act(here, dice)
    part = dice.choice(READERS)
    reader, some = reader_of(getattr(here, part), here, [url + dice.choice(QUERIES) for url in urls], dice)
    before, wrong = answers(reader, some), []
    for _ in range(TWINS):
        acts = dice.sample(HIDDEN_ACTS, dice.randrange(1, 5))
        found = differing(reader, before, lambda acts=acts: [act(there, dice) for act in acts])
        wrong += [f"{part} {[act.__name__ for act in acts]} {said}" for said in found]
    return wrong, before


@pytest.fixture
def twins(cast, settings, monkeypatch):
    """A row of every kind in the reader's unit, none in the other; no warning that grows out of the test's own length."""
    monkeypatch.setattr(checkpoints, "LATE", timedelta(days=1))
    settings.JOBS_PER_PERSON = settings.JOBS_PER_UNIT = 10_000
    here = mirrored(cast)
    world = make_world(here)
    factories.make_version(here, artifact=b"the very same bytes")
    return here, cast, routes(world)


@pytest.mark.both
@pytest.mark.timeout(1800)
@pytest.mark.long
def test_no_answer_depends_on_rows_of_another_unit(twins, amount, seed, capsys):
    """P11, attack 15: 200 random data sets, every GET route with random filters, by every duty; bytes and headers.

    By default a tenth of the data sets, and of each a random tenth of the addresses.
    """
    (here, there, urls), dice, read, fine, wrong = twins, random.Random(seed), 0, 0, []
    for number in range(0, amount(200), TWINS):
        savepoint = transaction.savepoint()
        some = dice.sample(urls, amount(len(urls)))
        said, before = some_data_sets(dice, here, there, some)
        transaction.savepoint_rollback(savepoint)
        read += len(before) * TWINS
        wrong += [f"{number} {line}" for line in said]
        fine += sum(status == 200 for status, *_rest in before.values()) * TWINS
    with capsys.disabled():
        print(f"\n{connection.vendor}: {number + TWINS} twin data sets, {len(urls)} addresses, {read} twin readings, "
              f"{len(wrong)} differ")  # fmt: skip
    assert fine > read / 3
    assert not wrong, "\n".join(wrong)


@pytest.mark.both
@pytest.mark.long
@pytest.mark.timeout(400)
def test_a_table_that_is_not_scoped_is_noticed(twins, monkeypatch):
    """Mutation: one QuerySet that forgets the unit makes a twin differ, found at the first list that tells what is hidden."""
    here, there, urls = twins
    reader = Reader()
    reader.force_login(here.risk_officer)
    lists = [url for url in urls if not re.search(r"[0-9a-f]{8}-", url)]

    def leaking(table, *some):
        with monkeypatch.context() as patch:
            patch.setattr(type(table.objects.all()), "visible_to", lambda self, user: self.all())
            return answers(reader, some)

    savepoint = transaction.savepoint()
    make_world(there)
    sound, told = {}, {}
    for table in (AISystem, Evidence, CheckRun, Risk, Report, Task, Waiver, Incident):
        for url in lists:
            sound = sound if url in sound else sound | answers(reader, [url])
            told[table] = leaking(table, url)
            if told[table][url] != sound[url]:
                break
    transaction.savepoint_rollback(savepoint)
    assert [table for table, found in told.items() if leaking(table, *found) == found] == []
