"""Frameworks that an organisation brought itself: catalogues as data, and the rules that two people approved for them."""
