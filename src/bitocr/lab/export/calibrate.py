"""Fits a model's calibration: it turns CTC's probability of a text into the probability that the text is right.

From the probability P of a text the engine computes the confidence sigmoid(slope * ln(P / (1 - P)) + offset)
(engine/src/decode/confidence.h). This module fits slope and offset by logistic regression (Platt, "Probabilistic
outputs for support vector machines", 1999). Fit them on labelled images that the model was not trained on.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bitocr.errors import UsageError
from bitocr.inspect.metrics import PROTOCOLS
from bitocr.io import bitfile
from bitocr.io.labels import read_labels
from bitocr.reader import Reader

#: A calibration needs at least this many right readings and as many wrong ones.
LEAST = 10
MAX_LOGIT = 12.0
Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
Labelled = Sequence[tuple[Path, str]]


@dataclass(frozen=True)
class Fit:
    """A calibration and the data it was fitted on. `before` and `after` are expected calibration errors on them."""

    slope: float
    offset: float
    images: int
    accuracy: float
    before: float
    after: float


def readings(reader: Reader, labelled: Labelled, protocol: str) -> tuple[Floats, Bools]:
    """The confidence of each reading, and whether it is right.

    Leaves out damaged images, and labels that are empty under the protocol.
    """
    normalise = PROTOCOLS[protocol]
    kept = [(path, normalise(truth)) for path, truth in labelled if normalise(truth)]
    lines = reader.iter_lines((path for path, _ in kept), errors="return")
    pairs = [
        (line.confidence, normalise(line.text) == truth)
        for (_, truth), line in zip(kept, lines, strict=True)
        if line.error is None
    ]
    return np.array([c for c, _ in pairs], float), np.array([right for _, right in pairs], bool)


def calibrated(model: str | Path | bytes, calibration: dict[str, Any] | None) -> bytes:
    """The bytes of the model with another calibration; None removes it."""
    header, tensors = bitfile.read(model)
    header.pop("calibration", None)
    return bitfile.dump({**header, **({"calibration": calibration} if calibration else {})}, tensors)


def calibrate(model: str | Path, labels: Sequence[Path], protocol: str, threads: int = 1) -> tuple[bytes, Fit]:
    """Fits a model's calibration on label files.

    Returns the bytes of the calibrated model, and the fit. Raises UsageError if the images are too few or useless.
    """
    labelled = [pair for path in labels for pair in read_labels(path)]
    # Read one view of each image, without words or n-grams. All of these change only P, so the fit holds for them too.
    raw, right = readings(Reader(calibrated(model, None), threads=threads, beam=0), labelled, protocol)
    neutral = Reader(calibrated(model, {"slope": 1, "offset": 0}), threads=threads, beam=0, reread=0)
    probability, _ = readings(neutral, labelled, protocol)
    if min(right.sum(), (~right).sum()) < LEAST:
        raise UsageError(
            f"{right.sum()} images are read right and {(~right).sum()} wrong: a calibration takes {LEAST} of both"
        )
    x = logit(probability)
    slope, offset = (round(value, 4) for value in fit(x, right))
    if x.min() == x.max() or not 0 < slope <= 100 or abs(offset) > 100:
        raise UsageError("right and wrong readings of these images have the same probabilities: use other images")
    confidence = sigmoid(slope * x + offset)
    names = sorted({path.resolve().parent.name for path in labels})
    header = {"slope": slope, "offset": offset, "images": len(right), "protocol": protocol, "data": names}
    errors = [calibration_error(values, right) for values in (raw, confidence)]
    return calibrated(model, header), Fit(slope, offset, len(right), float(right.mean()), *errors)


def logit(probability: Floats) -> Floats:
    """ln(p / (1 - p)), within the engine's bounds."""
    with np.errstate(divide="ignore"):
        return np.clip(np.log(probability) - np.log1p(-probability), -MAX_LOGIT, MAX_LOGIT)


def sigmoid(x: Floats) -> Floats:
    return 1 / (1 + np.exp(-x))


def fit(x: Floats, right: Bools) -> tuple[float, float]:
    """The most likely slope and offset of sigmoid(slope * x + offset), by Newton's method.

    The targets are Platt's, slightly inside 0 and 1, so an optimum exists even if x separates the two perfectly.
    """
    target = np.where(right, (right.sum() + 1) / (right.sum() + 2), 1 / ((~right).sum() + 2))
    columns = np.stack([x, np.ones_like(x)], 1)
    weights = np.zeros(2)

    def loss(weights: Floats) -> float:
        z = columns @ weights
        return float((np.logaddexp(0, z) - target * z).sum())

    for _ in range(100):
        p = sigmoid(columns @ weights)
        hessian = (columns * (p * (1 - p))[:, None]).T @ columns + 1e-9 * np.eye(2)
        step = np.linalg.solve(hessian, columns.T @ (target - p))
        while loss(weights + step) > loss(weights) and np.abs(step).max() > 1e-9:
            step /= 2
        weights = weights + step
        if np.abs(step).max() < 1e-9:
            break
    return float(weights[0]), float(weights[1])


def calibration_error(confidence: Floats, right: Bools, bins: int = 15) -> float:
    """The expected calibration error: the mean |mean confidence - share of right readings| over bins of equal size."""
    parts = np.array_split(np.argsort(confidence, kind="stable"), bins)
    return sum(abs(confidence[part].sum() - right[part].sum()) for part in parts) / len(right)
