"""The Python API: Reader, Line, Char."""

from __future__ import annotations

import copy
import io
import pickle
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import FrozenInstanceError, replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

import bitocr
from bitocr import ImageError, Line, ModelError, Reader, UsageError, batches
from bitocr.io import shipped
from conftest import picture

TOO_LONG = np.tile(np.array([0, 255], np.uint8), (2, 1500))  # wider than the engine takes at height 32


def test_every_kind_of_source_reads_the_same(model: Path, tmp_path: Path) -> None:
    pixels = picture(0)
    path = tmp_path / "a.png"
    Image.fromarray(pixels).save(path)
    reader = Reader(model)
    expected = reader.read_line(pixels)
    assert expected.text
    with path.open("rb") as file:
        for source in (path, str(path), path.read_bytes(), file, Image.open(path)):
            assert reader.read_line(source) == expected


def test_a_line_says_where_its_characters_are(model: Path) -> None:
    line = Reader(model).read_line(picture(1, width=200))
    assert "".join(char.char for char in line.chars) == line.text
    assert 0 < line.confidence <= 1
    assert all(0 < char.score <= 1 for char in line.chars)
    positions = [char.x for char in line.chars]
    assert positions == sorted(positions)
    assert 0 <= positions[0] <= positions[-1] <= 200
    with pytest.raises(FrozenInstanceError):
        line.text = "other"  # type: ignore[misc]


def test_models_by_path_bytes_and_text(model: Path) -> None:
    texts = {Reader(source).read_line(picture(2)).text for source in (model, str(model), model.read_bytes())}
    assert len(texts) == 1


