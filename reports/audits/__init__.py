"""The auditor's desk: requests, notes, samples and findings within an engagement."""
