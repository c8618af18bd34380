"""Reading lines: images of any kind in, text with its confidence and the characters' positions out."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from bitocr.defaults import LANGUAGE_MODEL, MODEL
from bitocr.errors import BitocrError, ImageError, UsageError
from bitocr.io import shipped
from bitocr.io.images import Source, load
from bitocr.language.unicode_forms import normalise
from bitocr.native.engine import Engine

if TYPE_CHECKING:
    from concurrent.futures import Future

# A thread takes up to this many images at once, and loads and reads them together: or fewer where they are large.
_BATCH_IMAGES, _BATCH_BYTES = 32, 16 << 20
# Of these, too, one can ask for an item after the other, but what comes are characters and rows of pixels.
_ONE_IMAGE = (str, os.PathLike, bytes, bytearray, memoryview, Image.Image, np.ndarray)


@dataclass(frozen=True)
class Char:
    """One character: its score (0 to 1) and the x of its middle, in pixels of the image that was given."""

    char: str
    score: float
    x: float


@dataclass(frozen=True)
class Line:
    """What was read in an image of one line. `error` is set where it could not be read.

    confidence: of a calibrated model the probability that the text is right but for case and spaces; otherwise the
    geometric mean of the characters' scores (docs/confidence.md).
    """

    text: str
    confidence: float
    chars: tuple[Char, ...] = ()
    error: BitocrError | None = None


class Reader:
    """Reads images of one line or word each, in any size and aspect.

    model: a shipped model's name, or the path or the bytes of a .bit file. threads: how many images are read at once; 0
    takes every core there is. kernel: forces one of `bitocr.native.engine.kernels()`.
    language_model: what is known of the language: "english" is an n-gram model, which tells which characters follow
    which, and a list of words, "chinese" an n-gram model; "auto" is what there is for the model's language; None is
    nothing; the path of a .ngram file, or "english.ngram", is an n-gram model alone. words: further words that are to
    be expected. beam: the width of the search that all of these take, 16 by default; 0 takes the best character at each
    step, without them.
    reread: lines of less confidence than this are read again in other ways (docs/confidence.md); by default 0.8 where
    the model is calibrated; 0 reads each once.
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
    ) -> None:
        if threads < 0 or (beam or 0) < 0:
            raise UsageError("threads and beam are not below 0")
        self.threads = threads or available_cores()
        if isinstance(words, (str, bytes)):
            raise UsageError("words is a list of words, not a string")
        self._engine = Engine(  # of one thread, which each of ours calls
            model if isinstance(model, bytes) else shipped.find(model),
            kernel=kernel,
            reread=reread,
            beam=beam,
            language_model="none" if language_model is None else language_model,
            words=None if words is None else "\n".join(map(normalise, words)).encode("utf-8", "replace"),
            models=shipped.FOLDER,
        )

    def read_line(self, image: Source) -> Line:
        """Reads one image. Raises ImageError where it cannot be read."""
        return self._recognize([load(image)])[0]

    def read_lines(self, images: Iterable[Source], errors: Literal["raise", "return"] = "raise") -> list[Line]:
        """Reads many images, in their order; for `errors` see `iter_lines`."""
        return list(self.iter_lines(images, errors))

    def iter_lines(self, images: Iterable[Source], errors: Literal["raise", "return"] = "raise") -> Iterator[Line]:
        """Reads images as they come: with several threads those ahead of the line that is given, some for each thread.

        An image that cannot be read raises its ImageError, or with errors="return" gives a Line whose `error` it is.
        """
        if errors not in ("raise", "return"):
            raise UsageError(f"errors is 'raise' or 'return', not {errors!r}")
        if isinstance(images, _ONE_IMAGE) or hasattr(images, "read"):
            raise UsageError(f"one {type(images).__name__} is not a list of images: read_line reads a single image")
        chunks = _chunks(images, self.threads)
        for lines in map(self._read_all, chunks) if self.threads == 1 else self._in_threads(chunks):
            for line in lines:
                if line.error is not None and errors == "raise":
                    raise line.error
                yield line

    def read(self, image: Source) -> Line:
        """Kept for whole pages, which bitocr does not read yet."""
        raise UsageError(
            "pages cannot be read yet, which is what read is kept for: read_line reads an image of one line"
        )

    def _in_threads(self, chunks: Iterable[list[Source]]) -> Iterator[list[Line]]:
        """The lines of each chunk, in their order. A thread does all of its images, from the files to the texts."""
        from concurrent.futures import ThreadPoolExecutor

        ahead: deque[Future[list[Line]]] = deque()
        pool = ThreadPoolExecutor(self.threads)
        try:
            for chunk in chunks:
                ahead.append(pool.submit(self._read_all, chunk))
                if len(ahead) > 2 * self.threads:
                    yield ahead.popleft().result()
            while ahead:
                yield ahead.popleft().result()
        finally:
            pool.shutdown(cancel_futures=True)

    def _read_all(self, sources: list[Source]) -> list[Line]:
        return [line for batch in _batches(map(_load_or_error, sources)) for line in self._read_batch(batch)]

    def _read_batch(self, batch: list[NDArray[np.uint8] | ImageError]) -> list[Line]:
        good = [item for item in batch if not isinstance(item, ImageError)]
        try:
            lines = iter(self._recognize(good))
        except ImageError:  # one of them cannot be read as a line: find out which
            lines = iter([self._recognize_alone(array) for array in good])
        return [_failed(item) if isinstance(item, ImageError) else next(lines) for item in batch]

    def _recognize_alone(self, array: NDArray[np.uint8]) -> Line:
        try:
            return self._recognize([array])[0]
        except ImageError as error:
            return _failed(error)

    def _recognize(self, arrays: list[NDArray[np.uint8]]) -> list[Line]:
        return [_line(result) for result in self._engine.read(arrays)] if arrays else []


def available_cores() -> int:
    """The number of processors that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _line(result: dict[str, Any]) -> Line:
    return Line(result["text"], result["confidence"], tuple([Char(*char) for char in result["chars"]]))


def _failed(error: BitocrError) -> Line:
    return Line("", 0.0, (), error)


def _load_or_error(source: Source) -> NDArray[np.uint8] | ImageError:
    try:
        return load(source)
    except ImageError as error:
        return error


def _chunks(sources: Iterable[Source], threads: int) -> Iterator[list[Source]]:
    """The first are small, so that a few images, too, are shared out to all threads."""
    chunk: list[Source] = []
    held = count = 0
    for source in sources:
        chunk.append(source)
        held += _bytes_of(source)
        if len(chunk) >= min(_BATCH_IMAGES, 1 + count // (4 * threads)) or held >= _BATCH_BYTES:
            count += len(chunk)
            yield chunk
            chunk, held = [], 0
    if chunk:
        yield chunk


def _batches(items: Iterable[NDArray[np.uint8] | ImageError]) -> Iterator[list[NDArray[np.uint8] | ImageError]]:
    batch: list[NDArray[np.uint8] | ImageError] = []
    held = 0
    for item in items:
        batch.append(item)
        held += 0 if isinstance(item, ImageError) else item.nbytes
        if len(batch) == _BATCH_IMAGES or held >= _BATCH_BYTES:
            yield batch
            batch, held = [], 0
    if batch:
        yield batch


def _bytes_of(source: Source) -> int:
    """What an image takes in memory before it is read."""
    if isinstance(source, Image.Image):
        return 4 * source.width * source.height
    if isinstance(source, (bytes, bytearray)):
        return len(source)
    return source.nbytes if isinstance(source, (np.ndarray, memoryview)) else 0
