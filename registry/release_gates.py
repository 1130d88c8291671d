"""The registry's own gates and material: artefact, card, evidence, owners, dates, policy."""

from typing import Any

from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _, gettext_lazy, ngettext

from registry import cards, owners as answering_for, policy, release_notes, stages, waivers
from registry.check_names import name_of
from registry.gates import GateResult, gate
from registry.looks import read_once
from registry.material import material
from registry.models import Evidence, ModelVersion, Release, Review, Side, SignOff, Tier, Verdict

# So many characters say something.
LEAST = 20


def preview(version: ModelVersion) -> Release:
    """The version's release, or one that is not stored, so that gates can be asked before anything is submitted."""
    stored = version.release
    if stored is not None and stored.status not in {Release.Status.WITHDRAWN, Release.Status.ROLLED_BACK}:
        return stored
    return Release(system=version.home_system, version=version, card=version.card)


def newest_evidence(version: ModelVersion) -> list[Evidence]:
    """For each check the newest run that stands: what a submission freezes."""
    newest: dict[str, Evidence] = {}
    for found in Evidence.objects.filter(version=version).standing().order_by("effective_at", "received_at"):
        newest[found.check_slug or str(found.pk)] = found
    return sorted(newest.values(), key=lambda found: (found.check_slug, str(found.pk)))


@read_once
def evidence_of(release: Release) -> list[Evidence]:
    """The frozen evidence, or what would be frozen now."""
    if release._state.adding:
        return newest_evidence(release.version)
    return list(release.evidence.order_by("check_slug", "pk"))


@gate("owners", gettext_lazy("Owners answer for it"))
def owners(release: Release) -> GateResult:
    """Both owners are active, hold a duty there and have accepted."""
    system, place = release.system, reverse("system-owners", args=[release.system_id])
    problems = [said for said in (answering_for.problem(system, side) for side in Side) if said]
    if problems:
        return GateResult.failed(" ".join(dict.fromkeys(problems)), place)
    if system.business_owner_id == system.technical_owner_id:
        return GateResult.passed(_("%s, for business and technology alike.") % system.business_owner, place)
    return GateResult.passed(_("%(business)s and %(technical)s.") % {
        "business": system.business_owner, "technical": system.technical_owner,
    }, place)  # fmt: skip


@gate("stage", gettext_lazy("The system is in a stage for releases"))
def stage_allows(release: Release) -> GateResult:
    """Neither before development nor suspended nor retired."""
    system, place = release.system, reverse("system", args=[release.system_id])
    told = _("The system is in the stage “%s”.") % system.get_lifecycle_stage_display()
    if system.lifecycle_stage in stages.CLOSED:
        return GateResult.failed(_("%s In it nothing is released; move it on from its page.") % told, place)
    return GateResult.passed(told, place)


@gate("choice", gettext_lazy("The choice of AI is reasoned"))
def choice_reasoned(release: Release) -> GateResult:
    """From the limited tier on, alternatives stand beside the choice, and a prototype speaks for generated content."""
    system, place = release.system, reverse("system-edit", args=[release.system_id])
    if system.risk_tier == Tier.MINIMAL:
        return GateResult.passed(_("Nothing is asked for in the minimal tier."), place)
    if len(system.non_ai_alternatives.strip()) < LEAST:
        return GateResult.failed(
            _("Say which alternatives there are, bought and without AI, and why not those."), place
        )
    if system.is_generative and len(system.prototype_findings.strip()) < LEAST:
        return GateResult.failed(
            _("It generates content: say what a prototype showed of its fitness for this use."), place
        )
    return GateResult.passed(_("Alternatives stand beside it."), place)


