"""Pages through the engine: a detector, and the text that it and a model find in an image."""

from __future__ import annotations

import ctypes
import os
from array import array
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bitocr.errors import UsageError
from bitocr.native import library
from bitocr.native.engine import Engine
from bitocr.native.handles import NO_LIMITS, Limits, free_with
from bitocr.native.image import image_view
from bitocr.native.library import call, lib
from bitocr.page import Block, Chars, Line, Page, Quad, Word, corners_of

_CHAR_WORDS = ctypes.sizeof(library.PageChar) // 4  # character, score, eight coordinates


class Detector:
    """A loaded network that finds text: the path of a .bit file, or its bytes.

    kernel, threads: as for `Engine`; the threads share the work on one image. Pickled, it is loaded anew.
    Raises ModelError if the file is missing, damaged, too new, or no detector.
    """

    def __init__(self, model: str | os.PathLike[str] | bytes, kernel: str | None = None, threads: int = 1) -> None:
        if threads < 1:
            raise UsageError(f"threads must be 1 or more, not {threads}")
        options = library.Options(None if kernel is None else kernel.encode(), threads)
        handle = ctypes.c_void_p()
        if isinstance(model, bytes):
            call(lib.bitocr_detector_load_memory, model, len(model), options, handle)
        else:
            call(lib.bitocr_detector_load, library.path_bytes(model), options, handle)
        self.handle = handle.value
        free_with(self, lib.bitocr_detector_free, self.handle)
        self._arguments = (model, kernel, threads)

    def __reduce__(self) -> tuple[type[Detector], tuple[Any, ...]]:
        return type(self), self._arguments

    def find(self, array: NDArray[np.uint8], scale: float = 0.0) -> Page:
        """The lines of an image, without text. scale: by which it is enlarged; 0 chooses by the text's height."""
        image, owner = image_view(array)
        results = _Results()
        call(lib.bitocr_find, self.handle, image, library.PageOptions(scale), results.handle)
        del owner
        return results.page()

    def read(
        self,
        engine: Engine,
        array: NDArray[np.uint8],
        scale: float = 0.0,
        min_score: float | None = None,
        limits: Limits = NO_LIMITS,
    ) -> Page:
        """The text of an image, read with a model in the way that its engine was made for.

        limits: what the text of each line may be, as in `Engine.read`.
        min_score: lines whose characters' scores have a smaller mean are left out; by default 0.6, 0 leaves none out.
        """
        image, owner = image_view(array)
        results = _Results()
        options = library.PageOptions(scale, _least(min_score))
        with engine.limited(limits) as decoding:
            call(lib.bitocr_read_page, self.handle, engine.handle, image, options, decoding, results.handle)
        del owner
        return results.page()


def read_boxes(
    engine: Engine,
    array: NDArray[np.uint8],
    boxes: Sequence[Quad] | NDArray[Any],
    min_score: float | None = None,
    is_upright: bool = False,
    limits: Limits = NO_LIMITS,
) -> Page:
    """The text in boxes of an image, each four corners from the text's top left; `Detector.read` tells of the rest."""
    image, owner = image_view(array)
    quads = np.ascontiguousarray(boxes, np.float32).reshape(-1, 4, 2)
    results = _Results()
    options = library.PageOptions(0.0, _least(min_score), int(is_upright))
    boxed = (quads.ctypes.data, len(quads))
    with engine.limited(limits) as decoding:
        call(lib.bitocr_read_boxes, engine.handle, image, *boxed, options, decoding, results.handle)
    del owner
    return results.page()


def _least(min_score: float | None) -> float:
    """bitocr_page_options.min_score."""
    return 0.0 if min_score is None else library.NEVER if min_score == 0 else min_score


class _Results:
    """bitocr_page."""

    def __init__(self) -> None:
        self.handle = lib.bitocr_page_create()
        if not self.handle:
            raise MemoryError("no memory for a page")
        free_with(self, lib.bitocr_page_free, self.handle)

    def page(self) -> Page:
        info = library.PageInfo()
        call(lib.bitocr_page_describe, self.handle, info)
        blocks = tuple(self._block(i) for i in range(info.block_count))
        text = ctypes.string_at(info.text, info.text_bytes).decode()
        return Page(info.width, info.height, info.angle, info.scale, text, blocks)

    def _block(self, i: int) -> Block:
        block = lib.bitocr_page_get_block(self.handle, i).contents
        lines = range(block.first_line, block.first_line + block.line_count)
        return Block(_quad(block.quad), tuple(map(self._line, lines)))

    def _line(self, i: int) -> Line:
        line = lib.bitocr_page_get(self.handle, i).contents
        words = tuple(_word(line.words[k]) for k in range(line.word_count))
        text = ctypes.string_at(line.text, line.text_bytes).decode()
        return Line(text, line.confidence, _quad(line.quad), words, line.paragraph, line.row)


def _word(word: library.Word) -> Word:
    text = ctypes.string_at(word.text, word.text_bytes).decode()
    data = ctypes.string_at(word.chars, word.char_count * _CHAR_WORDS * 4)
    values = np.frombuffer(data, np.float32).reshape(-1, _CHAR_WORDS)[:, 1:]
    return Word(text, word.confidence, _quad(word.quad), Chars(text, array("f", values.tobytes())))


def _quad(quad: Any) -> Quad:
    return corners_of(list(quad.corners))
