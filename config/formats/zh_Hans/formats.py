"""Numbers as banks in China print them: 48,842. Django would write 48842."""

THOUSAND_SEPARATOR = ","
NUMBER_GROUPING = 3
