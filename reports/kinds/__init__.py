"""What each kind of report beside the compliance report, the card and the technical file says, one module a kind."""
