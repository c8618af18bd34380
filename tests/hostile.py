"""Model files that are damaged or made to do harm, each with what the engine must say about it.

`python tests/hostile.py` writes a few of them to tests/data/hostile, where they stay as they are.
"""

from __future__ import annotations

import copy
import json
import struct
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

import random_model
from bitocr import bitfile

FOLDER = Path(__file__).parent / "data" / "hostile"
KEPT = [  # written to FOLDER
    "empty", "cut after the start", "newer version", "wrong checksum", "size too large", "deep JSON", "key twice",
    "JSON is cut", "missing tensor", "offset beyond the file", "offset overflows", "overlap", "shape overflows",
    "infinite float", "NaN half", "charset too short", "absurd channels", "unpaired surrogate",
    "slope -1", "offset 1e+300", "bottleneck 32", "head twice",
]  # fmt: skip

Header = dict[str, Any]
_ROOM = 1500  # spare bytes in the base's header, so that changes need not move the tensors


def base() -> bytes:
    """A sound file of a few kilobytes: one block, no neck, two characters, and spare room in the header."""
    head = random_model.header("ab", ((32, 32, (2, 2)),), hidden=0)
    head["card"] = {"room": " " * _ROOM}
    return bitfile.dump(head, {**random_model.tensors(head), "extra": np.ones(3, np.float32)})


def seal(data: bytes) -> bytes:
    """The file with its size and checksum put right."""
    return data[:16] + struct.pack("<QI", len(data), zlib.crc32(data[32:])) + data[28:]


def put(data: bytes, at: int, form: str, value: int) -> bytes:
    return data[:at] + struct.pack(form, value) + data[at + struct.calcsize(form) :]


def with_text(text: bytes) -> bytes:
    """The base with another text as its header, filled up with spaces."""
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


def with_data(name: str, raw: bytes) -> bytes:
    """The base with other bytes at the start of one tensor."""
    data = base()
    at = tensor_of(header_of(data), name)["offset"]
    return seal(data[:at] + raw + data[at + len(raw) :])


def frames() -> Iterator[tuple[str, bytes, str]]:
    """Faults around the header: name, bytes, what the message must hold."""
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
    yield "no tensors at all", with_text(b"{}" + b" " * 5000), "arch"


