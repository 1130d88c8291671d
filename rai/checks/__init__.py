"""Checks: one pure function a file, from counts or frames to an outcome of codes and numbers."""
