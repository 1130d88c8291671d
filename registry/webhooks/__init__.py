"""Tells other programs what happens here: signed CloudEvents, pushed by the worker from the log itself."""
