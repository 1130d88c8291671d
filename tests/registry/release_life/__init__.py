"""The life of releases after their approval."""
