"""Whether the licences of data and components allow what a system does with its model."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from django.utils.translation import gettext_lazy as _

from registry import lineage
from registry.datasets.inputs import inputs_of, terms_of
from registry.models import ComponentUse, DataTerms, LineageLink, ModelVersion, Verdict
from registry.record_checks import Finding, record_check
from registry.vocabulary import read_yaml

FILE = Path(__file__).parent.parent / "data" / "licences.yaml"
DATA, MODEL, COMPONENT = "data", "model", "component"


@dataclass(frozen=True)
class Licensed:
    """A thing that is part of a version, with the licence under which it came."""

    kind: str
    name: str
    licence: str


@cache
def document() -> dict[str, Any]:
    """The table of licences."""
    return read_yaml(FILE)


@cache
def by_name() -> dict[str, tuple[str, dict[str, Any]]]:
    """SPDX name and facts of each licence, by every name under which it is found, in small letters."""
    return {
        name.lower(): (spdx, facts)
        for spdx, facts in document()["licences"].items()
        for name in (spdx, *facts.get("also", ()))
    }


SENTENCES = {
    "fits": _("%(thing)s: %(licence)s allows this distribution."),
    "not_allowed": _("%(thing)s: %(licence)s does not allow %(missing)s, which this distribution needs (%(source)s)."),
    "not_met": _("%(thing)s: %(licence)s asks for %(asked)s, which this distribution does not give (%(source)s)."),
    "unsettled": _(
        "%(thing)s: %(licence)s asks for %(asked)s; whether that reaches a model is not settled. Ask counsel."
    ),
    "unknown": _("%(thing)s: the table does not know the licence “%(licence)s”. Read it, and add its facts."),
    "none": _("%(thing)s: no licence is on record."),
    "no_distribution": _("Nobody has said how the system is distributed; say so among its terms for data."),
}


@record_check("data.licence_compatibility", _("Licences fit the distribution"), SENTENCES)
def licences_fit(version: ModelVersion) -> list[Finding]:
    """Each licence of data and components against the distribution of the version's system."""
    distribution = terms_of(version.home_system).distribution
    if not distribution:
        return [Finding("no_distribution", Verdict.INSUFFICIENT)]
    return [judged(one, distribution) for one in licensed(version)]


def licensed(version: ModelVersion) -> Iterator[Licensed]:
    """The data from which a version came, it and the versions from which it came, and the components of these."""
    for each in inputs_of(version.pk):
        yield Licensed(DATA, str(each.data), each.data.licence)
    above = lineage.came_from(version.pk, LineageLink.objects.all())
    bases = ModelVersion.objects.filter(pk__in=[each.id for each in above]).select_related("model__system")
    seen = set()
    for one in (version, *bases):
        if one.licence:
            yield Licensed(MODEL, str(one), one.licence)
        for use in ComponentUse.objects.bearing_on(one.home_system, one).select_related("component"):
            if use.component_id not in seen:
                seen.add(use.component_id)
                yield Licensed(COMPONENT, str(use.component), use.component.licence)


def judged(one: Licensed, distribution: str) -> Finding:
    """One licence: compatible, incompatible, or unknown."""
    spdx, facts = by_name().get(one.licence.strip().lower(), (one.licence, None))
    told: dict[str, Any] = {"thing": one.name, "licence": spdx, "distribution": distribution}
    if facts is None:
        return Finding("unknown" if one.licence.strip() else "none", Verdict.INSUFFICIENT, told)
    rule = document()["distributions"][DataTerms.Distribution(distribution).value]
    told["source"] = facts["source"]
    missing = [need for need in rule["needs"] if need not in facts["allows"]]
    if missing:
        return Finding("not_allowed", Verdict.FAIL, told | {"missing": ", ".join(missing)})
    unmet = [ask for ask in facts["asks"] if ask not in rule["meets"]]
    if not unmet:
        return Finding("fits", Verdict.PASS, told)
    told["asked"] = ", ".join(unmet)
    if one.kind == DATA:
        return Finding("unsettled", Verdict.INSUFFICIENT, told)
    return Finding("not_met", Verdict.FAIL, told)
