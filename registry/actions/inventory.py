"""Registers and edits systems, models, versions and the links between them."""

import re
from collections.abc import Iterable
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from registry import access, blobs, lineage, quotas, system_record
from registry.actions import data_use, output_review, owners, retirement, rounds
from registry.audit import log
from registry.datasets import fitness
from registry.errors import BadInput, NotAllowed
from registry.models import (
    AISystem,
    ArtifactVersion,
    BusinessUnit,
    LineageLink,
    Model,
    ModelVersion,
    Relation,
    Stage,
    User,
)
from registry.slugs import short_name
from registry.transactions import hold, retried

SYSTEM_FIELDS = frozenset(system_record.FIELDS)
VERSION_FIELDS = frozenset(
    {
        "change_note",
        "provider",
        "base_model",
        "licence",
        "training_run",
        "commercial",
        "deprecation_date",
        "retirement_date",
        "successor",
    }
)


def saved(row: Any, actor: Any, event: str, **data: Any) -> Any:
    """Save a new or changed row and record it; a constraint that is hit becomes a sentence."""
    try:
        with transaction.atomic():
            row.full_clean()
            row.save()
    except IntegrityError as error:
        raise BadInput(_("This exists already: %s.") % row) from error
    log.record(actor, event, row, **data)
    return row


def only(fields: dict[str, Any], known: frozenset[str]) -> dict[str, Any]:
    """Refuse fields that may not be set this way."""
    unknown = sorted(set(fields) - known)
    if unknown:
        raise BadInput(_("%s cannot be set here.") % ", ".join(unknown), field=unknown[0])
    return fields


@transaction.atomic
def register_system(
    unit: BusinessUnit, *, name: str, business_owner: User, technical_owner: User, actor: User, slug: str = "",
    business_deputy: User | None = None, technical_deputy: User | None = None, stage: str = Stage.DEVELOPMENT,
    **fields: Any,
) -> AISystem:  # fmt: skip
    """Enter a system into the inventory, with the two people who answer for it and their deputies."""
    access.require(actor, access.MODEL_CREATE, unit)
    people = {"business_owner": business_owner, "technical_owner": technical_owner,
              "business_deputy": business_deputy, "technical_deputy": technical_deputy}  # fmt: skip
    slug = slug or short_name(name, kind="system", among=AISystem.objects.filter(unit=unit))
    if AISystem.objects.filter(unit=unit, slug=slug).exists():
        raise BadInput(
            _("%(unit)s has a system called “%(slug)s” already.") % {"unit": unit, "slug": slug}, field="name"
        )
    system = AISystem(unit=unit, name=name, slug=slug, lifecycle_stage=stage, **people, **only(fields, SYSTEM_FIELDS))
    owners.require_named(system)
    owners.take_named(system, actor=actor)
    saved(system, actor, "system.registered")
    owners.ask_owners(system, actor=actor)
    return system


@retried
def edit_system(system: AISystem, *, actor: User, **fields: Any) -> AISystem:
    """Change what is said of a system; a change of purpose or tier voids the sign-offs of its releases."""
    hold(system)
    access.require(actor, access.MODEL_EDIT, system)
    for name, value in only(fields, SYSTEM_FIELDS).items():
        setattr(system, name, value)
    saved(system, actor, "system.edited", fields=sorted(fields))
    if "purpose" in fields:
        data_use.ask_again(system, actor=actor)
    rounds.void_stale(system, actor=actor, because=_("the description of %s was edited") % system)
    return system


@transaction.atomic
def register_model(system: AISystem, *, name: str, actor: User, slug: str = "") -> Model:
    """Enter a model; the system is its home."""
    access.require(actor, access.MODEL_CREATE, system)
    slug = slug or short_name(name, kind="model", among=Model.objects.filter(system=system))
    if Model.objects.filter(system=system, slug=slug).exists():
        raise BadInput(
            _("%(system)s has a model called “%(slug)s” already.") % {"system": system, "slug": slug}, field="name"
        )
    return saved(Model(system=system, name=name, slug=slug), actor, "model.registered")


