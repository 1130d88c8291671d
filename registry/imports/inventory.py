"""Sheets of units, duties, versions of models, cards, links and artefacts."""

from typing import Any, Final

from django import forms
from django.utils.text import slugify
from django.utils.translation import gettext as _now, gettext_lazy as _

from registry import access, cards, declared
from registry.actions import artifacts, inventory, people as people_actions
from registry.actions.cards import LONGEST, save_card
from registry.errors import BadInput
from registry.forms.acts import ActForm, units_where
from registry.forms.artifacts import ArtifactForm, NewArtifactVersionForm
from registry.forms.inventory import LinkForm, NewVersionForm
from registry.forms.people import GrantForm, UnitForm
from registry.imports import naming
from registry.imports.kinds import Reference, in_units, people
from registry.imports.records import as_sheet, borrowed, reference, sheet, under
from registry.lists.tables import PREPARED
from registry.models import (
    AISystem,
    Artifact,
    ArtifactVersion,
    BusinessUnit,
    DataUse,
    LineageLink,
    Model,
    ModelCard,
    ModelVersion,
    RoleAssignment,
    User,
)

TABLES: Final = {kind: table for kind, _label, table, _parent in LinkForm.TABLES}


class Above(Reference):
    """The unit above: one that is there, or one of a row above in the sheet, by its short name."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.coming: set[str] = set()

    def looked_up(self, text: str) -> Any:
        """The unit, or the short name of the one that is to come."""
        return text if text in self.coming else super().looked_up(text)


class UnitSheet(UnitForm):
    """A unit; only the organisation itself, which is there already, has none above it."""

    def __init__(self, *args: Any, person: User, **kwargs: Any) -> None:
        super().__init__(*args, person=person, **kwargs)
        rows = units_where(person, access.PEOPLE_MANAGE)
        self.fields["parent"] = Above(rows, "name", required=False, label=_("Below"))

    def clean(self) -> dict[str, Any]:
        """Rows below may stand under this one."""
        given = super().clean() or self.cleaned_data
        self.fields["parent"].coming.add(slugify(given.get("name", "")))  # type: ignore[attr-defined]
        return given


def enter_unit(parent: BusinessUnit | str | None, *, name: str, actor: User) -> BusinessUnit:
    """The unit below the one above it."""
    root = BusinessUnit.objects.get(parent=None)
    if parent is None and slugify(name) == root.slug:
        return root
    if parent is None:
        raise BadInput(_now("Name the unit above it."), field="parent")
    above = BusinessUnit.objects.get(slug=parent) if isinstance(parent, str) else parent
    return people_actions.add_unit(name, parent=above, actor=actor)


def duty_form(person: User) -> ActForm:
    """A duty of a person."""
    form = as_sheet(GrantForm(person=person), person)
    in_units(form, person, access.PEOPLE_MANAGE)
    form.fields["person"] = people(person, required=True, label=_("Person"))
    form.fields["system"] = reference(AISystem.objects.visible_to(person), person, required=False, label=_("System"))
    form.order_fields(("person",))
    return form


class VersionSheet(NewVersionForm):
    """A version by the digest of its bytes, which are in no sheet."""

    artifact = None  # type: ignore[assignment]
    artifact_hash = forms.RegexField(r"^sha256:[0-9a-f]{64}$", label=_("Digest of its bytes"))
    artifact_name = forms.CharField(label=_("File name"), max_length=255, required=False)


def enter_version(model: Model, *, artifact_hash: str, artifact_name: str, **fields: Any) -> ModelVersion:
    """A draft with a declared digest."""
    content = declared.description(artifact_hash, artifact_name)
    return inventory.register_version(
        model, artifact=content, artifact_name=artifact_name, media_type=declared.MEDIA_TYPE, **fields
    )


def card_form(person: User) -> ActForm:
    """Every field of the card schema, with its note."""
    form = ActForm()
    for key, title in cards.titles().items():
        form.fields[key] = forms.CharField(label=title, required=False, max_length=LONGEST)
    return under(form, "model_version", ModelVersion.objects.visible_to(person), person, access.CARD_EDIT)


def enter_card(version: ModelVersion, /, *, actor: User, **fields: str) -> ModelCard:
    """What is filled, in the draft of the card."""
    return save_card(version, fields={key: text for key, text in fields.items() if text}, actor=actor)


class VersionField(forms.Field):
    """A version of a model, of data or of an artefact: `version:`, `dataset:` or `artifact:` and its name."""

    def __init__(self, person: User, *, kinds: tuple[str, ...], action: str = "", **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.tables = {
            kind: reference(TABLES[kind].objects.visible_to(person), person, required=True, action=action)
            for kind in kinds
        }

    def to_python(self, value: Any) -> Any:
        """The row; None for an empty cell."""
        kind, _colon, text = str(value or "").strip().partition(":")
        if not kind:
            return None
        if kind not in self.tables:
            known = ", ".join(f"{name}:" for name in self.tables)
            raise forms.ValidationError(_now("Begin with one of: %s") % known)
        return self.tables[kind].to_python(text)


def link_form(person: User) -> ActForm:
    """A link from a version to what it came from or reads."""
    form = borrowed(LinkForm, "relation", "target", "purpose")
    form.fields["source"] = VersionField(
        person, kinds=("version", "artifact"), action=access.LINEAGE_EDIT, label=_("From")
    )
    form.fields["target"] = VersionField(person, kinds=tuple(TABLES), label=_("To"))
    form.order_fields(("source", "relation", "target"))
    return form


def name_ends(rows: list[LineageLink]) -> None:
    """Set what each link joins, by names, and what its data are used for."""
    wanted = {pk for row in rows for pk in (row.source_id, row.target_id)}
    named = {
        one.pk: f"{kind}:{naming.name_of(one)}" for kind, table in TABLES.items()
        for one in table._base_manager.filter(pk__in=wanted).select_related(*naming.FETCHED[table])
    }  # fmt: skip
    uses = dict(DataUse._base_manager.filter(link__in=rows).values_list("link", "purpose"))
    for row in rows:
        row.source_name = named.get(row.source_id, row.source_label)  # type: ignore[attr-defined]
        row.target_name = named.get(row.target_id, row.target_label)  # type: ignore[attr-defined]
        row.said_purpose = uses.get(row.pk, "")  # type: ignore[attr-defined]


PREPARED["lineage_link"] = name_ends


def artifact_form(person: User) -> ActForm:
    """A version with the artefact that it is of; what is no text is uploaded on a page."""
    form = NewArtifactVersionForm()
    del form.fields["file"]
    form.fields["text"].required = True
    own = in_units(as_sheet(ArtifactForm(person=person), person), person, access.ARTIFACT_UPLOAD).fields
    form.fields |= {name: own[name] for name in ("unit", "artifact_type", "name")}
    form.order_fields(("unit", "artifact_type", "name"))
    return form


def enter_artifact(unit: BusinessUnit, *, artifact_type: str, name: str, actor: User, **fields: Any) -> ArtifactVersion:
    """A version of the artefact of this name, which is registered where it is not there."""
    row = Artifact.objects.visible_to(actor).filter(unit=unit, artifact_type=artifact_type, name=name).first()
    if row is None:
        row = artifacts.register_artifact(unit, artifact_type=artifact_type, name=name, actor=actor)
    return artifacts.register_artifact_version(row, actor=actor, **fields)


sheet("business_unit", access.PEOPLE_MANAGE, lambda person: UnitSheet(person=person), "parent", BusinessUnit,
      enter_unit, _("A unit above may stand in the same sheet, in a row above."))  # fmt: skip
sheet("role_assignment", access.PEOPLE_MANAGE, duty_form, "person", RoleAssignment, people_actions.grant_duty,
      _("People are invited first. Duties that a second person confirms give no right until that is done here."))  # fmt: skip
sheet("model_version", access.ARTIFACT_UPLOAD,
      lambda person: under(VersionSheet(), "model", Model.objects.visible_to(person), person, access.ARTIFACT_UPLOAD),
      "model", ModelVersion, enter_version,
      _("Rows are drafts with a declared digest. They cannot be submitted: for that the file is uploaded as a version."))  # fmt: skip
sheet("model_card", access.CARD_EDIT, card_form, "model_version", ModelCard, enter_card,
      _("Rows are written into the draft of the card; what the registry knows by itself goes before them."))  # fmt: skip
sheet("lineage_link", access.LINEAGE_EDIT, link_form, "source", LineageLink, inventory.add_link,
      _("Links that the software draws by itself, such as those of deployments, come back with what they join."))  # fmt: skip
sheet("artifact_version", access.ARTIFACT_UPLOAD, artifact_form, "unit", ArtifactVersion, enter_artifact,
      _("Rows are drafts of texts or JSON; files are uploaded on the page of the artefact."))  # fmt: skip
