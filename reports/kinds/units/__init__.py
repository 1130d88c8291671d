"""The NIST AI RMF compliance report of a unit and all units below it; of the topmost unit, that is of the organisation."""

from reports.kinds.units.chapters import unit_compliance

__all__ = ["unit_compliance"]
