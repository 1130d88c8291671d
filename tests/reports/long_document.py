"""A document long enough to be cut: chapters, pictures, a table of many rows, and the same without being drawn in parts."""

import copy
import io
from xml.etree.ElementTree import Element

from pypdf import PdfReader

from reports import pdf
from reports.pdf import cutting, engine
from reports.printing import with_contents

BAR = pdf.picture(b'<svg xmlns="http://www.w3.org/2000/svg" width="90" height="9"><rect width="60" height="9"/></svg>')
WORDS = {
    "en": ("Chapter", "Somebody looked at it and wrote down what was seen, so that others need not look again."),
    "zh-hans": ("章节", "有人查看了它，并写下了所见的内容，这样其他人就不必再看一遍。所有记录都保存在登记库中。"),
}
WITHOUT_PARTS = "section.continued { counter-increment: none; } body > .begins { break-before: page; margin-top: 0; }"


def page(language: str = "en", *, rows: int = 60, more: str = "") -> str:
    """Nine chapters: a few paragraphs and a picture each, the sixth with a long table; `more` stands in the last."""
    name, words = WORDS[language]
    chapters = [chapter(f"{name} {number}", words) for number in range(1, 10)]
    chapters[5] = table_chapter(f"{name} 6", words, rows)
    cover = '<section class="cover"><h1>Long</h1></section><nav class="contents"></nav>'
    body = f'<body data-title="Long" data-code="Code 1">{cover}{"".join(chapters)}<p>{more or words}</p></body>'
    head = '<head><meta charset="utf-8"><title>Long</title><meta name="author" content="Bench"></head>'
    return with_contents(f'<!doctype html><html lang="{language}">{head}{body}</html>', language)


def chapter(title: str, words: str) -> str:
    """A chapter with headings, paragraphs, a link out and a picture."""
    figure = f'<figure><img src="{BAR}" alt="A bar"><figcaption data-word="Figure">{title}</figcaption></figure>'
    text = f"<h3>{title}, first</h3><p>{words * 4}</p><h3>{title}, second</h3><p>{words * 3}</p>"
    link = '<p><a href="https://example.org/">example.org</a></p>'
    return f'<section class="chapter"><h2>{title}</h2>{text}{figure}{link}</section>'


def table_chapter(title: str, words: str, rows: int) -> str:
    """A chapter that is one long table with a caption and heads."""
    heads = "".join(f'<th scope="col">{head}</th>' for head in ("Row", "What", "Seen"))
    body = "".join(f"<tr><td>row {number}.</td><td>{words}</td><td>{title}</td></tr>" for number in range(rows))
    table = f"<table><caption>All rows</caption><thead><tr>{heads}</tr></thead><tbody>{body}</tbody></table>"
    return f'<section class="chapter"><h2>{title}</h2>{table}</section>'


def in_one(html: str) -> PdfReader:
    """The same pages laid out and drawn at once, with a new page where the parts begin."""
    tree = engine.parsed(html)
    body = tree.etree_element.find("body")
    whole = copy.deepcopy(body)
    del body[list(map(cutting.is_chapter, body)).index(True) :]
    for cut in cutting.cuts(whole):
        body.extend(begun(whole, cut))
    document = engine.laid_out(tree, engine.made_press(WITHOUT_PARTS))
    return PdfReader(io.BytesIO(engine.written(document, fixed_id="1", data=b"{}")))


def begun(whole: Element, cut: cutting.Cut) -> list[Element]:
    """The children of the body that are a part; the first begins a page."""
    part = copy.deepcopy(whole)
    cutting.keep_only(part, cut)
    part[0].set("class", f"{part[0].get('class')} begins")
    return list(part)


def words_on(sheet) -> str:
    """What stands on a page, without blanks and without the dots that lead to a number."""
    return "".join(sheet.extract_text().split()).replace(".", "")
