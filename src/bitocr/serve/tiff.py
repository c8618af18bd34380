"""The directories of a TIFF file, followed without Pillow, which would look at each of a million."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from typing import NamedTuple

from bitocr.errors import ImageError

_WIDTH, _HEIGHT = 256, 257  # tags
_SHORT, _LONG, _LONG8 = 3, 4, 16  # types
_MAX_ENTRIES = 4096


class _Layout(NamedTuple):
    """The byte order, the bytes of an entry and before its value, and the place of the first offset."""

    order: str
    counts: str
    offset: str
    entry: int
    value: int
    first: int


def _layouts(order: str) -> tuple[_Layout, _Layout]:
    return _Layout(order, order + "H", order + "I", 12, 8, 4), _Layout(order, order + "Q", order + "Q", 20, 12, 8)


_LITTLE, _LITTLE_BIG = _layouts("<")
_LARGE, _LARGE_BIG = _layouts(">")
_STARTS = {b"II*\0": _LITTLE, b"MM\0*": _LARGE, b"II+\0": _LITTLE_BIG, b"MM\0+": _LARGE_BIG}


def is_tiff(data: bytes) -> bool:
    return data[:4] in _STARTS


def pages(data: bytes) -> Iterator[tuple[int, int]]:
    """Width and height of each page, without end if the file's directories form a ring. Raises ImageError."""
    layout = _STARTS[data[:4]]
    at = _number(data, layout.offset, layout.first)
    while at:
        count = _number(data, layout.counts, at)
        if count > _MAX_ENTRIES:
            raise _damaged()
        start = at + struct.calcsize(layout.counts)
        end = start + count * layout.entry
        yield _dimensions(data, range(start, end, layout.entry), layout)
        at = _number(data, layout.offset, end)


def _dimensions(data: bytes, entries: range, layout: _Layout) -> tuple[int, int]:
    found = {_WIDTH: 0, _HEIGHT: 0}
    for at in entries:
        tag = _number(data, layout.order + "H", at)
        if tag in found:
            found[tag] = _value(data, at, layout)
    return found[_WIDTH], found[_HEIGHT]


def _value(data: bytes, at: int, layout: _Layout) -> int:
    """Of an entry with one whole number."""
    kind, count = _number(data, layout.order + "H", at + 2), _number(data, layout.offset, at + 4)
    formats = {_SHORT: "H", _LONG: "I", _LONG8: "Q"}
    if count != 1 or kind not in formats or (kind == _LONG8 and layout.entry == 12):
        raise _damaged()
    return _number(data, layout.order + formats[kind], at + layout.value)


def _number(data: bytes, form: str, at: int) -> int:
    try:
        return int(struct.unpack_from(form, data, at)[0])
    except (struct.error, IndexError, OverflowError):
        raise _damaged() from None


def _damaged() -> ImageError:
    return ImageError("damaged or cut short (a directory of the TIFF file)")
