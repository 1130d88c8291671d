"""Verbs: the only code of the registry that changes state when people ask for it."""
