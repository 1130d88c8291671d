"""Packages that a system is built from, and what is publicly known of their weaknesses: reading and comparing, in plain Python."""
