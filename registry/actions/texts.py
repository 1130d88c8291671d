"""What people write down for good: long enough to say something, short enough to be read."""

from django.utils.translation import gettext as _

from registry.errors import BadInput

LEAST, MOST = 10, 10_000


def required_text(text: str, *, field: str = "reason", least: int = LEAST) -> str:
    """The text without blanks around it; BadInput where it says nothing or is longer than anybody reads."""
    text = text.strip()
    if len(text) < least:
        raise BadInput(_("Write at least %d characters; it stands in the log and in the report.") % least, field=field)
    if len(text) > MOST:
        raise BadInput(
            _("This text has %(length)d characters; at most %(most)d are kept. Attach what is longer as a document.")
            % {"length": len(text), "most": MOST},
            field=field,
        )
    return text
