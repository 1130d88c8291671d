"""What the command `measure` runs: checks on local files, without a database."""
