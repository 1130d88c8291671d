"""Check runs, baselines, and the checks that this module makes of the registry's own records."""

import json
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _

from rai.catalogue import CHECKS
from rai.models import MetricBaseline
from registry import cards, moment, policy
from registry.models import Evidence, ModelVersion, Verdict
from registry.record_checks import RECORD_CHECKS as KEPT_CHECKS
from reports.facts import CheckFact, Fact, Outcome, Subject
from reports.scope import Scope, fields_of, subject_of, subjects_of

QUESTION_KEYS = (
    "kind", "target", "prediction", "score", "sensitive", "intersections", "control", "role", "groups", "reference",
    "reference_is", "other", "features", "key",
)  # fmt: skip
SIGNS = {"<=": "at most", ">=": "at least"}


def check_names() -> frozenset[str]:
    """The vocabulary's checks that can be shown here: built ones, those on records, and what was posted from outside."""
    built = {name for check in CHECKS.values() for name in check.may_show()}
    posted = Evidence.objects.filter(kind=Evidence.Kind.REPORTED).values_list("shows", flat=True)
    return frozenset(built | RECORD_CHECKS.keys() | KEPT_CHECKS.keys() | {name for shows in posted for name in shows})


def runs(scope: Scope) -> Iterator[CheckFact]:
    """Standing evidence of versions in force, once for each name of the vocabulary that it shows."""
    for row in scope.runs.values():
        served = scope.systems_served_by(row.version_id)
        for name in row.shows if served and row.verdict else ():
            also = subjects_of(served) | parts_of(scope, row.version_id, name)
            yield scope.fact(f"run {name}", row, (also,), partial(_run, row, name, also))


def _run(row: Evidence, name: str, also: frozenset[Subject]) -> CheckFact:
    return CheckFact(
        id=str(row.pk),
        label=str(row),
        subject=("model_version", str(row.version_id)),
        also=also,
        url=row.get_absolute_url(),
        basis="reported" if row.kind == Evidence.Kind.REPORTED else "measured",
        check=name,
        outcome=outcome_of(row),
        ended_at=row.effective_at,
        with_ci=has_interval(row.outcome),
        disaggregated=has_groups(row.outcome),
        question=question_of(row),
        valid_until=row.valid_until,
    )


def parts_of(scope: Scope, version: UUID, name: str) -> frozenset[Subject]:
    """The releases of the version; of a check on data also the versions of data to which the version is linked."""
    releases = {("release", str(pk)) for pk in scope.releases_of_version.get(version, ())}
    if not name.startswith("data."):
        return frozenset(releases)
    return frozenset(releases | {("dataset_version", str(pk)) for pk in scope.data_of_version.get(version, ())})


def outcome_of(row: Evidence) -> Outcome:
    """The verdict in the vocabulary's words. A watch of monitoring undoes no earlier verdict: only an alarm acts."""
    if row.verdict == Verdict.INSUFFICIENT and is_look(row):
        return "recorded"
    found: dict[str, Outcome] = {"pass": "pass", "fail": "fail", "insufficient": "insufficient"}
    return found.get(str(row.verdict), "recorded")


def is_look(row: Evidence) -> bool:
    """It judged rows of a running system within a year's budget."""
    return bool(row.outcome.get("inputs", {}).get("parameters", {}).get("looks"))


def question_of(row: Evidence) -> str:
    """What the run asked: its check and what it compared. Limits are no part of it, so that the same question with a
    wider limit is a new answer to it and not another question."""
    parameters = row.outcome.get("inputs", {}).get("parameters", {})
    asked = {key: parameters.get(key) for key in QUESTION_KEYS if parameters.get(key) is not None}
    return json.dumps([row.check_slug, asked], sort_keys=True, default=str)


def has_interval(value: Any) -> bool:
    """Some figure of the outcome carries both ends of an interval."""
    if isinstance(value, dict):
        low, high = value.get("low"), value.get("high")
        if isinstance(low, int | float) and isinstance(high, int | float):
            return True
        return any(has_interval(inner) for inner in value.values())
    return isinstance(value, list) and any(has_interval(inner) for inner in value)


def has_groups(outcome: dict[str, Any]) -> bool:
    """The outcome tells results of at least two groups, each with its size."""
    groups = outcome.get("groups") or []
    sized = [group for group in groups if isinstance(group, dict) and isinstance(group.get("n"), int)]
    return len(sized) >= 2 and len(sized) == len(groups)


def baselines(scope: Scope) -> Iterator[Fact]:
    """One row a limit."""
    for row in scope.rows(MetricBaseline).order_by("slug", "rule", "pk"):
        if row.system_id in scope.system_ids:
            metric, sign, limit = row.parts
            yield Fact(
                id=str(row.pk),
                label=row.rule,
                subject=subject_of(row.system_id),
                url=row.get_absolute_url(),
                fields=fields_of(
                    row,
                    "metric_baseline",
                    metric=metric,
                    direction=SIGNS[sign],
                    threshold=limit,
                    reviewed_at=row.approved_at,
                ),
            )


# Checks on the registry's own records: made now, hence not for a day that is past.


def record_checks(scope: Scope, name: str) -> Iterator[CheckFact]:
    """A check on records for every version in force."""
    if scope.until <= moment.now():
        return
    for pk, version in scope.versions.items():
        served = scope.looked_at(pk)
        if served:
            passes = RECORD_CHECKS[name](scope, version)
            yield scope.fact(
                name, version, (served, passes), partial(_on_records, scope, name, version, served, passes)
            )


def _on_records(scope: Scope, name: str, version: ModelVersion, served: list[UUID], passes: bool) -> CheckFact:
    return CheckFact(
        id=f"{name}:{version.pk}",
        label=_("%(check)s of %(version)s") % {"check": name, "version": version},
        subject=("model_version", str(version.pk)),
        also=subjects_of(served),
        url=version.get_absolute_url(),
        check=name,
        outcome="pass" if passes else "fail",
        ended_at=scope.as_of,
    )


def card_is_complete(scope: Scope, version: ModelVersion) -> bool:
    """The newest card fills the share of required fields that the policy of the tier asks for."""
    tier = version.home_system.risk_tier
    asked = scope.once(f"card of {tier}", lambda: policy.of_tier(tier).card_completeness)
    share = scope.remembered(("share", version.pk), lambda: cards.completeness(version, version.card).share)
    return bool(share >= asked)


def lineage_is_complete(scope: Scope, version: ModelVersion) -> bool:
    """There is a link for every relation from which the card of the tier is filled."""
    fields = [field for field in cards.schema() if field.source.startswith("lineage:") and field.is_required(version)]
    asked = {field.source.partition(":")[2] for field in fields}
    return bool(asked) and asked <= scope.relations_from.get(version.pk, set())


RECORD_CHECKS: dict[str, Callable[[Scope, ModelVersion], bool]] = {
    "doc.card_completeness": card_is_complete,
    "doc.lineage_completeness": lineage_is_complete,
}
