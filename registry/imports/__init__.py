"""Sheets of rows entered at once: read within limits, checked as the forms check, carried out whole or not at all."""

from registry.imports.checking import Checked, Fault, checked
from registry.imports.kinds import KINDS, Kind
from registry.imports.sheets import Line, lines

# Records of the vocabulary whose sheets have another name.
SHEETS = {"ai_system": "systems"}

__all__ = ["KINDS", "SHEETS", "Checked", "Fault", "Kind", "Line", "checked", "lines"]
