"""The figures of stored outcomes: as tables on pages and as lines of CSV files."""
