"""Lists, each declared once: its columns and filters serve the page, the exports and the REST list alike."""

from registry.lists.declared import LISTS, Column, FirstStep, Listed, listed, register
from registry.lists.filters import Filter, by_choice, by_data_class, by_flag, by_person, by_unit, by_word

__all__ = [
    "LISTS",
    "Column",
    "Filter",
    "FirstStep",
    "Listed",
    "by_choice",
    "by_data_class",
    "by_flag",
    "by_person",
    "by_unit",
    "by_word",
    "listed",
    "register",
]
