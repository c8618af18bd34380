"""Runs exported files on one thread: .bit by the engine, .onnx by ONNX Runtime, .mnn by MNN.

A runner takes a prepared image, int8 [32, W] from `bitocr.native.image.prepare`, and returns logits or
log-probabilities float32 [T, classes]. The two differ only by a constant per time step.
"""

from __future__ import annotations

import json
import os
import signal
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from multiprocessing import get_context
from pathlib import Path
from types import TracebackType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bitocr.errors import ModelError, UsageError
from bitocr.native.engine import Engine
from bitocr.native.image import HEIGHT

Prepared = NDArray[np.int8]
Logits = NDArray[np.float32]
Run = Callable[[Prepared], Logits]


def open_bit(path: str | Path) -> Run:
    """Raises ModelError."""
    engine = Engine(path)
    return engine.logprobs


def open_onnx(path: str | Path) -> Run:
    """Raises ModelError if the file is missing, damaged, or not an ONNX file of bitocr."""
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.log_severity_level = 4
    try:
        session = onnxruntime.InferenceSession(read(path), options, providers=["CPUExecutionProvider"])
    except Exception as error:  # ONNX Runtime's error classes have no common base
        raise ModelError(f"{path}: ONNX Runtime cannot load it: {first_line(error)}") from None
    if [value.name for value in session.get_inputs()] != ["image"]:
        raise ModelError(f"{path}: not an ONNX file of bitocr (it takes other inputs than one image)")

    def run(image: Prepared) -> Logits:
        try:
            logits: Logits = session.run(None, {"image": to_float(image)})[0][0]
        except Exception as error:
            raise ModelError(f"{path}: ONNX Runtime cannot run it: {first_line(error)}") from None
        return logits

    return run


def open_mnn(path: str | Path) -> Run:
    """Raises ModelError. MNN prints to standard output, and may crash on a damaged file: see `Apart`."""
    import MNN

    read(path)
    settings = {"backend": 0, "numThread": 1, "precision": 1}  # the CPU; float32 except where the file says int8
    runtime = MNN.nn.create_runtime_manager((settings,))
    try:
        module = MNN.nn.load_module_from_file(str(path), ["image"], ["logits"], runtime_manager=runtime)
    except Exception:  # a SystemError without a reason
        raise ModelError(f"{path}: MNN cannot load it: damaged, or not an MNN file of bitocr") from None

    def run(image: Prepared) -> Logits:
        given = MNN.expr.const(to_float(image), [1, 1, *image.shape], MNN.expr.NCHW)
        try:
            logits = MNN.expr.convert(module.onForward([given])[0], MNN.expr.NCHW)
            return np.array(logits.read(), np.float32).reshape(logits.shape[1:])
        except Exception:
            raise ModelError(f"{path}: MNN cannot run it: damaged, or not an MNN file of bitocr") from None

    return run


def stored_precision(path: str) -> str | None:
    """The precision of an .mnn file; None for other files, or if it is not stored."""
    if Path(path).suffix != ".mnn":
        return None
    import MNN

    text = MNN.nn.load_module_from_file(path, ["image"], ["logits"]).get_info()["bizCode"]
    try:
        precision = json.loads(text)["precision"]
    except (ValueError, KeyError, TypeError):
        return None
    return precision if isinstance(precision, str) else None


OPENERS: dict[str, Callable[[str | Path], Run]] = {".bit": open_bit, ".onnx": open_onnx, ".mnn": open_mnn}


def open_runner(path: str | Path) -> Run:
    """A runner for a file, in this process. Raises ModelError, and UsageError if the suffix is unknown."""
    opener = OPENERS.get(Path(path).suffix)
    if opener is None:
        raise UsageError(f"{path}: the name must end in {', '.join(OPENERS)}")
    return opener(path)


class Apart:
    """Runs a file in a separate process. Its output is dropped, and a crash raises ModelError.

    Args:
        path: the file.
        opener: the function that the other process calls with the path, such as `open_here`; `opened` is its result.

    As with all of multiprocessing, use it below ``if __name__ == "__main__":`` in scripts.

    Raises ModelError when it opens the file, as `open_runner` does, or when it runs.
    """

    def __init__(self, path: str | Path, opener: Callable[[str], Any] | None = None) -> None:
        self.path = path
        self._pool = ProcessPoolExecutor(1, get_context("spawn"), silence)
        try:
            self.opened = self._call(opener or open_here, str(path))
        except BaseException:
            self._pool.shutdown()
            raise

    def __call__(self, image: Prepared) -> Logits:
        return self._call(run_here, image)  # type: ignore[no-any-return]

    def ask(self, function: Callable[[str], Any]) -> Any:
        """Calls a function with the file's path in the other process, and returns its result."""
        return self._call(function, str(self.path))

    def _call(self, function: Callable[..., Any], argument: Any) -> Any:
        try:
            return self._pool.submit(function, argument).result()
        except BrokenProcessPool:
            raise ModelError(f"{self.path}: the process that runs it crashed: the file is damaged") from None

    def __enter__(self) -> Apart:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._pool.shutdown(cancel_futures=True)


def silence() -> None:
    """In the other process: discards standard output, and leaves Ctrl-C to the first process."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)


_opened: list[Run] = []  # in the other process: the file that it runs


def open_here(path: str) -> None:
    set_opened(open_runner(path))


def set_opened(run: Run) -> None:
    """In the other process: sets the file that `run_here` runs."""
    _opened[:] = [run]


def run_here(image: Prepared) -> Logits:
    return _opened[0](image)


def to_float(image: Prepared) -> NDArray[np.float32]:
    """int8 [32, W] -> a network's input, float32 [1, 1, 32, W]."""
    assert image.shape[0] == HEIGHT
    return image[None, None].astype(np.float32) / np.float32(32)


def read(path: str | Path) -> bytes:
    """A file's bytes. Raises ModelError if it cannot be read."""
    try:
        return Path(path).read_bytes()
    except OSError as error:
        raise ModelError(f"{path}: {error.strerror}") from None


def first_line(error: Exception) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0]
