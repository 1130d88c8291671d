"""The formats beside PDF and JSON in which a document is handed out: each written from the page that the PDF prints."""

from reports.formats.table import FORMATS, Format, attach, kept, written

__all__ = ["FORMATS", "Format", "attach", "kept", "written"]
