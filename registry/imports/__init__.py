"""Sheets of rows entered at once: read within limits, checked as the forms check, carried out whole or not at all."""

from registry.imports.checking import Checked, Fault, checked
from registry.imports.kinds import KINDS, Kind
from registry.imports.sheets import Line, lines

__all__ = ["KINDS", "Checked", "Fault", "Kind", "Line", "checked", "lines"]
