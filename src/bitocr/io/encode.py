"""Pictures as the bytes of image files."""

from __future__ import annotations

import io
from collections.abc import Sequence
from pathlib import Path

from PIL import Image

from bitocr.errors import UsageError

_FORMATS = {
    ".png": "PNG",
    ".jpg": "JPEG",
    ".jpeg": "JPEG",
    ".webp": "WEBP",
    ".tif": "TIFF",
    ".tiff": "TIFF",
    ".bmp": "BMP",
    ".pgm": "PPM",
}


def check_suffix(path: Path, option: str) -> None:
    """Raises UsageError if the name's ending is of no format that can be written."""
    if path.suffix.lower() not in _FORMATS:
        raise UsageError(f"{option} is a file to write, {', '.join(_FORMATS)}: not {path}")


def encode(pages: Sequence[Image.Image], path: Path) -> bytes:
    """A file's bytes, in the format that its name tells. Raises UsageError for several pages in other than TIFF."""
    name = _FORMATS[path.suffix.lower()]
    data = io.BytesIO()
    if name == "TIFF":
        compression = "group4" if all(page.mode == "1" for page in pages) else "tiff_deflate"
        pages[0].save(data, name, save_all=True, append_images=pages[1:], compression=compression)
    elif len(pages) > 1:
        raise UsageError(f"{len(pages)} pages need a .tif file: {path} holds one")
    else:
        pages[0].save(data, name, quality=90)
    return data.getvalue()
