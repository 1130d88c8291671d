"""Where the output of a system may go: the uses that its owner allows, held against every link that would be one."""

from collections.abc import Sequence
from typing import Any, Final

from django.utils.translation import gettext as _

from registry.datasets.inputs import terms_of
from registry.errors import BadInput
from registry.models import AISystem, DatasetVersion, DataTerms, LineageLink, ModelVersion, Relation

Use = DataTerms.OutputUse
LEARNING: Final = (Relation.TRAINED_ON, Relation.FINE_TUNED_FROM, Relation.EVALUATED_ON)


def require_known(uses: Sequence[str]) -> None:
    """Each is a use that the registry knows."""
    strange = [use for use in uses if use not in Use.values]
    if strange:
        raise BadInput(
            _("“%(use)s” is no use of output; known are: %(known)s.")
            % {"use": strange[0], "known": ", ".join(Use.values)},
            field="output_uses",
        )


def require_allowed(source: Any, relation: str, target: Any) -> None:
    """Refuse a link by which output goes where its owner does not let it; where nobody has said, it may."""
    for version, use in uses_by(source, relation, target):
        allowed = terms_of(version.home_system).output_uses
        if allowed and use not in allowed:
            raise BadInput(
                _("The output of %(system)s may not serve so: “%(use)s” is not among what its owner allows.")
                % {"system": version.home_system, "use": Use(use).label},
                field="target",
            )


def uses_by(source: Any, relation: str, target: Any) -> list[tuple[ModelVersion, str]]:
    """The versions whose output a link uses, each with the use."""
    if relation == Relation.FEEDS:
        return [(source, Use.FEEDS)] if isinstance(source, ModelVersion) else []
    if relation == Relation.DISTILLED_FROM:
        return [(target, Use.TRAINS)] if isinstance(target, ModelVersion) else []
    if relation in LEARNING and isinstance(target, DatasetVersion):
        return [(version, Use.TRAINS) for version in makers([target.pk])]
    return []


def makers(data: Any) -> list[ModelVersion]:
    """The versions that generated some of these versions of data."""
    links = LineageLink.objects.filter(source_id__in=data, relation=Relation.GENERATED_BY)
    rows = ModelVersion.objects.filter(pk__in=links.values("target_id"))
    return list(rows.select_related("model__system"))


def require_kept(system: AISystem, uses: Sequence[str]) -> None:
    """A use that is in a link already is ended there first."""
    if not uses:
        return
    for use, links in links_by_use(system).items():
        found = links.first()
        if use not in uses and found is not None:
            raise BadInput(
                _("Its output serves so already (“%(use)s”): %(source)s – %(target)s. End that first.")
                % {"use": Use(use).label, "source": found.source_label, "target": found.target_label},
                field="output_uses",
            )


def links_by_use(system: AISystem) -> dict[str, Any]:
    """The links by which the output of a system is used."""
    own = [str(pk) for pk in ModelVersion.objects.filter(model__system=system).values_list("pk", flat=True)]
    made = LineageLink.objects.filter(target_id__in=own, relation=Relation.GENERATED_BY).values("source_id")
    trains = LineageLink.objects.filter(target_id__in=own, relation=Relation.DISTILLED_FROM) | (
        LineageLink.objects.filter(target_id__in=made, relation__in=LEARNING)
    )
    return {Use.FEEDS: LineageLink.objects.filter(source_id__in=own, relation=Relation.FEEDS), Use.TRAINS: trains}
