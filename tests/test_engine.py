"""The whole engine on small random models: reads one image or many, with threads and from threads."""

from __future__ import annotations

import copy
import gc
import pickle
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import kernel_hooks
import random_model
from bitocr.errors import ImageError, UsageError
from bitocr.io import bitfile
from bitocr.native.engine import Engine, kernels
from bitocr.native.image import prepare

CHARSET = "abcdefghij"
TASKS = Path("/proc/self/task")  # of this process
WIDE = ((32, 32, (1, 2)), (32, 64, (2, 2)))  # a width stride of 8


@pytest.fixture(scope="module")
def engine() -> Engine:
    return Engine(random_model.model(CHARSET, seed=4))


def image(height: int, width: int, *channels: int, seed: int = 0) -> np.ndarray:
    rng = np.random.default_rng(seed)
    coarse = rng.integers(0, 256, (height // 4 + 1, width // 4 + 1, *channels), dtype=np.uint8)
    return coarse.repeat(4, 0).repeat(4, 1)[:height, :width]


def test_kernels_end_with_the_plain_one() -> None:
    names = kernels()
    assert names[-1] == "generic"
    assert len(set(names)) == len(names)
    for name in names:
        assert Engine(random_model.model(), kernel=name).kernel == name


@pytest.mark.parametrize(("height", "width", "steps"), [(32, 128, 36), (1, 1, 12), (64, 60, 12), (10, 900, 724)])
def test_logprobs(engine: Engine, height: int, width: int, steps: int) -> None:
    array = image(height, width)
    logprobs = engine.logprobs(array)
    assert logprobs.shape == (steps, len(CHARSET) + 1)
    assert logprobs.dtype == np.float32
    np.testing.assert_allclose(np.exp(logprobs).sum(1), 1, atol=1e-4)
    np.testing.assert_array_equal(engine.logprobs(prepare(array)), logprobs)


@pytest.mark.parametrize(("height", "width"), [(16, 40), (48, 88), (64, 112)])
def test_lines_are_read_at_the_height_that_the_model_says(height: int, width: int) -> None:
    header, array = random_model.header(CHARSET, hidden=8, height=height), image(30, 45)
    engine = Engine(bitfile.dump(header, random_model.tensors(header)))
    logprobs = engine.logprobs(kernel_hooks.prepare(array, height, width))
    assert engine.recognize([array]) == [engine.decode(logprobs, array.shape[1])]
    wrong: Any
    for wrong in (array, np.zeros((32, width), np.int8), None):
        with pytest.raises(UsageError, match=rf"int8 array \[{height}, width\]"):
            engine.logprobs(wrong)


@pytest.mark.parametrize("blocks", [random_model.SMALL, WIDE])
@pytest.mark.parametrize("hidden", [0, 8])
def test_recognize_is_its_parts_in_a_row(blocks: random_model.Blocks, hidden: int) -> None:
    engine = Engine(random_model.model(CHARSET, blocks, hidden), threads=2)
    images = [image(40, 30 + 37 * i, *((), (3,), (4,))[i % 3], seed=i) for i in range(7)]
    for options in ({}, {"beam": 5}, {"words": ["abc", "dad", "j"], "word_bonus": 5.0}):
        results = engine.recognize(images, **options)
        for array, result in zip(images, results, strict=True):
            assert engine.decode(engine.logprobs(array), array.shape[1], **options) == result


def test_characters_stand_where_they_are(engine: Engine) -> None:
    array = image(50, 400)
    result = engine.recognize([array])[0]
    places = [x for _, _, x in result["chars"]]
    assert len(places) > 5
    assert places == sorted(places)
    assert 0 < places[0] < places[-1] < 400
    assert all(0 < score <= 1 for _, score, _ in result["chars"])
    scores = [score for _, score, _ in result["chars"]]
    assert result["confidence"] == pytest.approx(np.exp(np.log(scores).mean()), rel=1e-5)


def test_longest_line(engine: Engine) -> None:
    longest, too_long = (np.pad(image(2, width - 2), ((0, 0), (1, 1)), constant_values=255) for width in (511, 512))
    assert engine.logprobs(longest).shape[0] == 2048
    assert engine.recognize([longest], beam=4)[0]["text"]
    for call in (engine.logprobs, lambda array: engine.recognize([array])):
        with pytest.raises(ImageError, match="too long: 82"):
            call(too_long)


def test_no_images(engine: Engine) -> None:
    assert engine.recognize([]) == []


def test_the_first_bad_image_is_named(engine: Engine) -> None:
    good, long = image(32, 64), image(2, 600)
    with pytest.raises(ImageError, match=r"^image 2 of 4: the line is too long"):
        engine.recognize([good, long, good, long])
    with pytest.raises(ImageError, match=r"^the line is too long"):
        engine.recognize([long])
    with pytest.raises(ImageError, match="float64"):
        engine.recognize([good, good.astype(float)])
    assert len(engine.recognize([good])) == 1


@pytest.mark.parametrize(
    ("shape", "message"),
    [
        ((31, 64), "31, 64"),
        ((32,), "32"),
        ((32, 0), "is 0"),
        ((32, 30), "is 30"),
        ((32, 8196), "is 8196"),
        ((1, 32, 64), "1, 32, 64"),
    ],
)
def test_bad_prepared_inputs(engine: Engine, shape: tuple[int, ...], message: str) -> None:
    with pytest.raises(UsageError, match=message):
        engine.logprobs(np.zeros(shape, np.int8))


def test_prepared_width_fits_the_stride() -> None:
    engine = Engine(random_model.model(CHARSET, WIDE))
    assert engine.width_unit == 8
    assert engine.logprobs(np.zeros((32, 40), np.int8)).shape == (5, 11)
    assert engine.logprobs(image(32, 36)).shape == (7, 11)
    with pytest.raises(UsageError, match="multiple of 8"):
        engine.logprobs(np.zeros((32, 36), np.int8))


@pytest.mark.skipif(not TASKS.exists(), reason="counts threads as Linux tells them")
@pytest.mark.parametrize("threads", [1, 3])
def test_as_many_threads_as_are_asked_for(threads: int) -> None:
    before = len(list(TASKS.iterdir()))
    engine = Engine(random_model.model(CHARSET), threads=threads)
    engine.recognize([image(32, 90)] * 9)
    assert len(list(TASKS.iterdir())) - before == threads - 1


@pytest.mark.parametrize("threads", [1, 3])
def test_one_engine_from_many_threads(threads: int) -> None:
    model = random_model.model(CHARSET, seed=4)
    engine = Engine(model, threads=threads)
    assert engine.threads == threads
    images = [image(20 + i, 50 + 13 * i, seed=i) for i in range(10)]
    expected = [Engine(model).recognize([array])[0] for array in images]

    def read(i: int) -> bool:
        part = slice(i % 5, 10 - i % 3)
        same = engine.recognize(images[part], words=["abc"] if i % 2 else None, word_bonus=0)
        return i % 2 == 1 or same == expected[part]

    with ThreadPoolExecutor(6) as pool:
        assert all(pool.map(read, range(60)))


@pytest.mark.parametrize("again", [copy.copy, copy.deepcopy, lambda engine: pickle.loads(pickle.dumps(engine))])
@pytest.mark.parametrize("as_path", [False, True])
def test_copies_own_their_model(again: Any, as_path: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    data, array = random_model.model(CHARSET), image(32, 64)
    monkeypatch.chdir(tmp_path)
    Path("a.bit").write_bytes(data)
    engine = Engine("a.bit" if as_path else data, kernel="generic", threads=2)
    expected = engine.recognize([array], words=["abc"])
    monkeypatch.chdir("/")
    other = again(engine)
    assert other._model != engine._model
    assert (other.kernel, other.threads) == ("generic", 2)
    del engine
    gc.collect()
    assert other.recognize([array], words=["abc"]) == expected


def test_engines_come_and_go() -> None:
    data, array = random_model.model(CHARSET), image(32, 64)
    for _ in range(20):
        engine = Engine(data, threads=2)
        engine.recognize([array], words=["abc"])
        del engine
    gc.collect()
