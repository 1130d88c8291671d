"""Computes evidence once more from the inputs that were stored with it, and says where the two outcomes differ."""

import hashlib
import math
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.utils.translation import gettext as _

from rai.catalogue import CHECKS
from rai.models import CheckRun, Predictions
from rai.parts import digest_of_parts
from registry.errors import BadInput
from registry.models import Blob, Evidence
from registry.plugins import resolved

# Other versions of a library may sum in another order; what differs by more is another number.
RELATIVE, ABSOLUTE = 1e-9, 1e-12
CHUNK = 1 << 20


@dataclass(frozen=True)
class Difference:
    """A place of the outcome, as it was stored and as it comes out now; None where one of them has nothing there."""

    place: str
    stored: Any
    now: Any


@dataclass(frozen=True)
class Replay:
    """What came of computing evidence again: places that differ, and what differs in the environment alone."""

    differences: tuple[Difference, ...]
    environment: tuple[Difference, ...]

    @property
    def is_same(self) -> bool:
        """Every place of the outcome agrees."""
        return not self.differences


def replayed(evidence: Evidence) -> Replay:
    """The check of this evidence once more: its files by digest, its parameters, limits and attempt, in the sandbox.

    Nothing is stored. Raises BadInput where the evidence is no check's, or where its files are gone or changed.
    """
    from rai.checks.contract import digest_of_value

    run = run_of(evidence)
    for blob, name in inputs(run):
        require_bytes(blob, name)
    now = resolved(CHECKS[run.slug].compute)(run)
    stored = dict(evidence.outcome)
    found = [
        *seal(stored.get("digest"), evidence.digest, digest_of_value(content(stored))),
        *differences("", content(stored), content(now)),
    ]
    elsewhere = tuple(each for each in found if each.place.startswith("environment"))
    return Replay(tuple(each for each in found if each not in elsewhere), elsewhere)


def run_of(evidence: Evidence) -> CheckRun:
    """The run that made the evidence, bound to the limits and the attempt that its outcome names."""
    rows = CheckRun.objects.select_related("version__model__system", "version__artifact", "predictions__blob")
    run = rows.filter(evidence=evidence).first()
    if run is None or run.slug not in CHECKS:
        raise BadInput(_("%s was not made by a check of this installation; only those are computed again.") % evidence)
    run.replayed = evidence.outcome.get("inputs", {}).get("parameters", {})
    if "thresholds" not in run.replayed:
        raise BadInput(_("The stored outcome of %s names no limits any more; it was changed.") % evidence)
    return run


def inputs(run: CheckRun) -> Iterator[tuple[Blob, str]]:
    """Every stored file that the check reads."""
    yield from files_of(run.predictions)
    if CHECKS[run.slug].needs_model and run.version.artifact is not None:
        yield run.version.artifact, run.version.artifact_name
    for parameter in CHECKS[run.slug].parameters:
        if parameter.kind == "predictions" and run.parameters.get(parameter.name):
            other = Predictions.objects.select_related("blob").get(pk=run.parameters[parameter.name])
            yield from files_of(other)
        if parameter.kind == "evidence" and CHECKS[run.slug].needs_model and run.parameters.get(parameter.name):
            yield from inputs(run_of(Evidence.objects.get(pk=run.parameters[parameter.name])))


def files_of(table: Predictions) -> Iterator[tuple[Blob, str]]:
    """A table's files; several of them are the table that was measured when their digests make its digest."""
    found = table.files
    if len(found) > 1 and digest_of_parts(blob for blob, _name in found) != table.blob.digest:
        raise BadInput(_("The files of %s are no longer those that were measured; restore them from a backup.") % table)
    yield from found


def require_bytes(blob: Blob, name: str) -> None:
    """The file is there and is the one that was measured."""
    if not blob.path.exists():
        raise BadInput(
            _("%(name)s (%(digest)s) is no longer stored; put it back from a backup to compute the check again.")
            % {"name": name, "digest": blob.digest}
        )
    if sha256_of(blob.path) != blob.sha256:
        raise BadInput(
            _("%(name)s was changed on disk: its bytes are no longer %(digest)s. Restore it from a backup.")
            % {"name": name, "digest": blob.digest}
        )


def sha256_of(path: Path) -> str:
    """The hex SHA-256 of a file, a chunk at a time."""
    hashed = hashlib.sha256()
    with path.open("rb") as file:
        while chunk := file.read(CHUNK):
            hashed.update(chunk)
    return hashed.hexdigest()


def content(outcome: dict[str, Any]) -> dict[str, Any]:
    """What the digest covers."""
    return {key: value for key, value in outcome.items() if key not in {"digest", "timings"}}


def seal(inside: str | None, recorded: str, computed: str) -> Iterator[Difference]:
    """The stored outcome must have the digest that it names and that the evidence is filed under."""
    if inside != computed:
        yield Difference("digest", inside, computed)
    if recorded != computed:
        yield Difference("evidence.digest", recorded, computed)


def differences(place: str, stored: Any, now: Any) -> Iterator[Difference]:
    """Every place below `place` at which two JSON values are not the same."""
    if isinstance(stored, dict) and isinstance(now, dict):
        for key in sorted({*stored, *now}):
            yield from differences(f"{place}.{key}" if place else key, stored.get(key), now.get(key))
    elif isinstance(stored, list) and isinstance(now, list) and len(stored) == len(now):
        for at, (one, other) in enumerate(zip(stored, now, strict=True)):
            yield from differences(f"{place}[{at}]", one, other)
    elif not same(stored, now):
        yield Difference(place, stored, now)


def same(stored: Any, now: Any) -> bool:
    """Equal, or numbers that agree within the tolerance."""
    if isinstance(stored, float) or isinstance(now, float):
        both = isinstance(stored, int | float) and isinstance(now, int | float)
        return both and math.isclose(stored, now, rel_tol=RELATIVE, abs_tol=ABSOLUTE)
    return type(stored) is type(now) and stored == now
