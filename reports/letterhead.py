"""The organisation's own look of documents: logo, colour and words on the cover, set by administrators and read when a document is printed."""

import io
import re
from dataclasses import dataclass
from typing import Final

from django.db import transaction
from django.utils.translation import gettext as _

from registry import access, blobs
from registry.audit import log
from registry.errors import BadInput
from registry.models import Blob, User
from reports import pdf
from reports.models import Letterhead

MOST_BYTES: Final = 2 * 2**20
MOST_PIXELS: Final = 25_000_000
SIDE: Final = 800  # a logo is drawn anew within a square of this many pixels
FORMATS: Final = ("PNG", "JPEG")
LONGEST: Final = 600
# The colour of headings is read on white; anything lighter is no colour for text.
CONTRAST: Final = 4.5


@dataclass(frozen=True)
class Look:
    """What a document takes from the letterhead: the logo as a data: URL, a colour, words on the cover."""

    logo: str = ""
    colour: str = ""
    cover_text: str = ""


def letterhead_of() -> Look:
    """The newest letterhead; without one, the look that is shipped."""
    row = Letterhead.objects.select_related("logo").first()
    if row is None:
        return Look()
    return Look(pdf.picture(row.logo.read(), "image/png") if row.logo else "", row.colour, row.cover_text)


@transaction.atomic
def set_letterhead(
    *, colour: str, cover_text: str = "", logo: bytes | None = None, keeps_logo: bool = True, reason: str, actor: User
) -> Letterhead:
    """Set how documents look from now on; those that are built already stay as they are."""
    before = Letterhead.objects.first()
    row = Letterhead(colour=colour.lower(), cover_text=cover_text.strip(), set_by=actor)
    access.require(actor, access.SETTINGS_CHANGE, row)
    require_readable(row.colour)
    if len(row.cover_text) > LONGEST:
        raise BadInput(
            _("The words on the cover are longer than %d characters; shorten them.") % LONGEST, field="cover_text"
        )
    row.logo = drawn_anew(logo) if logo else before.logo if before and keeps_logo else None
    row.save()
    log.record(actor, "letterhead.set", row, reason=reason)
    return row


def require_readable(colour: str) -> None:
    """Refuse what is no colour, or one that nobody can read on white (WCAG 2.2, 1.4.3)."""
    if not re.fullmatch(r"#[0-9a-f]{6}", colour):
        raise BadInput(_("“%s” is no colour; write it as # and six digits, such as #1e40af.") % colour, field="colour")
    if contrast_on_white(colour) < CONTRAST:
        raise BadInput(
            _(
                "Headings in %(colour)s cannot be read on white (contrast %(seen).1f, needed %(least).1f); take a darker one."
            )
            % {"colour": colour, "seen": contrast_on_white(colour), "least": CONTRAST},
            field="colour",
        )


def contrast_on_white(colour: str) -> float:
    """The contrast ratio of a colour and white, from 1 to 21 (WCAG 2.2, relative luminance)."""
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 1.05 / (0.2126 * red + 0.7152 * green + 0.0722 * blue + 0.05)


def drawn_anew(content: bytes) -> Blob:
    """A raster logo read and written again, so that nothing of the uploaded file but its pixels is kept."""
    from PIL import Image, ImageFile, UnidentifiedImageError

    # The renderer of PDFs, where it was imported before, has this on for the whole process: half a picture would pass.
    ImageFile.LOAD_TRUNCATED_IMAGES = False
    if len(content) > MOST_BYTES:
        raise BadInput(_("The logo is larger than 2 MB; save it smaller."), field="logo")
    try:
        with Image.open(io.BytesIO(content), formats=FORMATS) as picture:
            if picture.width * picture.height > MOST_PIXELS:
                raise BadInput(_("The logo has more than 25 million pixels; save it smaller."), field="logo")
            pixels = picture.convert("RGBA")
    except (UnidentifiedImageError, OSError, ValueError, Image.DecompressionBombError) as error:
        raise BadInput(_("The logo is no PNG or JPEG that can be read; save it anew as PNG."), field="logo") from error
    ground = Image.new("RGB", pixels.size, "white")
    ground.paste(pixels, mask=pixels.getchannel("A"))
    ground.thumbnail((SIDE, SIDE))
    out = io.BytesIO()
    ground.save(out, "PNG")
    return blobs.store(out.getvalue(), "image/png")
