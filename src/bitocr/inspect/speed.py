"""Measures the engine's speed: binary layers, networks, many images, a cold start. Each time is the best of many."""

from __future__ import annotations

import ctypes
import os
import platform
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from bitocr.errors import BitocrError, UsageError
from bitocr.inspect import model_summary
from bitocr.io import bitfile
from bitocr.native.engine import Engine, kernels
from bitocr.native.image import HEIGHT
from bitocr.native.library import call, lib

# The binary 3x3 layers that are timed: channels, height, width. They are those of a 32 x 320 line.
LAYERS = ((64, 16, 80), (128, 8, 80), (256, 4, 80))
WIDTHS = (100, 320)
MAPS = ((HEIGHT, 320), (1024, 1024))  # images whose backbones are timed: a line, and a million pixels
_COLD_START = """
import sys, time
start = time.perf_counter()
from bitocr import Reader
Reader(sys.argv[1]).read_line(sys.argv[2])
print(time.perf_counter() - start)
try:  # Linux counts the parent's memory in ru_maxrss too, from before this program took its place
    status = dict(line.split(":", 1) for line in open("/proc/self/status"))
    print(int(status["VmHWM"].split()[0]) * 1024)
except (OSError, KeyError):
    import resource
    print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024))
"""


def machine() -> dict[str, Any]:
    """The machine of the measurements."""
    from bitocr.reader import available_cores

    return {"cpu": cpu_name(), "cores": available_cores(), "kernels": kernels(), "system": platform.system()}


def cpu_name() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        lines = []
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.processor() or platform.machine()


def has_hooks() -> bool:
    """Whether the engine has the hooks that time single layers. A wheel's engine has none."""
    return hasattr(lib, "bitocr_bench_conv")


def _repeats(once: float, seconds: float) -> int:
    return max(3, min(20_000, int(seconds / max(once, 1e-7))))


def layers(names: Iterable[str], seconds: float = 0.3) -> list[dict[str, Any]]:
    """GMAC/s of the binary 3x3 convolutions on one thread, with everything between one and the next.

    It takes an engine with hooks, without which there are none.
    """
    if not has_hooks():
        return []
    return [
        {"kernel": name, "channels": c, "height": h, "width": w, "gmac_per_s": round(_layer(name, c, h, w, seconds), 1)}
        for name in names
        for c, h, w in LAYERS
    ]


def _layer(kernel: str, channels: int, height: int, width: int, seconds: float) -> float:
    def best(repeats: int) -> float:
        result = ctypes.c_double()
        if lib.bitocr_bench_conv(kernel.encode(), channels, height, width, repeats, ctypes.byref(result)):
            raise UsageError(f"the kernel {kernel} cannot run here")
        return result.value

    return 9 * channels**2 * height * width / best(_repeats(best(3), seconds)) / 1e9


def networks(model: Path, names: Iterable[str], seconds: float = 0.3) -> list[dict[str, Any]]:
    """Milliseconds of the network on one thread, from prepared pixels to log-probabilities.

    With hooks, of its parts too: stem, blocks, neck, head.
    """
    if not has_hooks():
        return [
            {"kernel": name, "width": w, "ms": _ms(_whole(model, name, w, seconds))} for name in names for w in WIDTHS
        ]
    data = model.read_bytes()
    blocks = len(Engine(model).header["network"]["blocks"])
    rows = []
    for name in names:
        for width in WIDTHS:
            best = _stages(name, data, width, blocks + 3, 3)
            best = _stages(name, data, width, blocks + 3, _repeats(sum(best), seconds))
            stem, neck, head = best[0], best[-2], best[-1]
            parts = {"stem": stem, "blocks": sum(best[1:-2]), "neck": neck, "head": head}
            rows.append({"kernel": name, "width": width, "ms": _ms(sum(best)), **{k: _ms(v) for k, v in parts.items()}})
    return rows


def backbones(model: Path, names: Iterable[str], cores: int, seconds: float = 0.3) -> list[dict[str, Any]]:
    """GMAC/s of stem and blocks over a line and over a large image, on one thread and, the image, on all cores.

    It takes an engine with hooks, without which there are none.
    """
    if not has_hooks():
        return []
    header, tensors = bitfile.read(model)
    rows = []
    for name in names:
        for height, width in MAPS:
            parts = model_summary.layers({**header["network"], "height": height}, tensors, width)
            gmacs = sum(part.macs for part in parts if part.binary or part.name == "stem") / 1e9
            for threads in sorted({1, cores}) if height > HEIGHT else [1]:
                best = _backbone(name, model.read_bytes(), height, width, threads, seconds)
                size = {"height": height, "width": width, "threads": threads}
                rows.append({"kernel": name, **size, "gmac_per_s": round(gmacs / best, 1)})
    return rows


