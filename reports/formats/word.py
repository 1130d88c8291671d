"""The document for Word: real headings, tables whose heads repeat, charts as pictures with their words."""

import base64
import io
import zipfile
from collections.abc import Callable
from datetime import datetime
from typing import Any, Final

from reports.formats.walk import Block, blocks
from reports.printing import Printed

SVG: Final = "data:image/svg+xml;base64,"
PNG: Final = "data:image/png;base64,"
FIXED: Final = datetime(2000, 1, 1)
LATIN, CHINESE = "Noto Sans", "Noto Sans SC"
WIDTH_CM: Final = 17.0


def write(document: Printed) -> bytes:
    """The bytes of the DOCX."""
    import docx

    made = docx.Document()
    dress(made, document)
    for block in blocks(document):
        WRITERS[block.kind](made, block)
    out = io.BytesIO()
    made.save(out)
    return same_every_time(out.getvalue())


def dress(made: Any, document: Printed) -> None:
    """Fonts, title, and at the foot of each page the code and the digest."""
    from docx.oxml.ns import qn
    from docx.shared import Cm, Pt

    normal = made.styles["Normal"]
    normal.font.name, normal.font.size = LATIN, Pt(10)
    normal.element.get_or_add_rPr().get_or_add_rFonts().set(qn("w:eastAsia"), CHINESE)
    core = made.core_properties
    core.title, core.author = str(document.data["title"]), str(document.data["installation"])
    core.created = core.modified = FIXED
    core.last_modified_by = core.author
    section = made.sections[0]
    section.page_width, section.page_height = Cm(21), Cm(29.7)
    section.left_margin = section.right_margin = Cm(2)
    section.footer.paragraphs[0].text = document.foot


def heading(made: Any, block: Block) -> None:
    """A heading of its level."""
    made.add_heading(block.text, block.level)


def text(made: Any, block: Block) -> None:
    """A paragraph."""
    made.add_paragraph(block.text)


def item(made: Any, block: Block) -> None:
    """A point of a list."""
    made.add_paragraph(block.text, style="List Bullet")


def table(made: Any, block: Block) -> None:
    """A table under its name, its head repeated on every page."""
    from docx.oxml import OxmlElement

    if block.text:
        made.add_paragraph().add_run(block.text).bold = True
    width = max((len(row) for row in block.rows), default=0)
    if not width:
        return
    grid = made.add_table(rows=0, cols=width, style="Light Grid Accent 1")
    for place, row in enumerate(block.rows):
        line = grid.add_row()
        for cell, words in zip(line.cells, row, strict=False):
            cell.text = words
        if place < block.head:
            line._tr.get_or_add_trPr().append(OxmlElement("w:tblHeader"))
    made.add_paragraph()


def picture(made: Any, block: Block) -> None:
    """A chart as a picture with its words; the words alone where it cannot be drawn here."""
    from docx.shared import Cm

    from rai.charts.pictures import png_of

    kind, _sep, coded = block.source.partition(",")
    content = base64.b64decode(coded)
    drawn = png_of(content) if kind.startswith("data:image/svg") else content
    shape = made.add_picture(io.BytesIO(drawn))
    if shape.width > Cm(WIDTH_CM):
        shape.height, shape.width = int(shape.height * Cm(WIDTH_CM) / shape.width), Cm(WIDTH_CM)
    shape._inline.docPr.set("descr", block.text)


WRITERS: Final[dict[str, Callable[[Any, Block], None]]] = {
    "heading": heading, "text": text, "item": item, "table": table, "facts": table, "picture": picture,
}  # fmt: skip


def same_every_time(content: bytes) -> bytes:
    """The container written again with a fixed time for each member: equal documents are equal bytes."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as found, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as made:
        for name in found.namelist():
            member = zipfile.ZipInfo(name, date_time=(2000, 1, 1, 0, 0, 0))
            member.compress_type = zipfile.ZIP_DEFLATED
            made.writestr(member, found.read(name))
    return out.getvalue()
