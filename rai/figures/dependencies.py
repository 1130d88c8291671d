"""Tables of known weaknesses of packages: which are affected, and of which it cannot be told."""

from typing import Any

from django.utils.translation import gettext as _

from rai.figures.sheets import Cell, Sheet


def sheets(outcome: dict[str, Any]) -> list[Sheet]:
    """Affected packages, the gravest first, and packages that cannot be judged."""
    return [*affected(outcome), *unknown(outcome)]


def affected(outcome: dict[str, Any]) -> list[Sheet]:
    """Each weakness with its gravity, where it is mended, and what was decided."""
    head = (_("Package"), _("Weakness"), _("Severity"), _("Mended in"), _("Decision"))
    rows = tuple(
        (
            one["package"],
            tuple(
                Cell(label, said)
                for label, said in zip(head[1:], (", ".join(one["ids"]), level(one["severity"]), one["mended_in"] or "–", decision(one)), strict=True)
            ),
        )
        for one in outcome.get("weaknesses", [])
    )  # fmt: skip
    return [Sheet(_("Packages with a known weakness"), head, rows)] if rows else []


def level(name: str) -> str:
    """A severity in the reader's words."""
    words = {
        "critical": _("Critical"),
        "high": _("High"),
        "medium": _("Medium"),
        "low": _("Low"),
        "unrated": _("Not rated"),
    }
    return words.get(name, name)


def decision(one: dict[str, Any]) -> str:
    """Whether it is open, borne, or was borne until a day."""
    words = {"open": _("Open"), "borne": _("Borne until %s"), "lapsed": _("Open: it was borne until %s")}
    said = words[one["borne"]]
    return said % one["until"] if "%s" in said else said


def unknown(outcome: dict[str, Any]) -> list[Sheet]:
    """Each package with the reason why it cannot be judged."""
    reasons = {
        "ecosystem": _("The advisories speak of nothing in its ecosystem."), "no_ecosystem": _("Nothing says in which ecosystem it is."),
        "no_version": _("It has no exact version, and advisories name it."), "range": _("An advisory names it in a way that cannot be compared with its version."),
    }  # fmt: skip
    head = (_("Package"), _("Why it is not evaluable"))
    rows = tuple(
        (one["package"], (Cell(head[1], reasons.get(one["reason"], one["reason"])),))
        for one in outcome.get("unknown", [])
    )
    return [Sheet(_("Packages that cannot be judged"), head, rows)] if rows else []
