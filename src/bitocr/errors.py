"""Exceptions and warnings. Each message is one line: what is wrong, and what to do about it."""

from __future__ import annotations


class BitocrError(Exception):
    """The base of all errors that bitocr raises on purpose. `str(error)` is one line for the user."""


class ImageError(BitocrError):
    """An image that cannot be opened, decoded or read."""


class ModelError(BitocrError):
    """A model file that is missing, damaged, too new, or not a model."""


class UsageError(BitocrError):
    """A wrong argument: an unknown kernel, a thread count below one, an array of the wrong type."""


class BitocrWarning(UserWarning):
    """Something that the user should know, but that does not stop the work. The command line shows it like an error."""
