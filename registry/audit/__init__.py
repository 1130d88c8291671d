"""The tamper-evident log: `log` appends, `verification` checks."""
