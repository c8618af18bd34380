"""A valid model file, and ways to damage it."""

from __future__ import annotations

import copy
import json
import struct
import zlib
from collections.abc import Callable
from typing import Any

import numpy as np

import random_model
from bitocr.io import bitfile

Header = dict[str, Any]
_ROOM = 4000  # spare bytes in the base's header, so that changes need not move the tensors


def base() -> bytes:
    """A valid file of a few kilobytes: one block, no neck, two characters, and spare room in the header."""
    head = random_model.header("ab", ((32, 32, (2, 2)),), hidden=0)
    head["card"] = {"room": " " * _ROOM}
    return bitfile.dump(head, {**random_model.tensors(head), "extra": np.ones(3, np.float32)})


def seal(data: bytes) -> bytes:
    """The file with its size and checksum corrected."""
    return data[:16] + struct.pack("<QI", len(data), zlib.crc32(data[32:])) + data[28:]


def put(data: bytes, at: int, form: str, value: int) -> bytes:
    return data[:at] + struct.pack(form, value) + data[at + struct.calcsize(form) :]


def with_text(text: bytes) -> bytes:
    """The base with another text as its header, padded with spaces."""
    data = base()
    length = struct.unpack_from("<I", data, 12)[0]
    if len(text) <= length:
        return seal(data[:32] + text.ljust(length) + data[32 + length :])
    return seal(put(data[:32], 12, "<I", len(text)) + text)


def header_of(data: bytes) -> Header:
    return dict(json.loads(data[32 : 32 + struct.unpack_from("<I", data, 12)[0]]))


def changed(change: Callable[[Header], Any]) -> bytes:
    """The base with a changed header."""
    header = copy.deepcopy(header_of(base()))
    header["card"] = {}
    change(header)
    return with_text(json.dumps(header).encode())


def tensor_of(header: Header, name: str) -> dict[str, Any]:
    return next(t for t in header["tensors"] if t["name"] == name)


def with_tensor(tensor: str, /, **values: Any) -> bytes:
    """The base with other values in one tensor's entry."""
    return changed(lambda h: tensor_of(h, tensor).update(values))


def with_network(**values: Any) -> bytes:
    return changed(lambda h: h["network"].update(values))


def with_block(**values: Any) -> bytes:
    return changed(lambda h: h["network"]["blocks"][0].update(values))


def with_calibration(text: str) -> bytes:
    """The base with a calibration, given as JSON."""
    header = {**header_of(base()), "card": {}, "calibration": "@"}
    return with_text(json.dumps(header).replace('"@"', text).encode())


def without(tensor: str) -> bytes:
    """A valid file, except that it lacks a tensor that its network needs."""
    header, tensors = bitfile.read(base())
    return bitfile.dump(header, {name: t for name, t in tensors.items() if name != tensor})


def with_data(name: str, raw: bytes, at: int = 0) -> bytes:
    """The base with other bytes at the start of one tensor, or `at` bytes from there."""
    data = base()
    at += tensor_of(header_of(data), name)["offset"]
    return seal(data[:at] + raw + data[at + len(raw) :])