@gate("card", gettext_lazy("Model card is complete"))
def card_complete(release: Release) -> GateResult:
    """The pinned card fills the share of required fields that the policy asks for."""
    found = cards.completeness(release.version, release.card)
    asked = policy.of_release(release).card_completeness
    place = reverse("version-card", args=[release.version_id])
    facts = {"filled": found.filled, "required": found.required, "asked": round(asked * 100)}
    if found.share >= asked:
        return GateResult.passed(_("%(filled)d of %(required)d required fields are filled.") % facts, place)
    return GateResult.failed(
        _("%(filled)d of %(required)d required fields are filled; %(asked)d %% are asked for. Missing: %(missing)s.")
        % {**facts, "missing": ", ".join(found.missing[:5])},
        place,
    )


@gate("notes", gettext_lazy("Notes hold thresholds and documents"))
def notes_say_enough(release: Release) -> GateResult:
    """The notes hold quality thresholds and link responsible-AI documents; approved limits and the card count."""
    limits, papers = release_notes.thresholds(release), release_notes.documents(release)
    place = reverse("version" if release._state.adding else "release", args=[
        release.version_id if release._state.adding else release.pk
    ])  # fmt: skip
    if not limits:
        return GateResult.failed(
            _("No quality threshold is named: write it in the release notes, or have a limit of a check approved."),
            place,
        )
    if not papers:
        return GateResult.failed(_("The release notes link no responsible-AI document."), place)
    return GateResult.passed(_("Quality thresholds: %(limits)d; documents: %(papers)d.") % {
        "limits": len(limits), "papers": len(papers),
    }, place)  # fmt: skip


@gate("evidence", gettext_lazy("Checks that the policy asks for"))
def evidence_stands(release: Release) -> GateResult:
    """Every check of the policy has evidence that stands, is in time, and says what the policy wants."""
    asked = policy.of_release(release).evidence_for(release.system)
    place, carried = reverse("version-evidence", args=[release.version_id]), []
    found = evidence_of(release)
    for ask in asked:
        problem = evidence_problem(ask, answering(ask["check"], found))
        waiver = problem and waivers.covering(release, "evidence", ask["check"])
        if problem is not None and waiver is None:
            return GateResult(problem.result, problem.reason, place)
        carried += [waiver] if waiver else []
    if carried:
        reasons = [f"{waiver.check_name}: {waivers.sentence(waiver)}" for waiver in carried]
        return GateResult.waived(" ".join(reasons), carried[0].get_absolute_url())
    if not asked:
        return GateResult.passed(_("The policy of this tier asks for none."), place)
    return GateResult.passed(
        ngettext("The one asked for stands and says what the policy wants.",
                 "All %(count)d stand and say what the policy wants.", len(asked)) % {"count": len(asked)}, place,
    )  # fmt: skip


def answering(check: str, found: list[Evidence]) -> list[Evidence]:
    """The evidence that shows something of the check; what was measured here after what others reported."""
    return sorted((row for row in found if check in row.shows), key=lambda row: row.kind != Evidence.Kind.REPORTED)


def closed_asks(release: Release) -> list[str]:
    """The checks that the policy asks for and the evidence does not answer as it wants, waived or not."""
    asked, found = policy.of_release(release).evidence_for(release.system), evidence_of(release)
    return [ask["check"] for ask in asked if evidence_problem(ask, answering(ask["check"], found)) is not None]


def evidence_problem(ask: dict[str, Any], rows: list[Evidence]) -> GateResult | None:
    """What is wrong with the evidence for one ask of the policy, or None."""
    if not rows:
        return GateResult.insufficient(_("No run of “%s” stands for this version. Run it.") % name_of(ask["check"]))
    row = rows[-1]
    if not row.is_standing:
        return GateResult.failed(fallen(name_of(ask["check"]), row))
    if row.verdict == Verdict.PASS or (ask["verdict"] == "recorded" and row.verdict):
        return None
    facts = {"check": name_of(ask["check"]), "verdict": row.get_verdict_display().lower()}
    if row.verdict == Verdict.INSUFFICIENT:
        return GateResult.insufficient(_("%(check)s: too little data to tell (%(verdict)s); add rows.") % facts)
    return GateResult.failed(_("%(check)s: the verdict is “%(verdict)s”; the policy asks for a pass.") % facts)


