"""The lists of the inventory: systems, models, versions, data sets and deployments."""

from django.utils.translation import gettext_lazy as _

from registry import access
from registry.lists.declared import Column, FirstStep, Listed, register
from registry.lists.filters import by_choice, by_data_class, by_flag, by_person, by_unit, by_word
from registry.models import (
    AISystem,
    Artifact,
    ArtifactType,
    Dataset,
    Deployment,
    Model,
    ModelVersion,
    Stage,
    Tier,
    VersionStatus,
)

ID = Column("id", _("Id"), on_page=False)
CREATED = Column("created_at", _("Registered"), draw="moment", sorts=True, on_page=False)

SYSTEMS = register(Listed(
    "systems", AISystem, _("Systems"), _("AI systems of your units"),
    (
        Column("name", _("System"), sorts=True),
        Column("tier", _("Tier"), "risk_tier", "choice"),
        Column("stage", _("Stage"), "lifecycle_stage", "choice"),
        Column("unit", _("Unit"), "unit.name"),
        Column("business_owner", _("Business owner"), "business_owner.name"),
        Column("technical_owner", _("Technical owner"), "technical_owner.name", on_page=False),
        Column("models", _("Models"), "model_count", "number"),
        Column("task", _("Task"), "task_type", on_page=False),
        Column("method", _("Method"), "method_type", on_page=False),
        *(Column(name, getattr(AISystem._meta.get_field(name), "verbose_name", name), on_page=False) for name in (
            "purpose", "intended_uses", "out_of_scope_uses", "is_generative", "is_agentic", "has_vendor_component",
            "processes_personal_data", "affects_people", "interacts_with_people",
        )),
        CREATED, ID,
    ),
    (
        by_choice("tier", _("Tier"), Tier, "risk_tier"),
        by_choice("stage", _("Stage"), Stage, "lifecycle_stage"),
        by_unit(),
        by_person("owner", _("Owner"), "business_owner", "technical_owner"),
        by_word("vendor", _("Vendor"), "provider", ModelVersion, "model__system"),
        by_word("model", _("Model"), "name", Model, "system"),
        by_word("region", _("Region"), "region", Deployment, "release__system"),
        by_data_class("data_class", _("Class of data")),
        by_word("task", _("Task"), "task_type"),
        by_flag("is_generative", _("Generates content")),
        by_flag("is_agentic", _("Acts through tools on its own")),
        by_flag("has_vendor_component", _("Uses a vendor's or open-source model or service")),
        by_flag("processes_personal_data", _("Processes personal data")),
        by_flag("affects_people", _("Output is used in decisions about people")),
    ),
    unit="unit",
    fetched=("unit", "business_owner", "technical_owner"),
    counts={"model_count": "models"},
    nothing=_("No system here yet"),
    why=_("A system is a use of AI in its context. It has an owner for its use and one for its build, a purpose and a risk tier, and all that is decided later hangs on it."),
    step=FirstStep(_("Register a system"), "system-new", access.MODEL_CREATE),
))  # fmt: skip

MODELS = register(Listed(
    "models", Model, _("Models"), _("Models of your units’ systems"),
    (
        Column("name", _("Model"), sorts=True),
        Column("system", _("Home system"), "system", "link"),
        Column("tier", _("Tier"), "system.risk_tier", "choice"),
        Column("unit", _("Unit"), "system.unit.name"),
        Column("business_owner", _("Business owner"), "system.business_owner.name", on_page=False),
        Column("versions", _("Versions"), "version_count", "number"),
        CREATED, ID,
    ),
    (
        by_choice("tier", _("Tier"), Tier, "system__risk_tier"),
        by_choice("stage", _("Stage"), Stage, "system__lifecycle_stage"),
        by_unit("system__unit"),
        by_person("owner", _("Owner"), "system__business_owner", "system__technical_owner"),
        by_word("vendor", _("Vendor"), "provider", ModelVersion, "model"),
        by_word("base_model", _("Base model"), "base_model", ModelVersion, "model"),
    ),
    unit="system__unit",
    fetched=("system__unit", "system__business_owner"),
    counts={"version_count": "versions"},
    nothing=_("No model here yet"),
    why=_("A model belongs to a system, from which it takes its unit, owners and tier. Its versions are what is checked and released."),
    step=FirstStep(_("Choose a system"), "systems"),
))  # fmt: skip

