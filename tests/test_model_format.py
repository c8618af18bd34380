"""The promises of docs/model-format.md: a reading depends on certain keys of the header and on no others."""

from __future__ import annotations

import json
import re
import struct
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import random_model
from bitocr import Reader
from bitocr.errors import ModelError
from bitocr.io import bitfile
from bitocr.reader import Line
from conftest import CHARSET, Result, picture
from damage import header_of, seal

Header = dict[str, Any]
PAGE = (Path(__file__).parents[1] / "docs" / "model-format.md").read_text()
IMAGES = [picture(seed, 32, 60 + 8 * seed) for seed in range(6)]
CALIBRATION = {"slope": 0.7, "offset": 0.5}
REQUIRED, OPTIONAL = ("network", "charset", "tensors"), ("languages", "calibration")


def model(**keys: Any) -> bytes:
    """A small calibrated English model with low confidence and these keys in its header; None removes a key."""
    header = {**random_model.header(CHARSET), "languages": ["en"], "calibration": CALIBRATION, **keys}
    tensors = random_model.tensors(header)
    return bitfile.dump({key: value for key, value in header.items() if value is not None}, tensors)


def with_header(data: bytes, change: Callable[[Header], Any]) -> bytes:
    """The same model with another header that is not longer, padded with spaces."""
    length = struct.unpack_from("<I", data, 12)[0]
    header = header_of(data)
    changed = change(header) or header
    text = json.dumps(changed, ensure_ascii=False, separators=(",", ":")).encode()
    assert len(text) <= length
    return seal(data[:32] + text.ljust(length) + data[32 + length :])


def readings(data: bytes) -> list[Line]:
    return Reader(data).read_lines(IMAGES)


@pytest.fixture(scope="module")
def expected() -> list[Line]:
    return readings(model())


def test_the_page_names_the_keys() -> None:
    part = PAGE.split("## What a reader may depend on\n")[1].split("\nOn nothing else.")[0]
    assert re.findall(r"^- \*\*(\w+)\*\*", part, re.MULTILINE) == [*REQUIRED, *OPTIONAL]
    may_be_missing = re.findall(r"^- \*\*(\w+)\*\* \(optional\)", part, re.MULTILINE)
    assert may_be_missing == list(OPTIONAL)


CARDS: list[Any] = [
    None,
    [],
    "card",
    1,
    True,
    {},
    {"languages": ["zh"]},
    {"languages": 5, "beam": 1, "calibration": {"slope": 1}},
]


@pytest.mark.parametrize("card", CARDS, ids=str)
def test_no_reading_depends_on_the_card(card: Any, expected: list[Line]) -> None:
    assert readings(model(card=card)) == expected


def add_keys(header: Header) -> None:
    header["reading"] = header["network"]["reading"] = header["calibration"]["threshold"] = {"beam": 1}
    for entry in [*header["tensors"], *header["network"]["blocks"], header["network"]["neck"]]:
        entry["unit"] = None


def turn_round(header: Header) -> Header:
    return dict(reversed(header.items()))


@pytest.mark.parametrize("change", [add_keys, turn_round], ids=lambda change: change.__name__)
def test_no_reading_depends_on_other_keys_or_their_order(change: Callable[[Header], Any], expected: list[Line]) -> None:
    assert readings(with_header(model(card={"room": " " * 2000}), lambda h: h.pop("card") and change(h))) == expected


def test_no_reading_depends_on_other_tensors(expected: list[Line]) -> None:
    header, tensors = bitfile.read(model())
    assert readings(bitfile.dump(header, {**tensors, "extra": np.ones(3, np.float32)})) == expected


@pytest.mark.parametrize("key", REQUIRED)
def test_what_a_reader_needs(key: str) -> None:
    with pytest.raises(ModelError):
        Reader(with_header(model(), lambda header: header.pop(key)))


@pytest.mark.parametrize(
    ("change", "same_as"),
    [
        ({"languages": None}, {"language_model": None}),
        ({"languages": []}, {"language_model": None}),
        ({"languages": ["de"]}, {"language_model": None}),
        ({"languages": ["zh"]}, {"language_model": "chinese"}),
    ],
)
def test_languages_choose_n_grams_and_words(
    change: dict[str, Any], same_as: dict[str, Any], expected: list[Line]
) -> None:
    found = readings(model(**change))
    assert found == Reader(model(), **same_as).read_lines(IMAGES) != expected


def test_a_model_without_calibration_is_read_once(expected: list[Line]) -> None:
    once, again = ({"model": model(calibration=None)}, {"model": model(), "reread": 0})
    found, alike = (Reader(**one, language_model=None).read_lines(IMAGES) for one in (once, again))
    assert [line.text for line in found] == [line.text for line in alike]
    assert readings(model(calibration=None)) != expected


@pytest.mark.parametrize("card", [None, ["card"]], ids=str)
def test_the_command_line_takes_models_without_a_card(
    card: Any, run: Callable[..., Result], images: Path, tmp_path: Path
) -> None:
    path = tmp_path / "bare.bit"
    path.write_bytes(model(card=card))
    (images / "labels.tsv").write_text("a.png\ta\n")
    for argv in (
        ["read", "--line", "--model", path, images / "a.png"],
        ["inspect", path],
        ["eval", images / "labels.tsv", "--protocol", "line", "--model", path],
    ):
        result = run(*argv)
        assert (result.code, result.err) == (0, "")


def test_the_workshop_takes_models_without_a_card(tmp_path: Path) -> None:
    pytest.importorskip("torch")
    from bitocr.lab.export.source import load_network
    from bitocr.lab.train.start import open_start

    path = tmp_path / "bare.bit"
    for card in (None, ["card"]):
        path.write_bytes(model(card=card))
        assert load_network(path)[1]["charset"] == CHARSET
        assert open_start(str(path)).card == {}
