"""The figures of a file that runs a network, and which files no other beats."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True)
class Variant:
    """The figures of one file.

    Attributes:
        name: the file's, without its folders.
        runs_in: "bitocr engine", "ONNX Runtime", "MNN" or "PyTorch".
        bytes: of the file.
        multiply_adds: of the convolutions, the LSTM and the head, for an input of 32 x 320; None if it is not told.
        accuracy: exact matches of each labelled set, 0 to 1, read greedily.
        cer: character error rate of each labelled set.
        ms: median milliseconds on one thread, by the width of the input, 32 high.
        memory_mb: by how much a process grows that loads the file and reads one line of 32 x 320.
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
    """The indices of the points (cost, worth) that no other beats, by rising cost.

    One point beats another if it costs no more and is worth no less, and differs in at least one of the two.
    """
    best, front = float("-inf"), []
    for index in sorted(range(len(points)), key=lambda i: (points[i][0], -points[i][1])):
        if points[index][1] > best:
            best = points[index][1]
            front.append(index)
    return front