VERSIONS = register(Listed(
    "versions", ModelVersion, _("Versions"), _("Versions of your units’ models, the newest first"),
    (
        Column("version", _("Version")),
        Column("model", _("Model"), "model.name", on_page=False),
        Column("status", _("Status"), draw="choice"),
        Column("system", _("System"), "model.system", "link"),
        Column("tier", _("Tier"), "model.system.risk_tier", "choice", on_page=False),
        Column("unit", _("Unit"), "model.system.unit.name"),
        Column("vendor", _("Vendor"), "provider"),
        Column("base_model", _("Base model"), on_page=False),
        Column("licence", _("Licence"), on_page=False),
        Column("digest", _("Digest"), "artifact_hash", "digest"),
        Column("deprecation_date", _("Deprecation"), on_page=False),
        Column("retirement_date", _("Retirement"), draw="moment"),
        Column("created_at", _("Registered"), draw="moment", sorts=True),
        ID,
    ),
    (
        by_choice("status", _("Status"), VersionStatus),
        by_choice("tier", _("Tier"), Tier, "model__system__risk_tier"),
        by_unit("model__system__unit"),
        by_person("owner", _("Owner"), "model__system__business_owner", "model__system__technical_owner"),
        by_word("vendor", _("Vendor"), "provider"),
        by_word("base_model", _("Base model"), "base_model"),
    ),
    unit="model__system__unit",
    fetched=("model__system__unit", "artifact"),
    order="-created_at",
    nothing=_("No version here yet"),
    why=_("A version is exact bytes under their digest. It is what is checked, approved and released."),
    step=FirstStep(_("Open the models"), "models"),
))  # fmt: skip

DATASETS = register(Listed(
    "datasets", Dataset, _("Data sets"), _("Data sets of your units"),
    (
        Column("name", _("Data set"), sorts=True),
        Column("unit", _("Unit"), "unit.name"),
        Column("steward", _("Data steward"), "steward.name"),
        Column("versions", _("Versions"), "version_count", "number"),
        Column("description", _("Description"), on_page=False),
        CREATED, ID,
    ),
    (by_data_class("data_class", _("Class"), "classification"), by_unit(), by_person("owner", _("Data steward"), "steward")),
    unit="unit",
    fetched=("unit", "steward"),
    counts={"version_count": "versions"},
    nothing=_("No data set here yet"),
    why=_("A data set has versions, each known by the digest of its bytes. Models are linked to the exact version they were trained or evaluated on."),
    step=FirstStep(_("Register a data set"), "dataset-new", access.DATASET_UPLOAD),
))  # fmt: skip

ARTIFACTS = register(Listed(
    "artifacts", Artifact, _("Prompts, guardrails and other artefacts"), _("Artefacts of your units"),
    (
        Column("name", _("Artefact")),
        Column("artifact_type", _("Kind"), draw="choice"),
        Column("unit", _("Unit"), "unit.name"),
        Column("owner", _("Owner"), "owner.name"),
        Column("versions", _("Versions"), "version_count", "number"),
        Column("description", _("Description"), on_page=False),
        CREATED, ID,
    ),
    (by_choice("artifact_type", _("Kind"), ArtifactType), by_unit(), by_person("owner", _("Owner"), "owner")),
    fetched=("unit", "owner"),
    counts={"version_count": "versions"},
    nothing=_("No artefact here yet"),
    why=_("Prompts, guardrails, indexes, tools and settings shape what a system answers as much as its model does. Each has versions known by the digest of their bytes, and a release lists the exact ones."),
    step=FirstStep(_("Register an artefact"), "artifact-new", access.ARTIFACT_UPLOAD),
))  # fmt: skip

DEPLOYMENTS = register(Listed(
    "deployments", Deployment, _("Deployments"), _("What runs or ran where, the newest first"),
    (
        Column("release", _("Release"), "release.version"),
        Column("system", _("System"), "release.system", "link"),
        Column("status", _("Status"), draw="choice"),
        Column("environment", _("Environment"), draw="choice"),
        Column("region", _("Region")),
        Column("endpoint", _("Endpoint"), on_page=False),
        Column("failover_region", _("Region to fail over to"), on_page=False),
        Column("vendor", _("Vendor"), "release.version.provider", on_page=False),
        Column("drift_since", _("Differs since"), draw="moment", on_page=False),
        Column("started_at", _("Since"), draw="moment"),
        Column("ended_at", _("Until"), draw="moment"),
        Column("created_at", _("Entered"), draw="moment", sorts=True, on_page=False), ID,
    ),
    (
        by_choice("status", _("Status"), Deployment.Status),
        by_choice("environment", _("Environment"), Deployment.Environment),
        by_unit("release__system__unit"),
        by_word("region", _("Region"), "region"),
        by_word("endpoint", _("Endpoint"), "endpoint"),
        by_flag("commercial", _("Commercial model"), "release__version__commercial"),
    ),
    unit="release__system__unit",
    fetched=("release__version__model", "release__system__unit"),
    order="-created_at",
    nothing=_("Nothing runs yet"),
    why=_("A deployment is a published release at work in an environment and region. Without it nobody can say which version was in production when."),
    step=FirstStep(_("Open the releases"), "releases"),
))  # fmt: skip
