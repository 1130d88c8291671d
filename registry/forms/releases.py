"""Forms of a release: what it consists of and what its notes say, publication, and what it falls back to."""

from typing import Any, Final

from django import forms
from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from registry import fallback, parts
from registry.forms.acts import ActForm, ReasonForm
from registry.forms.pairs import PairsField
from registry.models import ArtifactVersion, DatasetVersion, ModelVersion, Release, User

# A longer choice is no choice; REST takes any id.
MOST_OFFERED: Final = 200


class ContentsForm(ActForm):
    """The parts and the notes of a release."""

    notes = forms.CharField(
        label=_("Release notes"),
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("What is new in it and for whom; reviewers read this first."),
    )
    quality_thresholds = forms.CharField(
        label=_("Quality thresholds"), required=False, widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("One a line, for example: recall at least 0.8. Approved limits of checks are added by themselves."),
    )  # fmt: skip
    rai_documents = forms.CharField(
        label=_("Responsible-AI documents"), required=False, widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("One a line: title and address. The card and approved assessments are added by themselves."),
    )  # fmt: skip
    artifact_versions = forms.ModelMultipleChoiceField(
        None, label=_("Prompts, guardrails and other artefacts"), required=False,
        help_text=_("Their exact versions are frozen. Hold Ctrl to choose several."),
    )  # fmt: skip
    dataset_versions = forms.ModelMultipleChoiceField(None, label=_("Data set versions"), required=False)
    clients = PairsField(
        names=("client", "versions"), label=_("Clients that fit"), required=False,
        help_text=_("One a line: the client, a colon, its versions. For example: Branch app: 3.1 to 3.4"),
    )  # fmt: skip

    def __init__(
        self, *args: Any, version: ModelVersion, person: User, release: Release | None = None, **kw: Any
    ) -> None:
        usual = parts.suggested(version, person) if release is None else chosen_in(release)
        notes = {} if release is None else {name: getattr(release, name) for name in NOTES}
        kw.setdefault("initial", {**notes, **ids(usual)})
        super().__init__(*args, **kw)
        for name, table in (("artifact_versions", ArtifactVersion), ("dataset_versions", DatasetVersion)):
            rows = table.objects.visible_to(person).exclude(status=table.Status.WITHDRAWN)
            self.fields[name].queryset = offered(rows, always=kw["initial"][name])
        if release is not None:
            self.fields["newest_evidence"] = forms.BooleanField(
                label=_("Freeze the newest run of each check anew"), required=False,
                help_text=_("For evidence that has run out, or a later run that is to be judged with the rest."),
            )  # fmt: skip


NOTES: Final = ("notes", "quality_thresholds", "rai_documents", "clients")


def chosen_in(release: Release) -> parts.Choice:
    """What a release consists of now."""
    return parts.Choice(tuple(release.artifact_versions.all()), tuple(release.dataset_versions.all()))


def ids(choice: parts.Choice) -> dict[str, list[Any]]:
    """The choice as a form takes it."""
    return {
        "artifact_versions": [row.pk for row in choice.artifact_versions],
        "dataset_versions": [row.pk for row in choice.dataset_versions],
    }


def offered(rows: QuerySet, *, always: list[Any]) -> QuerySet:
    """The newest of them, and those that are chosen already."""
    newest = list(rows.order_by("-created_at").values_list("pk", flat=True)[:MOST_OFFERED])
    parent = "artifact" if rows.model is ArtifactVersion else "dataset"
    return rows.filter(Q(pk__in=newest) | Q(pk__in=always)).select_related(parent)


class FallbackForm(ReasonForm):
    """The release to fall back to, and why."""

    rollback_to = forms.ModelChoiceField(
        None, label=_("Falls back to"),
        help_text=_("What takes over by one act if this release fails. Versions known to be good stand first."),
    )  # fmt: skip

    def __init__(self, *args: Any, release: Release, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        rows = fallback.targets(release)
        self.fields["rollback_to"].queryset = rows
        self.fields["rollback_to"].label_from_instance = labelled
        self.order_fields(("rollback_to", "reason"))
        if not rows.exists():
            del self.fields["rollback_to"]


def labelled(release: Release) -> str:
    """The version, and whether it is known to be good."""
    return f"{release.version} ({_('known to be good')})" if release.version.known_good else str(release.version)
