"""What the pages of reports answer to a request: forms to actions, rows to templates, files to downloads."""
