"""Reading pages and lines: images of any kind in, text with its confidence and the characters' positions out."""

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
    """Reads images of whole pages, and images of one line or word each, in any size and aspect.

    model: a shipped model's name, or the path or the bytes of a .bit file; for pages also "auto", which takes the
    English or the Chinese one by what suits the text better, line by line where a page mixes them. threads: how many
    images are read at once; 0 takes every core there is. kernel: forces one of `bitocr.native.engine.kernels()`.
    language_model: what is known of the language: "english" is an n-gram model, which tells which characters follow
    which, and a list of words, "chinese" an n-gram model; "auto" is what there is for the model's language; None is
    nothing; the path of a .ngram file, or "english.ngram", is an n-gram model alone. words: further words that are to
    be expected. beam: the width of the search that all of these take, 16 by default; 0 takes the best character at each
    step, without them.
    allow, pattern, check: what texts may be, where it is known: allow="0-9.,-" lists characters, pattern="DD/DD/DDDD"
    is their form, check is "luhn", "iban", "mrz", "ean" or "date" (docs/constraints.md). The reading is the most
    probable text of those that may be, and its confidence its probability among them; where none is found, it is empty,
    with confidence 0. What a call is given stands in the place of all three.
    reread: lines of less confidence than this are read again in other ways (docs/confidence.md); by default 0.8 where
    the model is calibrated; 0 reads each once. max_pixels: images with more are refused before they are decoded.
    ascii: gives signs that English prints as a keyboard writes them: “ ” — ½ as " " -- 1/2.
    detector: finds the lines of pages: "page", which is shipped, or the path or the bytes of a .bit file. min_score:
    lines of a page whose characters' scores have a smaller mean are left out, so that nothing is invented (0.6 by
    default; 0 leaves none out).
    pdf_text: pages of PDF files that hold text give that text; False reads them all (docs/formats.md).
    A reader may be used by several threads, and pickled for other processes, which load the model anew.
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
        detector: str | os.PathLike[str] | bytes = shipped.DETECTOR,
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
        self._engine, self._is_auto = next(iter(engines.values())), len(engines) > 1
        self._limits = self._checked(allow, pattern, check)
        self._line_reading = LineReading(self._engine, bool(ascii), self.threads, self.max_pixels)
        self._page_reading = PageReading(engines, detector, kernel, self.threads, min_score, self.max_pixels, pdf_text)

    def read_line(
        self, image: Source, *, allow: str | None = None, pattern: str | None = None, check: str | None = None
    ) -> Line:
        """Reads one image. Raises ImageError where it cannot be read, UsageError where the constraint is wrong."""
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
        """Reads many images, in their order; for `errors` see `iter_lines`."""
        return list(self.iter_lines(images, errors, allow=allow, pattern=pattern, check=check))

    def iter_lines(
        self,
        images: Iterable[Source],
        errors: Literal["raise", "return"] = "raise",
        *,
        allow: str | None = None,
        pattern: str | None = None,
        check: str | None = None,
    ) -> Iterator[Line]:
        """Reads images as they come: with several threads those ahead of the line that is given, some for each thread.

        An image that cannot be read raises its ImageError, or with errors="return" gives a Line whose `error` it is.
        """
        limits = self._limits_of(allow, pattern, check)
        if self._is_auto:
            raise UsageError("the model 'auto' is for pages: name one to read lines")
        _check_list(images, errors, "read_line")
        for line in self._line_reading.read_all(images, limits):
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
        """Reads a whole page, which all threads share. Raises ImageError where it cannot be read.

        clean: what is done to the picture first: names of steps such as "deskew,sauvola", or "auto" (docs/pages.md).
        What texts may be, each line by itself, is as in `read_line`.
        """
        return self._page_reading.read(image, Manner.of(self._limits_of(allow, pattern, check), clean))

    def find(self, image: Source) -> Page:
        """Finds the lines of a page, without their text. Raises ImageError."""
        return self._page_reading.find(image)

    def read_pages(
        self,
        images: Iterable[Source],
        errors: Literal["raise", "return"] = "raise",
        clean: str | Steps | None = None,
    ) -> Iterator[Page]:
        """Reads pages as they come, one for each thread at a time; for `errors` see `iter_lines`, `clean` as `read`."""
        _check_list(images, errors, "read")
        return _checked(self._page_reading.read_all(images, Manner.of(self._limits, clean)), errors)

    def _limits_of(self, *limits: str | None) -> Limits:
        return self._limits if limits == NO_LIMITS else self._checked(*limits)

    def _checked(self, *limits: str | None) -> Limits:
        allow, pattern, check = (normalise(text) if isinstance(text, str) else text for text in limits)
        self._engine.check_limits((allow, pattern, check))
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
