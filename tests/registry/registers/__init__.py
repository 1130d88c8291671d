"""Tests of the registers: their kinds, entries, verbs, money and acceptance."""
