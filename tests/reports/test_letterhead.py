"""The letterhead: pixels alone are kept of a logo, colours can be read, administrators alone set it, and it is logged."""

import io

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from PIL import Image, ImageFile

from registry.errors import BadInput, NotAllowed
from registry.models import AuditEntry
from reports.letterhead import contrast_on_white, letterhead_of, set_letterhead
from reports.models import Letterhead

pytestmark = pytest.mark.django_db
REASON = "The new house style."


def logo(form: str = "PNG", size: tuple[int, int] = (900, 300), **more) -> bytes:
    """A picture."""
    out = io.BytesIO()
    Image.new("RGB", size, "navy").save(out, form, **more)
    return out.getvalue()


def test_of_a_logo_its_pixels_alone_are_kept(cast):
    hidden = logo("JPEG", comment=b"<script>steal()</script>") + b"trailing"
    row = set_letterhead(
        colour="#123456", cover_text=" For the board ", logo=hidden, reason=REASON, actor=cast.administrator
    )
    kept = row.logo.read()
    assert kept.startswith(b"\x89PNG") and b"script" not in kept and b"trailing" not in kept
    assert Image.open(io.BytesIO(kept)).size == (800, 267)
    look = letterhead_of()
    assert (look.colour, look.cover_text) == ("#123456", "For the board") and look.logo.startswith(
        "data:image/png;base64,"
    )
    entry = AuditEntry.objects.get(object_id=row.pk, action="letterhead.set")
    assert entry.actor == cast.administrator


@pytest.mark.parametrize("content", [
    b"<svg xmlns='http://www.w3.org/2000/svg'><script>1</script></svg>", b"\x89PNG but not really",
    logo("GIF"), b"x" * (2 * 2**20 + 1), logo()[:200],
])  # fmt: skip
def test_what_is_no_png_or_jpeg_or_too_large_is_refused(cast, content, monkeypatch):
    """Also where the renderer was imported before, which lets half pictures pass."""
    monkeypatch.setattr(ImageFile, "LOAD_TRUNCATED_IMAGES", True)
    with pytest.raises(BadInput) as refused:
        set_letterhead(colour="#123456", logo=content, reason=REASON, actor=cast.administrator)
    assert refused.value.field == "logo" and not Letterhead.objects.exists()


@pytest.mark.parametrize("colour", ["#ffff00", "red", "#12345", "url(x)", "#123456;}"])
def test_a_colour_that_cannot_be_read_on_white_or_is_none_is_refused(cast, colour):
    with pytest.raises(BadInput):
        set_letterhead(colour=colour, reason=REASON, actor=cast.administrator)


def test_the_contrast_is_that_of_the_standard():
    assert contrast_on_white("#000000") == pytest.approx(21.0)
    assert contrast_on_white("#767676") == pytest.approx(4.54, abs=0.01)
    assert contrast_on_white("#ffffff") == pytest.approx(1.0)


def test_administrators_alone_set_it_on_their_page_and_the_logo_stays_when_none_is_sent(cast, client):
    with pytest.raises(NotAllowed):
        set_letterhead(colour="#123456", reason=REASON, actor=cast.risk_officer)
    client.force_login(cast.administrator)
    sent = {"colour": "#0b5345", "cover_text": "机密", "keeps_logo": "on", "reason": REASON}
    file = SimpleUploadedFile("logo.png", logo(), "image/png")
    assert client.post(reverse("letterhead"), {**sent, "logo": file}).status_code == 302
    assert client.post(reverse("letterhead"), sent).status_code == 302
    assert Letterhead.objects.count() == 2 and letterhead_of().logo
    client.post(reverse("letterhead"), {**sent, "keeps_logo": ""})
    assert not letterhead_of().logo
