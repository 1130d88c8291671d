"""Tests of promise P3: nothing is published without a valid decision by separate people over exactly its bytes."""
