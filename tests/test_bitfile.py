"""model.bit in Python: what is written can be read, and damage is detected."""

from __future__ import annotations

import json
import struct
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import random_model
from bitocr.errors import ModelError, UsageError
from bitocr.io import bitfile

HEADER = {"network": {"arch": "none"}, "charset": "äb→", "card": {"name": "test"}}


def tensors() -> dict[str, Any]:
    rng = np.random.default_rng(0)
    return {
        "i8": rng.integers(-128, 128, (5, 7), dtype=np.int8),
        "bits": bitfile.signs(rng.standard_normal((3, 3, 3, 32))),
        "i4": bitfile.nibbles(rng.integers(-8, 8, (3, 6), dtype=np.int8)),
        "f16": rng.standard_normal(9).astype(np.float16),
        "f32": rng.standard_normal((2, 1, 3)).astype(np.float32),
    }


def test_round_trip(tmp_path: Path) -> None:
    path, given = tmp_path / "a.bit", tensors()
    bitfile.write(path, HEADER, given)
    header, found = bitfile.read(path)
    assert {key: header[key] for key in HEADER} == HEADER
    assert list(found) == list(given)
    for name, value in given.items():
        expected = value.values() if isinstance(value, bitfile.Tensor) else value
        np.testing.assert_array_equal(found[name].values(), expected)
        assert found[name].values().dtype == expected.dtype
    assert all(entry["offset"] % 64 == 0 for entry in header["tensors"])
    assert bitfile.dump(header, found) == path.read_bytes()
    assert not [other for other in tmp_path.iterdir() if other != path]


def test_bits_are_signs_lowest_first() -> None:
    array = np.ones((2, 8), np.float32)
    array[0, 0] = array[0, 3] = -1
    array[1] = [0.0, -0.0, 1, -1, 1, 1, 1, -1e-30]
    tensor = bitfile.signs(array)
    assert tensor.data.tolist() == [0b00001001, 0b10001000]
    np.testing.assert_array_equal(tensor.values(), np.where(array < 0, -1, 1))
    assert tensor.data.nbytes * 8 == tensor.size


def test_nibbles_are_twos_complement_lowest_first() -> None:
    tensor = bitfile.nibbles(np.array([[-2, -7], [7, -8], [0, 1]], np.int8))
    assert tensor.data.tolist() == [0x9E, 0x87, 0x10]
    assert tensor.values().tolist() == [[-2, -7], [7, -8], [0, 1]]


@pytest.mark.parametrize("array", [np.zeros((2, 3), np.int8), np.full(2, 8, np.int8), np.full(2, -9, np.int8)])
def test_what_nibbles_cannot_hold(array: np.ndarray) -> None:
    with pytest.raises(ValueError, match="from -8 to 7, an even number"):
        bitfile.nibbles(array)


def test_only_files_with_nibbles_are_of_version_2() -> None:
    plain = {"a": np.zeros(2, np.int8)}
    assert [bitfile.dump({}, t)[8] for t in (plain, {"a": bitfile.nibbles(plain["a"])})] == [1, 2]


@pytest.mark.parametrize("array", [np.zeros(3), np.zeros(3, np.uint8), np.zeros(3, bool)])
def test_only_the_formats_types(array: np.ndarray) -> None:
    with pytest.raises(ValueError, match="not"):
        bitfile.tensor(array)


def test_offsets_settle_at_every_header_length() -> None:
    for length in range(140):
        header, found = bitfile.read(bitfile.dump({"card": "x" * length}, {"a": np.ones(1, np.int8)}))
        assert header["tensors"][0]["offset"] % 64 == 0
        assert found["a"].values().tolist() == [1]


def repack(data: bytes, change: Callable[[dict[str, Any]], None]) -> bytes:
    """The file with a changed JSON header and correct sizes and checksum."""
    length = struct.unpack_from("<I", data, 12)[0]
    header = json.loads(data[32 : 32 + length])
    change(header)
    text = json.dumps(header, ensure_ascii=False, separators=(",", ":")).encode().ljust(length)
    return reframe(text, data[32 + length :])


def reframe(text: bytes, rest: bytes, version: int = 1) -> bytes:
    body = text + rest
    start = struct.pack("<8sIIQII", bitfile.MAGIC, version, len(text), 32 + len(body), zlib.crc32(body), 0)
    return start + body


def entry(**change: Any) -> Callable[[bytes], bytes]:
    """Changes the first tensor's entry, i8 [5, 7]."""
    return lambda data: repack(data, lambda header: header["tensors"][0].update(change))


