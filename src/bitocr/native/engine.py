"""The binding to the C engine: numpy in, numpy out, C errors as exceptions."""

from __future__ import annotations

import ctypes
import json
import math
import os
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bitocr.errors import UsageError
from bitocr.native import library
from bitocr.native.handles import NO_LIMITS, Knowledge, Limits, Results, free_with
from bitocr.native.image import HEIGHT, MAX_WIDTH, image_view, natural_width, prepare, trim
from bitocr.native.library import call, lib


def kernels() -> list[str]:
    """The names of the kernels that this processor can run, best first."""
    names = (ctypes.c_char_p * 16)()
    count = lib.bitocr_kernels(names, len(names))
    return [(names[i] or b"").decode() for i in range(count)]


def _input(array: Any, height: int, unit: int) -> NDArray[np.int8]:
    """A prepared input as it is, int8 [height, W]; an image trimmed and prepared, its width a multiple of `unit`."""
    is_array = isinstance(array, np.ndarray)
    if height == HEIGHT and not (is_array and array.dtype == np.int8):
        array = trim(array)
        image, _ = image_view(array)
        width = natural_width(image.width, image.height)
        return prepare(array, width if width > MAX_WIDTH else width // -unit * -unit)
    if not is_array or array.dtype != np.int8 or array.ndim != 2 or array.shape[0] != height:
        kind = f"{array.dtype} {list(array.shape)}" if is_array else type(array).__name__
        raise UsageError(f"a prepared input is an int8 array [{height}, width], not {kind}")
    return np.ascontiguousarray(array)


def _threshold(reread: float | None) -> float:
    """bitocr_options.reread. What is below 0 is wrong here, BITOCR_NEVER too."""
    if reread is None:
        return 0.0
    return library.NEVER if reread == 0 else reread if reread > 0 else math.nan


def _path(encoded: bytes | None) -> str | None:
    return None if encoded is None else os.path.abspath(os.fsdecode(encoded))


class Engine:
    """A model, loaded. Any number of threads may use one engine at the same time.

    model: the path of a .bit file, or its bytes. kernel: one of `kernels()`; by default what the environment's
    BITOCR_KERNEL names, or else the best. threads: how many read the images of one call.
    The others say how images are read (`bitocr_options` in bitocr.h), and None leaves it to the engine, but without
    them each is read once and greedily. reread: lines with less confidence are read again in other ways. beam: 0 takes
    the best character of each step. language_model: "auto", "none", a shipped name or a .ngram file. words: more
    words, UTF-8 separated by white space. models: the folder of the shipped models.
    Copied or pickled, it is loaded anew from the same path or bytes.
    Raises ModelError if a file is missing, damaged or too new, UsageError for all else.
    """

    def __init__(
        self,
        model: str | os.PathLike[str] | bytes,
        kernel: str | None = None,
        threads: int = 1,
        reread: float | None = 0.0,
        beam: int | None = 0,
        language_model: str | os.PathLike[str] = "none",
        words: bytes | None = None,
        models: str | os.PathLike[str] | None = None,
    ) -> None:
        if threads < 1:
            raise UsageError(f"threads must be 1 or more, not {threads}")
        options = library.Options(
            None if kernel is None else kernel.encode(),
            threads,
            1 if beam == 0 else beam or 0,
            _threshold(reread),
            library.path_bytes(language_model),
            words,
            len(words or b""),
            None if models is None else os.fsencode(models),
        )
        handle = ctypes.c_void_p()
        if isinstance(model, bytes):
            call(lib.bitocr_load_memory, model, len(model), options, handle)
            source: str | bytes = model
        else:
            path = library.path_bytes(model)
            call(lib.bitocr_load, path, options, handle)
            source = os.path.abspath(os.fsdecode(path))
        self._model = handle.value
        free_with(self, lib.bitocr_free, self._model)
        self._spare_results: list[Results] = []
        self._describe()
        if self.ngram_file and not self.words_file:
            language_model = self.ngram_file  # a path that holds in another folder too
        self._arguments = (source, kernel, threads, reread, beam, os.fspath(language_model), words, models)

    def __reduce__(self) -> tuple[type[Engine], tuple[Any, ...]]:
        return type(self), self._arguments  # handles of C mean nothing in another process, and are freed once

    @property
    def handle(self) -> int | None:
        """bitocr_model."""
        return self._model

    def _describe(self) -> None:
        info = library.Info()
        call(lib.bitocr_describe, self._model, info)
        self.kernel: str = info.kernel.decode()
        self.threads: int = info.threads
        self.width_unit: int = info.width_unit
        self.charset = "".join(map(chr, info.charset[: info.classes - 1]))
        self.languages: list[str] = info.languages.decode().split(",") if info.languages else []
        self.reread: float = info.reread  # lines with less confidence are read again; 0 or less: never
        self._decoding = info.decoding.contents
        self._knowledge = Knowledge(self._model, self._decoding.word_bonus)
        self.ngram_file = _path(info.ngram_file)  # what `read` makes use of
        self.words_file = _path(info.words_file)
        self.header: dict[str, Any] = json.loads(ctypes.string_at(info.header, info.header_bytes))

    def logprobs(self, array: NDArray[np.uint8] | NDArray[np.int8]) -> NDArray[np.float32]:
        """The network's output for a prepared input, int8 [height, width]; for an image too, where the height is 32.

        Returns float32 [T, classes]: natural logarithms of probabilities; class 0 is the CTC blank, class i is
        charset[i - 1].
        """
        data = _input(array, self.header["network"]["height"], self.width_unit)
        width = data.shape[1]
        out = np.empty((lib.bitocr_steps(self._model, width), len(self.charset) + 1), np.float32)
        call(lib.bitocr_logprobs, self._model, data.ctypes.data, width, out.ctypes.data)
        return out

    def check_limits(self, limits: Limits) -> None:
        """Raises UsageError if they are no constraint of this model's texts."""
        self._knowledge.constraint(limits)

    def read(self, arrays: Sequence[NDArray[np.uint8]], limits: Limits = NO_LIMITS) -> list[dict[str, Any]]:
        """Read images of one line each with the engine's own settings.

        limits: what texts may be: allowed characters, a pattern and a check (docs/constraints.md), each a string or
        None.

        Returns for each image a dict: text; confidence (0 to 1); chars, a list of (character, score from 0 to 1, x of
        its middle in pixels of the image). Raises ImageError if one of the images cannot be read as a line.
        """
        with self.limited(limits) as decoding:
            return self._recognize(arrays, decoding)

    @contextmanager
    def limited(self, limits: Limits) -> Iterator[library.Decoding | None]:
        """The decoding that the engine was made for with these limits; None if there are none."""
        constraint = self._knowledge.constraint(limits)
        if constraint is None:
            yield None
            return
        decoding = library.Decoding.from_buffer_copy(self._decoding)
        decoding.constraint = constraint.handle
        yield decoding
        del constraint

    def recognize(
        self,
        arrays: Sequence[NDArray[np.uint8]],
        beam: int = 0,
        words: bytes | Iterable[str] | None = None,
        word_bonus: float | None = None,
        ngram: str | os.PathLike[str] | bytes | None = None,
        limits: Limits = NO_LIMITS,
    ) -> list[dict[str, Any]]:
        """Read images with this decoding, as `read` does with the engine's own.

        beam: texts kept by a beam search, up to 256; 0 takes the best class at each step. words: expected words, or
        UTF-8 text of them, separated by white space; `word_bonus` is added to a text's log-probability for each of
        their letters but the first. ngram: the path or the bytes of an n-gram file. Both take a beam (16 if it is 0).
        limits: as in `read`.
        """
        decoding, knowledge = self._knowledge.decoding(beam, words, word_bonus, ngram, limits)
        lines = self._recognize(arrays, decoding)
        del knowledge
        return lines

    def _recognize(
        self, arrays: Sequence[NDArray[np.uint8]], decoding: library.Decoding | None
    ) -> list[dict[str, Any]]:
        views = [image_view(array) for array in arrays]  # keeps what owns the pixels alive
        images = (library.Image * len(views))(*(image for image, _ in views))
        results = self._take_results()
        call(lib.bitocr_recognize, self._model, images, len(views), decoding, results.handle)
        return self._give_back(results)

    def decode(
        self,
        logprobs: NDArray[np.float32],
        width: int = 0,
        beam: int = 0,
        words: bytes | Iterable[str] | None = None,
        word_bonus: float | None = None,
        ngram: str | os.PathLike[str] | bytes | None = None,
        limits: Limits = NO_LIMITS,
    ) -> dict[str, Any]:
        """Turn log-probabilities [T, classes] of an image `width` pixels wide into text, as `recognize` does."""
        logprobs = np.ascontiguousarray(logprobs, np.float32)
        if logprobs.ndim != 2 or logprobs.shape[1] != len(self.charset) + 1:
            raise UsageError(f"log-probabilities are [T, {len(self.charset) + 1}], not {list(logprobs.shape)}")
        decoding, knowledge = self._knowledge.decoding(beam, words, word_bonus, ngram, limits)
        results = self._take_results()
        steps = logprobs.shape[0]
        call(lib.bitocr_decode, self._model, logprobs.ctypes.data, steps, width, decoding, results.handle)
        del knowledge
        return self._give_back(results)[0]

    def _take_results(self) -> Results:
        """Results that no thread uses; their memory is kept from call to call."""
        try:
            return self._spare_results.pop()
        except IndexError:
            return Results()

    def _give_back(self, results: Results) -> list[dict[str, Any]]:
        lines = results.lines()
        self._spare_results.append(results)
        return lines
