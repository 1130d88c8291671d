"""A long document drawn in parts by several processes is the document that one process would have drawn."""

import io
import itertools
import multiprocessing
import os
from pathlib import Path

import billiard
import pytest
from pypdf import PdfReader

from config import sysroot
from reports import pdf
from reports.pdf import apart, chapters, cutting, engine
from tests.reports import hostile, long_document
from tests.reports.long_document import words_on

pytestmark = [
    pytest.mark.timeout(300),
    pytest.mark.skipif(
        not sysroot.loads(*sysroot.PANGO_LIBRARIES), reason="the libraries of the PDF renderer are not here"
    ),
]
LANGUAGES = ("en", "zh-hans")
DATA = b'{"a": 1}'


def drawn(html: str, *, at_page=lambda _page: None, by=apart) -> bytes:
    """As a worker has it drawn, whatever its length; or by the program's own function in this process."""
    content, warned = by.drawn(html, fixed_id="1", data=DATA, at_page=at_page)
    assert warned == []
    return content


def drawn_in_three(html: str, monkeypatch) -> bytes:
    """In three parts and in this process, which the parts are then forks of."""
    body = engine.parsed(html).etree_element.find("body")
    total = sum(cutting.weight(child) for child in body)
    monkeypatch.setattr(cutting, "PAGE", total / 3 / cutting.PAGES_A_PART)
    assert len(cutting.cuts(body)) == 3
    return drawn(html, by=chapters)


@pytest.fixture(scope="module")
def heard():
    """The pages that were told while the documents were drawn."""
    return {language: [] for language in LANGUAGES}


@pytest.fixture(scope="module")
def files(heard):
    """A document in both languages, as bytes."""
    return {
        language: drawn(long_document.page(language), at_page=heard[language].append, by=by)
        for language, by in zip(LANGUAGES, (apart, chapters), strict=True)
    }


@pytest.fixture(scope="module")
def read(files):
    """The same, opened."""
    return {language: PdfReader(io.BytesIO(content)) for language, content in files.items()}


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_page_says_what_it_says_when_one_process_draws_them_all(read, language):
    """S-185: numbers of chapters, figures and pages among it, and the table goes on where it was cut."""
    whole = long_document.in_one(long_document.page(language))
    assert [words_on(sheet) for sheet in read[language].pages] == [words_on(sheet) for sheet in whole.pages]
    assert len(whole.pages) > 5


@pytest.mark.long
def test_three_parts_are_the_same_document_too(monkeypatch):
    html = long_document.page()
    content = drawn_in_three(html, monkeypatch)
    whole = long_document.in_one(html)
    assert [words_on(one) for one in PdfReader(io.BytesIO(content)).pages] == [words_on(one) for one in whole.pages]
    assert faults(content) == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_pages_are_numbered_from_the_first_to_the_last(read, language):
    pages = read[language].pages
    feet = [sheet.extract_text().split()[-3:] for sheet in pages[1:]]
    assert feet == [[str(number), "/", str(len(pages))] for number in range(2, len(pages) + 1)]


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_contents_and_the_bookmarks_lead_to_the_page_of_each_chapter(read, language):
    file, name = read[language], long_document.WORDS[language][0]
    contents = next(sheet for sheet in file.pages if "/Annots" in sheet)
    names = dict.fromkeys(link.get_object()["/Dest"] for link in contents["/Annots"])  # a line is several links
    places = {title: file.get_destination_page_number(one) for title, one in file.named_destinations.items()}
    led = [places[name] for name in names]
    marks = [one for one in file.outline if not isinstance(one, list)]
    assert [file.get_destination_page_number(one) for one in marks] == led and len(led) == 9
    assert [one.title.split("  ")[-1] for one in marks] == [f"{name} {number}" for number in range(1, 10)]
    lines = [line for line in contents.extract_text().splitlines() if ". . ." in line]
    assert [int(line.split()[-1]) for line in lines] == [page + 1 for page in led]
    for number, page in enumerate(led, 1):
        assert f"{number} {name} {number}" in " ".join(file.pages[page].extract_text().split())


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_marked_piece_of_every_page_has_its_place_in_the_structure(read, language):
    file = read[language]
    root = file.trailer["/Root"]["/StructTreeRoot"]
    numbers = root["/ParentTree"]["/Nums"]
    owners = dict(zip(numbers[::2], numbers[1::2], strict=True))
    assert list(owners) == list(range(len(owners)))
    linked = set(elements(root["/K"][0]))
    for sheet in file.pages:
        marked = mcids(sheet)
        held = owners[sheet["/StructParents"]]
        assert sorted(marked) == list(range(len(held)))
        assert all(owner.get_object().raw_get("/Pg") == sheet.indirect_reference for owner in held)
        for note in sheet.get("/Annots", ()):
            owner = owners[note.get_object()["/StructParent"]]
            assert owner.idnum in linked and owner.get_object()["/S"] == "/Link"


def mcids(sheet) -> list[int]:
    """The numbers of the marked pieces in a page's content."""
    return [operands[1]["/MCID"] for operands, operator in sheet.get_contents().operations if operator == b"BDC"]


