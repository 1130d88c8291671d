"""Sheets of vendors, their agreements, components, and versions of data."""

from django.utils.translation import gettext_lazy as _

from registry import access
from registry.actions import components, datasets, vendors
from registry.forms.datasets import DatasetVersionForm
from registry.forms.supply import AgreementForm, NewComponentForm, NewVendorForm
from registry.imports.kinds import in_units
from registry.imports.records import as_sheet, sheet, under
from registry.models import Agreement, Component, Dataset, DatasetVersion, Vendor

PROPOSED = _("Rows are proposals; somebody else approves them here.")

sheet(
    "vendor",
    access.MODEL_CREATE,
    lambda person: in_units(as_sheet(NewVendorForm(person=person), person), person, access.MODEL_CREATE),
    "unit",
    Vendor,
    vendors.propose_vendor,
    PROPOSED,
)
sheet(
    "component",
    access.MODEL_CREATE,
    lambda person: in_units(as_sheet(NewComponentForm(person=person), person), person, access.MODEL_CREATE),
    "unit",
    Component,
    components.propose_component,
    PROPOSED,
)
sheet(
    "agreement",
    access.CATALOGUE_EDIT,
    lambda person: under(AgreementForm(), "vendor", Vendor.objects.visible_to(person), person, access.CATALOGUE_EDIT),
    "vendor",
    Agreement,
    vendors.add_agreement,
    _("Rows are drafts; they count from the day on which somebody has read the terms here."),
)
sheet(
    "dataset_version",
    access.DATASET_UPLOAD,
    lambda person: under(
        DatasetVersionForm(person=person), "dataset", Dataset.objects.visible_to(person), person, access.DATASET_UPLOAD
    ),
    "dataset",
    DatasetVersion,
    datasets.register_dataset_version,
    _("Rows are drafts, known by the digest of their bytes; the data steward asks for their approval here."),
)
