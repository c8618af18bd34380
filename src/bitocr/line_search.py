"""Looks for the text in a picture of one line that is hard to read, as on a page.

The text may be tilted or curved, or take only a part of the picture. The detector finds it, and it is read again in its
own box. And a picture without text may look like a letter or two: the detector sees nothing there.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bitocr.models_auto import read_page
from bitocr.native.engine import Engine
from bitocr.native.pages import Detector
from bitocr.page import Line, Quad

SURER = 1.5
"""How many times as confident as the reading of the whole picture the line that is found must be."""
FEW = 3
"""Characters: patterns look like that many at most."""
CERTAIN = 0.9
"""The confidence from which so few characters are believed without a look."""
UNSEEN = 0.1
"""The factor of the confidence of characters that the detector does not see."""
LEAST = 0.06
"""The least confidence after that: with less there is no text."""
FRAME = 0.8
"""Heights of ground to add around a picture if its text is not found: the detector knows text with surroundings."""
MOST_PIXELS = 1 << 20
"""Of a picture that gets a frame; larger ones need none."""
LOOKS = (40.0, 90.0)
"""Heights in pixels at which the detector looks for few characters."""
LOOK_SIDE = 2000
"""Pixels of a look's longer side."""
LONGEST = 8000
"""Pixels of the longer side of a picture that is searched."""
SCALES = (0.05, 4.0)
"""The least and the greatest of the detector."""

Char = tuple[str, float, float]
"""A character, its score, and the x of its middle in pixels."""


class LineSearch:
    """Improves readings of single lines. It opens the detector when a reading is doubtful for the first time."""

    def __init__(self, engines: Mapping[str, Engine], open_detector: Callable[[], Detector]) -> None:
        self._engines, self._open_detector = engines, open_detector
        self._enough = min(1 / SURER, *(engine.reread for engine in engines.values()))

    def improved(self, reading: dict[str, Any], array: NDArray[np.uint8]) -> dict[str, Any]:
        """The reading (`Engine.read`, without limits), or what the detector makes of it.

        A picture that reads as empty stays empty: the detector would find text in patterns.
        """
        if not reading["text"] or not self._enough or max(array.shape) > LONGEST:
            return reading
        if reading["confidence"] < self._enough:
            reading = self._found(reading, array)
        is_doubtful = len(reading["text"]) <= FEW and reading["confidence"] < CERTAIN
        return doubted(reading) if is_doubtful and not is_seen(self._open_detector(), array) else reading

    def _found(self, reading: dict[str, Any], array: NDArray[np.uint8]) -> dict[str, Any]:
        """The reading of the only line that the detector finds, if it is no shorter and clearly surer."""
        for margin in dict.fromkeys((0, frame_of(array))):
            picture = framed(array, margin)
            lines = read_page(self._engines, self._open_detector(), picture, None).lines
            if len(lines) != 1 or not is_upright(lines[0].quad) or len(lines[0].text) < len(reading["text"]):
                continue
            if lines[0].confidence > SURER * reading["confidence"]:
                return reading_of(lines[0], margin)
        return reading


def is_seen(detector: Detector, array: NDArray[np.uint8]) -> bool:
    """Whether the detector sees any text, in the picture itself or in one with more ground around it."""
    if detector.find(array).lines:
        return True
    step = math.ceil(math.sqrt(array.shape[0] * array.shape[1] / MOST_PIXELS))
    small = array[::step, ::step]
    picture = framed(small, max(frame_of(small), 1))
    most = min(SCALES[1], LOOK_SIDE / max(picture.shape))
    scales = (max(SCALES[0], min(height / small.shape[0], most)) for height in LOOKS)
    return any(detector.find(picture, scale).lines for scale in scales)


def frame_of(array: NDArray[np.uint8]) -> int:
    """The width in pixels of the ground to put around a picture; 0 if it is too large to need any."""
    rows, columns = array.shape[:2]
    return int(FRAME * min(rows, columns)) if rows * columns <= MOST_PIXELS else 0


def framed(array: NDArray[np.uint8], margin: int) -> NDArray[np.uint8]:
    """The picture with its edge's pixels repeated on all sides."""
    return np.pad(array, [(margin, margin), (margin, margin), (0, 0)][: array.ndim], mode="edge")


def doubted(reading: dict[str, Any]) -> dict[str, Any]:
    """The reading of characters that the detector does not see."""
    confidence = UNSEEN * reading["confidence"]
    if confidence < LEAST:
        return {"text": "", "confidence": 1 - reading["confidence"], "chars": [], "angle": 0}
    return {**reading, "confidence": confidence}


def is_upright(quad: Quad) -> bool:
    """Whether text in this box is turned by less than 45 degrees."""
    (left, top), (right, end), *_ = quad
    return right - left > abs(end - top)


def reading_of(line: Line, margin: int = 0) -> dict[str, Any]:
    """A line of a page in the form of `Engine.read`. `margin`: the pixels that the page adds left of the picture."""
    chars: list[Char] = []
    for word in line.words:
        added = [(each.char, each.score, sum(x for x, _ in each.quad) / 4 - margin) for each in word.chars]
        if chars and added:
            (_, score, x), (_, next_score, next_x) = chars[-1], added[0]
            chars.append((" ", min(score, next_score), (x + next_x) / 2))
        chars += added
    return {"text": line.text, "confidence": line.confidence, "chars": chars, "angle": 0}
