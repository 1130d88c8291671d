"""What comes from others: whether it may be used, what depends on it, and how candidates compare."""
