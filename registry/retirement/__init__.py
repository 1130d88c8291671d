"""How versions end: rules, readiness, reminders, calendar, the answer of what is retired, and vendors' lists of ends."""
