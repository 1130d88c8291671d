"""The lists of what comes from others: vendors, components and comparisons."""

from django.utils.translation import gettext_lazy as _

from registry import access
from registry.lists.declared import Column, FirstStep, Listed, register
from registry.lists.entries import CREATED, ID
from registry.lists.filters import by_choice, by_person, by_unit, by_word
from registry.models import Comparison, Component, Vendor
from registry.models.vendors import Importance

VENDORS = register(Listed(
    "vendors", Vendor, _("Vendors"), _("Vendors of your units and of the units above"),
    (
        Column("name", _("Vendor"), sorts=True),
        Column("status", _("Status"), draw="choice"),
        Column("criticality", _("Importance"), draw="choice"),
        Column("assessment_result", _("Assessment"), draw="choice"),
        Column("owner", _("Who answers for it"), "owner.name"),
        Column("components", _("Components"), "component_count", "number"),
        Column("review_due", _("Review due"), draw="moment"),
        Column("unit", _("Unit"), "unit.name"),
        Column("services", _("What it supplies"), on_page=False),
        CREATED, ID,
    ),
    (
        by_choice("status", _("Status"), Vendor.Status),
        by_choice("importance", _("Importance"), Importance, "criticality"),
        by_unit(),
        by_person("owner", _("Who answers for it"), "owner"),
    ),
    fetched=("unit", "owner"),
    counts={"component_count": "components"},
    nothing=_("No vendor here yet"),
    why=_("Whoever supplies a model, data or a service stands here with its agreements and its assessment. Nothing of a vendor is used before somebody has assessed it."),
    step=FirstStep(_("Enter a vendor"), "vendor-new", access.MODEL_CREATE),
))  # fmt: skip

COMPONENTS = register(Listed(
    "components", Component, _("Components"), _("The catalogue of models, services, libraries and data of others"),
    (
        Column("name", _("Component"), sorts=True),
        Column("status", _("Status"), draw="choice"),
        Column("type", _("Kind"), "component_type", "choice"),
        Column("provider", _("Provider")),
        Column("family", _("Family"), on_page=False),
        Column("version", _("Version"), on_page=False),
        Column("released", _("Released"), "released_on", "moment"),
        Column("newer", _("Newer version that is known of"), "newer_version", on_page=False),
        Column("end_of_life", _("End of life"), draw="moment"),
        Column("valid_until", _("Allowed until"), draw="moment"),
        Column("licence", _("Licence")),
        Column("unit", _("Unit"), "unit.name", on_page=False),
        CREATED, ID,
    ),
    (
        by_choice("status", _("Status"), Component.Status),
        by_choice("type", _("Kind"), Component.Kind, "component_type"),
        by_unit(),
        by_word("provider", _("Provider"), "provider"),
        by_word("family", _("Family"), "family"),
        by_word("licence", _("Licence"), "licence"),
    ),
    fetched=("unit",),
    nothing=_("No component here yet"),
    why=_("The catalogue says which models, services, libraries and data of others may be used for what, and on which classes of data. A release that uses anything else stays closed."),
    step=FirstStep(_("Propose a component"), "component-new", access.MODEL_CREATE),
))  # fmt: skip

COMPARISONS = register(Listed(
    "comparisons", Comparison, _("Comparisons"), _("Candidates compared for a use, the newest first"),
    (
        Column("title", _("What is compared")),
        Column("system", _("System"), "system", "link"),
        Column("status", _("Status"), draw="choice"),
        Column("decided_by", _("Decided by"), "decided_by.name"),
        Column("created_at", _("Entered"), draw="moment", sorts=True), ID,
    ),
    (by_choice("status", _("Status"), Comparison.Status), by_unit("system__unit")),
    fetched=("system__unit", "decided_by"),
    order="-created_at",
    nothing=_("No comparison here yet"),
    why=_("Where several models could serve a use, they are compared by the same criteria, and the choice keeps its reason. A comparison begins on the page of a system."),
    step=FirstStep(_("Choose a system"), "systems"),
))  # fmt: skip
