"""Every principal × action × relation × credential × state of the object, against the permission document.

What to expect is read from `expected.csv`, written by hand; what a relation, a state and a credential make of a cell is
written out here once more, and nothing of it is taken from registry/access.py.
"""

import copy
import itertools
import random
from dataclasses import dataclass

import pytest
from django.contrib.auth.models import AnonymousUser

from registry import access
from registry.actions import inventory, people
from registry.models import ApiToken, BusinessUnit, RoleAssignment, VersionStatus
from tests import factories
from tests.authz.test_matrix import DUTIES, expected

NOBODY = ("anonymous", "inactive")
PRINCIPALS = (*DUTIES, *NOBODY)  # the nine of the document
WITH_FLAG = "AUD with the flag"
RELATIONS = ("own", "same unit", "child unit", "sibling unit", "none")
CREDENTIALS = ("session", "token with scope", "token without scope")
STATES = ("draft", "submitted")

# Which scope a token needs, action by action; what does not stand here is done by no token at all.
READERS = {
    "models:read", "models:write", "checks:run", "evidence:read", "risks:write", "incidents:write", "reports:read",
    "deployments:report", "calendar:read",
}  # fmt: skip
ALL_SCOPES = READERS | {"audit:read", "log:witness"}
OPEN_TO_TOKENS = {
    "model.view": READERS,
    "model.create": {"models:write"},
    "model.edit": {"models:write"},
    "card.edit": {"models:write"},
    "register.edit": {"models:write"},
    "lineage.edit": {"models:write"},
    "artifact.upload": {"models:write"},
    "dataset.upload": {"models:write", "checks:run"},
    "dataset.view": {"models:read", "models:write", "checks:run", "evidence:read"},
    "check.run": {"checks:run"},
    "check.view": {"models:read", "checks:run", "evidence:read"},
    "check.request_exception": {"models:write"},
    "pia.edit": {"risks:write"},
    "pia.view": {"models:read", "risks:write"},
    "risk.edit": {"risks:write"},
    "risk.view": {"models:read", "risks:write"},
    "incident.report": {"incidents:write"},
    "incident.manage": {"incidents:write"},
    "incident.view": {"models:read", "incidents:write"},
    "approval.submit": {"models:write"},
    "approval.withdraw": {"models:write"},
    "report.generate": {"reports:read"},
    "pack.generate": {"reports:read"},
    "audit.view": {"audit:read"},
    "audit.verify": {"audit:read"},
    "log.witness": {"log:witness"},
    "deployment.report": {"deployments:report"},
}


@dataclass(frozen=True)
class Case:
    """One question and what the answer must be."""

    principal: str
    action: str
    relation: str
    credential: str
    state: str

    def want(self, cell: str) -> bool:
        """What the document's cell comes to."""
        if self.principal in NOBODY or self.relation in {"sibling unit", "none"}:
            return False
        if self.credential == "token without scope":
            return False
        if self.credential == "token with scope" and self.action not in OPEN_TO_TOKENS:
            return False
        own, draft = self.relation == "own", self.state == "draft"
        return {"●": True, "S": True, "-": False, "○": own, "D": draft, "○D": own and draft,
                "F": self.principal == WITH_FLAG}[cell]  # fmt: skip


def cell_of(document: dict, principal: str, action: str) -> str:
    """The cell of the document for a principal; whoever has no role has none."""
    return document[action].get("AUD" if principal == WITH_FLAG else principal, "-")


class World:
    """The principals, and a version in each relation to each of them."""

    def __init__(self, cast: factories.Cast) -> None:
        root = BusinessUnit.objects.get(parent=None)
        below = people.add_unit("Cards", parent=cast.unit, actor=cast.administrator)
        duties = {**DUTIES, WITH_FLAG: DUTIES["AUD"], "inactive": DUTIES["RISK"]}
        self.people = {
            name: factories.invite(f"p{number}", name, duty, cast.unit, cast.administrator)
            for number, (name, duty) in enumerate(duties.items())
        }
        self.people["inactive"].is_active = False
        flagged = RoleAssignment.objects.get(person=self.people[WITH_FLAG])
        flagged.include_raw_data = True
        flagged.save()
        self.unit = cast.unit
        self.objects = {"anonymous": {"own": made(cast, cast.unit, cast.owner)}}
        for name, person in self.people.items():
            self.objects[name] = {"own": made(cast, cast.unit, person)}
        shared = {
            "same unit": made(cast, cast.unit, cast.owner), "child unit": made(cast, below, cast.owner),
            "sibling unit": made(cast, cast.other_unit, cast.owner), "none": made(cast, root, cast.owner),
        }  # fmt: skip
        for objects in self.objects.values():
            objects.update(shared)

    def actor(self, case: Case):
        """The person as he or she comes: by session, or with a token in hand."""
        if case.principal == "anonymous":
            return AnonymousUser()
        person = copy.copy(self.people[case.principal])
        needed = OPEN_TO_TOKENS.get(case.action, set())
        if case.credential == "token with scope":
            scopes = sorted(needed)[:1] or sorted(ALL_SCOPES)
            person.bearer = ApiToken(user=person, scopes=scopes, unit=self.unit)
        elif case.credential == "token without scope":
            person.bearer = ApiToken(user=person, scopes=sorted(ALL_SCOPES - needed), unit=self.unit)
        return person

    def subject(self, case: Case):
        """The version asked about, in the state of the case."""
        version = copy.copy(self.objects[case.principal][case.relation])
        version.status = VersionStatus.DRAFT if case.state == "draft" else VersionStatus.IN_REVIEW
        return version

    def answer(self, case: Case) -> bool:
        """What the program says."""
        return access.allowed(self.actor(case), case.action, self.subject(case))


