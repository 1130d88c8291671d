"""Finding anything by its words: one full-text index over both databases, narrowed to what a person may see."""

from registry.search.index import keep, rebuild
from registry.search.questions import Found, hits

__all__ = ["Found", "hits", "keep", "rebuild"]
