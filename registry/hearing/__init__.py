"""What people report on the report page, with or without an account, and the answer that they read there."""

from registry.hearing.sorts import Sort, sorts

__all__ = ["Sort", "sorts"]
