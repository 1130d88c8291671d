"""What the transparency notice says to the public: short, plain, without names of persons and without digits of the trade."""

from datetime import datetime
from typing import Any, Final

from django.utils.translation import gettext as _, gettext_lazy

from rai.catalogue import CHECKS
from rai.wording import sentences
from registry import cards
from registry.models import AISystem, ModelVersion, RegisterEntry
from registry.release_gates import evidence_of, preview
from reports.kinds.blocks import aside, chapter, facts, frame, limit, text

# What the public asks, and the field of the card that answers it.
ASKED: Final = (
    (gettext_lazy("Who uses it, and for what"), "intended_uses"),
    (gettext_lazy("What it must not be used for"), "out_of_scope"),
    (gettext_lazy("Where it fails"), "limitations"),
    (gettext_lazy("How a person keeps control"), "human_oversight"),
    (gettext_lazy("How a decision can be explained"), "explainability"),
    (gettext_lazy("What data it learnt from"), "training_data"),
)
SHOWS: Final = "fairness."
SENTENCES: Final = 2  # of a run; what follows is for people of the trade


def notice(version: ModelVersion, *, as_of: datetime) -> dict[str, Any]:
    """Everything that the notice on a version prints."""
    system = version.home_system
    release = preview(version)
    shown = {value.field.id: value.shown for value in cards.values(version, release.card) if value.shown}
    found = [row for row in evidence_of(release) if any(name.startswith(SHOWS) for name in row.shows)]
    return frame(system.name, as_of=as_of, cover=[(_("Version"), version.version)]) | {
        "title": str(_("Transparency notice")),
        "version": {"model": version.model.name, "version": version.version},
        "summary": summary(system, shown),
        "chapters": [
            chapter(_("What you should know"), facts((title, shown.get(name) or _("not published yet")) for title, name in ASKED)),
            chapter(_("Whether it treats groups alike"), *fair(found)),
            chapter(_("What you can do"), *rights(system, shown)),
        ],
        "not_checked": not_checked(found),
    }  # fmt: skip


def summary(system: AISystem, shown: dict[str, str]) -> list[list[str]]:
    """Five lines for anybody."""
    affects = (
        _("It takes part in decisions about people.")
        if system.affects_people
        else _("It takes no part in decisions about people.")
    )
    personal = _("It uses personal data.") if system.processes_personal_data else _("It uses no personal data.")
    made = _("It writes or draws by itself.") if system.is_generative else ""
    lines = [
        [_("What it is"), f"{system.name}. {made}".strip()],
        [_("What it is for"), system.purpose],
        [_("Whom it concerns"), shown.get("affected") or affects],
        [_("What it decides"), affects],
        [_("Your data"), personal],
    ]
    return [[str(name), str(value)] for name, value in lines]


def fair(found: list[Any]) -> list[Any]:
    """What the comparisons of groups say, sentence by sentence; or that there is none."""
    if not found:
        return [text(_("No comparison of groups was made or may be shown for this version."))]
    told = []
    for row in found:
        label = CHECKS[row.check_slug].label if row.check_slug in CHECKS else row.check_slug
        told += [
            text(" ".join(sentences(row.outcome)[:SENTENCES]) or str(label)),
            aside(_("Measured on %s.") % row.effective_at.date()),
        ]
    return told


def rights(system: AISystem, shown: dict[str, str]) -> list[Any]:
    """Notices that are shown, and where to turn to."""
    rows = RegisterEntry.objects.standing().filter(kind="disclosure_notice", system=system, status="active")
    told = [text(row.fields.get("text", "")) for row in rows.order_by("number") if row.fields.get("text")]
    contact = shown.get("contact") or _("the organisation that uses the system")
    asked = [
        text(
            _(
                "You may ask for a person to look at a decision that concerns you, for the reasons of it, and for your data to be mended."
            )
        )
        if system.affects_people
        else None,
        text(_("Ask: %s") % contact),
    ]
    return [*told, *asked]


def not_checked(found: list[Any]) -> list[dict[str, str]]:
    """What the notice leaves open, in plain words."""
    rows = [
        limit(
            _("Every single decision"), _("Tests look at many cases together. A single decision can still be wrong.")
        ),
        limit(_("Groups that were not named"), _("Only groups that stand in the test data were compared.")),
    ]
    return rows if found else [*rows, limit(_("Equal treatment"), _("It was not measured for this version."))]
