"""Whether the links of lineage that a version needs in its tier are there, and its data of a class it may use."""

from functools import cache
from pathlib import Path
from typing import Any

from django.utils.translation import gettext_lazy as _

from registry import policy
from registry.datasets import standard
from registry.datasets.inputs import clearance_of, inputs_of, terms_of
from registry.models import LineageLink, ModelVersion, Relation, Verdict
from registry.record_checks import Finding, record_check
from registry.vocabulary import read_yaml

FILE = Path(__file__).parent.parent / "data" / "required_links.yaml"


@cache
def document() -> dict[str, Any]:
    """The table of required links."""
    return read_yaml(FILE)


@record_check(
    "doc.lineage_completeness",
    _("Links of lineage are complete"),
    {
        "there": _("There is a link of the kind %(relations)s."),
        "missing": _("No link says what it %(relations)s. Add it on the lineage of the version."),
        "vendor": _("No link says what it %(relations)s; the vendor of the model may not have told."),
        "none_asked": _("The tier of the system asks for no link."),
    },
)
def links_complete(version: ModelVersion) -> list[Finding]:
    """Each link that the tier asks for."""
    system = version.home_system
    asked = [
        rule for rule in document()["tiers"][system.risk_tier] if policy.applies(rule.get("applies_when", ""), system)
    ]
    there = set(LineageLink.objects.filter(source_id=version.pk).values_list("relation", flat=True))
    return [judged(rule, there, version) for rule in asked] or [Finding("none_asked", Verdict.PASS)]


def judged(rule: dict[str, Any], there: set[str], version: ModelVersion) -> Finding:
    """One required link."""
    facts = {"relations": " / ".join(str(Relation(name).value) for name in rule["any_of"])}
    if there & set(rule["any_of"]):
        return Finding("there", Verdict.PASS, facts)
    if rule.get("vendor_may_lack") and version.home_system.has_vendor_component:
        return Finding("vendor", Verdict.INSUFFICIENT, facts)
    return Finding("missing", Verdict.FAIL, facts)


@record_check(
    "data.classification_match",
    _("Data of a class that the system may use"),
    {
        "within": _("%(data)s is “%(class)s”, within the clearance “%(clearance)s”."),
        "above": _("%(data)s is “%(class)s”, above the clearance “%(clearance)s”."),
        "output": _("The output is “%(output)s”, below its data (“%(class)s”), and nobody has said why."),
    },
)
def classes_match(version: ModelVersion) -> list[Finding]:
    """The class of all data from which the version came, against clearance and output."""
    terms, clearance = terms_of(version.home_system), clearance_of(version.home_system)
    inputs = inputs_of(version.pk)
    found = []
    for each in inputs:
        data_class = each.data.dataset.classification
        is_above = standard.rank_of(data_class) > standard.rank_of(clearance)
        facts = {"data": str(each.data), "class": data_class, "clearance": clearance}
        found.append(Finding("above", Verdict.FAIL, facts) if is_above else Finding("within", Verdict.PASS, facts))
    worst = standard.highest([each.data.dataset.classification for each in inputs])
    output = standard.output_class_of(terms)
    if worst and standard.rank_of(output) < standard.rank_of(worst) and not terms.output_reason:
        found.append(Finding("output", Verdict.FAIL, {"output": output, "class": worst}))
    return found
