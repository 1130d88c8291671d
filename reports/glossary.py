"""The words that documents explain at their end: one table, and which of them each kind uses."""

from typing import Any, Final

from django.utils.functional import Promise
from django.utils.translation import gettext as _now, gettext_lazy as _

WORDS: Final[dict[str, tuple[str | Promise, str | Promise]]] = {
    "selection": (_("Selection rate"), _("Share of people in a group for whom the model decides yes.")),
    "rates": (
        _("True and false positive rate"),
        _("Share decided yes among those for whom yes is right, and among those for whom it is wrong."),
    ),
    "interval": (
        _("Interval"),
        _(
            "The range of values that the rows at hand are compatible with, at 95 % confidence. Rates carry Wilson intervals; differences are combined from them (Newcombe), ratios by MOVER-R."
        ),
    ),
    "verdict": (
        _("Pass, fail, insufficient"),
        _(
            "The whole interval lies inside the limit, wholly outside, or neither. Only a pass opens a gate that asks for one."
        ),
    ),
    "attribution": (
        _("Attribution (SHAP)"),
        _("How much each input moved the model's score away from its average, averaged over rows."),
    ),
    "digest": (_("Digest"), _("A fingerprint (SHA-256) of exact bytes; one changed bit gives another.")),
    "basis": (
        _("Basis"),
        _(
            "What a “met” rests on: measured here, enforced by the software, reported from elsewhere, written by a person, or attested by a signature."
        ),
    ),
    "result": (
        _("Met, partly, not met"),
        _("All required evidence that applies is there and counts; some of it; none of it."),
    ),
    "override": (
        _("Override of a status"),
        _("A result that people set in place of the evidence, for a time, with a reason and an owner."),
    ),
    "excepted": (_("Excepted"), _("An approved exception names the requirement; it stays as the evidence has it.")),
    "gap": (_("Gap"), _("Something that the file must hold and no record of the registry shows.")),
    "card": (_("Model card"), _("What whoever uses a model needs to know of it: purpose, data, figures, limits.")),
    "inherent": (_("Inherent and residual risk"), _("The risk before and after the controls that are in place.")),
    "control": (_("Control"), _("A measure that makes harm less likely or smaller.")),
    "tier": (
        _("Risk tier"),
        _("How much a system may harm people or the organisation; it sets how much proof is asked for."),
    ),
    "waiver": (
        _("Waiver"),
        _("A named person lets a gate be passed for a limited time, with a reason and with something done instead."),
    ),
    "incident": (_("Incident"), _("Something that went wrong with a system, or nearly did.")),
    "serious": (
        _("Serious incident"),
        _("One that led or could lead to death, harm to health, a breach of rights, or damage that cannot be mended."),
    ),
    "chain": (
        _("Chained log"),
        _("Each entry carries the hash of the one before, so that no entry can be changed or left out unseen."),
    ),
    "checkpoint": (_("Checkpoint"), _("A signed note of how long the log is and what its tree of hashes comes to.")),
    "code": (
        _("Verification code"),
        _(
            "Sixteen digits at the foot of each page; entered at /verify/ they lead to the document that the registry holds."
        ),
    ),
}
MEASURES: Final = ("selection", "rates", "interval", "verdict", "attribution")
USED: Final[dict[str, tuple[str, ...]]] = {
    "compliance": (*MEASURES, "digest", "basis"),
    "model_card": ("card", "interval", "verdict", "digest", "code"),
    "fairness": (*MEASURES, "digest", "code"),
    "annex_iv": ("gap", "basis", "tier", "digest", "code"),
    "transparency": ("interval", "selection", "code"),
    "audit": ("verdict", "waiver", "chain", "checkpoint", "digest", "code"),
    "pia": ("inherent", "control", "tier", "digest", "code"),
    "incident": ("incident", "serious", "tier", "digest", "code"),
    "minutes": ("digest", "code"),
    "unit_compliance": ("result", "basis", "override", "excepted", "tier", "digest", "code"),
    "board_pack": ("tier", "waiver", "interval", "verdict", "incident", "digest", "code"),
}


def words(kind: str) -> list[list[str]]:
    """The words that a kind of document explains, in the reader's language."""
    return [[str(part) for part in WORDS[name]] for name in USED.get(kind, ())]


def measures(subject: Any) -> list[list[str]]:
    """The technical measure of a system with the business measure that it stands for; none where a document is about more."""
    system = getattr(subject, "home_system", subject)
    technical, business = getattr(system, "technical_metric", ""), getattr(system, "value_metric", "")
    return (
        [[technical, _now("The technical measure behind the value of this system: %s") % business]]
        if technical and business
        else []
    )
