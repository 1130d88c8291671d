"""Risks in money: what a year may cost, by simulation with stated assumptions, and the curve that shows it."""
