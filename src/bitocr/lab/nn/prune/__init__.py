"""Prunes channels and single weights of a network."""
