"""The file model.bit, read and written in Python; engine/src/model/file.h describes it.

The engine reads models by itself. This module is for making them (`bitocr export`), for looking into them
(`bitocr inspect`) and for tests: it checks sizes, checksum and the table of tensors, not that they make a network.
"""

from __future__ import annotations

import json
import os
import struct
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from math import prod
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bitocr.errors import ModelError
from bitocr.io.files import write_atomic

MAGIC = b"\x89BITOCR\n"
VERSION = 2  # of files with 4-bit tensors; all others are of version 1, which older readers read too
ALIGN = 64
MAX_HEADER, MAX_FILE = 1 << 20, 1 << 28
_START = struct.Struct("<8sIIQII")  # magic, version, header_bytes, file_bytes, crc32, 0
_STORED: dict[str, np.dtype[Any]] = {
    "b1": np.dtype("u1"),
    "i4": np.dtype("u1"),
    "i8": np.dtype("i1"),
    "f16": np.dtype("<f2"),
    "f32": np.dtype("<f4"),
}
_NAMES = {"int8": "i8", "float16": "f16", "float32": "f32"}
_PACKED = {"b1": 8, "i4": 2}
"""Values in a byte; the innermost size is a multiple of that."""


@dataclass(frozen=True)
class Tensor:
    """A tensor as it is stored: `data` is flat, and holds eight weights a byte where dtype is "b1", two where "i4"."""

    dtype: str
    shape: tuple[int, ...]
    data: NDArray[Any]

    @property
    def size(self) -> int:
        return prod(self.shape)

    def values(self) -> NDArray[Any]:
        """The values in the tensor's shape; bits as int8 +1 (bit 0) and -1 (bit 1), nibbles as int8 too."""
        if self.dtype == "b1":
            bits = np.unpackbits(self.data, bitorder="little").astype(np.int8)
            return (1 - 2 * bits).reshape(self.shape)
        if self.dtype == "i4":
            both = np.stack([self.data << 4, self.data & 0xF0], 1).view(np.int8)
            return (both >> 4).reshape(self.shape)
        return self.data.reshape(self.shape)


def signs(array: NDArray[Any]) -> Tensor:
    """The signs of an array as a "b1" tensor, where sign(0) = +1; its last dimension is a multiple of 8."""
    if array.shape[-1] % 8:
        raise ValueError(f"the last dimension of {array.shape} is no multiple of 8")
    return Tensor("b1", array.shape, np.packbits((array < 0).reshape(-1), bitorder="little"))


def nibbles(array: NDArray[np.int8]) -> Tensor:
    """Integers from -8 to 7 as an "i4" tensor, the first in the low bits; its last dimension is a multiple of 2."""
    if array.shape[-1] % 2 or array.min() < -8 or array.max() > 7:
        raise ValueError("nibbles are from -8 to 7, an even number of them")
    pairs = array.astype(np.uint8).reshape(-1, 2)
    return Tensor("i4", array.shape, pairs[:, 0] & 15 | pairs[:, 1] << 4)


def tensor(array: NDArray[Any]) -> Tensor:
    """An int8, float16 or float32 array as the tensor that holds it."""
    name = _NAMES.get(str(array.dtype))
    if name is None:
        raise ValueError(f"a model holds int8, float16 and float32, not {array.dtype}")
    return Tensor(name, array.shape, np.ascontiguousarray(array).reshape(-1))


def _padding(position: int) -> bytes:
    return bytes(-position % ALIGN)


