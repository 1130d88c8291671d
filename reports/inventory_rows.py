"""The inventory as facts: systems, versions, cards, data, lineage, duties, releases and deployments."""

from collections.abc import Iterator
from datetime import datetime
from functools import partial
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _

from registry import cards, release_notes
from registry.models import (
    BusinessUnit,
    ComponentUse,
    DatasetVersion,
    DataUse,
    Deployment,
    LineageLink,
    ModelCard,
    ModelVersion,
    Release,
    Review,
    RolloutStep,
    SignOff,
    VersionStatus,
)
from registry.models.systems import Dependence
from registry.vocabulary import vocabulary
from reports import law_conditions, register_rows
from reports.facts import ORGANISATION, Fact, Subject
from reports.scope import Scope, fields_of, main_subject, subject_of, subjects_of

STATUS_OF_VERSION = {
    VersionStatus.CHANGES_REQUESTED: "draft",
    VersionStatus.REJECTED: "draft",
    VersionStatus.IN_REVIEW: "candidate",
    VersionStatus.SUSPENDED: "approved",
}
READ_CARDS = (ModelCard.Status.IN_REVIEW, ModelCard.Status.APPROVED, ModelCard.Status.PUBLISHED)


def systems(scope: Scope) -> Iterator[Fact]:
    """One row a system."""
    up, down = dependences(scope)
    reviewed, classes = last_reviewed(scope), law_conditions.classes(scope)
    for system in scope.systems.values():
        fields = fields_of(
            system,
            "ai_system",
            business_unit=str(system.unit_id),
            registered_at=system.created_at,
            last_reviewed_at=reviewed.get(system.pk),
            upstream_dependencies=up.get(system.pk),
            downstream_dependencies=down.get(system.pk),
            **(
                {f"eu_{name}": classes[system.pk].fields.get(name) for name in ("tier", "role")}
                if system.pk in classes
                else {}
            ),
            annex_iii_area=classes[system.pk].fields.get("annex_iii_area") if system.pk in classes else None,
        )
        yield Fact(
            id=str(system.pk),
            label=str(system),
            subject=subject_of(system.pk),
            url=system.get_absolute_url(),
            fields=fields,
        )


def dependences(scope: Scope) -> tuple[dict[UUID, list[str]], dict[UUID, list[str]]]:
    """By system: the systems and components on which it rests, and the systems that rest on it."""
    up: dict[UUID, list[str]] = {}
    down: dict[UUID, list[str]] = {}
    for row in scope.rows(Dependence).filter(ended_at__isnull=True).select_related("system", "rests_on"):
        up.setdefault(row.system_id, []).append(str(row.rests_on))
        down.setdefault(row.rests_on_id, []).append(str(row.system))
    for use in scope.rows(ComponentUse).live().select_related("component"):
        up.setdefault(use.system_id, []).append(str(use.component))
    return up, down


def last_reviewed(scope: Scope) -> dict[UUID, datetime]:
    """By system: when it was last kept or released on review; the decision to go live counts as the first."""
    found: dict[UUID, datetime] = {}
    for release, ended in went_live(scope):
        found[release.system_id] = max(ended, found.get(release.system_id, ended))
    return found


def went_live(scope: Scope) -> Iterator[tuple[Release, datetime]]:
    """Published releases with the end of the review that let them go live."""
    for release in scope.releases.values():
        review = review_of(release)
        was_published = release.published_at is not None and release.published_at < scope.until
        if was_published and review and review.status == Review.Status.APPROVED and review.closed_at:
            yield release, review.closed_at


def review_of(release: Release) -> Review | None:
    """The review of a release, where one was opened."""
    return getattr(release, "review", None)


def model_versions(scope: Scope) -> Iterator[Fact]:
    """One row a version, about every system in which it is in force."""
    changed = modifications(scope)
    released = {release.version_id: release for release in scope.releases.values() if release.published_at}
    for version in scope.versions.values():
        release, notes = released.get(version.pk), changed.get(version.pk, [])
        since, back = (release.published_at, release.rollback_to_id) if release else (None, None)
        made_of = (scope.systems_served_by(version.pk), notes, since, back)
        yield scope.fact("model_version", version, made_of, partial(_version, version, *made_of))


