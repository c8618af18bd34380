"""OCR in a megabyte: reads text in images with 1-bit neural networks.

>>> from bitocr import Reader
>>> reader = Reader()
>>> reader.read_line("sign.jpg").text
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from bitocr.errors import BitocrError, ImageError, ModelError, UsageError

if TYPE_CHECKING:
    from bitocr.reader import Char, Line, Reader

__version__ = "0.6.0"
__all__ = ["BitocrError", "Char", "ImageError", "Line", "ModelError", "Reader", "UsageError", "__version__"]


def __getattr__(name: str) -> Any:
    """Loads the reader, numpy and the engine when they are first asked for: `bitocr --help` needs none of them."""
    if name in ("Char", "Line", "Reader"):
        from bitocr import reader

        return getattr(reader, name)
    raise AttributeError(f"module 'bitocr' has no attribute '{name}'")
