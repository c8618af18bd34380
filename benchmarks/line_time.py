"""Times one line: models of bitocr at 32 x 320, from pixels to text, and PP-OCRv4's recognizer at 48 x 320.

    .venv-peers/bin/python benchmarks/line_time.py MODEL ...

Each runs on one thread. They take turns in one process, so that other programs disturb all alike; the best of
`--repeats` counts. Time is processor time. PP-OCRv4 (ONNX Runtime) is timed without preparation and decoding. The image
is noise unless `--image` names a line of text, which is resized to 304 x 32: a trained network has less to do on clear
text.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from bitocr.errors import BitocrError, UsageError
from bitocr.inspect.speed import cpu_name
from bitocr.io import shipped
from bitocr.native.engine import Engine, kernels

SIZE = 304, 32  # read at width 320: bitocr.native.image.natural_width
Run = Callable[[], object]


def open_line(path: Path | None) -> NDArray[np.uint8]:
    """A line of text as gray uint8 [32, 304]."""
    if path is None:
        return np.random.default_rng(0).integers(0, 256, SIZE[::-1], np.uint8)
    return np.asarray(Image.open(path).convert("L").resize(SIZE))


def peer() -> Run:
    """PP-OCRv4's recognizer on one thread. Raises UsageError if it is not installed."""
    try:
        import onnxruntime
        import rapidocr_onnxruntime
    except ImportError as error:
        raise UsageError(f"{error.name} is missing: run it with .venv-peers/bin/python (make bench-peers)") from None
    model = next(Path(rapidocr_onnxruntime.__file__).parent.glob("models/*v4_rec*.onnx"))
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    session = onnxruntime.InferenceSession(str(model), options, providers=["CPUExecutionProvider"])
    image = np.random.default_rng(0).standard_normal((1, 3, 48, 320)).astype(np.float32)
    name = session.get_inputs()[0].name
    return lambda: session.run(None, {name: image})


def bitocr_runs(models: list[str], line: NDArray[np.uint8], kernel: str | None) -> dict[str, Run]:
    """The runs of each model: greedy, and with a beam of 16."""
    runs: dict[str, Run] = {}
    for name in models:
        engine = Engine(shipped.find(name), kernel)
        runs[f"{name}, greedy"] = partial(engine.recognize, [line])
        runs[f"{name}, beam 16"] = partial(engine.recognize, [line], beam=16)
    return runs


def best_times(runs: dict[str, Run], repeats: int) -> dict[str, float]:
    """The seconds of each run's fastest call. The runs take turns."""
    best = dict.fromkeys(runs, float("inf"))
    for _ in range(repeats):
        for name, run in runs.items():
            start = time.process_time()
            run()
            best[name] = min(best[name], time.process_time() - start)
    return best


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("models", nargs="+", metavar="MODEL", help="a shipped model's name or a .bit file")
    parser.add_argument("--image", type=Path, help="a line of text")
    parser.add_argument("--kernel", choices=kernels(), help="of bitocr (default: the best)")
    parser.add_argument("--repeats", type=int, default=40)
    options = parser.parse_args()
    theirs = "PP-OCRv4 rec, 48 x 320"
    runs = {theirs: peer(), **bitocr_runs(options.models, open_line(options.image), options.kernel)}
    times = best_times(runs, options.repeats)
    print(f"{cpu_name()}, one thread, best of {options.repeats}")
    for name, seconds in times.items():
        print(f"{name:32} {1000 * seconds:7.2f} ms   1/{times[theirs] / seconds:.1f}")


if __name__ == "__main__":
    try:
        main()
    except BitocrError as error:
        sys.exit(str(error))
