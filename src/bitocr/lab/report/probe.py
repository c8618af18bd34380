"""Runs a file in a separate process, and measures its readings, time and memory.

It takes the files of `bitocr.lab.export.runners`, and weights files, which PyTorch runs.
"""

from __future__ import annotations

import json
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from bitocr.errors import ModelError
from bitocr.lab.export.runners import Apart, Logits, Prepared, Run, open_runner, run_here, set_opened
from bitocr.native.image import HEIGHT

#: The runtime of a file, by its suffix.
RUNTIMES = {".bit": "bitocr engine", ".onnx": "ONNX Runtime", ".mnn": "MNN", ".safetensors": "PyTorch"}
LINE = (HEIGHT, 320)


@dataclass(frozen=True)
class Opened:
    """The facts that a process reports about the file that it opened.

    Attributes:
        charset: the file's charset.
        network: the config of its network (`bitocr.lab.nn.crnn`), if the file has it.
        memory: the bytes by which the process grew at most, from before it loads the runtime until it has read a line.
    """

    charset: str
    network: dict[str, Any] | None
    memory: int


class Probe(Apart):
    """Runs a file in a separate process. Raises ModelError when it opens or runs, UsageError for an unknown kind."""

    opened: Opened

    def __init__(self, path: Path) -> None:
        super().__init__(path, open_measured)

    def __enter__(self) -> Probe:
        return self

    def seconds(self, width: int, least: float) -> float:
        """The mean seconds of a run on an input of 32 x `width`, over runs that take at least `least` seconds."""
        return self._call(time_here, (width, least))  # type: ignore[no-any-return]


def open_measured(path: str) -> Opened:
    """In the other process: opens the file and reads a first line."""
    before = resident("VmRSS")
    run = open_checkpoint(path) if Path(path).suffix == ".safetensors" else open_runner(path)
    run(noise(*LINE))
    memory = max(0, resident("VmHWM") - before)
    set_opened(run)
    return Opened(*described(path), memory)


def open_checkpoint(path: str) -> Run:
    """Raises ModelError."""
    import torch

    from bitocr.lab.train.task import to_input
    from bitocr.lab.train.weights import load_weights

    torch.set_num_threads(1)
    net, _ = load_weights(path)

    @torch.no_grad()
    def run(image: Prepared) -> Logits:
        logits: Logits = net(to_input(torch.from_numpy(image[None, None])))[0].numpy()
        return logits

    return run


def time_here(job: tuple[int, float]) -> float:
    """In the other process: see `Probe.seconds`."""
    width, least = job
    image, runs, start = noise(HEIGHT, width), 0, time.perf_counter()
    while runs == 0 or time.perf_counter() - start < least:
        run_here(image)
        runs += 1
    return (time.perf_counter() - start) / runs


def noise(*shape: int) -> Prepared:
    """A random image, since the time of our networks doesn't depend on the content."""
    return np.random.default_rng(0).integers(-64, 64, shape, dtype=np.int8)


def resident(what: str) -> int:
    """The bytes of this process in memory, now (VmRSS) or at its peak (VmHWM); 0 if the system does not say."""
    try:
        lines = Path("/proc/self/status").read_text().splitlines()
    except OSError:
        return 0
    return next((1024 * int(line.split()[1]) for line in lines if line.startswith(f"{what}:")), 0)


def described(path: str) -> tuple[str, dict[str, Any] | None]:
    """The charset of a file, and the config of its network if it has one. Raises ModelError."""
    suffix = Path(path).suffix
    if suffix in (".bit", ".safetensors"):
        from bitocr.lab.export.source import load_network

        card = load_network(path)[1]
        return card["charset"], card["network"]
    charset = onnx_charset(path) if suffix == ".onnx" else mnn_charset(path)
    if not isinstance(charset, str):
        raise ModelError(f"{path}: has no charset: export it with bitocr export")
    return charset, None


def onnx_charset(path: str) -> Any:
    import onnx

    return next((entry.value for entry in onnx.load(path).metadata_props if entry.key == "charset"), None)


def mnn_charset(path: str) -> Any:
    import MNN

    about = MNN.nn.load_module_from_file(path, [], []).get_info()["bizCode"]
    try:
        return json.loads(about)["charset"]
    except (ValueError, KeyError, TypeError):
        return None
