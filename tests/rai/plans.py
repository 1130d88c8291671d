"""Test plans as people make them: drafted by the owner, approved by a risk officer who wrote none of it."""

from rai import actions
from rai.models import Predictions, TestPlan
from rai.running import runs
from registry import jobs
from tests import factories
from tests.rai.uploads import read_table

FAIRNESS = {"target": "y", "prediction": "yhat", "sensitive": ["sex"]}
WHY = "Whether people of either sex are chosen at similar rates."
HEAD = "y,yhat,sex\n"


def rows_of(women: int, men: int, *, each: int = 500) -> bytes:
    """A table in which so many of `each` women and men are chosen; every third of them rightly."""
    lines = [
        f"{n % 3 == 0:d},{n < chosen:d},{sex}\n" for sex, chosen in (("f", women), ("m", men)) for n in range(each)
    ]
    return (HEAD + "".join(lines)).encode()


def read(cast, version, content: bytes, *, role: str = "monitoring", name: str = "month.csv") -> Predictions:
    """An uploaded table whose columns a worker has read."""
    row = actions.upload_predictions(version, content=content, name=name, actor=cast.owner, role=role)
    runs.read_columns(jobs.claim(Predictions, row.pk))
    return Predictions.objects.get(pk=row.pk)


def drafted(cast, version, *, role: str = "monitoring", cadence: str = "monthly", table=None) -> TestPlan:
    """A draft with one check of fairness."""
    plan = actions.draft_plan(version.home_system, actor=cast.owner)
    plan = actions.edit_plan(
        plan, cadence=cadence, owner=cast.owner, unmeasured="Nothing else that we know of.", actor=cast.owner
    )
    table = table or read_table(cast, version)
    return actions.add_planned_check(
        plan, slug="group_fairness", role=role, reason=WHY, predictions=table, parameters=FAIRNESS, actor=cast.owner
    )


def in_force(cast, version, **more) -> TestPlan:
    """The same, approved."""
    plan = drafted(cast, version, **more)
    return actions.approve_plan(plan, reason="It covers what matters here.", actor=cast.risk_officer)


def limited(cast, version, rule: str = "selection_rate_difference<=0.1") -> None:
    """A limit of the version's system in force."""
    factories.make_limit(cast, version.home_system, rule=rule)
