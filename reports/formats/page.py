"""The document as one HTML file that fetches nothing and runs nothing: its style and its pictures lie in it."""

import re
from pathlib import Path
from typing import Final

from reports.printing import Printed

SHEETS: Final = (Path(__file__).parent.parent / "documents.css", Path(__file__).with_name("page.css"))
# Opened from a disk, the file may show what lies in it and reach nothing else.
POLICY: Final = "default-src 'none'; img-src data:; style-src 'unsafe-inline'; form-action 'none'; base-uri 'none'"


def write(document: Printed) -> bytes:
    """The page with its style in it."""
    style = "\n".join(sheet.read_text(encoding="utf-8") for sheet in SHEETS)
    inside = (
        f'<meta http-equiv="Content-Security-Policy" content="{POLICY}">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<style>\n{style}\n</style>"
    )
    return re.sub(r"</head>", lambda _found: inside + "</head>", document.html, count=1).encode()
