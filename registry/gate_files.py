"""The answers of the gates as files that build servers show by themselves: JUnit XML and SARIF 2.1.0."""

import json
from collections.abc import Callable, Sequence
from typing import Final
from xml.etree import ElementTree

from registry.gates import FAILED, INSUFFICIENT, PASSED, WAIVED, GateResult
from registry.models import ModelVersion

SCHEMA: Final = "https://json.schemastore.org/sarif-2.1.0.json"
# The kind of a result; a level goes with the kind "fail" alone, hence insufficient, which closes too, is one.
KINDS: Final = {FAILED: "fail", INSUFFICIENT: "fail", WAIVED: "informational", PASSED: "pass"}
LEVELS: Final = {FAILED: "error", INSUFFICIENT: "warning", WAIVED: "none", PASSED: "none"}
# An XML document cannot hold these at all, not even escaped.
UNPRINTABLE: Final = {number: None for number in range(32) if chr(number) not in "\t\n\r"}


def name_of(version: ModelVersion) -> str:
    """`model-slug@version`, as the command line names it."""
    return f"{version.model.slug}@{version.version}"


def junit(version: ModelVersion, found: Sequence[GateResult]) -> bytes:
    """One test case a gate: failed is a failure, insufficient an error, waived is skipped with its reason."""
    results = [answer.result for answer in found]
    suite = ElementTree.Element(
        "testsuite", name=name_of(version), tests=str(len(results)), failures=str(results.count(FAILED)),
        errors=str(results.count(INSUFFICIENT)), skipped=str(results.count(WAIVED)),
    )  # fmt: skip
    for answer in found:
        case = ElementTree.SubElement(suite, "testcase", classname="attestry.gate", name=answer.title)
        element = {FAILED: "failure", INSUFFICIENT: "error", WAIVED: "skipped"}.get(answer.result)
        if element:
            said = ElementTree.SubElement(case, element)
            said.text = answer.reason.translate(UNPRINTABLE)
    return ElementTree.tostring(suite, encoding="utf-8", xml_declaration=True)


def sarif(version: ModelVersion, found: Sequence[GateResult]) -> bytes:
    """One rule and one result a gate, placed at the version by its name and digest."""
    place = {"logicalLocations": [{"fullyQualifiedName": name_of(version), "kind": "module"}]}
    run = {
        "tool": {"driver": {
            "name": "Attestry",
            "rules": [{"id": answer.slug, "shortDescription": {"text": answer.title}} for answer in found],
        }},
        "results": [
            {"ruleId": answer.slug, "ruleIndex": number, "level": LEVELS[answer.result], "kind": KINDS[answer.result],
             "message": {"text": answer.reason}, "locations": [place],
             "partialFingerprints": {"artifact/v1": version.artifact_hash}}
            for number, answer in enumerate(found)
        ],
    }  # fmt: skip
    document = {"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}
    return (json.dumps(document, ensure_ascii=False, indent=1) + "\n").encode()


FILES: Final[dict[str, tuple[str, Callable[[ModelVersion, Sequence[GateResult]], bytes]]]] = {
    "junit": ("application/xml", junit),
    "sarif": ("application/sarif+json", sarif),
}
