"""Pages of retirement: the list, the calendar, a version's plan and checklist, who uses it, and vendors' lists."""
