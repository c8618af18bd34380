"""What can go wrong, as exceptions and warnings whose message is one line: what is wrong and what to do about it."""

from __future__ import annotations


class BitocrError(Exception):
    """Base of every error that bitocr raises on purpose; `str(error)` is one line fit for a user."""


class ImageError(BitocrError):
    """An image that cannot be opened, decoded or read as a line."""


class ModelError(BitocrError):
    """A model file that is missing, damaged, too new, or not a model."""


class UsageError(BitocrError):
    """A wrong argument: an unknown kernel, a thread count below one, an array of the wrong type."""


class BitocrWarning(UserWarning):
    """What a user should know while the work goes on; the command line shows it as it does an error."""
