"""Cutting channels and single weights out of a network."""
