"""Inspects and measures models."""