def _backbone(kernel: str, data: bytes, height: int, width: int, threads: int, seconds: float) -> float:
    """Seconds of the fastest run of stem and blocks."""

    def best(repeats: int) -> float:
        out, model = ctypes.c_double(), (data, ctypes.c_size_t(len(data)))
        call(lib.bitocr_bench_backbone, kernel.encode(), *model, height, width, threads, repeats, ctypes.byref(out))
        return out.value

    once = best(1)
    return min(once, best(_repeats(once, seconds))) if once < seconds else once


def _whole(model: Path, kernel: str, width: int, seconds: float) -> float:
    """Seconds of the network's fastest run."""
    engine, prepared = Engine(model, kernel), (_noise(HEIGHT, width) - 128).view(np.int8)
    return best_of(lambda: engine.logprobs(prepared), seconds)


def _stages(kernel: str, data: bytes, width: int, count: int, repeats: int) -> list[float]:
    """Seconds of each stage: stem, blocks, neck, head."""
    out = (ctypes.c_double * count)()
    call(lib.bitocr_bench_network, kernel.encode(), data, ctypes.c_size_t(len(data)), width, repeats, out, count)
    return list(out)


def _ms(seconds: float) -> float:
    return round(1000 * seconds, 4)


def best_of(run: Callable[[], object], seconds: float = 1.0) -> float:
    """Seconds of the fastest run within about `seconds`."""
    best, end = float("inf"), time.perf_counter() + seconds
    while time.perf_counter() < end or best == float("inf"):
        start = time.perf_counter()
        run()
        best = min(best, time.perf_counter() - start)
    return best


def throughput(model: Path, threads: Iterable[int], seconds: float = 1.0) -> list[dict[str, Any]]:
    """Images a second from pixels to text: word images of 100 x 32, RGB, 256 in a call."""
    images = list(_noise(256, 32, 100, 3))
    rows = []
    for count in threads:
        engine = Engine(model, threads=count)
        engine.recognize(images)
        best = best_of(lambda engine=engine: engine.recognize(images), seconds)  # type: ignore[misc]
        rows.append({"threads": count, "images_per_s": round(len(images) / best, 1)})
    return rows


def _noise(*shape: int) -> np.ndarray:
    return np.random.default_rng(0).integers(0, 256, shape, dtype=np.uint8)


def cold_start(model: Path, tries: int = 7) -> dict[str, float]:
    """A new process: milliseconds of import, load and first line (a 32 x 320 PNG), and its peak memory in MB."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "line.png"
        Image.fromarray(_noise(32, 320)).save(path)
        runs = [_start(model, path) for _ in range(tries)]
    return {"ms": round(1000 * min(ms for ms, _ in runs), 1), "peak_mb": round(min(mb for _, mb in runs) / 1e6, 1)}


def _start(model: Path, image: Path) -> tuple[float, float]:
    command = [sys.executable, "-c", _COLD_START, str(model), str(image)]
    done = subprocess.run(command, capture_output=True, text=True, env={**os.environ, "OMP_NUM_THREADS": "1"})
    if done.returncode:
        raise BitocrError(f"a new process could not read a line: {done.stderr.strip().splitlines()[-1:]}")
    seconds, peak = done.stdout.split()
    return float(seconds), float(peak)


def onnx_runtime(files: Sequence[Path], threads: int = 1, seconds: float = 1.0) -> list[dict[str, Any]]:
    """Milliseconds of networks in ONNX Runtime, for an input float32 [1, 1, 32, width]."""
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = threads
    rows = []
    for file in files:
        try:
            session = onnxruntime.InferenceSession(str(file), options, providers=["CPUExecutionProvider"])
        except Exception as error:  # ONNX Runtime has a class for each of its errors, but no common one
            raise UsageError(f"{file}: ONNX Runtime cannot load it: {' '.join(str(error).split())}") from None
        name = session.get_inputs()[0].name
        for width in WIDTHS:
            feed = {name: (_noise(1, 1, HEIGHT, width) / 128 - 1).astype(np.float32)}
            best = best_of(lambda session=session, feed=feed: session.run(None, feed), seconds)  # type: ignore[misc]
            rows.append({"file": file.name, "width": width, "ms": _ms(best)})
    return rows
