"""Databases that are made from the rules of frameworks."""
