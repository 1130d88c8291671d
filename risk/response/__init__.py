"""What incidents set off: approvals that are suspended, clocks of the law, and the question why a system is silent."""
