"""The company of forty systems that `manage.py seed company` makes, through the same actions as the pages."""

from config.company.building import build

__all__ = ["build"]
