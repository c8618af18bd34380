"""Checks on images whether an exported file reads the same as its checkpoint."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from bitocr.errors import ModelError
from bitocr.lab.data.charset import Charset
from bitocr.lab.export.runners import Apart, Logits, Prepared, stored_precision
from bitocr.lab.export.source import open_source
from bitocr.lab.nn.crnn import CRNN
from bitocr.lab.train.task import to_input
from bitocr.lab.train.validate import best_path
from bitocr.native.image import natural_width, prepare, trim

Gray = NDArray[np.uint8]
Named = tuple[str, Gray]

WIDTH_UNIT = 8
"""Prepared images have a width that is a multiple of this, which every network can run."""


@dataclass(frozen=True)
class Difference:
    """An image that file and checkpoint read differently."""

    image: str
    expected: str
    found: str


@dataclass
class Comparison:
    """The results of a file and its checkpoint on the same images.

    Attributes:
        images: the number of images.
        largest: the largest difference of a log-probability in each image.
        differing: the images whose texts differ.
        texts: the file's text for each image.
        rounded: the same comparison with the checkpoint's weights rounded as in the file; None if the file has the
            checkpoint's own weights.
    """

    images: int = 0
    largest: list[float] = field(default_factory=list)
    differing: list[Difference] = field(default_factory=list)
    texts: list[str] = field(default_factory=list)
    rounded: Comparison | None = None

    def add(self, name: str, expected: Logits, found: Logits, charset: Charset) -> None:
        self.images += 1
        pair = [torch.from_numpy(logits)[None].log_softmax(-1) for logits in (expected, found)]
        self.largest.append(float((pair[0] - pair[1]).abs().max()))
        before, after = (best_path(logits, charset)[0] for logits in pair)
        self.texts.append(after)
        if before != after:
            self.differing.append(Difference(name, before, after))


def rendered(count: int, seed: int = 0) -> Iterator[Named]:
    """Rendered images of words and lines, gray uint8 [h, w], with their names."""
    from bitocr.lab.data.synth import Renderer

    renderer = Renderer("mix", seed)
    for index in range(count):
        yield f"rendered image {index}", renderer.render(index)[0]


def labelled(path: str | Path, limit: int | None = None) -> list[Named]:
    """The images of a label file, its folder, or an LMDB. Raises UsageError, ImageError."""
    from bitocr.lab.data.datasets import read_samples

    return [(f"image {number}: {text!r}", image) for number, (image, text) in enumerate(read_samples(path, limit), 1)]


def compare(
    file: str | Path,
    against: str | Path,
    images: Iterable[Named],
    progress: Callable[[int], None] = lambda done: None,
) -> Comparison:
    """Runs a file and its checkpoint (or model.bit) on the same images.

    Args:
        progress: called with the number of images done.

    Raises:
        ModelError: one of the two cannot be read or run, or their outputs differ in shape.
        UsageError: the file's suffix is unknown.
    """
    source = open_source(against)
    charset = Charset(source.card["charset"])
    comparison = Comparison()
    with Apart(file) as run:
        networks = [(source.net, comparison)]
        if run.ask(stored_precision) == "packed":
            comparison.rounded = Comparison()
            networks.append((source.packed(), comparison.rounded))
        for name, image in images:
            image = trim(image)
            prepared = prepare(image, natural_width(image.shape[1], image.shape[0]) // -WIDTH_UNIT * -WIDTH_UNIT)
            found = run(prepared)
            for net, result in networks:
                result.add(name, checked(reference(net, prepared), found, f"{file}", f"{against}"), found, charset)
            progress(comparison.images)
    return comparison


def checked(expected: Logits, found: Logits, file: str, against: str) -> Logits:
    """Returns `expected`. Raises ModelError if `found` cannot be compared with it."""
    if expected.shape != found.shape:
        raise ModelError(f"{file}: gives {shape(found)}, but {against} {shape(expected)}: another network")
    if not np.isfinite(found).all():
        raise ModelError(f"{file}: its outputs are not finite: it is damaged")
    return expected


@torch.no_grad()
def reference(net: CRNN, prepared: Prepared) -> Logits:
    """The checkpoint's output, float32 [T, classes]."""
    logits: Tensor = net(to_input(torch.from_numpy(prepared[None, None])))
    return logits[0].numpy()


def shape(logits: Logits) -> str:
    return f"{logits.shape[0]} steps of {logits.shape[1]} classes" if logits.ndim == 2 else f"shape {logits.shape}"
