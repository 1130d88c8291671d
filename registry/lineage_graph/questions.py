"""Questions of impact: from a name to the things it means, to everything that came from them, with the way there."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from django.db.models import Q
from django.utils.translation import gettext as _, gettext_lazy

from registry.lineage_graph.joined import VERSION, Affected, below, data_versions
from registry.models import AISystem, LineageLink, ModelVersion

# A question about more beginnings than this is asked again with a narrower name.
MOST_STARTS: Final = 500


@dataclass(frozen=True)
class Question:
    """A question: how it is asked, which things a text means for a person, and why each of them is one."""

    title: Any
    field: Any
    starts: Callable[[str, Any], Any]
    said: Callable[[Any], str]
    only_versions: bool = False


@dataclass(frozen=True)
class Answer:
    """What an answer holds: things with ways, the systems that they touch, and whether the name meant too much."""

    affected: list[Affected]
    systems: list[AISystem]
    is_cut: bool


def about_data(text: str, person: Any) -> Any:
    """Versions of the data sets of this name."""
    return data_versions(person, dataset__name__icontains=text)


def about_class(text: str, person: Any) -> Any:
    """Versions of the data sets of this class, by its word in the standard or in the reader's language."""
    from registry.datasets import standard

    slugs = [slug for slug, label in standard.choices() if text.casefold() in {slug.casefold(), label.casefold()}]
    return data_versions(person, dataset__classification__in=slugs)


def about_person(text: str, person: Any) -> Any:
    """Versions of data sets with personal data that name it, in what they are called or said to hold."""
    named = Q(dataset__name__icontains=text) | Q(dataset__description__icontains=text) | Q(provenance__icontains=text)
    return data_versions(person, contains_personal_data=True).filter(named)


def about_base(text: str, person: Any) -> Any:
    """Versions that name it as their base model."""
    return ModelVersion.objects.visible_to(person).filter(base_model__icontains=text).select_related("model")


def about_vendor(text: str, person: Any) -> Any:
    """Versions of this provider."""
    return ModelVersion.objects.visible_to(person).filter(provider__icontains=text).select_related("model")


QUESTIONS: Final = {
    "data": Question(
        gettext_lazy("What depends on this data set?"), gettext_lazy("Name of the data set"), about_data,
        lambda row: _("%s is a version of it") % row,
    ),
    "base": Question(
        gettext_lazy("What depends on this base model?"), gettext_lazy("Name of the base model"), about_base,
        lambda row: _("%(version)s is based on %(base)s") % {"version": row, "base": row.base_model},
    ),
    "vendor": Question(
        gettext_lazy("What depends on this vendor?"), gettext_lazy("Name of the provider"), about_vendor,
        lambda row: _("%(version)s is provided by %(provider)s") % {"version": row, "provider": row.provider},
    ),
    "class": Question(
        gettext_lazy("What is affected if this class of data changes?"), gettext_lazy("Class of data"), about_class,
        lambda row: _("%(data)s is of the class “%(class)s”") % {"data": row, "class": row.dataset.classification},
    ),
    "person": Question(
        gettext_lazy("Which versions saw this person's data?"), gettext_lazy("Data set, or where it comes from"),
        about_person, lambda row: _("%s holds personal data") % row, only_versions=True,
    ),
}  # fmt: skip


def asked(slug: str, text: str, person: Any, links: Any = None) -> Answer:
    """The answer, as far as the person may see it; a handful of queries however much it holds."""
    question = QUESTIONS[slug]
    starts = list(question.starts(text.strip(), person).order_by("created_at", "pk")[: MOST_STARTS + 1])
    found = below(
        starts[:MOST_STARTS], LineageLink.objects.visible_to(person) if links is None else links, question.said
    )
    versions = [UUID(each.node.key) for each in found if each.node.kind == VERSION]
    systems = AISystem.objects.visible_to(person).filter(models__versions__in=versions).distinct().order_by("name")
    shown = [each for each in found if each.node.kind == VERSION or not question.only_versions]
    return Answer(shown, list(systems), len(starts) > MOST_STARTS)