def _version(version: ModelVersion, served: list[UUID], notes: list[str], since: Any, back: UUID | None) -> Fact:
    fields = fields_of(
        version,
        "model_version",
        status=STATUS_OF_VERSION.get(VersionStatus(version.status), str(version.status)),
        artifact_hash=version.artifact_hash,
        parameters=version.training_record.get("parameters"),
        hyperparameters=version.training_record.get("parameters"),
        modifications="\n".join(filter(None, [version.change_note, *notes])),
        released_at=since,
        rollback_to=str(back) if back else None,
    )
    return Fact(
        id=str(version.pk),
        label=str(version),
        subject=main_subject(served, ("model_version", str(version.pk))),
        also=subjects_of(served) | {("model_version", str(version.pk))},
        url=version.get_absolute_url(),
        fields=fields,
    )


def modifications(scope: Scope) -> dict[UUID, list[str]]:
    """By version: what was changed in the components that it uses."""
    found: dict[UUID, list[str]] = {}
    uses = scope.rows(ComponentUse).live().filter(version__isnull=False).exclude(modifications="")
    for pk, text in uses.values_list("version", "modifications"):
        found.setdefault(pk, []).append(text)
    return found


def model_cards(scope: Scope) -> Iterator[Fact]:
    """One row a card revision of a version in force, its sections joined under the vocabulary's names."""
    for card in scope.rows(ModelCard).select_related("version__model__system").order_by("-created_at"):
        served = scope.looked_at(card.version_id)
        if served:
            card.version = scope.versions[card.version_id]
            yield Fact(
                id=str(card.pk),
                label=str(card),
                subject=main_subject(served),
                also=subjects_of(served),
                url=card.get_absolute_url(),
                fields=scope.remembered((f"card {card.pk}", card.version_id), partial(card_fields, card)),
            )


def card_fields(card: ModelCard) -> dict[str, Any]:
    """Status, date and sections; a section counts only where its text is long enough for the card schema.

    What the registry fills in by itself is looked up only for cards that stand before or behind a decision.
    """
    sections: dict[str, list[str]] = {}
    is_read = card.status in READ_CARDS
    for value in cards.values(card.version, card) if is_read else ():
        if value.field.evidence_field and value.is_filled:
            sections.setdefault(value.field.evidence_field, []).append(value.text)
    joined = {name: "\n".join(texts) for name, texts in sections.items()}
    share = cards.completeness(card.version, card).share if is_read else None
    plain = {"version": str(card.number), "status": str(card.status), "approved_at": card.approved_at}
    names = vocabulary().entities["model_card"].fields
    return {name: joined.get(name) for name in names} | plain | {"completeness": share}


def dataset_versions(scope: Scope) -> Iterator[Fact]:
    """One row a version of a data set, about itself and the systems that were made or tested with it."""
    rows = scope.rows(DatasetVersion).select_related("dataset").prefetch_related("steps", "data_uses")
    described = register_rows.newest_about(scope, "data_description", "dataset_id")
    for version in rows:
        said = described.get(version.dataset_id, {})
        served = scope.systems_of_data.get(version.pk, set())
        own: Subject = ("dataset_version", str(version.pk))
        fields = fields_of(
            version,
            "dataset_version",
            dataset=str(version.dataset_id),
            steward=str(version.dataset.steward_id),
            classification=version.dataset.classification,
            source_reputation=version.dataset.source_reputation,
            residency=version.dataset.residency,
            special_categories=version.dataset.special_categories,
            collection_method=version.dataset.receipt,
            quality_report=said.get("quality_report") or checked(version),
            representativeness_note=said.get("representativeness_note"),
            gaps=said.get("gaps"),
            consent_terms=version.consent_terms or version.dataset.terms,
            preparation_steps=[f"{step.ordinal}. {step.name}" for step in version.steps.all()],
            context_fit="\n".join(use.reason for use in version.data_uses.all() if use.fit == DataUse.Fit.FITS),
        )
        yield Fact(
            id=str(version.pk),
            label=str(version),
            subject=own,
            also=subjects_of(served),
            url=version.get_absolute_url(),
            fields=fields,
        )


def checked(version: DatasetVersion) -> list[str]:
    """What the checks of its steps came to."""
    return [f"{step.check_name}: {step.get_verdict_display()}" for step in version.steps.all() if step.verdict]


def lineage_links(scope: Scope) -> Iterator[Fact]:
    """One row a link, about the systems and the data at its two ends."""
    for link in scope.links.values():
        ends = (link.source_id, link.target_id)
        served = {system for end in ends for system in ends_of(scope, end)}
        yield scope.fact("lineage_link", link, (served,), partial(_link, link, served))


