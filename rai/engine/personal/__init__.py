"""How personal data in a table is recognised, counted and masked; no value of a cell ever leaves this package's process."""
