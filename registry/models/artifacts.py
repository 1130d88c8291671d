"""Artefacts beside models: prompts, guardrails, indexes and the like, each with versions known by their bytes."""

import json
from typing import Any, Self

from django.conf import settings
from django.db import models
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from registry.models.base import Audited, AuditedQuerySet
from registry.models.evidence import Blob
from registry.models.people import BusinessUnit


class ArtifactType(models.TextChoices):
    """What an artefact is, by the names of the vocabulary."""

    PROMPT = "prompt", _("Prompt")
    GUARDRAIL = "guardrail", _("Guardrail")
    RAG_INDEX = "rag_index", _("Retrieval index")
    EMBEDDING_MODEL = "embedding_model", _("Embedding model")
    AGENT_CONFIG = "agent_config", _("Agent configuration")
    TOOL = "tool", _("Tool")
    FLOW = "flow", _("Flow")
    INFERENCE_PARAMETERS = "inference_parameters", _("Inference parameters")
    EVALUATION_RUBRIC = "evaluation_rubric", _("Evaluation rubric")


class ArtifactQuerySet(AuditedQuerySet):
    """Artefacts."""

    def visible_to(self, user: Any) -> Self:
        """Artefacts of the units in which the person may look."""
        from registry import access

        return self.filter(access.reach(user, access.MODEL_VIEW, unit="unit", system=None))


class Artifact(Audited):
    """A prompt, guardrail, index or other part of a system that is no model and no data set; it has versions."""

    unit = models.ForeignKey(BusinessUnit, verbose_name=_("business unit"), on_delete=models.PROTECT)
    artifact_type = models.CharField(_("kind"), max_length=24, choices=ArtifactType)
    name = models.CharField(_("name"), max_length=160)
    slug = models.SlugField(_("short name"), max_length=80)
    description = models.TextField(_("description"), blank=True)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("owner"), on_delete=models.PROTECT, related_name="artifacts"
    )

    objects = ArtifactQuerySet.as_manager()

    class Meta:
        verbose_name = _("artefact")
        ordering = ("name",)
        constraints = (models.UniqueConstraint(fields=["unit", "slug"], name="artifact_slug_once_a_unit"),)

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("artifact", args=[self.pk])

    def is_own(self, person: Any) -> bool:
        """The person owns it."""
        return self.owner_id == person.pk


class ArtifactVersionQuerySet(AuditedQuerySet):
    """Versions of artefacts."""

    def visible_to(self, user: Any) -> Self:
        """Versions of the artefacts that the person may see."""
        return self.filter(artifact__in=Artifact.objects.visible_to(user))

    def on_offer(self) -> Self:
        """Versions that a release may consist of."""
        return self.exclude(status=ArtifactVersion.Status.WITHDRAWN)


class ArtifactVersion(Audited):
    """Exact bytes of an artefact. A draft may be written anew; once a release with it is submitted it never changes."""

    class Status(models.TextChoices):
        DRAFT = "draft", _("Draft")
        FROZEN = "frozen", _("Frozen")
        WITHDRAWN = "withdrawn", _("Withdrawn")

    class Form(models.TextChoices):
        TEXT = "text", _("Text")
        JSON = "json", _("JSON")
        BYTES = "bytes", _("File")

    artifact = models.ForeignKey(
        Artifact, verbose_name=_("artefact"), on_delete=models.PROTECT, related_name="versions"
    )
    version = models.CharField(_("version"), max_length=60)
    status = models.CharField(_("status"), max_length=10, choices=Status, default=Status.DRAFT, editable=False)
    form = models.CharField(_("form"), max_length=5, choices=Form)
    content = models.ForeignKey(Blob, verbose_name=_("content"), on_delete=models.PROTECT, related_name="+")
    file_name = models.CharField(_("file name"), max_length=255, blank=True)
    change_note = models.TextField(_("what is new in it"), blank=True)
    registered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("registered by"), on_delete=models.PROTECT, related_name="+"
    )
    frozen_at = models.DateTimeField(_("frozen at"), null=True, editable=False)

    objects = ArtifactVersionQuerySet.as_manager()

    class Meta:
        verbose_name = _("artefact version")
        ordering = ("artifact__name", "-created_at")
        constraints = (
            models.UniqueConstraint(fields=["artifact", "version"], name="version_once_an_artifact"),
            models.UniqueConstraint(fields=["artifact", "content"], name="content_once_an_artifact"),
        )

    def __str__(self) -> str:
        return f"{self.artifact.name} {self.version}"

    def get_absolute_url(self) -> str:
        return reverse("artifact-version", args=[self.pk])

    @property
    def hash(self) -> str:
        """`sha256:` and the hex digest of the bytes: the version's identity."""
        return self.content.digest

    @property
    def unit(self) -> BusinessUnit:
        """The unit of its artefact."""
        return self.artifact.unit

    @property
    def is_draft(self) -> bool:
        """No release with it has been submitted."""
        return self.status == self.Status.DRAFT

    @property
    def text(self) -> str | None:
        """Its content to be read: a text as it is, JSON indented; None for a file."""
        if self.form == self.Form.BYTES:
            return None
        text = self.content.read().decode()
        return json.dumps(json.loads(text), indent=2, ensure_ascii=False) if self.form == self.Form.JSON else text

    def is_own(self, person: Any) -> bool:
        """The person owns the artefact or registered this version."""
        return self.registered_by_id == person.pk or self.artifact.is_own(person)