def _link(link: LineageLink, served: set[UUID]) -> Fact:
    data: set[Subject] = {("dataset_version", str(end)) for end in (link.source_id, link.target_id)}
    return Fact(
        id=str(link.pk),
        label=str(link),
        subject=main_subject(served, ("dataset_version", str(link.target_id))),
        also=subjects_of(served) | data,
        basis="process",
        fields=fields_of(
            link, "lineage_link", source=link.source_label, target=link.target_label, recorded_at=link.created_at
        ),
    )


def ends_of(scope: Scope, end: UUID) -> list[UUID]:
    """The systems at one end of a link: a system itself, or those in which a version is in force."""
    return [end] if end in scope.system_ids else scope.systems_served_by(end)


def business_units(scope: Scope) -> Iterator[Fact]:
    """One row a unit."""
    for unit in scope.rows(BusinessUnit):
        yield Fact(
            id=str(unit.pk),
            label=str(unit),
            subject=ORGANISATION if unit.parent_id is None else ("business_unit", str(unit.pk)),
            url=unit.get_absolute_url(),
            fields=fields_of(unit, "business_unit"),
        )


def releases(scope: Scope) -> Iterator[Fact]:
    """One row a release, with what its review was bound to."""
    approvers, steps = approvers_of(scope), steps_of(scope)
    for release in scope.releases.values():
        review = review_of(release)
        material = review.material if review else {}
        limits = [limit.get("rule") for limit in material.get("baselines") or []]
        papers = [name for name in ("card", "evidence", "assessments") if material.get(name)]
        fields = fields_of(
            release,
            "release",
            component_versions=release.components,
            quality_thresholds=[*release_notes.lines(release.quality_thresholds), *limits],
            rai_documents=[*papers, *release_notes.lines(release.rai_documents)],
            residual_risk_statement=left_over(material),
            rollback_version=str(release.rollback_to_id) if release.rollback_to_id else None,
            staged_rollout=steps.get(release.pk, []),
            approver=sorted({str(person) for person, _duty in approvers.get(release.pk, ())}),
        )
        yield Fact(
            id=str(release.pk),
            label=str(release),
            subject=subject_of(release.system_id),
            url=release.get_absolute_url(),
            fields=fields,
        )


def left_over(material: dict[str, Any]) -> list[str] | None:
    """The open risks with what is left of each, as the review was bound to them; none open is said, too."""
    if "open_risks" not in material:
        return None
    return [f"{row['id']}: {row['residual_level']}" for row in material["open_risks"]] or ["0"]


def steps_of(scope: Scope) -> dict[UUID, list[str]]:
    """By release: the shares of use that it was given step by step, and where it was stopped."""
    found: dict[UUID, list[str]] = {}
    rows = RolloutStep.objects.filter(deployment__release__in=list(scope.releases), created_at__lt=scope.until)
    for release, share, halted in rows.values_list("deployment__release", "share", "halted_at"):
        found.setdefault(release, []).append(f"{share} %" if halted is None else f"{share} %, stopped")
    return found


def approvers_of(scope: Scope) -> dict[UUID, list[tuple[UUID, str]]]:
    """By release: the people whose approval stands, with the duty in which they gave it."""
    found: dict[UUID, list[tuple[UUID, str]]] = {}
    rows = SignOff.objects.standing().filter(
        decision__in=SignOff.YES, review__release__in=list(scope.releases), decided_at__lt=scope.until
    )
    for release, person, duty in rows.values_list("review__release", "person", "duty"):
        found.setdefault(release, []).append((person, duty))
    return found


def deployments(scope: Scope) -> Iterator[Fact]:
    """One row a deployment."""
    for row in scope.rows(Deployment).select_related("release__version__model"):
        if row.release.system_id in scope.system_ids:
            yield Fact(
                id=str(row.pk),
                label=str(row),
                subject=subject_of(row.release.system_id),
                url=row.get_absolute_url(),
                fields=fields_of(row, "deployment", environment=str(row.environment)),
            )


def gate_evaluations(scope: Scope) -> Iterator[Fact]:
    """One row for each answer that a gate gave when a release was approved."""
    for release in scope.releases.values():
        review = review_of(release)
        if review is None or review.closed_at is None:
            continue
        for answer in review.gates_at_decision:
            yield Fact(
                id=f"{review.pk}:{answer['gate']}",
                label=_("Gate “%(gate)s” of %(release)s") % {"gate": answer["title"], "release": release.version},
                subject=subject_of(release.system_id),
                also=frozenset({("release", str(release.pk))}),
                url=review.get_absolute_url(),
                basis="process",
                fields={
                    "gate": answer["gate"],
                    "stage": "release",
                    "result": answer["result"],
                    "evaluated_at": review.closed_at,
                    "criteria": answer["title"],
                },
            )