def unclean(data: bytes) -> bytes:
    """The file with a byte set after the first tensor, which has 35 bytes."""
    length = struct.unpack_from("<I", data, 12)[0]
    at = json.loads(data[32 : 32 + length])["tensors"][0]["offset"] + 35
    return reframe(data[32 : 32 + length], data[32 + length : at] + b"\1" + data[at + 1 :])


DAMAGE: dict[str, tuple[Callable[[bytes], bytes], str]] = {
    "empty": (lambda d: b"", "not a bitocr model"),
    "text": (lambda d: b"hello, world, hello, world, hello, world", "not a bitocr model"),
    "only the magic": (lambda d: d[:8], "cut short"),
    "cut in the start": (lambda d: d[:31], "cut short"),
    "cut in the header": (lambda d: d[:60], "long where it should have"),
    "cut at the end": (lambda d: d[:-1], "long where it should have"),
    "something behind": (lambda d: d + b"\0", "long where it should have"),
    "newer": (lambda d: reframe(d[32:], b"", version=3), "version 3 .* upgrade"),
    "one bit flipped": (lambda d: d[:-9] + bytes([d[-9] ^ 1]) + d[-8:], "checksum"),
    "endless header": (lambda d: d[:12] + b"\xff\xff\xff\x7f" + d[16:], "header is longer"),
    "no JSON": (lambda d: reframe(b"{" * 90, d[400:]), "no JSON"),
    "nested JSON": (lambda d: reframe(b"[" * 200_000, b""), "no JSON"),
    "bad UTF-8": (lambda d: reframe(b'{"tensors": "\xff"}', b""), "no JSON"),
    "a list": (lambda d: reframe(b"[]", b""), "no JSON"),
    "no tensors": (lambda d: reframe(b"{}", b""), "no JSON object with a list"),
    "tensors of numbers": (lambda d: reframe(b'{"tensors": [1]}', b""), "without a name"),
    "two of one name": (entry(name="bits"), "without a name of its own"),
    "unknown dtype": (entry(dtype="i3"), "unknown dtype"),
    "a list as dtype": (entry(dtype=["i8"]), "unknown dtype"),
    "no shape": (entry(shape=[]), "no shape"),
    "five sizes": (entry(shape=[1] * 5), "no shape"),
    "negative size": (entry(shape=[-5, -7]), "impossible shape"),
    "huge size": (entry(shape=[2**28, 2**28, 2**28, 2**28]), "does not lie"),
    "true as size": (entry(shape=[True, 35]), "impossible shape"),
    "fraction as size": (entry(shape=[5.0, 7]), "impossible shape"),
    "odd bits": (entry(dtype="b1"), "impossible shape"),
    "odd nibbles": (entry(dtype="i4"), "impossible shape"),
    "unaligned": (entry(offset=33), "does not lie"),
    "in the header": (entry(offset=0), "does not lie"),
    "negative offset": (entry(offset=-64), "does not lie"),
    "behind the end": (entry(offset=1 << 40), "does not lie"),
    "offset as text": (entry(offset="64"), "does not lie"),
    "wrong bytes": (entry(bytes=36), "does not lie"),
    "a gap": (lambda d: repack(d, lambda header: header["tensors"].pop(0)), "does not lie"),
    "no tensor at the end": (lambda d: repack(d, lambda header: header["tensors"].pop()), "belong to no tensor"),
    "padding that is not zeros": (unclean, "before it lie bytes"),
}


@pytest.mark.parametrize("name", DAMAGE)
def test_damage_is_told_in_one_line(name: str, tmp_path: Path) -> None:
    damage, message = DAMAGE[name]
    path = tmp_path / "m.bit"
    path.write_bytes(damage(bitfile.dump(HEADER, tensors())))
    with pytest.raises(ModelError, match=message) as caught:
        bitfile.read(path)
    assert str(caught.value).startswith(f"{path}: ")
    assert "\n" not in str(caught.value)


def test_every_truncation_and_many_flips_are_refused() -> None:
    data = random_model.model()
    for length in range(0, len(data), 997):
        with pytest.raises(ModelError):
            bitfile.read(data[:length])
    for position in [*range(40), *range(40, len(data), 991)]:
        flipped = bytearray(data)
        flipped[position] ^= 0x10
        with pytest.raises(ModelError):
            bitfile.read(bytes(flipped))


def test_missing_and_unwritable(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="No such file"):
        bitfile.read(tmp_path / "none.bit")
    with pytest.raises(ModelError, match="directory"):
        bitfile.read(tmp_path)
    with pytest.raises(UsageError, match="cannot write"):
        bitfile.write(tmp_path / "none" / "a.bit", HEADER, tensors())