@pytest.mark.parametrize("threads", [1, 2, 0])
def test_many_lines_keep_their_order(model: Path, threads: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(batches, "_BATCH_IMAGES", 4)
    one = Reader(model)
    pictures = [picture(seed, 20 + seed, 40 + 9 * seed) for seed in range(11)]
    expected = [one.read_line(array) for array in pictures]
    assert Reader(model, threads=threads).read_lines(iter(pictures)) == expected
    assert len({line.text for line in expected}) > 5


def test_bad_images_in_a_batch(model: Path, tmp_path: Path) -> None:
    good = [picture(0), picture(1)]
    mixed: list[Any] = [b"no image", good[0], TOO_LONG, tmp_path / "none.png", good[1]]
    one = Reader(model)
    lines = one.read_lines(mixed, errors="return")
    assert [line.text for line in lines if line.error is None] == [one.read_line(array).text for array in good]
    assert [type(line.error) for line in lines] == [ImageError, type(None), ImageError, ImageError, type(None)]
    assert all(line == Line("", 0.0, (), line.error) for line in lines if line.error)
    with pytest.raises(ImageError, match="not an image"):
        one.read_lines(mixed)
    with pytest.raises(ImageError):
        one.read_line(TOO_LONG)


def test_images_are_loaded_as_they_are_read(model: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(batches, "_BATCH_IMAGES", 2)
    asked = 0

    def endless() -> Iterator[np.ndarray]:
        nonlocal asked
        while True:
            asked += 1
            yield picture(asked)

    for threads in (1, 2):
        asked = 0
        lines = Reader(model, threads=threads).iter_lines(endless())
        assert [next(lines).text != "" for _ in range(5)] == [True] * 5
        assert asked < 16
        lines.close()  # type: ignore[attr-defined]


def test_lines_come_without_characters_where_nobody_wants_them(model: Path) -> None:
    images = [picture(seed) for seed in range(3)]
    for is_ascii in (False, True):
        reader = Reader(model, ascii=is_ascii)
        expected = [replace(line, chars=()) for line in reader.read_lines(images)]
        assert list(reader.iter_lines(images, chars=False)) == expected


def test_large_images_make_small_batches(model: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(batches, "_BATCH_BYTES", 5000)
    shared = batches.batches(picture(seed, 40, 60) for seed in range(7))
    assert [len(batch) for batch in shared] == [3, 3, 1]


def test_the_first_chunks_are_small(monkeypatch: pytest.MonkeyPatch) -> None:
    lengths = [len(chunk) for chunk in batches.chunks(["image"] * 1000, 2)]
    assert lengths[:9] == [1] * 8 + [2]
    assert max(lengths) == batches._BATCH_IMAGES
    assert sum(lengths) == 1000
    monkeypatch.setattr(batches, "_BATCH_BYTES", 5000)
    chunks = list(batches.chunks((picture(seed, 40, 60) for seed in range(1000)), 2))
    assert max(map(len, chunks)) == 3
    assert sum(map(len, chunks)) == 1000


def test_one_reader_in_many_threads(model: Path) -> None:
    shared = Reader(model, threads=2)
    pictures = [picture(seed) for seed in range(12)]
    expected = shared.read_lines(pictures)
    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(shared.read_line, pictures)) == expected


def test_a_reader_in_another_process(model: Path) -> None:
    one = Reader(model, threads=2, beam=3, words=["zebra", "ab"], language_model="english")
    expected = one.read_line(picture(0))
    code = (
        "import pickle, sys; reader, image = pickle.load(sys.stdin.buffer);"
        "pickle.dump((reader.threads, reader.read_line(image)), sys.stdout.buffer)"
    )
    data = pickle.dumps((one, picture(0)))
    done = subprocess.run([sys.executable, "-c", code], input=data, capture_output=True, check=True)
    assert pickle.loads(done.stdout) == (2, expected)
    copies = [copy.copy(one), copy.deepcopy(one)]
    del one
    assert [other.read_line(picture(0)) for other in copies] == [expected] * 2


def test_one_image_is_no_list(model: Path, tmp_path: Path) -> None:
    path = tmp_path / "a.png"
    Image.fromarray(picture(0)).save(path)
    data, one = path.read_bytes(), Reader(model)
    for image in (path, str(path), data, bytearray(data), memoryview(data), io.BytesIO(data), Image.open(path)):
        with pytest.raises(UsageError, match=r"^one \w+ is not a list of images: read_line reads a single image$"):
            one.read_lines(image)  # type: ignore[arg-type]
    with pytest.raises(UsageError, match=r"^one ndarray is not"):
        one.read_lines(picture(0))


def test_nothing_to_read(model: Path) -> None:
    assert Reader(model).read_lines([]) == []


BAD_ARGUMENTS: list[tuple[dict[str, Any], type[Exception], str]] = [
    ({"model": "klingon"}, ModelError, "no model is called 'klingon'"),
    ({"model": "none.bit"}, ModelError, "none.bit: there is no such file"),
    ({"model": "some/where"}, ModelError, "some/where: there is no such file"),
    ({"model": "/"}, ModelError, "a folder"),
    ({"model": b""}, ModelError, "not a bitocr model"),
    ({"model": b"\x89BITOCR\n"}, ModelError, "not a bitocr model"),
    ({"threads": -1}, UsageError, "threads"),
    ({"beam": -1}, UsageError, "beam"),
    ({"words": "word"}, UsageError, "a list of words"),
    ({"words": b"word"}, UsageError, "a list of words"),
    ({"words": [1]}, UsageError, "a list of words, and 1 is not one"),
    ({"words": 3}, UsageError, "a list of words, not 3"),
    ({"threads": 2.5}, UsageError, "threads is a whole number from 0 to 1024, not 2.5"),
    ({"threads": "2"}, UsageError, "threads is a whole number from 0 to 1024, not '2'"),
    ({"beam": 1000}, UsageError, "beam is a whole number from 0 to 256, not 1000"),
    ({"beam": "16"}, UsageError, "beam is a whole number"),
    ({"reread": -1}, UsageError, "reread is a confidence from 0 to 1, not -1"),
    ({"reread": 1.5}, UsageError, "reread is a confidence from 0 to 1, not 1.5"),
    ({"reread": "0.5"}, UsageError, "reread is a confidence from 0 to 1, not '0.5'"),
    ({"max_pixels": 0}, UsageError, "max_pixels is a whole number of 1 or more, not 0"),
    ({"model": 3}, UsageError, "by its name or path, not by a int"),
    ({"language_model": 3}, UsageError, "by its name or path, not by a int"),
    ({"words": ["word"], "beam": 0}, UsageError, "a beam of 2 or more"),
    ({"language_model": "klingon"}, ModelError, "no n-gram model is called 'klingon'.*english"),
    ({"language_model": "none.ngram"}, ModelError, "none.ngram: there is no such file"),
    ({"language_model": "/"}, ModelError, "a folder"),
    ({"kernel": "abacus"}, UsageError, "abacus"),
]


@pytest.mark.parametrize(("arguments", "error", "message"), BAD_ARGUMENTS, ids=lambda value: str(value)[:30])
def test_bad_arguments(arguments: dict[str, Any], error: type[Exception], message: str, model: Path) -> None:
    with pytest.raises(error, match=message) as caught:
        Reader(**{"model": model, **arguments})
    assert "\n" not in str(caught.value)


def test_unknown_kernel_in_the_environment(model: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BITOCR_KERNEL", "abacus")
    with pytest.raises(UsageError, match="abacus"):
        Reader(model)


@pytest.mark.parametrize("method", ["read_lines", "read_pages"])
def test_errors_are_raised_or_returned(model: Path, method: str) -> None:
    with pytest.raises(UsageError, match="errors"):
        list(getattr(Reader(model), method)([], errors="ignore"))


def test_words_and_beam_are_passed_on(model: Path) -> None:
    plain = Reader(model).read_line(picture(3, width=40)).text
    guided = Reader(model, beam=4, words=["zebra"]).read_line(picture(3, width=40))
    assert plain
    assert guided.text


def test_shipped_models_are_found_by_name(monkeypatch: pytest.MonkeyPatch, model: Path) -> None:
    monkeypatch.setattr(shipped, "FOLDER", model.parent)
    assert shipped.names() == ["random"]
    assert shipped.find("random") == model
    with pytest.raises(ModelError, match=r"shipped model's name \(random\)"):
        shipped.find("other")


def test_the_package_loads_nothing_before_it_is_needed() -> None:
    slow = ["numpy", "PIL", "torch", "argparse"]
    code = f"import sys, bitocr, bitocr.cli; print([m for m in {slow} if m in sys.modules])"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "[]\n"


def test_names_of_the_package() -> None:
    assert all(hasattr(bitocr, name) for name in bitocr.__all__)
    with pytest.raises(AttributeError):
        bitocr.nothing  # type: ignore[attr-defined]  # noqa: B018
