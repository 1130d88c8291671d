"""Our own form of a catalogue, checked: groups in groups, controls in controls, each with or without a rule."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Final

from django.utils.translation import gettext as _

from registry.canonical import digest
from registry.errors import BadInput
from reports.framework_files import SLUGS, Framework, Group, Requirement, requirement_of
from reports.framework_names import problems_of
from reports.imported import oscal
from reports.imported.reading import mapping_of, refuse

HEAD: Final = {"framework", "name", "version", "publisher", "text_note"}
BELOW: Final = ("groups", "controls")
RULE: Final = ("applies_when", "automation", "rests_on", "cannot_show", "evidence")
KEYS: Final = {"groups": {"id", "title", *BELOW}, "controls": {"id", "title", "statement", *RULE, *BELOW}}
SLUG: Final = re.compile(r"[a-z][a-z0-9_-]{1,39}")
ID: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._()-]{0,63}")
MARKUP: Final = re.compile(r"<[/!?a-zA-Z][^>]*>|&#?\w+;|[\x00-\x1f\x7f]")
LONGEST: Final = {"title": 300, "name": 200, "version": 120, "statement": 20_000, "publisher": 200, "text_note": 2000}
MOST, DEEPEST = 5000, 12


def read(content: bytes, *, file: str, slug: str = "") -> dict[str, Any]:
    """The catalogue of a file, OSCAL or our own; every fault is refused with file, id and reason."""
    raw = mapping_of(content, file=file)
    body = oscal.own_form(raw, slug=slug, file=file) if "catalog" in raw else raw
    check(body, file=file)
    return body


def check(body: dict[str, Any], *, file: str) -> None:
    """Refuse whatever the pages and the evaluator could not stand on."""
    only(body, HEAD | set(BELOW), file=file, place=_("the head"))
    slug = body.get("framework")
    if not isinstance(slug, str) or not SLUG.fullmatch(slug):
        refuse(
            file, "framework", _("the short name must be 2 to 40 small letters, digits, “-” or “_”, a letter first.")
        )
    if slug in SLUGS:
        refuse(file, "framework", _("“%s” comes with the software; give your own framework another short name.") % slug)
    for key in ("name", "version"):
        plain(body.get(key), key, file=file, place=key)
    for key in ("publisher", "text_note"):
        plain(body.get(key, "-"), key, file=file, place=key)
    check_below(body, _Seen(file=file), above=())
    problems = problems_of(framework_of(body, file=file), file=file)
    if problems:
        told = _("%(count)s to mend: %(problems)s")
        refuse(file, "", told % {"count": len(problems), "problems": " ".join(problems)})


@dataclass
class _Seen:
    """What a walk through a catalogue has met."""

    file: str
    ids: set[str] = field(default_factory=set)


def check_below(raw: dict[str, Any], seen: _Seen, *, above: tuple[str, ...]) -> None:
    """Check the groups and controls of one place, and those in them."""
    for kind in BELOW:
        rows = raw.get(kind) or []
        if not isinstance(rows, list):
            refuse(seen.file, kind, _("it must be a list."))
        for entry in rows:
            check_entry(entry, kind, seen, above=above)


def check_entry(entry: Any, kind: str, seen: _Seen, *, above: tuple[str, ...]) -> None:
    """Check a group or a control."""
    key = entry.get("id") if isinstance(entry, dict) else None
    if not isinstance(key, str) or not ID.fullmatch(key):
        where = above[-1] if above else kind
        told = _("“%s” is no id. Write at most 64 letters, digits and . _ - ( ), a letter or digit first.")
        refuse(seen.file, where, told % str(key)[:80])
    place = " / ".join((*above, key))
    if key in above:
        refuse(seen.file, place, _("it lies within itself; a group or control holds only what is below it."))
    if key in seen.ids:
        refuse(seen.file, place, _("this id stands twice; each group and control needs one of its own."))
    seen.ids.add(key)
    if len(seen.ids) > MOST or len(above) >= DEEPEST:
        refuse(
            seen.file,
            place,
            _("at most %(most)d groups and controls are read, %(deep)d deep.") % {"most": MOST, "deep": DEEPEST},
        )
    only(entry, KEYS[kind], file=seen.file, place=place)
    plain(entry.get("title"), "title", file=seen.file, place=place)
    if kind == "controls" and not isinstance(entry.get("statement", ""), str):
        refuse(seen.file, place, _("the statement must be text."))
    if len(entry.get("statement", "")) > LONGEST["statement"]:
        refuse(
            seen.file,
            place,
            _("“%(key)s” is longer than %(most)d characters.") % {"key": "statement", "most": LONGEST["statement"]},
        )
    check_below(entry, seen, above=(*above, key))


def only(raw: dict[str, Any], known: set[str], *, file: str, place: str) -> None:
    """Refuse a key that nobody would read."""
    unknown = sorted(set(map(str, raw)) - known)
    if unknown:
        told = _("the key “%(key)s” is not known; known are %(known)s.")
        refuse(file, place, told % {"key": unknown[0], "known": ", ".join(sorted(known))})


def plain(value: Any, key: str, *, file: str, place: str) -> None:
    """Refuse a title that is empty, too long, or holds markup."""
    if not isinstance(value, str) or not value.strip():
        refuse(file, place, _("“%s” is missing or no text.") % key)
    if len(value) > LONGEST[key]:
        refuse(file, place, _("“%(key)s” is longer than %(most)d characters.") % {"key": key, "most": LONGEST[key]})
    found = MARKUP.search(value)
    if found:
        told = _("“%(key)s” holds markup (%(found)s); write plain text.")
        refuse(file, place, told % {"key": key, "found": ascii(found[0][:40])})


# ---- as the evaluator reads it


def framework_of(body: Mapping[str, Any], *, file: str) -> Framework:
    """The framework of a catalogue; a control without a rule has no items."""
    found = list(walk(body, file=file, group=()))
    return Framework(
        slug=body["framework"],
        name=body["name"],
        version=body["version"],
        text_note=body.get("text_note", ""),
        groups=tuple(one for one in found if isinstance(one, Group)),
        requirements=tuple(one for one in found if isinstance(one, Requirement)),
        reference=MappingProxyType({key: body[key] for key in HEAD if key in body}),
        digest=digest(body),
    )


def walk(raw: Mapping[str, Any], *, file: str, group: tuple[str, ...]) -> Iterator[Group | Requirement]:
    """Groups and controls in the order of the file; controls in a control follow it, in the same groups."""
    for entry in raw.get("controls") or []:
        yield as_requirement(entry, file=file, group=group)
        yield from walk(entry, file=file, group=group)
    for entry in raw.get("groups") or []:
        yield Group(entry["id"], entry["title"], group[-1] if group else "")
        yield from walk(entry, file=file, group=(*group, entry["id"]))


def as_requirement(entry: Mapping[str, Any], *, file: str, group: tuple[str, ...]) -> Requirement:
    """A control; what it lacks of a rule stands at its plainest."""
    rule = {"applies_when": "always", "automation": "attestation_only", "rests_on": [], "evidence": []}
    shown = {key: value for key, value in entry.items() if key not in BELOW}
    try:
        return requirement_of({**rule, **shown}, file=file, group=group)
    except (TypeError, AttributeError, KeyError) as error:
        raise BadInput(_("%(file)s, %(id)s: its rule cannot be read (%(why)s).") % {
            "file": file, "id": entry["id"], "why": error,
        }, field="file") from error  # fmt: skip


def controls(body: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Every control of a catalogue, as it stands in it."""
    for entry in body.get("controls") or []:
        yield entry
        yield from controls(entry)
    for entry in body.get("groups") or []:
        yield from controls(entry)
