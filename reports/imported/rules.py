"""Rules for the controls of a catalogue: evidence items of their own, or those of requirements that the crosswalk names."""

from collections.abc import Mapping
from copy import deepcopy
from typing import Any, Final

from django.utils.translation import gettext as _

from registry.errors import BadInput
from registry.vocabulary import vocabulary
from reports.framework_files import SLUGS, Requirement, load
from reports.imported.catalogue import RULE, check, controls, only
from reports.imported.reading import mapping_of, refuse

KEYS: Final = {*RULE, "like"}


def is_rules(raw: Mapping[str, Any]) -> bool:
    """The file holds rules for a catalogue, and none itself."""
    return "rules" in raw


def with_rules(body: dict[str, Any], content: bytes, *, file: str) -> dict[str, Any]:
    """A catalogue with the rules of a file; a rule in the file replaces the one that the control had."""
    raw = mapping_of(content, file=file)
    only(raw, {"framework", "rules"}, file=file, place=_("the head"))
    if raw.get("framework") != body["framework"]:
        told = _("its rules are for “%(named)s”, not for “%(wanted)s”.")
        refuse(file, "framework", told % {"named": raw.get("framework"), "wanted": body["framework"]})
    found = raw["rules"]
    if not isinstance(found, dict) or not found:
        refuse(file, "rules", _("it must hold the rule of at least one control, by its id."))
    made = deepcopy(body)
    known = {entry["id"]: entry for entry in controls(made)}
    for key, rule in found.items():
        if key not in known:
            refuse(file, str(key), _("the framework has no control of this id."))
        put(known[key], rule, file=file)
    check(made, file=file)
    return made


def put(control: dict[str, Any], rule: Any, *, file: str) -> None:
    """Give a control its rule."""
    if not isinstance(rule, dict):
        refuse(file, control["id"], _("its rule must be a mapping of keys to values."))
    only(rule, KEYS, file=file, place=control["id"])
    for key in RULE:
        control.pop(key, None)
    control |= resolved(rule, control["id"], file=file)


def resolved(rule: dict[str, Any], key: str, *, file: str) -> dict[str, Any]:
    """A rule with the items that it borrows written out, so that what is approved is what decides."""
    names = rule.get("like") or []
    own = {name: value for name, value in rule.items() if name != "like"}
    if not isinstance(names, list):
        refuse(file, key, _("“like” must be a list, such as [nist_ai_rmf GOVERN 1.1]."))
    rows = [linked(str(name), key, file=file) for name in names]
    if not rows:
        return own
    levels = list(vocabulary().automation_levels)
    return {
        "applies_when": "always",
        "automation": max((row.automation for row in rows), key=levels.index),
        "rests_on": [basis for basis in vocabulary().bases if any(basis in row.rests_on for row in rows)],
        "cannot_show": " ".join(row.cannot_show for row in rows if row.cannot_show),
        **own,
        "evidence": [*(item for row in rows for item in borrowed(row, key)), *(own.get("evidence") or [])],
    }


def linked(name: str, key: str, *, file: str) -> Requirement:
    """The requirement that a rule likens a control to."""
    slug, _space, wanted = name.partition(" ")
    if slug not in SLUGS:
        told = _("“like” names “%(name)s”; write a framework (%(known)s) and the id of its requirement.")
        refuse(file, key, told % {"name": name, "known": ", ".join(SLUGS)})
    try:
        return load(slug).requirement(wanted)
    except BadInput as unknown:
        refuse(file, key, str(unknown))


def borrowed(row: Requirement, key: str) -> list[dict[str, Any]]:
    """The items of a requirement under ids of the control. They are decided on their own evidence: no result is carried."""
    condition = {} if row.applies_when == "always" else {"applies_when": row.applies_when}
    return [{**condition, **deepcopy(dict(item)), "id": f"{key}.{item['id']}"} for item in row.raw["evidence"]]


def carried(body: dict[str, Any], before: dict[str, Any] | None) -> dict[str, Any]:
    """A catalogue with the rules of the edition before, for controls that it still has and gives no rule to."""
    old = {entry["id"]: entry for entry in controls(before)} if before else {}
    made = deepcopy(body)
    for entry in controls(made):
        if "evidence" not in entry:
            entry |= {key: deepcopy(old[entry["id"]][key]) for key in RULE if key in old.get(entry["id"], {})}
    return made
