"""A version of a data set as a Croissant 1.0 document: JSON-LD with the fields of its responsible-AI extension."""

import mimetypes
from typing import Any, Final

from registry.datasets import standard
from registry.datasets.licences import by_name
from registry.models import Dataset, DatasetVersion

CONFORMS: Final = ("http://mlcommons.org/croissant/1.0", "http://mlcommons.org/croissant/RAI/1.0")
# The context that the specification prints; readers compare it word by word.
CONTEXT: Final[dict[str, Any]] = {
    "@language": "en",
    "@vocab": "https://schema.org/",
    "citeAs": "cr:citeAs",
    "column": "cr:column",
    "conformsTo": "dct:conformsTo",
    "cr": "http://mlcommons.org/croissant/",
    "rai": "http://mlcommons.org/croissant/RAI/",
    "data": {"@id": "cr:data", "@type": "@json"},
    "dataType": {"@id": "cr:dataType", "@type": "@vocab"},
    "dct": "http://purl.org/dc/terms/",
    "equivalentProperty": "cr:equivalentProperty",
    "examples": {"@id": "cr:examples", "@type": "@json"},
    "extract": "cr:extract",
    "field": "cr:field",
    "fileProperty": "cr:fileProperty",
    "fileObject": "cr:fileObject",
    "fileSet": "cr:fileSet",
    "format": "cr:format",
    "includes": "cr:includes",
    "isLiveDataset": "cr:isLiveDataset",
    "jsonPath": "cr:jsonPath",
    "key": "cr:key",
    "md5": "cr:md5",
    "parentField": "cr:parentField",
    "path": "cr:path",
    "recordSet": "cr:recordSet",
    "references": "cr:references",
    "regex": "cr:regex",
    "repeated": "cr:repeated",
    "replace": "cr:replace",
    "samplingRate": "cr:samplingRate",
    "sc": "https://schema.org/",
    "separator": "cr:separator",
    "source": "cr:source",
    "subField": "cr:subField",
    "transform": "cr:transform",
}

# How data were obtained, in English as all of the document; the vendor and the agreement stay inside the registry.
COLLECTED: Final = {
    "collected": "Collected by the organisation", "derived": "Derived from other data", "published": "Published by others",
    "bought": "Bought from a vendor", "synthetic": "Synthetic data",
}  # fmt: skip


def document(data: DatasetVersion, *, page: str) -> dict[str, Any]:
    """The JSON-LD; what nobody has written is left out. `page` is the address of the version's page."""
    dataset = data.dataset
    told = {
        "name": dataset.name,
        "description": dataset.description or str(data),
        "url": page,
        "version": data.version,
        "citeAs": f"{dataset.unit.name}: {data}, {data.hash}",
        "license": licence_url(data.licence),
        "dateCreated": data.created_at.date().isoformat(),
        "datePublished": (data.approved_at or data.created_at).date().isoformat(),
        "creator": {"@type": "Organization", "name": dataset.unit.name},
        "keywords": [standard.label_of(dataset.classification), data.use],
        "distribution": [file_of(data, page)],
        **responsible(dataset, data),
    }
    kept = {name: value for name, value in told.items() if value not in ("", [], None)}
    return {"@context": CONTEXT, "@type": "sc:Dataset", "conformsTo": list(CONFORMS), **kept}


def licence_url(licence: str) -> str:
    """The address of a licence's text where the table knows it, else its name as it was written."""
    _spdx, facts = by_name().get(licence.strip().lower(), ("", {}))
    source: str = facts.get("source", "")
    return source if source.startswith("https://") else licence


def file_of(data: DatasetVersion, page: str) -> dict[str, Any]:
    """The bytes by their digest; they lie elsewhere, and the page of the version says where."""
    written = data.dataset.format
    kind = written if "/" in written else mimetypes.guess_type(f"x.{written.lower()}")[0]
    return {
        "@type": "cr:FileObject",
        "@id": f"bytes-{data.hash[-12:]}",
        "name": str(data),
        "description": data.dataset.storage or str(data),
        "contentUrl": page,
        "encodingFormat": kind or "application/octet-stream",
        "sha256": data.hash.removeprefix("sha256:"),
    }


def responsible(dataset: Dataset, data: DatasetVersion) -> dict[str, Any]:
    """The fields of the responsible-AI extension that the data card fills."""
    collected = [day.isoformat() for day in (dataset.collected_from, dataset.collected_until) if day]
    return {
        "rai:dataCollection": joined(dataset.origin, data.provenance, dataset.receipt, data.generator),
        "rai:dataCollectionType": [COLLECTED[data.obtained]] if data.obtained else [],
        "rai:dataCollectionTimeframe": collected,
        "rai:dataBiases": data.known_biases,
        "rai:dataUseCases": dataset.intended_use,
        "rai:dataLimitations": joined(dataset.source_reputation, data.obtained_terms),
        "rai:dataPreprocessingProtocol": [f"{step.ordinal}. {step.name}" for step in data.steps.order_by("ordinal")],
        "rai:dataAnnotationProtocol": joined(data.labelled_by, data.labelling_instructions),
        "rai:dataAnnotationAnalysis": agreement_of(data),
        "rai:personalSensitiveInformation": sensitive(dataset, data),
        "rai:dataReleaseMaintenancePlan": data.retention_until and f"Kept until {data.retention_until.isoformat()}.",
    }


def joined(*texts: str) -> str:
    """The texts that say something, one after the other."""
    return " ".join(text for text in texts if text)


def agreement_of(data: DatasetVersion) -> list[str]:
    """How far the labellers agreed, with measure and source."""
    if data.label_agreement is None:
        return []
    return [f"{data.label_measure}: {data.label_agreement:g} ({data.label_source})"]


def sensitive(dataset: Dataset, data: DatasetVersion) -> list[str]:
    """What the extension asks to be told of persons."""
    return [
        *(["Personal data"] if data.contains_personal_data else []),
        *(["Special categories of personal data"] if dataset.special_categories else []),
        *([data.lawful_basis] if data.lawful_basis else []),
    ]
