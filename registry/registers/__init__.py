"""Registers: records of many kinds whose fields, statuses and verbs stand in a file, in one table and one set of pages."""

from registry.registers.kinds import Field, Kind, Move, kind_named, kinds

__all__ = ["Field", "Kind", "Move", "kind_named", "kinds"]
