"""Reading pages and lines: images in, texts with confidences and positions out."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Literal

import numpy as np
from PIL import Image

from bitocr.arguments import whole
from bitocr.defaults import LANGUAGE_MODEL, MAX_PIXELS, MODEL
from bitocr.errors import UsageError
from bitocr.io import shipped
from bitocr.io.images import Source
from bitocr.language.unicode_forms import normalise
from bitocr.line_reading import LineReading
from bitocr.line_search import LineSearch
from bitocr.lines import Char, Line
from bitocr.models_auto import open_engines
from bitocr.native.handles import NO_LIMITS, Limits
from bitocr.page import Page
from bitocr.page_reading import Manner, PageReading

__all__ = ["Char", "Line", "Reader", "available_cores"]

if TYPE_CHECKING:
    from bitocr.cleaning import Steps

# Of these, too, one can ask for an item after the other, but what comes are characters and rows of pixels.
_ONE_IMAGE = (str, os.PathLike, bytes, bytearray, memoryview, Image.Image, np.ndarray)
_MAX_THREADS, _MAX_BEAM = 1024, 256


class Reader:
    """Reads pages, and pictures of single lines or words.

    Any number of threads can share a reader. Pickled for another process, it loads its model again there.

    Args:
        model: a shipped model's name, or the path or bytes of a .bit file. "auto" reads each line with "english" or
            "chinese".
        threads: how many images are read at once; 0 uses every core.
        kernel: forces an instruction set, one of `bitocr.native.engine.kernels()`.
        beam: how many texts the search keeps, 16 by default. 0 takes the best character at each step, without a
            language model.
        words: words that you expect, in addition to the language model's.
        language_model: "english" (n-grams and words), "chinese" (n-grams), "auto" (the one for the model's language),
            None, or the path of a .ngram file.
        reread: lines with less confidence are read again in other views; 0.8 by default if the model is calibrated. In
            pictures of single lines, the detector also looks for the text. 0 reads each line once.
        max_pixels: larger images are refused before they are decoded.
        ascii: writes signs as a keyboard does: " for “, -- for —, 1/2 for ½.
        allow: the only characters that a text may have, such as "0-9.,-".
        pattern: the form that every text has, such as "DD/DD/DDDD" (see the guide to constrained reading).
        check: what every text satisfies: "luhn", "iban", "mrz", "ean" or "date". If no text meets all constraints, the
            reading is empty and its confidence 0.
        detector: finds the lines of pages, and the text in doubtful pictures of single lines: "page", or the path or
            bytes of a .bit file. With None or "none" the reader takes single lines only, and reads them as they are.
        min_score: leaves out lines of a page whose characters have a lower mean score; 0.6 by default.
        pdf_text: takes the text of PDF pages that hold some. False reads those pages, too.

    Raises:
        ModelError: the model is missing, damaged or too new.
        UsageError: an argument is wrong.
    """

    def __init__(
        self,
        model: str | os.PathLike[str] | bytes = MODEL,
        *,
        threads: int = 1,
        kernel: str | None = None,
        beam: int | None = None,
        words: Iterable[str] | None = None,
        language_model: str | os.PathLike[str] | None = LANGUAGE_MODEL,
        reread: float | None = None,
        max_pixels: int = MAX_PIXELS,
        ascii: bool = False,
        allow: str | None = None,
        pattern: str | None = None,
        check: str | None = None,
        detector: str | os.PathLike[str] | bytes | None = shipped.DETECTOR,
        min_score: float | None = None,
        pdf_text: bool = True,
    ) -> None:
        self.threads = whole("threads", threads, 0, _MAX_THREADS) or available_cores()
        self.max_pixels = whole("max_pixels", max_pixels, 1)
        if beam is not None:
            beam = whole("beam", beam, 0, _MAX_BEAM)
        if reread is not None and not (isinstance(reread, (int, float)) and 0 <= reread <= 1):
            raise UsageError(f"reread is a confidence from 0 to 1, not {reread!r}")
        engines = open_engines(model, kernel, reread, beam, language_model, words)
        self._engines = tuple(engines.values())
        self._limits = self._checked(allow, pattern, check)
        self._page_reading = PageReading(engines, detector, kernel, self.threads, min_score, self.max_pixels, pdf_text)
        search = LineSearch(engines, self._page_reading.open_detector) if self._page_reading.has_detector else None
        self._line_reading = LineReading(engines, search, bool(ascii), self.threads, self.max_pixels)

    def read_line(
        self, image: Source, *, allow: str | None = None, pattern: str | None = None, check: str | None = None
    ) -> Line:
        """Reads a picture of one line or word.

        allow, pattern and check replace those of the reader. Raises ImageError if the image cannot be read, and
        UsageError if a constraint is wrong.
        """
        return next(self.iter_lines([image], allow=allow, pattern=pattern, check=check))

    def read_lines(
        self,
        images: Iterable[Source],
        errors: Literal["raise", "return"] = "raise",
        *,
        allow: str | None = None,
        pattern: str | None = None,
        check: str | None = None,
    ) -> list[Line]:
        """Reads many pictures of lines, in order. `errors` works as in `iter_lines`."""
        return list(self.iter_lines(images, errors, allow=allow, pattern=pattern, check=check))

    def iter_lines(
        self,
        images: Iterable[Source],
        errors: Literal["raise", "return"] = "raise",
        *,
        allow: str | None = None,
        pattern: str | None = None,
        check: str | None = None,
        chars: bool = True,
    ) -> Iterator[Line]:
        """Reads pictures of lines and gives each result as soon as it is ready, in order.

        With several threads it reads some images ahead. If an image cannot be read, its ImageError is raised; with
        errors="return" you get a Line whose `error` is set. chars=False leaves `Line.chars` empty and takes less time.
        """
        limits = self._limits_of(allow, pattern, check)
        _check_list(images, errors, "read_line")
        reading = self._line_reading if chars else self._line_reading.without_chars()
        for line in reading.read_all(images, limits):
            if line.error is not None and errors == "raise":
                raise line.error
            yield line

    def read(
        self,
        image: Source,
        clean: str | Steps | None = None,
        *,
        allow: str | None = None,
        pattern: str | None = None,
        check: str | None = None,
    ) -> Page:
        """Reads a page, with all threads. Raises ImageError if it cannot be read.

        Args:
            image: a path, bytes, an open file, a PIL image, or an array [H, W], [H, W, 1], [H, W, 3] or [H, W, 4].
            clean: cleans the picture first: names of steps such as "deskew,sauvola", or "auto".
            allow, pattern, check: limit the text of each line, as in `read_line`.
        """
        return self._page_reading.read(image, Manner.of(self._limits_of(allow, pattern, check), clean))

    def find(self, image: Source) -> Page:
        """Finds the lines of a page without reading them. Raises ImageError."""
        return self._page_reading.find(image)

    def read_pages(
        self,
        images: Iterable[Source],
        errors: Literal["raise", "return"] = "raise",
        clean: str | Steps | None = None,
    ) -> Iterator[Page]:
        """Reads pages and gives each as soon as it is ready, in order: one page per thread at a time.

        `errors` works as in `iter_lines`, and `clean` as in `read`.
        """
        _check_list(images, errors, "read")
        return _checked(self._page_reading.read_all(images, Manner.of(self._limits, clean)), errors)

    def _limits_of(self, *limits: str | None) -> Limits:
        return self._limits if limits == NO_LIMITS else self._checked(*limits)

    def _checked(self, *limits: str | None) -> Limits:
        allow, pattern, check = (normalise(text) if isinstance(text, str) else text for text in limits)
        for engine in self._engines:
            engine.check_limits((allow, pattern, check))
        return allow, pattern, check


def _check_list(images: Iterable[Source], errors: str, single: str) -> None:
    """Raises UsageError; `single` is the method for one image."""
    if errors not in ("raise", "return"):
        raise UsageError(f"errors is 'raise' or 'return', not {errors!r}")
    if isinstance(images, _ONE_IMAGE) or hasattr(images, "read"):
        raise UsageError(f"one {type(images).__name__} is not a list of images: {single} reads a single image")


def _checked(pages: Iterator[Page], errors: str) -> Iterator[Page]:
    for page in pages:
        if page.error is not None and errors == "raise":
            raise page.error
        yield page


def available_cores() -> int:
    """The number of processors that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