@transaction.atomic
def register_version(
    model: Model, *, version: str, artifact: bytes | Iterable[bytes], artifact_name: str, actor: User,
    media_type: str = "application/octet-stream", **fields: Any,
) -> ModelVersion:  # fmt: skip
    """Enter a version: its bytes are stored under their SHA-256, which is its identity."""
    access.require(actor, access.ARTIFACT_UPLOAD, model)
    quotas.require_storage(model.unit)
    if not re.fullmatch(r"[\w.+-]{1,60}", version):
        raise BadInput(_("“%s” is no version: use letters, digits, dots, plus, minus.") % version, field="version")
    if ModelVersion.objects.filter(model=model, version=version).exists():
        raise BadInput(
            _("%(model)s has a version %(version)s already.") % {"model": model, "version": version}, field="version"
        )
    blob = blobs.store(artifact, media_type)
    same = ModelVersion.objects.filter(model=model, artifact=blob).first()
    if same is not None:
        raise BadInput(_("These exact bytes are registered already, as %s.") % same, field="artifact")
    row = ModelVersion(
        model=model, version=version, artifact=blob, artifact_name=display_name(artifact_name), registered_by=actor,
        **only(fields, VERSION_FIELDS),
    )  # fmt: skip
    return saved(row, actor, "version.registered")


def display_name(name: str) -> str:
    """A file name for people: the last part, without control characters; never used as a path."""
    last = re.split(r"[\\/]", name)[-1]
    return "".join(char for char in last if char.isprintable())[:255] or "artefact"


@retried
def edit_version(version: ModelVersion, *, actor: User, **fields: Any) -> ModelVersion:
    """Change what is said of a draft version, or the dates of any."""
    hold(version)
    access.require(actor, access.MODEL_EDIT, version)
    dates = {"deprecation_date", "retirement_date", "successor"}
    if not version.is_draft and not set(fields) <= dates:
        raise NotAllowed(_("%s has been submitted; only its dates and its successor can change.") % version)
    end = version.retirement_date
    for name, value in only(fields, VERSION_FIELDS).items():
        setattr(version, name, value)
    saved(version, actor, "version.edited", fields=sorted(fields))
    if version.retirement_date != end:
        retirement.forget_dates(version, actor=actor)
    return version


@retried
def add_link(
    source: ModelVersion | ArtifactVersion, *, relation: str, target: Any, actor: User, purpose: str = ""
) -> LineageLink:
    """Say what a version came from: `source` relation `target`. Whoever links data says which purpose they serve."""
    access.require(actor, access.LINEAGE_EDIT, source)
    if relation not in Relation.values:
        raise BadInput(_("“%s” is no relation that the registry knows.") % relation, field="relation")
    # Two links that together close a circle, or a link beside a rise of the data's class, must not pass each other.
    log.locked_head()
    target = target._meta.model.objects.get(pk=target.pk)
    if LineageLink.objects.filter(source_id=source.pk, relation=relation, target_id=target.pk).exists():
        raise BadInput(_("This link exists already."), field="target")
    require_no_circle(source, relation, target, actor)
    fitness.require_linkable(source, relation, target)
    row = LineageLink(
        unit=source.unit, relation=relation,
        source_type=source._meta.label, source_id=source.pk, source_label=str(source),
        target_type=target._meta.label, target_id=target.pk, target_label=str(target),
    )  # fmt: skip
    saved(row, actor, "link.added")
    if fitness.is_use(relation, target):
        home = getattr(source, "home_system", None)
        data_use.begin_use(row, data=target, system=home, purpose=purpose, actor=actor)
    output_review.review_outputs(fitness.systems_from(source), fitness.joining_class(relation, target), actor=actor)
    return row


def require_no_circle(source: ModelVersion | ArtifactVersion, relation: str, target: Any, actor: User) -> None:
    """Nothing came from itself, or from what came from it."""
    if source.pk == target.pk:
        raise BadInput(_("%s cannot be linked to itself.") % source, field="target")
    path = lineage.circle(source.pk, relation, target.pk)
    if not path:
        return
    if LineageLink.objects.visible_to(actor).filter(pk__in=[link.id for link in path]).count() < len(path):
        raise BadInput(_("This would close a circle by way of things that you may not see."), field="target")
    way = "; ".join(link.words for link in path)
    raise BadInput(_("This would close a circle, for already: %s.") % way, field="target")