def made(cast, unit, owner):
    """A version of a system of the unit that this person owns, put there as rows of a test."""
    version = inventory.register_version(
        factories.make_model(cast), version="1", artifact=b"bytes", artifact_name="m.txt", actor=cast.owner
    )
    # In memory only: where it lies, who owns it and who registered it are what the relation is about.
    system = version.home_system
    system.unit, system.business_owner, system.technical_owner, version.registered_by = unit, owner, owner, owner
    assert version.home_system is system and version.unit == unit
    return version


@pytest.fixture
def world(cast):
    """The world of the test, once."""
    return World(cast)


def cases(actions, principals=PRINCIPALS, credentials=CREDENTIALS, states=STATES):
    """The product."""
    for principal, action, relation, credential, state in itertools.product(
        principals, actions, RELATIONS, credentials, states
    ):
        yield Case(principal, action, relation, credential, state)


def disagreements(world, document, some):
    """The cases in which program and document disagree."""
    return [case for case in some if disagree(world, document, case)]


def disagree(world, document, case) -> bool:
    """The program answers otherwise than the document."""
    return world.answer(case) != case.want(cell_of(document, case.principal, case.action))


def test_every_case_of_the_product_is_answered_as_the_document_says(world, capsys, amount, seed):
    """B.3: principals × actions × relations × credentials, asked of the service layer, drafts and submitted ones."""
    document = expected()
    product = list(cases(document, states=("draft",)))
    assert len(product) == 9 * len(document) * 5 * 3 >= 6345
    more = [*cases(document, states=("submitted",)), *cases(document, principals=(WITH_FLAG,))]
    everything = product + random.Random(seed).sample(more, amount(len(more)))
    assert disagreements(world, document, everything) == []
    with capsys.disabled():
        print(
            f"\nauthorisation: {len(product)} cases of the product, {len(everything)} with states and flag, all right"
        )


def test_every_cell_flipped_makes_a_case_fail(world, monkeypatch, capsys):
    """Mutation: whoever changes one cell of the table is noticed by the product, whichever cell it is."""
    document, survivors = expected(), []
    cells = list(itertools.product(document, DUTIES))
    for action, role in cells:
        principals = (role, WITH_FLAG) if role == "AUD" else (role,)
        some = list(cases([action], principals=principals, credentials=("session",)))
        with monkeypatch.context() as patch:
            patch.setitem(access.MATRIX[action], role, "●" if access.MATRIX[action][role] == "-" else "-")
            if not any(disagree(world, document, case) for case in some):
                survivors.append((action, role))
    assert survivors == []
    with capsys.disabled():
        print(f"\nmutation: {len(cells)} cells flipped, {len(cells)} found")


@pytest.mark.parametrize(("action", "role", "weaker"), [
    ("card.edit", "DEV", "●"), ("model.delete", "DEV", "○"), ("model.delete", "DEV", "D"), ("model.edit", "RISK", "●"),
    ("dataset.upload", "PRIV", "●"), ("artifact.download", "AUD", "●"),
])  # fmt: skip
def test_a_cell_that_loses_its_condition_makes_a_case_fail(world, monkeypatch, action, role, weaker):
    monkeypatch.setitem(access.MATRIX[action], role, weaker)
    some = cases([action], principals=(role,), credentials=("session",))
    assert disagreements(world, expected(), some)


@pytest.mark.parametrize("action", ["approval.decide", "publish", "grant.confirm", "people.manage", "risk.accept"])
def test_a_scope_that_opened_a_decision_to_tokens_makes_a_case_fail(world, monkeypatch, action):
    """B.4: tokens are never able to decide, publish or grant."""
    monkeypatch.setitem(access.SCOPES, "models:write", access.SCOPES["models:write"] | {action})
    assert disagreements(world, expected(), cases([action], credentials=("token with scope",)))


def test_a_token_reaches_only_its_unit(world):
    """The person may see both versions; the token is bound to the child unit."""
    person = copy.copy(world.people["RISK"])
    upper, lower = world.objects["RISK"]["same unit"], world.objects["RISK"]["child unit"]
    person.bearer = ApiToken(user=person, scopes=sorted(ALL_SCOPES), unit=lower.unit)
    assert access.allowed(person, "model.view", lower)
    assert not access.allowed(person, "model.view", upper)
    person.bearer.unit = None
    assert not access.allowed(person, "model.view", lower)


def test_a_list_read_with_a_token_ends_at_its_unit_and_its_scopes(world, cast):
    from registry.models import ModelVersion

    person = copy.copy(cast.risk_officer)
    assert ModelVersion.objects.visible_to(person).exists()
    person.bearer = ApiToken(user=person, scopes=["audit:read"], unit=cast.unit)
    assert not ModelVersion.objects.visible_to(person).exists()
    person.bearer = ApiToken(user=person, scopes=["models:read"], unit=cast.other_unit)
    assert not ModelVersion.objects.visible_to(person).exists()
