"""The figures of a network's file, and the Pareto front of several."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True)
class Variant:
    """The figures of a file.

    Attributes:
        name: the file's name without folders.
        runs_in: "bitocr engine", "ONNX Runtime", "MNN" or "PyTorch".
        bytes: the size of the file.
        multiply_adds: those of convolutions, LSTM and head for an input of 32 x 320; None if unknown.
        accuracy: the share of exact matches in each labelled set, 0 to 1, by greedy decoding.
        cer: the character error rate on each labelled set.
        ms: median milliseconds on one thread for inputs of 32 x width, by width.
        memory_mb: how much a process grows while it loads the file and reads one line of 32 x 320, in MB.
    """

    name: str
    runs_in: str
    bytes: int
    accuracy: dict[str, float]
    cer: dict[str, float]
    ms: dict[int, float]
    memory_mb: float
    multiply_adds: int | None = None

    def as_dict(self) -> dict[str, Any]:
        return {**asdict(self), "ms": {str(width): value for width, value in self.ms.items()}}


def pareto_front(points: Sequence[tuple[float, float]]) -> list[int]:
    """The indices of the points (cost, worth) that no other point beats, in order of cost.

    One point beats another if it costs no more and is worth no less, and differs in at least one of the two.
    """
    best, front = float("-inf"), []
    for index in sorted(range(len(points)), key=lambda i: (points[i][0], -points[i][1])):
        if points[index][1] > best:
            best = points[index][1]
            front.append(index)
    return front