def fallen(check: str, row: Evidence) -> str:
    """Why evidence no longer counts, and how to renew it."""
    if row.withdrawn_at is not None or row.superseded_by_id is not None or row.valid_until is None:
        return _("The run of “%s” was withdrawn or superseded. Run it again.") % check
    return _(
        "The evidence for “%(check)s” was valid until %(day)s and has run out. To renew it, run the check again on the "
        "page of the version’s evidence; a release in review is then withdrawn and submitted anew with it."
    ) % {"check": check, "day": date_format(timezone.localtime(row.valid_until), "DATE_FORMAT")}


@gate("dates", gettext_lazy("Dates allow a release"))
def dates_allow(release: Release) -> GateResult:
    """The version has a retirement date and it has not come."""
    version, place = release.version, reverse("version", args=[release.version_id])
    if version.retirement_date is None:
        return GateResult.failed(_("No retirement date is set; every version ends one day."), place)
    if version.is_past_retirement:
        return GateResult.failed(_("Its retirement date, %s, has come.") % date_format(version.retirement_date), place)
    return GateResult.passed(_("It retires on %s.") % date_format(version.retirement_date), place)


@gate("binding", gettext_lazy("Sign-offs are bound to what is released"))
def bound(release: Release) -> GateResult:
    """Every standing approval carries the digest of the material as it is now."""
    review = None if release._state.adding else Review.objects.filter(release=release).first()
    if review is None:
        return GateResult.passed(_("Nothing has been signed off yet."))
    from registry.material import changed_parts

    changed = changed_parts(release, review.material)
    if changed:
        return GateResult.failed(
            _("Changed since it was submitted: %s. The sign-offs do not cover it.") % ", ".join(changed),
            reverse("review", args=[review.pk]),
        )
    strange = SignOff.objects.binding().filter(review=review).exclude(subject_digest=review.subject_digest)
    if review.status == Review.Status.OPEN and release.status == Release.Status.PUBLISHED:
        strange = strange.filter(round=review.round)  # a renewal: what was signed before stands until it is decided
    if strange.exists():
        return GateResult.failed(_("A sign-off carries another digest than the material."))
    return GateResult.passed(_("All carry %s.") % review.subject_digest[:19])


@material("version")
def version_bytes(release: Release) -> Any:
    """The exact bytes and what they are called."""
    version = release.version
    return {"model": str(version.model_id), "version": version.version, "artifact": version.artifact_hash}


@material("components")
def components(release: Release) -> Any:
    """The exact versions of everything else."""
    return release.components


@material("notes")
def notes(release: Release) -> Any:
    """What the notes say."""
    return {name: getattr(release, name) for name in ("notes", "quality_thresholds", "rai_documents", "clients")}


@material("card")
def card(release: Release) -> Any:
    """The pinned card revision."""
    return {"number": release.card.number, "fields": release.card.fields} if release.card else None


@material("evidence")
def evidence(release: Release) -> Any:
    """The frozen evidence: digest, verdict, and whether it still stands (expiry acts by policy, not by voiding)."""
    return [
        {
            "check": row.check_slug,
            "digest": row.digest,
            "verdict": row.verdict,
            "withdrawn": row.withdrawn_at is not None,
        }
        for row in evidence_of(release)
    ]


@material("policy")
def frozen_policy(release: Release) -> Any:
    """The policy of this review."""
    return policy.of_release(release).body


@material("context")
def context(release: Release) -> Any:
    """Purpose, tier and the facts of the system on which law and policy turn."""
    system = release.system
    names = ("purpose", "intended_uses", "out_of_scope_uses", "risk_tier", "is_generative", "is_agentic")
    more = ("processes_personal_data", "affects_people", "interacts_with_people", "has_vendor_component")
    return {name: getattr(system, name) for name in (*names, *more)}
