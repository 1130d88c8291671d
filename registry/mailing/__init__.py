"""The mail that a person gets on a day: what is due, overdue or handed up, by title and link alone."""
