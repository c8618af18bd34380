"""The outputs of layers of an .mnn file. Run it in a separate process, since MNN prints."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np

from bitocr.lab.export.runners import set_opened, to_float


def open_layers(path: str | Path, names: Sequence[str]) -> None:
    """Makes the process return, for a prepared image, the outputs float32 [C, H, W] of the layers with these names."""
    import MNN

    runtime = MNN.nn.create_runtime_manager(({"backend": 0, "numThread": 1, "precision": 1},))
    # One module for each: with several outputs, MNN gives them after their memory is in use again.
    layers = [MNN.nn.load_module_from_file(str(path), ["image"], [name], runtime_manager=runtime) for name in names]

    def run(image: np.ndarray) -> list[np.ndarray]:
        return [output(layer, image) for layer in layers]

    def output(layer: Callable[..., object], image: np.ndarray) -> np.ndarray:
        given = MNN.expr.const(to_float(image), [1, 1, *image.shape], MNN.expr.NCHW)
        found = MNN.expr.convert(layer.onForward([given])[0], MNN.expr.NCHW)  # type: ignore[attr-defined]
        return np.array(found.read(), np.float32).reshape(found.shape)[0]

    set_opened(run)  # type: ignore[arg-type]
