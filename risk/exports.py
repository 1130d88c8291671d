"""Assessments as files: a document, a sheet, or JSON, each made of the same plain contents."""

import json
from io import BytesIO
from typing import Any, Final

from django.utils.translation import gettext as _

from risk.models import Assessment
from risk.reading import assessment_contents

FORMATS: Final = {
    "json": "application/json",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
}
# A sheet takes these at the beginning of a cell for the beginning of a formula.
FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")


def exported(assessment: Assessment, form: str) -> bytes:
    """The bytes of the file in one of the formats."""
    contents = assessment_contents(assessment)
    return {"json": as_json, "xlsx": as_sheet, "docx": as_document}[form](contents)


def as_json(contents: dict[str, Any]) -> bytes:
    """As it is."""
    return json.dumps(contents, ensure_ascii=False, indent=2).encode()


def head() -> list[str]:
    """The columns of the table of answers."""
    return [_("Section"), _("Question"), _("Text"), _("Answer"), _("Explanation"), _("Answered by"), _("Files")]


def lines(contents: dict[str, Any]) -> list[list[str]]:
    """One row for each question that is asked."""
    return [
        [part["title"], one["id"], one["question"], one["answer"], one["text"], one["by"], ", ".join(one["files"])]
        for part in contents["sections"]
        for one in part["questions"]
        if one["is_asked"]
    ]


def facts(contents: dict[str, Any]) -> list[tuple[str, str]]:
    """What stands above the answers."""
    scores = "; ".join(f"{one['title']}: {one['residual']} ({one['level']})" for one in contents["scores"])
    return [
        (_("System"), contents["system"]), (_("Status"), contents["status"]), (_("What is left"), scores),
        (_("Opinion"), contents["opinion"]), (_("Signed by"), contents["opinion_by"]),
        (_("Review due"), contents["review_due"]), (_("Digest of the answers"), contents["answers_digest"]),
    ]  # fmt: skip


def as_sheet(contents: dict[str, Any]) -> bytes:
    """A workbook with the facts on one sheet and the answers on another; no cell is a formula."""
    from openpyxl import Workbook

    book, out = Workbook(), BytesIO()
    sheet = book.active
    assert sheet is not None  # a new book has one
    sheet.title = _("Facts")
    for row in facts(contents):
        sheet.append([harmless(cell) for cell in row])
    answers = book.create_sheet(_("Answers"))
    for line in (head(), *lines(contents)):
        answers.append([harmless(cell) for cell in line])
    book.save(out)
    return out.getvalue()


def harmless(text: str) -> str:
    """A text that no program takes for a formula, without what a sheet cannot hold."""
    clean = "".join(sign for sign in text if sign >= " " or sign in "\n\t")
    return f"'{clean}" if clean.startswith(FORMULA) else clean


def as_document(contents: dict[str, Any]) -> bytes:
    """A document with a heading for each section."""
    from docx import Document

    document, out = Document(), BytesIO()
    document.add_heading(clean(contents["title"]), 0)
    for name, value in facts(contents):
        if value:
            document.add_paragraph(f"{name}: {clean(value)}")
    for part in contents["sections"]:
        document.add_heading(clean(part["title"]), 1)
        for one in part["questions"]:
            if one["is_asked"]:
                document.add_paragraph().add_run(f"{one['id']} {clean(one['question'])}").bold = True
                document.add_paragraph(clean("\n".join(filter(None, (one["answer"], one["text"])))))
    document.save(out)
    return out.getvalue()


def clean(text: str) -> str:
    """Without signs that XML cannot hold."""
    return "".join(sign for sign in text if sign >= " " or sign in "\n\t")
