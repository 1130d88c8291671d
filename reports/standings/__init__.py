"""What every system, every unit and the organisation came to: brought up to date after a change, kept in a table."""
