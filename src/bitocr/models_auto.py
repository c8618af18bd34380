"""Reads lines and pages with the model that suits their text: English or Chinese, line by line where they mix."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bitocr.arguments import encode_words
from bitocr.io import shipped
from bitocr.native.engine import Engine
from bitocr.native.handles import NO_LIMITS, Limits
from bitocr.native.pages import Detector, read_boxes
from bitocr.page import Line, Page, text_of

AUTO = "auto"
LATIN, HAN = "english", "chinese"
PROBED = 10
"""The number of lines of a page that both models read first. If these agree, one model reads the rest."""
CLEARLY = 0.1
"""How much higher the mean score of English must be than that of a text with Chinese characters."""
FIRST_WIDE = "\u2e80"
"""Chinese characters, and the marks of Chinese, begin here."""


def open_engines(
    model: str | os.PathLike[str] | bytes,
    kernel: str | None,
    reread: float | None,
    beam: int | None,
    language_model: str | os.PathLike[str] | None,
    words: Iterable[str] | None,
) -> dict[str, Engine]:
    """The engines of one thread, which each thread of a reader calls, by their models' names: of "auto", two."""
    encoded = None if words is None else encode_words(words)

    def open_engine(one: str | os.PathLike[str] | bytes) -> Engine:
        return Engine(
            one if isinstance(one, bytes) else shipped.find(one),
            kernel=kernel,
            reread=reread,
            beam=beam,
            language_model="none" if language_model is None else language_model,
            words=encoded,
            models=shipped.FOLDER,
        )

    if model == AUTO:
        return {name: open_engine(name) for name in (LATIN, HAN)}
    engine = open_engine(model)
    return {"" if isinstance(model, bytes) else os.fspath(model): engine}


def is_chinese(text: str, score: float, latin_score: float) -> bool:
    """Whether a line is Chinese, by the Chinese model's text and the mean scores of both models' characters.

    If its text is Latin, the English model reads it better, however sure either is.
    """
    return any(character >= FIRST_WIDE for character in text) and latin_score <= score + CLEARLY


def read_lines(
    engines: Mapping[str, Engine], arrays: list[NDArray[np.uint8]], limits: Limits = NO_LIMITS
) -> list[dict[str, Any]]:
    """The readings of lines: of two models, the Chinese one's, or the English one's where that suits the line."""
    if len(engines) == 1:
        (engine,) = engines.values()
        return engine.read(arrays, limits)
    found = engines[HAN].read(arrays, limits)
    scores = [_mean([score for _, score, _ in reading["chars"]]) for reading in found]
    open_ones = [i for i, reading in enumerate(found) if not is_chinese(reading["text"], scores[i], 1.0)]
    latin = engines[LATIN].read([arrays[i] for i in open_ones], limits) if open_ones else []
    for i, reading in zip(open_ones, latin, strict=True):
        if not is_chinese(found[i]["text"], scores[i], _mean([score for _, score, _ in reading["chars"]])):
            found[i] = reading
    return found


def read_page(
    engines: Mapping[str, Engine],
    detector: Detector,
    array: NDArray[np.uint8],
    min_score: float | None,
    limits: Limits = NO_LIMITS,
) -> Page:
    """A page, and as its `model` the name of what read it; of two that both read lines, both with a plus between."""
    if len(engines) == 1:
        ((name, engine),) = engines.items()
        return replace(detector.read(engine, array, min_score=min_score, limits=limits), model=name)
    found = detector.find(array)
    boxes = found.lines
    probed = sorted(range(len(boxes)), key=lambda i: -_length(boxes[i]))[:PROBED]
    votes = [reading.is_han for reading in _read_both(engines, array, [boxes[i] for i in probed], 0.0, limits)]
    most = HAN if 2 * sum(votes) > len(votes) else LATIN
    whole = replace(detector.read(engines[most], array, min_score=min_score, limits=limits), model=most)
    is_turned = abs(whole.angle - found.angle) > 90
    if len(set(votes)) < 2 or is_turned:
        return whole
    mixed = _mixed(engines, array, found, most, min_score, limits)
    return whole if mixed.model == most else mixed


@dataclass(frozen=True)
class _Reading:
    """What both models read in a box."""

    latin: tuple[Line, ...]
    han: tuple[Line, ...]

    @property
    def is_han(self) -> bool:
        text = "".join(line.text for line in self.han)
        return is_chinese(text, _score(self.han), _score(self.latin))

    def best(self) -> tuple[str, tuple[Line, ...]]:
        """The model's name and its lines."""
        return (HAN, self.han) if self.is_han or not self.latin else (LATIN, self.latin)


def _length(line: Line) -> float:
    (left, top), (right, end), *_ = line.quad
    return float(np.hypot(right - left, end - top))


def _score(lines: Iterable[Line]) -> float:
    """The mean of all characters' scores; 0 without any."""
    return _mean([char.score for line in lines for word in line.words for char in word.chars])


def _mean(scores: list[float]) -> float:
    return sum(scores) / len(scores) if scores else 0.0


def _read_both(
    engines: Mapping[str, Engine],
    array: NDArray[np.uint8],
    boxes: list[Line],
    min_score: float | None,
    limits: Limits,
) -> list[_Reading]:
    """The readings of each box by both models: no line, one, or two above each other."""
    middles = np.array([np.mean(box.quad, 0) for box in boxes]).reshape(-1, 2)
    read: dict[str, list[list[Line]]] = {}
    for name, engine in engines.items():
        read[name] = [[] for _ in boxes]
        page = read_boxes(engine, array, [box.quad for box in boxes], min_score, is_upright=True, limits=limits)
        for line in page.lines:
            nearest = int(np.argmin(((middles - np.mean(line.quad, 0)) ** 2).sum(1)))
            read[name][nearest].append(line)
    return [_Reading(tuple(a), tuple(b)) for a, b in zip(read[LATIN], read[HAN], strict=True)]


def _mixed(
    engines: Mapping[str, Engine],
    array: NDArray[np.uint8],
    found: Page,
    most: str,
    min_score: float | None,
    limits: Limits,
) -> Page:
    """Each line by the model that reads it better, in the order of the boxes."""
    readings = iter(_read_both(engines, array, found.lines, min_score, limits))
    used: set[str] = set()
    blocks = []
    for block in found.blocks:
        lines: list[Line] = []
        for box in block.lines:
            name, read = next(readings).best()
            used.update([name] if read else [])
            lines += (replace(line, paragraph=box.paragraph, row=box.row) for line in read)
        if lines:
            blocks.append(replace(block, lines=tuple(lines)))
    names = "+".join(name for name in engines if name in used) or most
    return replace(found, blocks=tuple(blocks), text=text_of(blocks), model=names)
