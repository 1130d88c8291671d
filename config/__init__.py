"""Wiring of the installation. Nothing is imported here: config.bootstrap runs before any package is installed."""
