"""The objects of a PDF file and how they are written: numbers, names, texts, lists, dictionaries, streams."""

from __future__ import annotations

import zlib
from collections.abc import Mapping, Sequence
from typing import NewType, TypeAlias

Name = NewType("Name", bytes)
"""Such as /Page, written as it is in the file."""


class Reference(int):
    """Refers to an object elsewhere in the file by its number."""


Value: TypeAlias = "int | float | str | Name | Reference | Sequence[Value] | Mapping[str, Value]"


def name(text: str) -> Name:
    return Name(b"/" + text.encode("ascii"))


def written(value: Value) -> bytes:
    """A value in the notation of PDF files."""
    if isinstance(value, bytes):
        return value
    if isinstance(value, Reference):
        return b"%d 0 R" % value
    if isinstance(value, str):
        data = value.encode("ascii") if value.isascii() else b"\xfe\xff" + value.encode("utf-16-be")
        return b"<" + data.hex().encode() + b">"
    if isinstance(value, Mapping):
        return b"<<" + b" ".join(name(key) + b" " + written(each) for key, each in value.items()) + b">>"
    if isinstance(value, (int, float)):
        return number(value)
    return b"[" + b" ".join(map(written, value)) + b"]"


def number(value: float, digits: int = 4) -> bytes:
    """A number without an exponent, which PDF does not know, and without needless zeros."""
    text = f"{value:.{digits}f}"
    text = text.rstrip("0").rstrip(".") if "." in text else text
    return b"0" if text in ("", "-0") else text.encode("ascii")


class PdfFile:
    """Collects objects, and writes them."""

    def __init__(self) -> None:
        self._objects: list[bytes] = []

    def reserve(self) -> Reference:
        """Reserves a number for an object that `set` adds later."""
        self._objects.append(b"null")
        return Reference(len(self._objects))

    def set(self, reference: Reference, value: Value) -> None:
        self._objects[reference - 1] = written(value)

    def add(self, value: Value) -> Reference:
        reference = self.reserve()
        self.set(reference, value)
        return reference

    def add_stream(
        self, data: bytes, entries: Mapping[str, Value] | None = None, is_compressed: bool = False
    ) -> Reference:
        """Adds a stream. Compresses it, unless its entries say that it is compressed."""
        entries = dict(entries or {})
        if not is_compressed:
            data, entries["Filter"] = zlib.compress(data, 9), name("FlateDecode")
        entries["Length"] = len(data)
        reference = self.reserve()
        self._objects[reference - 1] = written(entries) + b"\nstream\n" + data + b"\nendstream"
        return reference

    def finish(self, root: Reference, info: Reference | None = None) -> bytes:
        """The file."""
        parts = [b"%PDF-1.5\n%\xe2\xe3\xcf\xd3\n"]
        size, offsets = len(parts[0]), []
        for i, content in enumerate(self._objects, 1):
            offsets.append(size)
            parts.append(b"%d 0 obj\n%b\nendobj\n" % (i, content))
            size += len(parts[-1])
        parts.append(b"xref\n0 %d\n0000000000 65535 f \n" % (len(offsets) + 1))
        parts += [b"%010d 00000 n \n" % offset for offset in offsets]
        trailer: dict[str, Value] = {"Size": len(offsets) + 1, "Root": root}
        if info is not None:
            trailer["Info"] = info
        parts.append(b"trailer\n%b\nstartxref\n%d\n%%%%EOF\n" % (written(trailer), size))
        return b"".join(parts)
