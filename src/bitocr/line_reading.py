"""Reading images of one line each: from files to lines, in batches, on several threads."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from copy import copy
from functools import partial
from itertools import islice

import numpy as np
from numpy.typing import NDArray

from bitocr.batches import Loaded, batches, chunks, in_order
from bitocr.errors import ImageError
from bitocr.io.images import Source, load_pages
from bitocr.line_search import LineSearch
from bitocr.lines import Line, ascii_line_of, failed, joined, line_of
from bitocr.models_auto import read_lines
from bitocr.native.engine import Engine
from bitocr.native.handles import NO_LIMITS, Limits


class LineReading:
    """Reads lines for a `Reader`."""

    def __init__(
        self, engines: Mapping[str, Engine], search: LineSearch | None, is_ascii: bool, threads: int, max_pixels: int
    ) -> None:
        self._engines, self._search, self._threads, self._max_pixels = engines, search, threads, max_pixels
        self._line = ascii_line_of if is_ascii else line_of

    def without_chars(self) -> LineReading:
        """The same, but its lines have no characters, which saves time."""
        other = copy(self)
        other._line = lambda result: self._line({**result, "chars": ()})
        return other

    def read_all(self, images: Iterable[Source], limits: Limits) -> Iterator[Line]:
        """Lines in the order of their images. A thread does all of an image, from its file to its text."""
        read = partial(self._read_share, limits)
        for lines in in_order(read, chunks(images, self._threads), self._threads):
            yield from lines

    def _read_share(self, limits: Limits, sources: list[Source]) -> list[Line]:
        counts: list[int] = []
        pages = self._pages(sources, counts)
        lines = iter([line for batch in batches(pages) for line in self._read_batch(batch, limits)])
        return [joined(list(islice(lines, count))) for count in counts]

    def _pages(self, sources: list[Source], counts: list[int]) -> Iterator[Loaded]:
        """The pages of all images one after the other; adds to `counts` how many each has."""
        for source in sources:
            counts.append(0)
            for page in self._load(source):
                counts[-1] += 1
                yield page

    def _load(self, source: Source) -> Iterator[Loaded]:
        """The pages of an image. If one cannot be read, its error comes instead of the rest."""
        try:
            yield from load_pages(source, self._max_pixels)
        except ImageError as error:
            yield error

    def _read_batch(self, batch: list[Loaded], limits: Limits) -> list[Line]:
        good = [item for item in batch if not isinstance(item, ImageError)]
        try:
            lines = iter(self._recognize(good, limits))
        except ImageError:  # one of them cannot be read as a line: find out which
            lines = iter([self._recognize_alone(array, limits) for array in good])
        return [failed(item) if isinstance(item, ImageError) else next(lines) for item in batch]

    def _recognize_alone(self, array: NDArray[np.uint8], limits: Limits) -> Line:
        try:
            return self._recognize([array], limits)[0]
        except ImageError as error:
            return failed(error)

    def _recognize(self, arrays: list[NDArray[np.uint8]], limits: Limits) -> list[Line]:
        readings = read_lines(self._engines, arrays, limits) if arrays else []
        if self._search and limits == NO_LIMITS:  # the words that are found may have spaces between them
            readings = [self._search.improved(*pair) for pair in zip(readings, arrays, strict=True)]
        return [self._line(reading) for reading in readings]
