"""The binding to the C engine."""