def elements(element):
    """The numbers of an element and of all below it, each of which names the one above it."""
    yield element.idnum
    for kid in element.get_object().get("/K", ()):
        if hasattr(kid, "idnum") and kid.get_object()["/Type"] == "/StructElem":
            assert kid.get_object().raw_get("/P").idnum == element.idnum
            yield from elements(kid)


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_cells_of_each_part_name_the_heads_of_their_own_table(read, language):
    found = [one.get_object() for one in map(read[language].get_object, range(1, size(read[language])))]
    cells = [one for one in found if isinstance(one, dict) and one.get("/S") in ("/TD", "/TH")]
    heads = {one["/ID"] for one in cells if "/ID" in one}
    named = [name for one in cells for name in one["/A"].get("/Headers", ())]
    assert set(named) == heads and {str(name).split(".")[0] for name in heads} == {"1", "2"}


def size(file: PdfReader) -> int:
    """How many objects a file has."""
    return int(file.trailer["/Size"])


def faults(content: bytes) -> list[str]:
    """What the validator finds against both standards."""
    from tests.reports.test_pdf_standards import false_alarm

    page = pytest.importorskip("page", reason="page-validation is not installed")
    found = [page.validate_pdf_bytes(content, profile=profile).failures for profile in ("ua1", "3a")]
    return [f"{one.rule_id} {one.message}" for one in itertools.chain(*found) if not false_alarm(one, content)]


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_file_is_an_archive_file_and_accessible(files, read, language):
    """S-185, S-189: with its data inside, once."""
    assert faults(files[language]) == []
    assert dict(read[language].attachments.items()) == {"data.json": [DATA]}
    assert read[language].trailer["/Root"]["/Lang"] == language and read[language].metadata.title == "Long"


def test_the_bytes_are_the_same_in_a_child_of_a_worker_that_has_one_core(files):
    """P4: the machine has no part in how a document is divided; and a worker's child, which is daemonic, may have it drawn."""
    ours, theirs = multiprocessing.Pipe()

    def work() -> None:
        os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
        theirs.send_bytes(drawn(long_document.page("en")))

    child = billiard.get_context("fork").Process(target=work)
    child.daemon = True
    child.start()
    theirs.close()
    content = ours.recv_bytes()
    child.join()
    assert content == files["en"]


def test_progress_counts_the_pages_of_all_parts(heard, read):
    pages, whole = heard["en"], len(read["en"].pages)
    assert pages == list(range(1, pages[-1] + 1)) and whole - 2 <= pages[-1] < whole


def test_a_part_that_is_killed_ends_the_document_with_a_sentence(monkeypatch):
    before = cutting.keep_only

    def fatal(body, cut):
        before(body, cut)
        if cut.end is None:
            os.kill(os.getpid(), 9)

    monkeypatch.setattr(cutting, "keep_only", fatal)
    with pytest.raises(chapters.PartLost, match=r"ended early \(-9\)"):
        chapters.drawn(long_document.page(), fixed_id="1", data=DATA, at_page=lambda _page: None)
    assert multiprocessing.active_children() == []


def test_a_drawing_that_is_killed_is_no_document():
    def kill(_page: int) -> None:
        for child in children_of(os.getpid()):
            if b"reports.pdf.chapters" in Path(f"/proc/{child}/cmdline").read_bytes():
                os.kill(child, 9)

    with pytest.raises(pdf.DocumentIncomplete, match="ended early: -9"):
        drawn(long_document.page(), at_page=kill)


def children_of(process: int) -> list[int]:
    """The children of a process, as the kernel lists them, of all its threads."""
    lists = Path(f"/proc/{process}/task").glob("*/children")
    return [int(child) for one in lists for child in one.read_text().split()]


@pytest.fixture
def always_in_parts(monkeypatch):
    """Every document counts as long, and the program that divides it is this process."""
    monkeypatch.setattr(apart, "is_long", lambda _html: True)
    monkeypatch.setattr(apart, "drawn", chapters.drawn)


def test_a_picture_that_is_missing_in_a_part_refuses_the_document(always_in_parts):
    """S-185: what any part leaves out is not issued."""
    with pytest.raises(pdf.DocumentIncomplete, match="left something out"):
        pdf.render(
            long_document.page(rows=2, more='<img src="data:image/png;base64,AAAA" alt="x">'), fixed_id="1", data=b"{}"
        )


def test_a_letter_that_no_font_has_is_printed_as_its_code_in_a_part_too(always_in_parts):
    content = pdf.render(long_document.page(rows=2, more="an odd \U00012000 letter"), fixed_id="1", data=b"{}")
    assert "[U+12000]" in PdfReader(io.BytesIO(content)).pages[-1].extract_text()


def test_a_part_fetches_nothing(always_in_parts):
    """S-189: neither over the network nor from the disk."""
    canary = hostile.Canary()
    places = (f"{canary.url}/x.png", "file:///etc/hostname")
    try:
        html = long_document.page(rows=2, more="".join(f'<img src="{place}" alt="x">' for place in places))
        _content, warned = chapters.drawn(html, fixed_id="1", data=DATA, at_page=lambda _page: None)
        assert all(any(place in sentence for sentence in warned) for place in places) and canary.heard == []
    finally:
        canary.close()


def test_only_a_document_of_more_than_sixty_pages_is_drawn_in_parts():
    """By its words alone, so that every machine decides alike."""
    assert not apart.is_long(long_document.page(rows=300))
    assert apart.is_long(long_document.page(rows=1500))
    assert not apart.is_long(long_document.page(rows=1500).replace('"chapter"', '"flow"'))
