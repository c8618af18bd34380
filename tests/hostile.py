"""Damaged and malicious model files, each with the message that the engine must give.

`python tests/hostile.py` writes a few of them to tests/data/hostile, which stay unchanged.
"""

from __future__ import annotations

import json
import struct
from collections.abc import Iterator
from pathlib import Path

from damage import base, changed, header_of, put, seal, tensor_of, with_data, with_tensor, with_text, without
from hostile_headers import bottlenecks, calibrations, languages, networks

FOLDER = Path(__file__).parent / "data" / "hostile"
KEPT = [  # written to FOLDER
    "empty", "cut after the start", "newer version", "wrong checksum", "size too large", "deep JSON", "key twice",
    "JSON is cut", "missing tensor", "offset beyond the file", "offset overflows", "overlap", "shape overflows",
    "gap", "bytes behind the tensors", "infinite float", "NaN half", "charset too short", "absurd channels",
    "unpaired surrogate", "slope -1", "offset 1e+300", "bottleneck 32", "head twice",
]  # fmt: skip


def frames() -> Iterator[tuple[str, bytes, str]]:
    """Faults around the header: name, bytes, and the pattern of the message."""
    data = base()
    yield "empty", b"", "not a bitocr model"
    for n in (1, 8, 31):
        yield f"only {n} bytes", data[:n], "not a bitocr model"
    yield "cut after the start", data[:32], "truncated"
    for n in (33, 64, 500, len(data) // 2, len(data) - 1):
        yield f"cut at {n}", data[:n], "truncated"
    yield "longer", data + b"\0", "too long"
    yield "bad magic", b"\x89BITOCS\n" + data[8:], "not a bitocr model"
    yield "text", b"GIF89a" + bytes(100), "not a bitocr model"
    yield "newer version", put(data, 8, "<I", 3), "version 3.*upgrade bitocr"
    yield "newest version", put(data, 8, "<I", 0xFFFFFFFF), "version 4294967295.*upgrade bitocr"
    yield "version 0", put(data, 8, "<I", 0), "no format version"
    yield "wrong checksum", put(data, 24, "<I", 0), "checksum"
    yield "flipped bit", data[:-200] + bytes([data[-200] ^ 1]) + data[-199:], "checksum"
    yield "size too large", put(data, 16, "<Q", 2**64 - 1), "truncated"
    yield "size too small", put(data, 16, "<Q", 32), "too long"
    yield "header of 4 GB", put(data, 12, "<I", 0xFFFFFFFF), "header is too long"
    yield "header beyond the file", put(data, 12, "<I", len(data)), "header is too long"
    yield "reserved", put(data, 28, "<I", 1), "reserved"
    yield "header of 0", seal(put(data, 12, "<I", 0)), "early end"
    yield "no tensors at all", with_text(b"{}" + b" " * 9000), "arch"


def texts() -> Iterator[tuple[str, bytes, str]]:
    """Faults in the JSON."""
    for name, text, message in [
        ("JSON is cut", b'{"network": {"arch": "bit', "unfinished string|control character"),
        ("JSON is an array", b"[]", "no JSON object"),
        ("JSON is a number", b"1", "no JSON object"),
        ("JSON is a word", b"nul", "unknown word"),
        ("JSON has two values", b"{} {}", "text after the end"),
        ("deep JSON", b"[" * 2000, "nesting that is too deep"),
        ("deep objects", b'{"a":' * 1000, "nesting that is too deep"),
        ("open array", b"[1,2", "array that does not end"),
        ("open object", b'{"a":1', "object that does not end"),
        ("comma at the end", b"[1,]", "number"),
        ("no value", b'{"a":}', "number"),
        ("no colon", b'{"a" 1}', "without a value"),
        ("key is a number", b"{1:2}", "no string"),
        ("number with a zero", b"[01]", "does not end"),
        ("half a number", b"[1.]", "number"),
        ("half an exponent", b"[1e+]", "number"),
        ("lone minus", b"[-]", "number"),
        ("plus", b"[+1]", "number"),
        ("NaN", b"[NaN]", "number"),
        ("bad UTF-8", b'["\xff"]', "UTF-8"),
        ("overlong UTF-8", b'["\xc0\x80"]', "UTF-8"),
        ("surrogate in UTF-8", b'["\xed\xa0\x80"]', "UTF-8"),
        ("beyond Unicode", b'["\xf4\x90\x80\x80"]', "UTF-8"),
        ("control character", b'["\x01"]', "control"),
        ("unknown escape", b'["\\x"]', "unknown escape"),
        ("short escape", b'["\\u12"]', "escape"),
        ("unpaired surrogate", b'["\\ud800"]', "surrogate"),
        ("swapped surrogates", b'["\\udc00\\ud800"]', "surrogate"),
        ("zero byte", b"\0", "number"),
    ]:
        yield name, with_text(text), message


def tensors() -> Iterator[tuple[str, bytes, str]]:
    """Faults in "tensors" and in their data."""
    size = len(base())
    yield "tensors missing", changed(lambda h: h.pop("tensors")), "belong to no tensor"
    yield "tensors is an object", changed(lambda h: h.update(tensors={})), "belong to no tensor"
    yield "a tensor is a number", changed(lambda h: h.update(tensors=[1])), "name"
    yield "missing tensor", without("blocks.0.slope2"), "slope2 is missing"
    gap = changed(lambda h: h["tensors"].remove(tensor_of(h, "blocks.0.slope2")))
    yield "gap", gap, "before tensor blocks.0.shift2 lie bytes"
    yield "nothing at the end", changed(lambda h: h["tensors"].remove(tensor_of(h, "extra"))), "belong to no tensor"
    yield "bytes behind the tensors", seal(base() + bytes(64)), "belong to no tensor"
    yield "padding that is not zeros", with_data("extra", b"\1", at=-1), "before tensor extra lie bytes"
    yield "same name", with_tensor("extra", name="head.bias"), "head.bias is there twice"
    for value in ("", "x" * 64, "a b", "a\n", None, 7):
        yield f"name {value!r}", with_tensor("extra", name=value), "no sound name"
    for value in ("f64", "", None, "I8", 1):
        yield f"dtype {value!r}", with_tensor("extra", dtype=value), "no known dtype"
    for shape in ([], [1, 1, 1, 1, 3], [0], [-3], [3.0], ["3"], "3", None, [2**32], [[3]]):
        yield f"shape {shape}", with_tensor("extra", shape=shape), "no sound shape"
    yield "shape overflows", with_tensor("extra", shape=[2**31 - 1] * 4), "no sound shape"
    yield "shape wraps to 12 bytes", with_tensor("extra", shape=[2**30, 2**30, 16, 3]), "no sound shape"
    yield "nibbles of odd size", with_tensor("extra", dtype="i4", shape=[1, 9], bytes=5), "no sound shape"
    yield "nibbles as floats", with_tensor("blocks.0.beta1", dtype="i4", shape=[128]), "beta1 is of the wrong dtype"
    yield "nibbles in the stem", with_tensor("stem.weight", dtype="i4", shape=[32, 9, 2]), "stem.weight is of the wrong"
    yield "bits of odd size", with_tensor("extra", dtype="b1", shape=[1, 9], bytes=1), "no sound shape"
    for value in (0, 8, 16, -12, 2**53, 2**64 + 12, None):
        yield f"bytes {value}", with_tensor("extra", bytes=value), "do not match its shape"
    for value in (0, 64, 1, -64, size // 64 * 64 + 64, 2**53, None):
        yield f"offset {value}", with_tensor("extra", offset=value), "overlaps, is not aligned or lies outside"
    yield "offset beyond the file", with_tensor("extra", offset=2**40), "lies outside"
    yield "offset overflows", with_tensor("extra", offset=2**64 - 64), "lies outside"
    for count in (1, 4, 12):  # the last tensor is of 12 bytes
        yield f"last tensor lacks {count} bytes", seal(base()[:-count]), "extra .*lies outside"
    stem = tensor_of(header_of(base()), "stem.weight")["offset"]
    yield "overlap", with_tensor("stem.scale", offset=stem), "stem.scale overlaps"
    yield "wrong dtype", with_tensor("blocks.0.beta1", dtype="i8", shape=[64]), "beta1 is of the wrong dtype"
    yield "bits as int8", with_tensor("blocks.0.conv2.weight", dtype="i8", shape=[128]), "conv2.weight is of the wrong"
    yield "wrong size", with_tensor("head.weight", shape=[32, 3]), "head.weight has size 32 where the network needs 3"
    yield "flat weights", with_tensor("head.weight", shape=[96]), "head.weight has size 96"
    yield "more dimensions", with_tensor("head.bias", shape=[3, 1]), "head.bias has 2 dimensions"
    yield "1025 tensors", _many_tensors(1025), "more than 1024"
    for name, bits in (("infinite float", 0x7F800000), ("NaN float", 0x7FC00001), ("huge float", 0x7F000000)):
        yield name, with_data("head.scale", struct.pack("<I", bits)), "head.scale.*not finite"
    for name, half in (("infinite half", 0xFC00), ("NaN half", 0x7E01)):
        yield name, with_data("blocks.0.scale1", struct.pack("<H", half)), "scale1.*not finite"


def _many_tensors(count: int) -> bytes:
    """More tensors than allowed, each in its right place."""
    data, start = base(), 1 << 17
    table = [{"name": f"t{i}", "dtype": "i8", "shape": [1], "offset": start + 64 * i, "bytes": 1} for i in range(count)]
    text = json.dumps({**header_of(data), "tensors": table}).encode().ljust(start - 32)
    body = b"\1".ljust(64, b"\0") * (count - 1) + b"\1"
    return seal(put(data[:32], 12, "<I", len(text)) + text + body)


def files() -> list[tuple[str, bytes, str]]:
    """All faults: name, bytes, and a regular expression for the message."""
    return [*frames(), *texts(), *networks(), *bottlenecks(), *calibrations(), *languages(), *tensors()]


def main() -> None:
    FOLDER.mkdir(parents=True, exist_ok=True)
    for name, data, _ in files():
        if name in KEPT:
            (FOLDER / f"{name.replace(' ', '-')}.bit").write_bytes(data)


if __name__ == "__main__":
    main()
