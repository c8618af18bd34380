"""Reads pages with the model that suits their text: English or Chinese, line by line where a page mixes them."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

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
CLEARLY = 0.03
"""The advantage in mean score that a line needs to be read by the model that does not read most of the page."""


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
    def _has_hanzi(self) -> bool:
        return any("\u4e00" <= character <= "\u9fff" for line in self.han for character in line.text)

    @property
    def is_han(self) -> bool:
        """Whether the Chinese model reads hanzi, with a higher score than the English model's text."""
        return self._has_hanzi and _score(self.han) >= _score(self.latin)

    def best(self, most: str) -> tuple[str, tuple[Line, ...]]:
        """The model's name and its lines, where `most` reads most of the page."""
        if self.is_han:
            return HAN, self.han
        lead = CLEARLY if most == HAN else -CLEARLY
        is_latin = self._has_hanzi or _score(self.latin) > _score(self.han) + lead
        return (LATIN, self.latin) if is_latin else (HAN, self.han)


def _length(line: Line) -> float:
    (left, top), (right, end), *_ = line.quad
    return float(np.hypot(right - left, end - top))


def _score(lines: Iterable[Line]) -> float:
    """The mean of all characters' scores; 0 without any."""
    scores = [char.score for line in lines for word in line.words for char in word.chars]
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
            name, read = next(readings).best(most)
            used.update([name] if read else [])
            lines += (replace(line, paragraph=box.paragraph, row=box.row) for line in read)
        if lines:
            blocks.append(replace(block, lines=tuple(lines)))
    names = "+".join(name for name in engines if name in used) or most
    return replace(found, blocks=tuple(blocks), text=text_of(blocks), model=names)