def _frame(header: Mapping[str, Any], tensors: Mapping[str, Tensor], start: int) -> tuple[bytes, list[int]]:
    """The JSON header for tensors that begin at `start`, and their offsets."""
    table, offsets = [], []
    for name, t in tensors.items():
        size = t.data.nbytes
        table.append({"name": name, "dtype": t.dtype, "shape": list(t.shape), "offset": start, "bytes": size})
        offsets.append(start)
        start += size + len(_padding(start + size))
    full = {**{key: value for key, value in header.items() if key != "tensors"}, "tensors": table}
    return json.dumps(full, ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode(), offsets


def dump(header: Mapping[str, Any], tensors: Mapping[str, Tensor | NDArray[Any]]) -> bytes:
    """The bytes of a model file. `header` holds "network", "charset" and "card"; the tensor table is added here."""
    stored = {name: t if isinstance(t, Tensor) else tensor(t) for name, t in tensors.items()}
    start, end = -1, 0
    while start < end:  # the offsets are part of the header, whose length moves the offsets
        start = end
        text, offsets = _frame(header, stored, start)
        end = _START.size + len(text) + len(_padding(_START.size + len(text)))
    if len(text) > MAX_HEADER:
        raise ValueError(f"the header has {len(text)} bytes, more than {MAX_HEADER}")
    body = bytearray(text)
    for offset, t in zip(offsets, stored.values(), strict=True):
        body += bytes(offset - _START.size - len(body)) + t.data.astype(_STORED[t.dtype], copy=False).tobytes()
    size = _START.size + len(body)
    version = VERSION if any(t.dtype == "i4" for t in stored.values()) else 1
    return _START.pack(MAGIC, version, len(text), size, zlib.crc32(body), 0) + body


def write(
    path: str | os.PathLike[str], header: Mapping[str, Any], tensors: Mapping[str, Tensor | NDArray[Any]]
) -> None:
    """Writes a model file in one step, so the file is always complete."""
    write_atomic(path, dump(header, tensors))


def read(source: str | os.PathLike[str] | bytes) -> tuple[dict[str, Any], dict[str, Tensor]]:
    """The header and the tensors of a model file, by path or by its bytes. Raises ModelError, naming what is wrong."""
    name, data = ("model", source) if isinstance(source, bytes) else (str(source), _load(Path(source)))
    try:
        return _parse(data)
    except ModelError as error:
        raise ModelError(f"{name}: {error}") from None


def card_of(header: Mapping[str, Any]) -> dict[str, Any]:
    """A header's card, or an empty mapping if it has none that is a mapping: cards may hold anything."""
    card = header.get("card")
    return card if isinstance(card, dict) else {}


def _load(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(MAX_FILE + 1)
    except OSError as error:
        raise ModelError(f"{path}: {error.strerror}") from None


def _parse(data: bytes) -> tuple[dict[str, Any], dict[str, Tensor]]:
    if data[: len(MAGIC)] != MAGIC[: len(data)] or not data:
        raise ModelError("not a bitocr model")
    if len(data) < _START.size:
        raise ModelError("cut short: copy or download it again")
    _, version, header_bytes, file_bytes, crc, zero = _START.unpack_from(data)
    if not 1 <= version <= VERSION:
        raise ModelError(f"made in version {version} of the model format, this bitocr reads {VERSION}: upgrade bitocr")
    if file_bytes != len(data) or file_bytes > MAX_FILE:
        raise ModelError(f"{len(data)} bytes long where it should have {file_bytes}: copy or download it again")
    if zlib.crc32(memoryview(data)[_START.size :]) != crc or zero:
        raise ModelError("damaged (its checksum is wrong): copy or download it again")
    if header_bytes > min(MAX_HEADER, len(data) - _START.size):
        raise ModelError("its header is longer than it can be")
    try:
        header = json.loads(data[_START.size : _START.size + header_bytes])
    except (ValueError, RecursionError):
        header = None
    if not isinstance(header, dict) or not isinstance(header.get("tensors"), list):
        raise ModelError("its header is no JSON object with a list of tensors")
    return header, _tensors(header["tensors"], data, _START.size + header_bytes)


def _tensors(table: list[Any], data: bytes, end: int) -> dict[str, Tensor]:
    """The tensors of a table; `end` is where the header ends. They tile the rest of the file, with zeros between."""
    tensors: dict[str, Tensor] = {}
    for entry in table:
        name = entry.get("name") if isinstance(entry, dict) else None
        if not isinstance(name, str) or name in tensors:
            raise ModelError("a tensor without a name of its own")
        dtype, shape = entry.get("dtype"), entry.get("shape")
        if not isinstance(dtype, str) or dtype not in _STORED:
            raise ModelError(f"tensor {name}: unknown dtype")
        if not isinstance(shape, list) or not 1 <= len(shape) <= 4:
            raise ModelError(f"tensor {name}: it has no shape")
        if not all(type(n) is int and 0 < n <= MAX_FILE for n in shape) or shape[-1] % _PACKED.get(dtype, 1):
            raise ModelError(f"tensor {name}: impossible shape {shape}")
        offset, size = entry.get("offset"), entry.get("bytes")
        expected = prod(shape) * _STORED[dtype].itemsize // _PACKED.get(dtype, 1)
        start = end + len(_padding(end))
        if type(offset) is not int or offset != start or size != expected or start > len(data) - size:
            raise ModelError(f"tensor {name}: it does not lie where it says")
        if any(data[end:start]):
            raise ModelError(f"tensor {name}: before it lie bytes that belong to none")
        count = expected // _STORED[dtype].itemsize
        tensors[name] = Tensor(dtype, tuple(shape), np.frombuffer(data, _STORED[dtype], count, offset))
        end = offset + expected
    if end != len(data):
        raise ModelError("the file holds bytes that belong to no tensor")
    return tensors
