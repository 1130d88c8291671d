"""The lists of what data are used for: purposes with their fit, and access across units and outside production."""

from django.utils.translation import gettext_lazy as _

from registry import access
from registry.lists.declared import Column, FirstStep, Listed, register
from registry.lists.entries import ID
from registry.lists.filters import by_choice, by_unit
from registry.models import DataAccess, DataUse, Deployment

USES = register(Listed(
    "data-uses", DataUse, _("Uses of data"), _("What linked data are used for, the newest first"),
    (
        Column("link", _("Use"), "link", on_page=True),
        Column("purpose", _("Purpose")),
        Column("fit", _("Fit"), draw="choice"),
        Column("system", _("System"), "system.name"),
        Column("reviewed_by", _("Reviewed by"), "reviewed_by.name"),
        Column("reviewed_at", _("Reviewed"), draw="moment"),
        Column("reason", _("Reason"), on_page=False),
        Column("created_at", _("Linked"), draw="moment", on_page=False), ID,
    ),
    (by_choice("fit", _("Fit"), DataUse.Fit), by_unit("link__unit")),
    fetched=("link__unit", "system", "reviewed_by"),
    order="-created_at",
    nothing=_("No data are linked yet"),
    why=_("Whoever links data to a version says which purpose they serve. Somebody else then reviews whether they do."),
    step=FirstStep(_("Open the versions"), "versions"),
))  # fmt: skip

ACCESSES = register(Listed(
    "data-accesses", DataAccess, _("Access to data"), _("Who may use which data of others, the newest first"),
    (
        Column("access", _("Access"), "dataset.name"),
        Column("status", _("Status"), draw="choice"),
        Column("system", _("System"), "system.name"),
        Column("environment", _("Environment"), draw="choice"),
        Column("unit", _("Unit of the data"), "dataset.unit.name"),
        Column("ends_on", _("Last day"), draw="moment"),
        Column("review_due", _("Review due"), draw="moment"),
        Column("people", _("Who gets access"), on_page=False),
        Column("purpose", _("Purpose"), on_page=False),
        Column("reviewed_at", _("Last reviewed"), draw="moment", on_page=False),
        Column("review_note", _("What the review found"), on_page=False),
        Column("created_at", _("Requested"), draw="moment", sorts=True, on_page=False), ID,
    ),
    (
        by_choice("status", _("Status"), DataAccess.Status),
        by_choice("environment", _("Environment"), Deployment.Environment),
        by_unit("dataset__unit"),
    ),
    fetched=("dataset__unit", "system"),
    order="-created_at",
    nothing=_("Nobody has asked for access yet"),
    why=_("Data of a unit serve that unit and those below it. Any other system asks the steward, who grants access until a last day; access outside production is looked at again at set intervals."),
    step=FirstStep(_("Ask for access"), "data-access-new", access.LINEAGE_EDIT),
))  # fmt: skip
