"""Model files whose header describes something impossible: networks, bottlenecks, calibrations, languages."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

import random_model
from bitocr.io import bitfile
from damage import base, changed, header_of, seal, with_block, with_calibration, with_network, with_text


def networks() -> Iterator[tuple[str, bytes, str]]:
    """Faults in "network" and "charset"."""
    yield "no network", changed(lambda h: h.pop("network")), "arch"
    yield "unknown arch", with_network(arch="crnn"), "arch"
    twice = json.dumps({**header_of(base()), "card": {}})[:-1] + ', "network": {}}'
    yield "key twice", with_text(twice.encode()), "arch"
    yield "height 0", with_network(height=0), "height"
    yield "height 258", with_network(height=258), "height"
    yield "height 33", with_network(height=33), "too large"
    for value in (0, -32, 33, 48, 1056, 2**31, 2**64, 32.0, "32", None, [32], True):
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
    """Faults in "head": in the base, with 32 features and no bottleneck, and in a file with a bottleneck of 16."""
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
    """Faults in "calibration"."""
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


def languages() -> Iterator[tuple[str, bytes, str]]:
    """Faults in "languages"."""
    odd: list[Any] = ["en", {"en": 1}, 1, None, True, [1], [["en"]], [""], ["en,zh"], ["en "], ["é"], ["e\0n"]]
    for value in [*odd, ["a" * 256], ["aa"] * 86]:
        yield (
            f"languages {json.dumps(value):.20}",
            changed(lambda h: h.update(languages=value)),  # noqa: B023
            "languages. is not a short list of language tags",
        )
