"""Reading whole pages: a detector finds the lines, a recognizer's engine reads them, one page or many."""

from __future__ import annotations

import math
import os
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from functools import partial
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from bitocr.batches import in_order
from bitocr.cleaning import Steps, cleaned, suited
from bitocr.errors import ImageError, UsageError
from bitocr.io import shipped
from bitocr.io.images import Source, load, load_pages
from bitocr.models_auto import read_page
from bitocr.native.engine import Engine
from bitocr.native.handles import Limits
from bitocr.native.pages import Detector
from bitocr.page import Page, joined, moved
from bitocr.pdf import is_pdf


class Manner(NamedTuple):
    """How pages are read: limits of each line's text, and the cleaning of pictures (None: what suits them)."""

    limits: Limits
    steps: Steps | None

    @classmethod
    def of(cls, limits: Limits, clean: str | Steps | None) -> Manner:
        """Raises UsageError if there is no such step."""
        return cls(limits, Steps.of(clean))


class PageReading:
    """Reads pages for a `Reader`. Detectors are loaded when they are needed."""

    def __init__(
        self,
        engines: Mapping[str, Engine],
        detector: str | os.PathLike[str] | bytes | None,
        kernel: str | None,
        threads: int,
        min_score: float | None,
        max_pixels: int,
        pdf_text: bool = True,
    ) -> None:
        if min_score is not None and not 0 <= min_score <= 1:
            raise UsageError("min_score is from 0 to 1")
        self._engines, self._kernel = engines, kernel
        self._detector = None if detector == "none" else detector
        self._threads, self._min_score, self._max_pixels = threads, min_score, max_pixels
        self._pdf_text = pdf_text
        self._loaded: dict[int, Detector] = {}

    @property
    def has_detector(self) -> bool:
        return self._detector is not None

    def find(self, image: Source) -> Page:
        return self.open_detector(self._threads).find(load(image, self._max_pixels))

    def read(self, image: Source, manner: Manner) -> Page:
        """One image, whose lines all threads share."""
        page = self._read(self.open_detector(self._threads), image, manner)
        if page.error is not None:
            raise page.error
        return page

    def read_all(self, images: Iterable[Source], manner: Manner) -> Iterator[Page]:
        """Pages in their order, one for each thread at a time. Those that cannot be read have an `error`."""
        detector = self.open_detector()
        yield from in_order(partial(self._read_or_error, detector, manner), images, self._threads)

    def open_detector(self, threads: int = 1) -> Detector:
        """The detector, whose threads share the work on an image.

        Raises ModelError if it is missing or damaged, and UsageError if the reader has none.
        """
        if self._detector is None:
            raise UsageError("this reader has no detector: it reads pictures of single lines only")
        if threads not in self._loaded:
            self._loaded[threads] = Detector(find_detector(self._detector), self._kernel, threads)
        return self._loaded[threads]

    def _read(self, detector: Detector, image: Source, manner: Manner) -> Page:
        if is_pdf(image):
            return joined(list(self._read_pdf(detector, image, manner)))
        return joined([self._read_array(detector, array, manner) for array in load_pages(image, self._max_pixels)])

    def _read_pdf(self, detector: Detector, image: Source, manner: Manner) -> Iterator[Page]:
        """The pages of a PDF file: those that hold text as they are, all others as they are read."""
        from bitocr.pdf.bounded import read

        for page in read(image, self._max_pixels, self._pdf_text):  # type: ignore[arg-type]
            yield page if isinstance(page, Page) else self._read_array(detector, page, manner)

    def _read_array(self, detector: Detector, array: NDArray[np.uint8], manner: Manner) -> Page:
        steps = suited(array) if manner.steps is None else manner.steps
        if not steps.is_any:
            return self._read_as_it_is(detector, array, manner.limits)
        mended, angle = cleaned(array, steps)
        page = self._read_as_it_is(detector, mended, manner.limits)
        return turned_back(page, angle, array.shape[1], array.shape[0])

    def _read_as_it_is(self, detector: Detector, array: NDArray[np.uint8], limits: Limits) -> Page:
        return read_page(self._engines, detector, array, self._min_score, limits)

    def _read_or_error(self, detector: Detector, manner: Manner, image: Source) -> Page:
        try:
            return self._read(detector, image, manner)
        except ImageError as error:
            return Page(error=error)


def turned_back(page: Page, angle: float, width: int, height: int) -> Page:
    """A page whose picture, of this size, was turned before reading: moves its boxes back to the original."""
    if not angle:
        return replace(page, width=width, height=height)
    cos, sin = math.cos(math.radians(angle)), math.sin(math.radians(angle))

    def move(x: float, y: float) -> tuple[float, float]:
        x, y = x - page.width / 2, y - page.height / 2
        return width / 2 + x * cos - y * sin, height / 2 + x * sin + y * cos

    degrees = page.angle + angle
    degrees -= 360 if degrees > 180 else -360 if degrees <= -180 else 0
    return replace(moved(page, move), width=width, height=height, angle=degrees)


def find_detector(detector: str | os.PathLike[str] | bytes) -> str | os.PathLike[str] | bytes:
    """The path or bytes of a detector: shipped, or the caller's own. Raises ModelError if there is none."""
    return detector if isinstance(detector, bytes) else shipped.find(detector)
