"""What the pages of checks answer to a request: forms to actions, rows to templates."""
