"""OCR in a megabyte: reads text in images with 1-bit neural networks.

>>> from bitocr import Reader
>>> reader = Reader()
>>> reader.read("photo.jpg").text
>>> reader.read_line("sign.jpg").text
"""

from __future__ import annotations

from bitocr.errors import BitocrError, BitocrWarning, ImageError, ModelError, UsageError

__version__ = "0.6.0"
__all__ = [
    "BitocrError",
    "BitocrWarning",
    "Char",
    "ImageError",
    "Line",
    "ModelError",
    "Page",
    "Reader",
    "UsageError",
    "__version__",
    "clean",
]

TYPE_CHECKING = False  # what type checkers take for True; importing typing for it would take longer than the rest
if TYPE_CHECKING:
    from bitocr.cleaning import clean
    from bitocr.page import Page
    from bitocr.reader import Char, Line, Reader
else:

    def __getattr__(name: str) -> object:
        """Loads the reader, numpy and the engine when they are first asked for: `bitocr --help` needs none of them."""
        if name in ("Char", "Line", "Page", "Reader"):
            from bitocr import reader

            return getattr(reader, name)
        if name == "clean":
            from bitocr.cleaning import clean

            return clean
        raise AttributeError(f"module 'bitocr' has no attribute '{name}'")