def texts() -> Iterator[tuple[str, bytes, str]]:
    """Faults of the JSON."""
    for name, text, message in [
        ("JSON is cut", b'{"network": {"arch": "bit', "unfinished string|control character"),
        ("JSON is an array", b"[]", "arch"),
        ("JSON is a number", b"1", "arch"),
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


def networks() -> Iterator[tuple[str, bytes, str]]:
    """Faults of "network" and "charset"."""
    yield "no network", changed(lambda h: h.pop("network")), "arch"
    yield "unknown arch", with_network(arch="crnn"), "arch"
    twice = json.dumps(header_of(base()))[:-1] + ', "network": {}}'
    yield "key twice", with_text(twice.encode()), "arch"
    yield "height 48", with_network(height=48), "height"
    for value in (0, -32, 33, 1056, 2**31, 2**64, 32.0, "32", None, [32], True):
        yield f"stem {value!r}", with_network(stem=value), "stem"
    yield "absurd channels", with_block(out=2**40), "out"
    yield "channels triple", with_block(out=96), "32 -> 96"
    yield "channels do not follow", with_block(**{"in": 64, "out": 64}), "where 32 come in"
    yield "no blocks", with_network(blocks=[]), "no .blocks."
    yield "blocks is an object", with_network(blocks={}), "no .blocks."
    yield "a block is a number", with_network(blocks=[1]), "in"
    block = {"in": 32, "out": 32, "stride": [1, 1]}
    yield "65 blocks", with_network(blocks=[block] * 65), "more than 64"
    for stride in ([0, 1], [1, 3], [1], [1, 1, 1], [], 2, None, [-1, 1], ["1", 1]):
        yield f"stride {stride}", with_block(stride=stride), "stride"
    yield "width stride 16", with_network(blocks=[{**block, "stride": [1, 2]}] * 3), "too large"
    yield "height stride 64", with_network(blocks=[{**block, "stride": [2, 1]}] * 5), "too large"
    yield "no neck", changed(lambda h: h["network"].pop("neck")), "neck"
    yield "unknown neck", with_network(neck={"type": "gru"}), "neck"
    for value in (0, 4, 12, 1032, 10**12):
        yield f"hidden {value}", with_network(neck={"type": "bilstm", "hidden": value}), "hidden"
    for value in (0, 1, 65537, 2**32 + 3):
        yield f"classes {value}", with_network(classes=value), "classes"
    yield "classes do not match", with_network(classes=4), "charset has 2 characters.*3 expected"
    yield "charset too short", changed(lambda h: h.update(charset="a")), "charset has 1 characters"
    for text in ("abc", ""):
        yield f"charset {text!r}", changed(lambda h: h.update(charset=text)), f"charset has {len(text)} characters"  # noqa: B023
    yield "charset missing", changed(lambda h: h.pop("charset")), "no .charset."
    yield "charset is a list", changed(lambda h: h.update(charset=["a", "b"])), "no .charset."
    yield "character twice", changed(lambda h: h.update(charset="aa")), "twice"
    yield "zero in the charset", changed(lambda h: h.update(charset="a\0")), "control character"


def bottlenecks() -> Iterator[tuple[str, bytes, str]]:
    """Faults of "head", in the base, which has 32 features and no bottleneck, and in a file of a bottleneck of 16."""
    for value in (None, 0, 16, "16", [16], {}, {"bottlenecks": 16}):
        yield f"head {value!r}", with_network(head=value), "bottleneck. is missing"
    for size in (0, 7, 1032, -16, 2**64, 16.0, "16", None, True):
        yield f"bottleneck {size!r}", with_network(head={"bottleneck": size}), "bottleneck. is missing or not a number"
    for size in (12, 32, 40):
        yield f"bottleneck {size}", with_network(head={"bottleneck": size}), f"{size}, not a multiple of 8 below the 32"
    yield "bottleneck without weights", with_network(head={"bottleneck": 16}), "bottleneck.weight is missing"
    header = random_model.header("ab", ((32, 32, (2, 2)),), hidden=0, bottleneck=16)
    tensors = random_model.tensors(header)
    twice = bitfile.dump({**header, "network": {**header["network"], "HEAD": {}}}, tensors).replace(b"HEAD", b"head")
    yield "head twice", seal(twice), "head.weight has size 16 where the network needs 32"
    faults: list[tuple[str, NDArray[Any], str]] = [
        ("bottleneck.weight", np.zeros((16, 16), np.int8), "bottleneck.weight has size 16 where the network needs 32"),
        ("bottleneck.weight", np.zeros((16, 32), np.float32), "bottleneck.weight is of the wrong dtype"),
        ("bottleneck.scale", np.zeros(32, np.float32), "bottleneck.scale has size 32 where the network needs 16"),
        ("head.weight", np.zeros((3, 32), np.int8), "head.weight has size 32 where the network needs 16"),
    ]
    for name, array, message in faults:
        yield f"{name} {array.dtype} {array.shape}", bitfile.dump(header, {**tensors, name: array}), message


def calibrations() -> Iterator[tuple[str, bytes, str]]:
    """Faults of "calibration"."""
    sound: dict[str, Any] = {"slope": 1.5, "offset": -0.5}
    others: list[Any] = [None, 1, "1", [], [1, 2], {}, {"offset": 0}, True]
    slopes: list[Any] = [0, -0.0, -1, 100.1, 1e5, "1", None, [1], {}, False]
    offsets: list[Any] = [100.5, -101, 1e300, "0", None, [], True]
    for value in others:
        yield f"calibration {value!r}", with_calibration(json.dumps(value)), "slope. is no number above 0"
    for value in slopes:
        data = with_calibration(json.dumps({**sound, "slope": value}))
        yield f"slope {value!r}", data, "slope. is no number above 0 and up to 100"
    for value in offsets:
        data = with_calibration(json.dumps({**sound, "offset": value}))
        yield f"offset {value!r}", data, "offset. is no number from -100 to 100"
    yield "no offset", with_calibration('{"slope": 1}'), "offset. is no number"
    for text in ("1e999", "-1e999", "9" * 400, "1e99999999999999999999", "1e-400"):
        yield f"slope {text[:9]}", with_calibration(f'{{"slope": {text}, "offset": 0}}'), "slope. is no number"
    for text in ("NaN", "Infinity", "-Infinity", "0x1", ".5", "1.", "1,5"):
        yield f"offset {text}", with_calibration(f'{{"slope": 1, "offset": {text}}}'), "the JSON has"
    yield "slope twice", with_calibration('{"slope": 1, "slope": 1, "offset": 0}'), "slope. is no number"


def tensors() -> Iterator[tuple[str, bytes, str]]:
    """Faults of "tensors" and of what they hold."""
    size = len(base())
    yield "tensors missing", changed(lambda h: h.pop("tensors")), "stem.weight is missing"
    yield "tensors is an object", changed(lambda h: h.update(tensors={})), "stem.weight is missing"
    yield "a tensor is a number", changed(lambda h: h.update(tensors=[1])), "name"
    yield "missing tensor", changed(lambda h: h["tensors"].remove(tensor_of(h, "blocks.0.slope2"))), "slope2 is missing"
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
    """More tensors than there may be, each in its place."""
    data, start = base(), 1 << 17
    table = [{"name": f"t{i}", "dtype": "i8", "shape": [1], "offset": start + 64 * i, "bytes": 1} for i in range(count)]
    text = json.dumps({**header_of(data), "tensors": table}).encode()
    return seal(put(data[:32], 12, "<I", len(text)) + text.ljust(start + 64 * count))


def files() -> list[tuple[str, bytes, str]]:
    """All of them: name, bytes, a regular expression for the message."""
    return [*frames(), *texts(), *networks(), *bottlenecks(), *calibrations(), *tensors()]


def main() -> None:
    FOLDER.mkdir(parents=True, exist_ok=True)
    for name, data, _ in files():
        if name in KEPT:
            (FOLDER / f"{name.replace(' ', '-')}.bit").write_bytes(data)


if __name__ == "__main__":
    main()
