"""Fixtures of several tests: a small random model, images, the command line in this process."""

from __future__ import annotations

import io
import json
import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pytest
from PIL import Image

# Small networks gain nothing from a second thread, and wait for it where the processor has other work.
os.environ.setdefault("OMP_NUM_THREADS", "1")

import installed
import random_model
from bitocr import cli

CHARSET = "".join(map(chr, range(32, 127)))

# A shell starts what it runs in the background with Ctrl-C ignored, and so would be all programs that tests start.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)


class Result(NamedTuple):
    """The result of a command line."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)

    @property
    def jsons(self) -> list[Any]:
        return [json.loads(line) for line in self.out.splitlines()]


@pytest.fixture
def run(capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Callable[..., Result]:
    """Runs a command line: run("read", "--line", path, stdin=b"...")."""

    def run(*argv: object, stdin: bytes = b"") -> Result:
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(stdin)))
        code = cli.run([str(argument) for argument in argv])
        return Result(code, *capfd.readouterr())

    return run


@pytest.fixture(scope="session")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small model with random weights. It reads a different text in each image, and always the same one."""
    path = tmp_path_factory.mktemp("model") / "random.bit"
    path.write_bytes(random_model.model(CHARSET))
    return path


@pytest.fixture(scope="session")
def engine_prefix(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder where the shared and static engine is installed for C programs."""
    folder = tmp_path_factory.mktemp("engine")
    return installed.install(folder / "build", folder / "prefix", "-DBITOCR_TESTS=ON")


@pytest.fixture(scope="session")
def engine_tests(engine_prefix: Path) -> Path:
    """The folder of the programs that engine/cmake/tests.cmake builds."""
    return engine_prefix.parent / "build" / "engine" / "tests"


def picture(seed: int, height: int = 32, width: int = 96) -> np.ndarray:
    """A noisy gray image, uint8 [height, width]."""
    return np.random.default_rng(seed).integers(0, 256, (height, width), dtype=np.uint8)


@pytest.fixture
def images(tmp_path: Path) -> Path:
    """A folder with a.png, b.jpg, sub/c.webp, and files that are hidden or not images."""
    folder = tmp_path / "images"
    (folder / "sub").mkdir(parents=True)
    for seed, name in enumerate(["a.png", "b.jpg", "sub/c.bmp", ".hidden.png"]):
        Image.fromarray(picture(seed)).save(folder / name)
    (folder / "notes.txt").write_text("no image")
    return folder
