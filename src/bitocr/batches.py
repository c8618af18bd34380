"""How images are distributed to threads, and pages to the engine."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING, TypeVar

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from bitocr.errors import ImageError
from bitocr.io.images import Source

# A thread loads and reads up to this many images together, or fewer if they are large.
_BATCH_IMAGES, _BATCH_BYTES = 32, 16 << 20

if TYPE_CHECKING:
    from concurrent.futures import Future

Item = TypeVar("Item")
Result = TypeVar("Result")
Loaded = NDArray[np.uint8] | ImageError


def chunks(sources: Iterable[Source], threads: int) -> Iterator[list[Source]]:
    """The first shares are small, so that even a few images go to all threads."""
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


def batches(pages: Iterable[Loaded]) -> Iterator[list[Loaded]]:
    batch: list[Loaded] = []
    held = 0
    for page in pages:
        batch.append(page)
        held += 0 if isinstance(page, ImageError) else page.nbytes
        if len(batch) == _BATCH_IMAGES or held >= _BATCH_BYTES:
            yield batch
            batch, held = [], 0
    if batch:
        yield batch


def in_order(call: Callable[[Item], Result], items: Iterable[Item], threads: int) -> Iterator[Result]:
    """The results of `call` for each item, in order. With several threads, some items are read ahead."""
    if threads == 1:
        yield from map(call, items)
        return
    from concurrent.futures import ThreadPoolExecutor

    ahead: deque[Future[Result]] = deque()
    pool = ThreadPoolExecutor(threads)
    try:
        for item in items:
            ahead.append(pool.submit(call, item))
            if len(ahead) > 2 * threads:
                yield ahead.popleft().result()
        while ahead:
            yield ahead.popleft().result()
    finally:
        pool.shutdown(cancel_futures=True)


def _bytes_of(source: Source) -> int:
    """The memory that an image takes before it is read."""
    if isinstance(source, Image.Image):
        return 4 * source.width * source.height
    if isinstance(source, (bytes, bytearray)):
        return len(source)
    return source.nbytes if isinstance(source, (np.ndarray, memoryview)) else 0
