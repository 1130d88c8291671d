"""How far a report is, as its page shows while a worker draws it."""

import pytest

from config import sysroot
from registry import jobs
from reports import building, pdf

LONG = '<html lang="en"><title>Long</title>' + '<p style="break-after: page">Words.</p>' * 24 + "<p>The end.</p>"


@pytest.fixture
def told(monkeypatch):
    """What a job's row is told, in order: percent and words."""
    found = []
    monkeypatch.setattr(jobs, "report_progress", lambda job, percent, words: found.append((percent, words)))
    return found


def test_every_tenth_page_is_told_and_the_share_never_goes_back(told):
    """S-185: a long report shows that it gets on."""
    tell = building.drawing(None)
    for page in [*range(1, 41), *range(1, 21)]:  # the second time after a page number moved
        tell(page)
    assert [words for _percent, words in told] == [f"drawing page {page}" for page in (10, 20, 30, 40, 10, 20)]
    shares = [percent for percent, _words in told]
    assert shares == sorted(shares) and 30 < shares[0] < shares[3] < 80


@pytest.mark.skipif(
    not sysroot.loads(*sysroot.PANGO_LIBRARIES), reason="the libraries of the PDF renderer are not here"
)
def test_the_renderer_tells_each_page_as_it_is_laid_out():
    heard = []
    pdf.render(LONG, fixed_id="long", data=b"{}", at_page=heard.append)
    assert heard == list(range(1, 26))
