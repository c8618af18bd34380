"""Rendered pages on disk, about a hundred per archive, with pictures as JPEG. Rendered once, cropped many times."""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from zipfile import BadZipFile

import cv2
import numpy as np
from numpy.typing import NDArray

from bitocr.errors import UsageError
from bitocr.io.files import write_atomic
from bitocr.lab.data.pages.lines import Points, resampled
from bitocr.lab.data.pages.renderer import PageRenderer, RenderedPage

PAGES = 100
"""In one archive."""
_QUALITY = 93


POINTS = 9
"""The number of points along each line's edges."""


@dataclass(frozen=True)
class StoredPage:
    """A page in memory.

    Attributes:
        code: the picture as JPEG.
        edges: the edges of L lines, float32 [L, POINTS, 2, 2], as in `Line`.
        words: the words of each line, as in `Line`.
        legible: bool [L], as in `Line`.
    """

    code: NDArray[np.uint8]
    edges: Points
    words: list[Points]
    legible: NDArray[np.bool_]

    @property
    def pixels(self) -> NDArray[np.uint8]:
        """uint8 [H, W]."""
        return np.asarray(cv2.imdecode(self.code, cv2.IMREAD_GRAYSCALE), np.uint8)


def pack(pages: Sequence[RenderedPage]) -> bytes:
    """An archive's bytes."""
    codes = [cv2.imencode(".jpg", p.pixels, [cv2.IMWRITE_JPEG_QUALITY, _QUALITY])[1].ravel() for p in pages]
    lines = [line for page in pages for line in page.lines]
    shares = np.linspace(0, 1, POINTS)
    arrays = {
        "codes": np.concatenate(codes),
        "code_sizes": np.array([len(code) for code in codes]),
        "line_counts": np.array([len(page.lines) for page in pages]),
        "edges": stack([resampled(line.edges, shares)[None] for line in lines], (0, POINTS, 2, 2)),
        "words": stack([line.words for line in lines], (0, 2)),
        "word_counts": np.array([len(line.words) for line in lines], np.int64),
        "legible": np.array([line.legible for line in lines], bool),
    }
    buffer = io.BytesIO()
    np.savez(buffer, **arrays)  # type: ignore[arg-type]
    return buffer.getvalue()


def stack(arrays: list[NDArray[np.float32]], empty: tuple[int, ...]) -> NDArray[np.float32]:
    return np.concatenate(arrays) if arrays else np.zeros(empty, np.float32)


def unpack(path: Path) -> list[StoredPage]:
    """The pages of an archive. Raises UsageError if it is damaged."""
    try:
        with np.load(path) as data:
            arrays = {name: data[name] for name in data.files}
        codes = split(arrays["codes"], arrays["code_sizes"])
        words = split(arrays["words"], arrays["word_counts"])
        edges, legible = (split(arrays[name], arrays["line_counts"]) for name in ("edges", "legible"))
        ends = np.cumsum(arrays["line_counts"])
        groups = [words[end - len(lines) : end] for end, lines in zip(ends, edges, strict=True)]
        return [StoredPage(*parts) for parts in zip(codes, edges, groups, legible, strict=True)]
    except (OSError, ValueError, KeyError, EOFError, BadZipFile) as error:
        raise UsageError(f"{path}: not an archive of rendered pages ({error}): remove it") from None


def split(array: NDArray, counts: NDArray[np.int64]) -> list[NDArray]:
    return np.split(array, np.cumsum(counts)[:-1]) if len(counts) else []


def archive_path(folder: Path, number: int) -> Path:
    return folder / f"{number:05}.npz"


def write_archive(folder: Path, renderer: PageRenderer, number: int, pages: int = PAGES) -> None:
    """Renders the pages of an archive, unless it exists."""
    path = archive_path(folder, number)
    if not path.exists():
        folder.mkdir(parents=True, exist_ok=True)
        write_atomic(path, pack([renderer.render(number * pages + i) for i in range(pages)]))


def read_archives(folder: Path) -> Iterator[tuple[Path, list[StoredPage]]]:
    for path in sorted(folder.glob("*.npz")):
        yield path, unpack(path)
